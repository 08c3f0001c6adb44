"""Couplings of a tour: W of Hopfield and Tank, n^2 units, multiplied in n^3 operations and never written out (n^4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.couplings.coupling import Coupling, count_above_one, dense_singular_values, read_only
from neurodynamics.compiling import WIDTH, fma, kernel, load, splat, store
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_floats, as_number

BLOCK = 4 * WIDTH  # places that are summed together
FEWEST = 3  # cities: of fewer, the one before and the one after are the same


@kernel
def tour_fields(v, d, weights, out):
    """out_Xi = -A sum_{j != i} v_Xj - B sum_{Y != X} v_Yi - C sum v - D sum_Y d_XY (v_Y,i+1 + v_Y,i-1)."""
    a, b, c, length = weights
    n = d.shape[0]
    row = (n + BLOCK - 1) // BLOCK * BLOCK
    of_city, at_place, beside, near = np.empty(n), np.empty(n), np.zeros(n * row), np.empty(row)
    for k in range(v.shape[0]):
        sums(v[k], of_city, at_place, beside, row)
        total = of_city.sum()
        for x in range(n):
            weighted(d[x], beside, near, row)
            own = v[k, x]
            fields = out[k, x]
            for i in range(n):
                fields[i] = (a + b) * own[i] - a * of_city[x] - b * at_place[i] - c * total - length * near[i]


@kernel
def sums(v, of_city, at_place, beside, row):
    """of_city_X = sum_i v_Xi, at_place_i = sum_X v_Xi, beside_Xi = v_X,i+1 + v_X,i-1, each X a row of vectors."""
    n = v.shape[0]
    at_place[:] = 0.0
    for x in range(n):
        own, first = v[x], x * row
        beside[first], beside[first + n - 1] = own[1] + own[n - 1], own[0] + own[n - 2]
        for i in range(1, n - 1):
            beside[first + i] = own[i + 1] + own[i - 1]
        of_city[x] = 0.0
        for i in range(n):
            of_city[x] += own[i]
            at_place[i] += own[i]


@kernel
def weighted(d, beside, near, row):
    """near_i = sum_Y d_Y beside_Yi, four vectors at a time."""
    for i in range(0, row, BLOCK):
        s0 = splat(0.0)
        s1, s2, s3 = s0, s0, s0
        for y in range(d.size):
            at, weight = y * row + i, splat(d[y])
            s0 = fma(weight, load(beside, at), s0)
            s1 = fma(weight, load(beside, at + WIDTH), s1)
            s2 = fma(weight, load(beside, at + 2 * WIDTH), s2)
            s3 = fma(weight, load(beside, at + 3 * WIDTH), s3)
        store(near, i, s0)
        store(near, i + WIDTH, s1)
        store(near, i + 2 * WIDTH, s2)
        store(near, i + 3 * WIDTH, s3)


class Tour(Coupling):
    """The couplings of units V_Xi, "city X is the i-th", whose energy is the length of a tour and what is wrong with it.

    ``W_Xi,Yj = -A d_XY (1 - d_ij) - B d_ij (1 - d_XY) - C - D dist_XY (d_j,i+1 + d_j,i-1)`` with Kronecker's d.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Symmetric, zero on the diagonal, n >= 3.
    city, place, total, length : float
        A, B, C and D, zero or positive: of a city that comes twice, of two cities at one place, of the number of units
        that are on, of the tour's length.

    Examples
    --------
    >>> import numpy as np
    >>> w = Tour(1.0 - np.eye(3), city=1.0, place=1.0, length=0.5)
    >>> w.product(np.eye(3, dtype=np.int8).ravel())
    array([-1. , -2.5, -2.5, -2.5, -1. , -2.5, -2.5, -2.5, -1. ])
    """

    scale = 1.0
    exact = False

    def __init__(
        self, distances: ArrayLike, *, city: float = 0.0, place: float = 0.0, total: float = 0.0, length: float = 0.0
    ) -> None:
        self.distances = read_only(as_distances(distances))
        given = {"city": city, "place": place, "total": total, "length": length}
        self.weights = tuple(as_number(value, name, minimum=0.0) for name, value in given.items())
        self.cities = len(self.distances)
        self.shape = (self.cities**2,) * 2

    def __repr__(self) -> str:
        return f"Tour({self.cities} cities)"

    def scaled_product(self, states: NDArray) -> NDArray:
        """Return ``W @ states[k]`` for each row of states, shape (K, n^2)."""
        n = self.cities
        v = np.ascontiguousarray(states, dtype=np.float64).reshape(-1, n, n)
        out = np.empty_like(v)
        tour_fields(v, self.distances, self.weights, out)
        return out.reshape(states.shape).astype(np.float32 if states.dtype == np.float32 else np.float64, copy=False)

    def diagonal(self) -> Floats:
        """Return -C for every unit."""
        return np.full(self.size, -self.weights[2])

    def transpose(self) -> Tour:
        """Return the coupling itself, which is symmetric."""
        return self

    def row_norms(self) -> Floats:
        """Return the Euclidean norm of each row of W, shape (n^2,)."""
        (a, b, c, length), n = self.weights, self.cities
        beside = 2 * ((c + length * self.distances) ** 2).sum(axis=1) - 2 * c * c
        rest = (n - 1) * ((a + c) ** 2 + (b + c) ** 2 + (n - 3) * c * c) + c * c
        return np.repeat(np.sqrt(beside + rest), n)

    def field_bounds(self) -> Floats:
        """Return the sum of each row's absolute values: no field of a +-1 state is larger."""
        (a, b, c, length), n = self.weights, self.cities
        return np.repeat((a + b) * (n - 1) + c * n * n + 2 * length * self.distances.sum(axis=1), n)

    def index(self, slopes: Floats) -> int:
        """Return how many eigenvalues of ``D^1/2 W D^1/2`` exceed 1, D = diag(slopes); by a dense decomposition."""
        return count_above_one(self.dense(), slopes)

    def singular_values(self, out: Floats | None = None, into: Floats | None = None) -> Floats:
        """Return the singular values of ``diag(out)^1/2 W diag(into)^1/2``; by a dense decomposition."""
        return dense_singular_values(self.dense(), out, into)

    def _is_symmetric(self) -> bool:
        return True

    @cached_property
    def _spectrum(self) -> tuple[float, float]:
        """By waves around the tour, exp(2 pi i k j / n): W is a matrix between cities for each of them."""
        (a, b, c, length), n = self.weights, self.cities
        waves = np.cos(2 * np.pi * np.arange(n // 2 + 1) / n)[:, None, None]
        blocks = (a + b) * np.eye(n) - b * np.ones((n, n)) - 2 * length * waves * self.distances
        blocks[0] -= a * n * np.eye(n) + c * n * np.ones((n, n))
        values = np.linalg.eigvalsh(blocks)
        return float(values.min()), float(values.max())

    def _extreme_eigenvalues(self) -> tuple[float, float]:
        return self._spectrum

    def _eigenvalue_bounds(self) -> tuple[float, float]:
        return self._spectrum


def as_distances(value: ArrayLike) -> Floats:
    """Return symmetric distances between at least three cities."""
    d = as_floats(value, "distances")
    if d.ndim != 2 or d.shape[0] != d.shape[1] or len(d) < FEWEST:
        raise ValueError(f"`distances` must have shape (n, n) with n >= {FEWEST}; got {d.shape}.")
    for wrong, rule in ((d < 0, "zero or positive"), (np.diag(np.diag(d) != 0), "zero on the diagonal"),
                        (d != d.T, "symmetric, distances[i, j] == distances[j, i]")):  # fmt: skip
        if wrong.any():
            i, j = np.argwhere(wrong)[0]
            raise ValueError(f"`distances[{i}, {j}]` = {d[i, j]:g}: `distances` must be {rule}.")
    return d
