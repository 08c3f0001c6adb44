"""Networks whose landscapes are known."""

from __future__ import annotations

import numpy as np
import pytest

from hopfield import GradedHopfield
from neurodynamics import DynamicalSystem

HEIGHTS, CENTRES = (-200.0, -100.0, -170.0, 15.0), ((1.0, 0.0), (0.0, 0.5), (-0.5, 1.5), (-1.0, 1.0))
SHAPES = ((-1.0, 0.0, -10.0), (-1.0, 0.0, -10.0), (-6.5, 11.0, -6.5), (0.7, 0.6, 0.7))


@pytest.fixture
def symmetric():
    def make(n, seed, gain=4.0, currents=0.0):
        a = np.random.default_rng(seed).normal(size=(n, n))
        w = (a + a.T) / np.sqrt(2 * n)
        np.fill_diagonal(w, 0.0)
        return GradedHopfield(w, currents, gain=gain)

    return make


@pytest.fixture(scope="session")
def valley():
    """The surface of Mueller & Brown (1979), Theor. Chim. Acta 53, 75, and the flow down it."""

    def rhs(t, y, u, params, out):
        out[0] = out[1] = 0.0
        for k in range(4):
            x, z = y[0] - CENTRES[k][0], y[1] - CENTRES[k][1]
            a, b, c = SHAPES[k]
            term = HEIGHTS[k] * np.exp(a * x * x + b * x * z + c * z * z)
            out[0] -= term * (2 * a * x + b * z)
            out[1] -= term * (b * x + 2 * c * z)

    def energy(y, u, params):
        total = 0.0
        for k in range(4):
            x, z = y[0] - CENTRES[k][0], y[1] - CENTRES[k][1]
            a, b, c = SHAPES[k]
            total += HEIGHTS[k] * np.exp(a * x * x + b * x * z + c * z * z)
        return total

    return DynamicalSystem(rhs, 2, energy=energy)


@pytest.fixture(scope="session")
def hat():
    """A ring of minima, r = 1, around a maximum."""

    def rhs(t, y, u, params, out):
        r = y[0] ** 2 + y[1] ** 2
        out[0] = y[0] * (1 - r)
        out[1] = y[1] * (1 - r)

    def energy(y, u, params):
        r = y[0] ** 2 + y[1] ** 2
        return -r / 2 + r * r / 4

    return DynamicalSystem(rhs, 2, energy=energy)
