"""Systems with known exponents."""

from __future__ import annotations

import types

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, models

OSCILLATOR = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
OSCILLATOR_EXPONENT = np.log(0.00197965) / 28.9999078994859
CHAOTIC = CTRNN(
    [[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]],
    biases=[-4.108, -2.787, -1.114],
    time_constants=[1, 2.5, 1],
)


def _lorenz(t, y, u, params, out):
    sigma, rho, beta = params
    out[0] = sigma * (y[1] - y[0])
    out[1] = y[0] * (rho - y[2]) - y[1]
    out[2] = y[0] * y[1] - beta * y[2]


def _cat(t, y, u, params, out):
    out[0] = (2.0 * y[0] + y[1]) % 1.0
    out[1] = (y[0] + y[1]) % 1.0


def _cat_jac(t, y, u, params, out):
    out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 2.0, 1.0, 1.0, 1.0


LORENZ, ROESSLER, HENON = models.lorenz(), models.roessler(), models.henon()
LORENZ_BY_DIFFERENCES = DynamicalSystem(_lorenz, 3, params={"sigma": 10.0, "rho": 28.0, "beta": 8 / 3})
CAT = DynamicalSystem(_cat, 2, jac=_cat_jac, kind="map")


def linear(matrix, kind="flow"):
    """y' = A y, or y -> A y, with A in the parameters."""
    matrix = np.asarray(matrix, dtype=float)

    def rhs(t, y, u, params, out):
        n = y.size
        for i in range(n):
            out[i] = 0.0
            for j in range(n):
                out[i] += params[j * n + i] * y[j]

    def jac(t, y, u, params, out):
        n = y.size
        for i in range(n):
            for j in range(n):
                out[i, j] = params[j * n + i]

    return DynamicalSystem(rhs, len(matrix), params={"A": matrix}, jac=jac, kind=kind)


def random_network(rng, n, gain, **options):
    """A random tanh network with zero diagonal, section B9."""
    weights = gain * rng.normal(size=(n, n)) / np.sqrt(n)
    np.fill_diagonal(weights, 0.0)
    return CTRNN(weights, activation="tanh", **options)


@pytest.fixture(scope="session")
def known():
    """The systems above, for tests."""
    return types.SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})
