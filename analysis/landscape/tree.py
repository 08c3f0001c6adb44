"""Which minima are joined at which energy: superbasins, lowest passes, and the way over them [1]_.

References
----------
.. [1] Becker & Karplus (1997), J. Chem. Phys. 106, 1495; Wales, Miller & Walsh (1998), Nature 394, 758.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from neurodynamics.validation import Floats

SAME_HEIGHT = 1e-9  # relative to all heights: saddles that symmetry makes equal


@dataclass(frozen=True)
class Superbasin:
    """Minima that can reach each other without rising above an energy.

    Attributes
    ----------
    energy : float
        At which the parts are joined.
    saddle : int
        Number of a stationary point that joins them.
    parts : tuple of int
        Numbers below M are minima; M + k is superbasin k of the tree.
    minima : tuple of int
    """

    energy: float
    saddle: int
    parts: tuple[int, ...]
    minima: tuple[int, ...]


def superbasins(
    count: int, saddles: np.ndarray, energy: Floats, joins: np.ndarray, span: float
) -> tuple[tuple[Superbasin, ...], Floats]:
    """Return the tree of `count` minima, lowest joints first, and the lowest passes (M, M) between them.

    Parameters
    ----------
    saddles, energy : array, shape (S,)
        Numbers of the saddles of index 1, and their energies.
    joins : array of int, shape (S, 2)
        The minima on either side of each, negative where unknown.
    span : float
        Between the lowest and the highest energy: the unit in which two of them are the same.
    """
    passes = np.full((count, count), np.inf)
    node = list(range(count))  # of each minimum
    members: dict[int, tuple[int, ...]] = {k: (k,) for k in range(count)}  # of each node
    tree: list[Superbasin] = []
    rows = [k for k in np.argsort(energy, kind="stable") if (joins[k] >= 0).all() and joins[k, 0] != joins[k, 1]]
    slack = SAME_HEIGHT * span
    while rows:
        level = energy[rows[0]]
        together = [k for k in rows if energy[k] <= level + slack]
        rows = rows[len(together) :]
        for parts, saddle in _joined(together, joins, node):
            minima = tuple(sorted(m for part in parts for m in members[part]))
            block = passes[np.ix_(minima, minima)]
            passes[np.ix_(minima, minima)] = np.where(np.isinf(block), level, block)
            number = count + len(tree)
            tree.append(Superbasin(float(level), int(saddles[saddle]), parts, minima))
            members[number] = minima
            for m in minima:
                node[m] = number
    np.fill_diagonal(passes, np.nan)
    return tuple(tree), passes


def _joined(rows: list[int], joins: np.ndarray, node: list[int]) -> list[tuple[tuple[int, ...], int]]:
    """Groups of nodes that saddles of one height join, each with one of these saddles."""
    group: dict[int, set[int]] = {}
    saddle: dict[int, int] = {}
    for k in rows:
        ends = {node[joins[k, 0]], node[joins[k, 1]]}
        if len(ends) == 1:
            continue
        merged = set().union(*(group.get(end, {end}) for end in ends))
        for end in merged:
            group[end] = merged
            saddle.setdefault(end, k)
    unique = {id(members): members for members in group.values()}
    return [(tuple(sorted(members)), saddle[min(members)]) for members in unique.values()]


def transition_graph(count: int, energy: Floats, joins: np.ndarray, lowest: float) -> tuple[csr_array, np.ndarray]:
    """Return heights of the lowest direct saddle above `lowest` as a sparse (M, M) array, and its number as a dense one."""
    best = np.full((count, count), np.inf)
    which = np.full((count, count), -1)
    for k, (a, b) in enumerate(joins):
        if a >= 0 and b >= 0 and a != b and energy[k] < best[a, b]:
            best[a, b] = best[b, a] = energy[k]
            which[a, b] = which[b, a] = k
    a, b = np.nonzero(which >= 0)
    return csr_array((best[a, b] - lowest, (a, b)), shape=(count, count)), which


def route(graph: csr_array, start: int, end: int) -> list[int]:
    """Return the minima along the path whose highest pass is lowest; empty where there is none."""
    spanning = minimum_spanning_tree(graph)
    _, before = breadth_first_order(spanning, start, directed=False)
    path = [end]
    while path[-1] != start:
        if before[path[-1]] < 0:
            return []
        path.append(int(before[path[-1]]))
    return path[::-1]
