"""The travelling salesman, by the units of Hopfield and Tank."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from hopfield.checks import Spins
from hopfield.couplings import Sparse, Tour, as_distances
from hopfield.discrete import DiscreteHopfield
from hopfield.graded import GradedHopfield
from hopfield.problems.exact import MOST_CITIES, shortest_tour
from hopfield.problems.problem import Picture, Problem, on_circle
from neurodynamics.validation import Floats, as_choice, as_floats, called


class TourWeights(NamedTuple):
    """What the terms of the energy weigh: A, B, C, D and n', and the units of the graded network.

    ``width`` is u0 of ``V = (1 + tanh(u / u0)) / 2``; ``leaky`` says whether du/dt has the term -u.
    """

    city: float
    place: float
    total: float
    length: float
    units: float
    width: float = 0.02
    leaky: bool = False


def hopfield_tank(distances: Floats) -> TourWeights:
    """Return the parameters published for ten cities, with n' = 1.5 n; few of its tours are valid."""
    return TourWeights(500.0, 500.0, 200.0, 500.0, 1.5 * len(distances), leaky=True)


def talavan_yanez(distances: Floats, total: float = 1.0) -> TourWeights:
    """Return parameters with which the stable corners of the cube are the valid tours, and no others, for any C > 0."""
    off = distances[~np.eye(len(distances), dtype=bool)]
    longest = max(float(off.max()), np.finfo(float).tiny)
    place = 3 + total
    city = place - float(off.min()) / longest
    return TourWeights(city, place, total, 1 / longest, len(distances) + 3 / total)


PARAMETERS = {"talavan_yanez": talavan_yanez, "hopfield_tank": hopfield_tank}


