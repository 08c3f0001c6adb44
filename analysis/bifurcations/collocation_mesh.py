"""Meshes of collocation: where intervals must be short, and the error that is left.

References
----------
.. [1] de Boor (1973), Lect. Notes Math. 363, 12.
.. [2] Ascher, Mattheij & Russell (1995), Numerical Solution of Boundary Value Problems, section 9.1.
"""

from __future__ import annotations

import numpy as np

from analysis.bifurcations.collocation import COEFFICIENTS, DEGREE, Orbit
from neurodynamics.validation import Floats

ERROR_CONSTANT = 1 / 8400  # largest |x (x - c_1) .. (x - c_4)| on [0, 1], over 5!
EVEN = 0.2  # share of the intervals that are spread evenly: no part of a period is left alone
SMOOTHER = np.array([0.25, 0.5, 0.25])


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
