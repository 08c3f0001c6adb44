"""Graphs: the largest cut, and colourings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from hopfield.checks import Spins, require_room
from hopfield.couplings import Sparse, as_coupling
from hopfield.problems.exact import MOST_NODES, MOST_UNITS, fewest_conflicts, least_energy
from hopfield.problems.problem import Picture, Problem, on_circle
from neurodynamics.validation import Floats, as_count


class MaxCut(Problem):
    """Divide the nodes of a graph so that edges of the largest total weight go between the two sides.

    Units are +-1, the side of a node, with ``W = -weights / 2``: the energy is minus the weight of the cut.

    Parameters
    ----------
    graph : array_like or sparse array, shape (n, n), or networkx.Graph
        Symmetric weights of the edges, of either sign.

    Examples
    --------
    >>> ring = MaxCut([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]])
    >>> ring.cut([1, -1, 1, -1]), ring.optimum()
    (array([4.]), -4.0)
    """

    values = "bipolar"

    def __init__(self, graph: Any) -> None:
        self.weights = as_graph(graph)
        self.couplings = Sparse(-self.weights, scale=2.0)
        self.bias = np.zeros(self.size)
        self.offset = -float(self.weights.sum()) / 4  # cut = sum over edges of w (1 - s s) / 2

    def __repr__(self) -> str:
        return f"MaxCut({self.size} nodes, {self.weights.nnz // 2} edges)"

    def cut(self, states: ArrayLike) -> Floats:
        """Return the weight of the edges between the two sides of each state (K, N), shape (K,)."""
        return -self.costs(states)

    def solution(self, state: ArrayLike) -> NDArray[np.int8]:
        """Return the side of each node, -1 or +1."""
        return np.asarray(self.states(state)[0])

    def optimum(self) -> float | None:
        """Return minus the largest cut of up to 24 nodes, by looking at all; None for more."""
        if self.size > MOST_UNITS:
            return None
        return least_energy(self.couplings.dense(), self.bias, (-1.0, 1.0)) + self.offset

    def picture(self, state: ArrayLike) -> Picture:
        """Return the nodes on a circle, by their side, and the edges of the cut."""
        sides = self.solution(state)
        edges = _edges(self.weights)
        return Picture(on_circle(self.size), (sides > 0).astype(np.int64), edges[sides[edges[:, 0]] != sides[edges[:, 1]]])


class Colouring(Problem):
    """Colour the nodes of a graph so that no edge joins two of one colour.

    Unit (v, c), "node v has colour c", with
    ``E = (A/2) sum_v (sum_c x_vc - 1)^2 + sum over edges of sum_c x_uc x_vc``, A large enough that every minimum gives each
    node one colour. The cost is the number of edges between nodes of one colour; a state is valid where it is 0.

    Parameters
    ----------
    graph : array_like or sparse array, shape (n, n), or networkx.Graph
        Where entries are not zero, there is an edge.
    colours : int

    Examples
    --------
    >>> import numpy as np
    >>> triangle = Colouring([[0, 1, 1], [1, 0, 1], [1, 1, 0]], 3)
    >>> triangle.costs(np.eye(3, dtype=int).ravel()), triangle.optimum()
    (array([0.]), 0.0)
    """

    def __init__(self, graph: Any, colours: int) -> None:
        weights = as_graph(graph)
        self.edges = _edges(weights)
        self.nodes, self.colours = weights.shape[0], as_count(colours, "colours", minimum=1)
        require_room("couplings of `colours`", self.nodes, self.colours, self.colours, itemsize=48)
        degree = np.bincount(self.edges.ravel(), minlength=1).max(initial=0)
        penalty = 2.0 * (1 + degree // self.colours)  # more than the conflicts of the best colour of a node
        adjacent = sparse.csr_array((weights != 0).astype(float))
        own = np.ones((self.colours, self.colours)) - np.eye(self.colours)
        w = sparse.kron(sparse.eye_array(self.nodes), penalty * own) + sparse.kron(adjacent, sparse.eye_array(self.colours))
        self.couplings = Sparse(-sparse.csr_array(w))
        self.bias = np.full(self.size, penalty / 2)
        self.offset = penalty / 2 * self.nodes

    def __repr__(self) -> str:
        return f"Colouring({self.nodes} nodes, {len(self.edges)} edges, {self.colours} colours)"

    def _one_each(self, states: Spins) -> NDArray[np.bool_]:
        return (states.reshape(-1, self.nodes, self.colours).sum(axis=2) == 1).all(axis=1)

    def _valid(self, states: Spins) -> NDArray[np.bool_]:
        return self._one_each(states) & (self._costs(states) == 0)

    def _costs(self, states: Spins) -> Floats:
        of_node = np.asarray(states).reshape(-1, self.nodes, self.colours).astype(bool)
        both = of_node[:, self.edges[:, 0]] & of_node[:, self.edges[:, 1]]
        return both.sum(axis=(1, 2)).astype(float)

    def costs(self, states: ArrayLike) -> Floats:
        """Return the conflicts of states (K, N), infinite where a node has no colour or several, shape (K,)."""
        rows = self.states(states)
        return np.where(self._one_each(rows), self._costs(rows), np.inf)

    def solution(self, state: ArrayLike) -> NDArray[np.int64]:
        """Return the colour of each node, -1 where it has none or several."""
        of_node = self.states(state)[0].reshape(self.nodes, self.colours)
        return np.where(of_node.sum(axis=1) == 1, np.asarray(of_node).argmax(axis=1), -1)

    def optimum(self) -> float | None:
        """Return the fewest conflicts for up to 14 nodes, by branching and bounding; None for more."""
        if self.nodes > MOST_NODES:
            return None
        adjacent = np.zeros((self.nodes, self.nodes), bool)
        adjacent[self.edges[:, 0], self.edges[:, 1]] = True
        return float(fewest_conflicts(adjacent | adjacent.T, self.colours))

    def picture(self, state: ArrayLike) -> Picture:
        """Return the nodes on a circle, by their colour, and all edges."""
        return Picture(on_circle(self.nodes), self.solution(state), self.edges)


def as_graph(graph: Any) -> sparse.csr_array:
    """Return the symmetric weights of a graph without loops."""
    w = as_coupling(graph, "graph")
    if w.shape[0] != w.shape[1]:
        raise ValueError(f"`graph` must be a square matrix of weights; got shape {w.shape}.")
    if w.diagonal().any():
        i = int(np.flatnonzero(w.diagonal())[0])
        raise ValueError(f"`graph` must have no loops: `graph[{i}, {i}]` must be 0; got {w.diagonal()[i]:g}.")
    if not w.symmetric:
        raise ValueError("`graph` must be undirected, graph[i, j] == graph[j, i]; use graph + graph.T.")
    weights = sparse.csr_array(w.matrix / w.scale if isinstance(w, Sparse) else w.dense())
    weights.eliminate_zeros()
    return weights


def _edges(weights: sparse.csr_array) -> NDArray[np.int64]:
    """Pairs of nodes (m, 2), each once."""
    return np.column_stack(sparse.triu(weights, 1).tocoo().coords).astype(np.int64)