class TravellingSalesman(Problem):
    """The shortest closed tour through n cities.

    Unit (X, i), "city X is the i-th", with [1]_

        E = A/2 sum_X sum_i sum_{j != i} V_Xi V_Xj + B/2 sum_i sum_X sum_{Y != X} V_Xi V_Yi
            + C/2 (sum V - n')^2 + D/2 sum d_XY V_Xi (V_Y,i+1 + V_Y,i-1).

    The couplings multiply in n^3 operations and are never written out.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Symmetric, n >= 3.
    parameters : {"talavan_yanez", "hopfield_tank"} or TourWeights
        Those of Talavan and Yanez [2]_, with which graded descent ends in a valid tour; or those of 1985, with which it
        mostly does not.
    places : array_like, shape (n, 2), optional
        Where to draw the cities.

    References
    ----------
    .. [1] Hopfield & Tank (1985), Biol. Cybern. 52, 141. Wilson & Pawley (1988), Biol. Cybern. 58, 63.
    .. [2] Talavan & Yanez (2002), Neural Networks 15, 363.

    Examples
    --------
    >>> import numpy as np
    >>> problem = TravellingSalesman.from_points([[0, 0], [0, 1], [1, 1], [1, 0]])
    >>> problem.optimum()
    4.0
    >>> problem.costs(np.eye(4, dtype=int).ravel())
    array([4.])
    """

    def __init__(
        self, distances: ArrayLike, parameters: str | TourWeights = "talavan_yanez", *, places: ArrayLike | None = None
    ) -> None:
        d = as_distances(distances)
        if not isinstance(parameters, TourWeights):
            parameters = PARAMETERS[as_choice(parameters, "parameters", PARAMETERS)](d)
        a, b, c, length, units, *_ = self.parameters = parameters
        self.distances, self.cities, self.leaky = d, len(d), parameters.leaky
        self.couplings: Tour = Tour(d, city=a, place=b, total=c, length=length)
        self.bias = np.full(self.size, c * units)
        self.offset = c * units * units / 2
        self.places = on_circle(self.cities) if places is None else as_floats(places, "places")
        if self.places.shape != (self.cities, 2):
            raise ValueError(f"`places` must have shape (n, 2) = ({self.cities}, 2); got {self.places.shape}.")

    def __repr__(self) -> str:
        return f"TravellingSalesman({self.cities} cities)"

    @classmethod
    def from_points(cls, points: ArrayLike, parameters: str | TourWeights = "talavan_yanez") -> Self:
        """Return the problem of cities in the plane, or in a space, with straight ways between them.

        Parameters
        ----------
        points : array_like, shape (n, k)
        parameters : as of the class
        """
        rows = as_floats(points, "points")
        if rows.ndim != 2 or rows.shape[1] == 0:
            raise ValueError(f"`points` must have shape (n, 2), or (n, k); got {rows.shape}.")
        d = np.linalg.norm(rows[:, None] - rows, axis=2)
        with called("distances", "points"):
            return cls((d + d.T) / 2, parameters, places=rows if rows.shape[1] == 2 else None)

    @classmethod
    def from_graph(cls, graph: Any, parameters: str | TourWeights = "talavan_yanez", *, weight: str = "weight") -> Self:
        """Return the problem of a complete networkx graph whose edges have a length; nodes are cities in their order.

        Parameters
        ----------
        graph : networkx.Graph
        parameters : as of the class
        weight : str
            The attribute of an edge that is its length.
        """
        nodes = list(graph.nodes)
        d = np.zeros((len(nodes), len(nodes)))
        for i, u in enumerate(nodes):
            for j, v in enumerate(nodes[:i]):
                if not graph.has_edge(u, v):
                    raise ValueError(f"`graph` must be complete; there is no edge between {u!r} and {v!r}.")
                d[i, j] = d[j, i] = graph.edges[u, v].get(weight, 1.0)
        return cls(d, parameters)

    def network(self) -> DiscreteHopfield:
        """Return the network of two-valued units, with C = 0 and the fields of Talavan and Yanez: sparse, n^3 couplings.

        With n units on, the term of C is the constant field C (n' - n), and C less repulsion in rows and columns. Weights
        of your own with A or B up to C keep their term, written out.
        """
        (a, b, c, length, units, *_), n = self.parameters, self.cities
        if min(a, b) <= c:
            return super().network()
        others = sparse.csr_array(np.ones((n, n)) - np.eye(n))
        step = sparse.csr_array(np.roll(np.eye(n), 1, axis=0) + np.roll(np.eye(n), -1, axis=0))
        w = (a - c) * sparse.kron(sparse.eye_array(n), others) + (b - c) * sparse.kron(others, sparse.eye_array(n))
        w = w + length * sparse.kron(sparse.csr_array(self.distances), step)
        return DiscreteHopfield(Sparse(-sparse.csr_array(w)), c * (units - n), values="binary")

    def graded(self, gain: float | None = None) -> GradedHopfield:
        """Return the network of graded units with this energy; ``gain`` is 2 / u0 unless given."""
        return super().graded(2 / self.parameters.width if gain is None else gain)

    def starts(self, count: int, rng: np.random.Generator) -> Floats:
        """Return states u near ``sum V = n``, with a little noise, shape (count, n^2) [Hopfield & Tank 1985]."""
        u0, n = self.parameters.width, self.cities
        return -u0 / 2 * np.log(n - 1) + 0.1 * u0 * rng.uniform(-1, 1, (count, self.size))

    def _on(self, states: Spins) -> NDArray[Any]:
        return np.asarray(states).reshape(-1, self.cities, self.cities)

    def _valid(self, states: Spins) -> NDArray[np.bool_]:
        on = self._on(states)
        return (on.sum(axis=1) == 1).all(axis=1) & (on.sum(axis=2) == 1).all(axis=1)

    def _costs(self, states: Spins) -> Floats:
        tour = self._on(states).argmax(axis=1)
        return self.distances[tour, np.roll(tour, -1, axis=1)].sum(axis=1)

    def solution(self, state: ArrayLike) -> NDArray[np.int64]:
        """Return the cities in their order, -1 for a place where there is none, or several."""
        on = self._on(self.states(state))[0]
        return np.where(on.sum(axis=0) == 1, on.argmax(axis=0), -1)

    def optimum(self) -> float | None:
        """Return the length of the shortest tour of up to 14 cities, by dynamic programming; None for more."""
        return shortest_tour(self.distances) if self.cities <= MOST_CITIES else None

    def picture(self, state: ArrayLike) -> Picture:
        """Return the cities, and the tour as far as it has a city at each place."""
        tour = self.solution(state)
        ways = np.column_stack([tour, np.roll(tour, -1)])
        return Picture(self.places, np.zeros(self.cities, np.int64), ways[(ways >= 0).all(axis=1)])
