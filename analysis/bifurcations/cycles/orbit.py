"""Closed orbits as piecewise polynomials: Gauss collocation of degree 4, in Runge-Kutta form.

Time is scaled to [0, 1] and cut into S intervals of lengths h. On each of them, with the states x at its start and the
stages u at its four Gauss points,

    u_j = x + h T sum_k A_jk f(u_k),        x_next = x + h T sum_k b_k f(u_k).

The states x have errors of order h^8, the polynomials between them of order h^5, which the mesh spreads evenly.

References
----------
.. [1] de Boor (1973), Lect. Notes Math. 363, 12.
.. [2] Ascher, Mattheij & Russell (1995), Numerical Solution of Boundary Value Problems, section 9.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.bifurcations.cycles.kernels import mean_square
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats

DEGREE = 4
ERROR_CONSTANT = 1 / 8400  # largest |x (x - c_1) .. (x - c_4)| on [0, 1], over 5!
EVEN = 0.2  # share of the intervals that are spread evenly: no part of a period is left alone
SMOOTHER = np.array([0.25, 0.5, 0.25])


def _integrals(ends: Floats, nodes: Floats) -> Floats:
    """Integrals from 0 to the ends of the Lagrange polynomials on the nodes: a row an end."""
    powers = np.arange(len(nodes))
    return ends[:, np.newaxis] ** (powers + 1) / (powers + 1) @ np.linalg.inv(nodes[:, np.newaxis] ** powers)


NODES = (1 + np.polynomial.legendre.leggauss(DEGREE)[0]) / 2
WEIGHTS = np.polynomial.legendre.leggauss(DEGREE)[1] / 2
A = _integrals(NODES, NODES)
SUPPORT = np.concatenate([[0.0], NODES])  # the polynomial of an interval goes through its start and its stages
COEFFICIENTS = np.linalg.inv(SUPPORT[:, np.newaxis] ** np.arange(DEGREE + 1))  # by powers, of values on the support


@dataclass(frozen=True, eq=False)
class Orbit:
    """A closed orbit; or a direction in the space of orbits.

    Attributes
    ----------
    mesh : array, shape (S + 1,)
        From 0 to 1.
    x : array, shape (S, N)
        States at the starts of the intervals.
    stages : array, shape (S, 4, N)
    period : float
    parameters : array, shape (q,)
        Values of the free parameters.
    """

    mesh: Floats
    x: Floats
    stages: Floats
    period: float
    parameters: Floats

    @cached_property
    def lengths(self) -> Floats:
        """Lengths (S,) of the intervals."""
        return self.mesh[1:] - self.mesh[:-1]

    @cached_property
    def weights(self) -> Floats:
        """Weights (S, 4) of Gauss quadrature over the stages."""
        return self.lengths[:, np.newaxis] * WEIGHTS

    @cached_property
    def mean(self) -> Floats:
        """Average (N,) over a period."""
        return np.einsum("sk,skn->n", self.weights, self.stages)

    @cached_property
    def amplitude(self) -> float:
        """Root of the mean square distance from the average."""
        return float(np.sqrt(mean_square(self.weights, self.stages, self.mean)))

    __array_ufunc__ = None  # numbers of numpy leave products to this class

    def __add__(self, other: Orbit) -> Orbit:
        return Orbit(self.mesh, self.x + other.x, self.stages + other.stages, self.period + other.period,
                     self.parameters + other.parameters)  # fmt: skip

    def __mul__(self, by: float) -> Orbit:
        return Orbit(self.mesh, by * self.x, by * self.stages, by * self.period, by * self.parameters)

    __rmul__ = __mul__

    def __sub__(self, other: Orbit) -> Orbit:
        return self + -1.0 * other

    def polynomials(self) -> Floats:
        """Return coefficients (S, 5, N) by powers of the fraction of the interval."""
        return COEFFICIENTS @ np.concatenate([self.x[:, np.newaxis], self.stages], axis=1)

    def at(self, times: Floats) -> Floats:
        """Return values (K, N) at scaled times (K,) in [0, 1]."""
        cells = np.clip(np.searchsorted(self.mesh, times, side="right") - 1, 0, len(self.x) - 1)
        fraction = (times - self.mesh[cells]) / self.lengths[cells]
        powers = fraction[:, np.newaxis] ** np.arange(DEGREE + 1)
        return np.einsum("kd,kdn->kn", powers, self.polynomials()[cells])

    def on(self, mesh: Floats) -> Orbit:
        """Return the same polynomials on another mesh."""
        return orbit_on(mesh, self.at, self.period, self.parameters)


def orbit_on(mesh: Floats, curve: Callable[[Floats], Floats], period: float, parameters: Floats) -> Orbit:
    """Return the orbit of a curve, a function of scaled times (K,) with values (K, N), on a mesh."""
    stages = mesh[:-1, np.newaxis] + np.diff(mesh)[:, np.newaxis] * NODES
    shape = (len(mesh) - 1, DEGREE, -1)
    return Orbit(mesh, curve(mesh[:-1]), curve(stages.ravel()).reshape(shape), period, parameters)


# Meshes --------------------------------------------------------------------------------------------------------------


def fifth_derivatives(orbit: Orbit) -> Floats:
    """Return the size (S,) of the fifth derivative in each interval, from jumps of the fourth ones."""
    lengths = orbit.lengths
    top = COEFFICIENTS[DEGREE] * 24
    fourth = (top[0] * orbit.x + np.einsum("k,skn->sn", top[1:], orbit.stages)) / lengths[:, np.newaxis] ** DEGREE
    before = np.arange(-1, len(lengths) - 1)
    fifth = np.linalg.norm(fourth - fourth[before], axis=1) * 2 / (lengths + lengths[before])
    return (fifth + fifth[before + 2 - len(lengths)]) / 2


def mesh_error(orbit: Orbit) -> float:
    """Return the error of the polynomials between the mesh points, relative to the amplitude."""
    error = ERROR_CONSTANT * orbit.lengths ** (DEGREE + 1) * fifth_derivatives(orbit)
    return float(error.max() / max(orbit.amplitude, 1e-300))


def adapted_mesh(orbit: Orbit, intervals: int) -> Floats:
    """Return a mesh on which the error is spread evenly."""
    density = fifth_derivatives(orbit) ** (1 / (DEGREE + 1))
    density = np.convolve(np.concatenate([density[-1:], density, density[:1]]), SMOOTHER, "valid")
    cumulative = np.concatenate([[0.0], np.cumsum(density * orbit.lengths)])
    if not cumulative[-1] > 0:
        return np.linspace(0.0, 1.0, intervals + 1)
    share = (1 - EVEN) * cumulative / cumulative[-1] + EVEN * orbit.mesh
    mesh = np.interp(np.linspace(0.0, 1.0, intervals + 1), share, orbit.mesh)
    mesh[0], mesh[-1] = 0.0, 1.0
    return mesh
