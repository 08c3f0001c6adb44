"""Exponents of systems that jump: they are known exactly where the flow between jumps is linear."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import finite_time_lyapunov, lyapunov_spectrum
from ctrnn import DynamicalSystem, Kind
from neurodynamics import models


def oscillate(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -y[0] - 2 * params[0] * y[1]


def rising(t, y, u, params, out):
    out[0] = y[0]


def kick(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = y[1] + 1.0


OSCILLATOR = DynamicalSystem(oscillate, 2, params={"zeta": 0.1}, events=rising, event_directions=[1], reset=kick)


@pytest.mark.parametrize("method", ["dop853", "rk4"])
def test_a_linear_oscillator_that_is_kicked_once_a_turn(method):
    """Its speed at the kick is multiplied by exp(-zeta T) in each turn of T: the exponents are 0 and -zeta."""
    options = {"dt": 0.02} if method == "rk4" else {}
    found = lyapunov_spectrum(OSCILLATOR, [1.0, 0.0], duration=600, method=method, rng=1, **options)
    assert found.kind == Kind.LIMIT_CYCLE
    assert np.abs(found.exponents - [0.0, -0.1]).max() < 4 * found.standard_errors.max() + 1e-5
    assert abs(found.exponents.sum() + 0.1) < 2e-4
    assert abs(found.trace_error) < 1e-6


def expand(t, y, u, params, out):
    out[0] = 1.0
    out[1] = 0.0


def at_one(t, y, u, params, out):
    out[0] = y[0] - 1.0


def doubled(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = 1.0 - params[0] * y[1] * y[1]


def test_a_map_within_a_clock_has_the_exponent_of_the_map():
    """The logistic map 1 - a y^2 at a = 2, once a unit of time: ln 2, a zero, and chaos in two states."""
    clock = DynamicalSystem(expand, 2, params={"a": 1.99999}, events=at_one, event_directions=[1], reset=doubled)
    found = lyapunov_spectrum(clock, [0.0, 0.3], duration=2000, rng=1)
    assert abs(found.exponents[0] - np.log(2)) < 0.05
    assert abs(found.exponents[1]) < 1e-6
    assert found.kind == Kind.CHAOS


def test_what_cannot_be_followed():
    stopped = lyapunov_spectrum(models.bouncing_ball(), [1.0, 0.0], duration=100)
    assert not stopped.success
    assert not stopped.exponents.size
    with pytest.raises(ValueError, match="`reset`"):
        finite_time_lyapunov(OSCILLATOR, [1.0, 0.0], 5.0)
