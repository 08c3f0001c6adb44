"""Systems whose attractors and landscapes are known in closed form, or from the literature."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ctrnn import CTRNN, DynamicalSystem
from hopfield import GradedHopfield
from hopfield.couplings import LowRank
from neurodynamics import models


def _nested_circles(t, y, u, params, out):
    """r' = r (r^2 - a) (b - r^2): the origin and a circle attract, and a circle between them repels."""
    squared = y[0] * y[0] + y[1] * y[1]
    growth = (squared - params[0]) * (params[1] - squared)
    out[0] = growth * y[0] - y[1]
    out[1] = growth * y[1] + y[0]


def _odd_cubic(t, y, u, params, out):
    out[0] = params[0] * y[0] - y[0] * y[0] * y[0]


def _circle_of_rest(t, y, u, params, out):
    squared = y[0] * y[0] + y[1] * y[1]
    out[0] = y[0] * (1.0 - squared)
    out[1] = y[1] * (1.0 - squared)


def _two_rotors(t, y, u, params, out):
    for k in range(2):
        a, b = y[2 * k], y[2 * k + 1]
        growth, w = 1.0 - a * a - b * b, params[k]
        out[2 * k] = growth * a - w * b
        out[2 * k + 1] = growth * b + w * a


SYSTEMS = {
    "nested circles": DynamicalSystem(_nested_circles, 2, params=[0.25, 1.0]),
    "van der Pol": models.van_der_pol(),
    "Lorenz": models.lorenz(),
    "Henon": models.henon(),
    "odd cubic": DynamicalSystem(_odd_cubic, 1, params=[1.5], kind="map"),
    "circle of rest": DynamicalSystem(_circle_of_rest, 2),
    "two rotors": DynamicalSystem(_two_rotors, 4, params=[1.0, np.sqrt(2.0)]),
}


@pytest.fixture(scope="session")
def systems():
    return SYSTEMS


@pytest.fixture(scope="session")
def oscillator():
    return CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])


@pytest.fixture(scope="session")
def rivals():
    """Two equal neurons that inhibit each other: the separatrix is y_0 = y_1."""
    return CTRNN([[0, -8], [-8, 0]], constant_inputs=4)


@pytest.fixture(scope="session")
def four_states():
    """Two neurons with four attractors and curved separatrices."""
    return CTRNN([[8, -1], [-1, 8]], biases=-3.5)


def all_columns(p, n):
    """Each of the 2^p columns of signs equally often, (p, n)."""
    return np.array(list(itertools.product((-1, 1), repeat=p))).T.repeat(n // 2**p, axis=1)


@pytest.fixture
def balanced():
    def make(p, n, temperature, form="patterns"):
        xi = all_columns(p, n)
        weights = LowRank(xi, scale=n) if form == "patterns" else xi.T @ xi / n
        return GradedHopfield(weights, gain=1 / temperature, patterns=xi)

    return make
