"""Cycles that jump: balls and neurons whose multipliers are formulas."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import limit_cycle
from ctrnn import DynamicalSystem
from neurodynamics import models


def fall(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -1.0


def ground(t, y, u, params, out):
    out[0] = y[0]


def kick(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = -params[0] * y[1] + params[1]


def test_a_ball_that_is_kicked_at_each_bounce():
    """v -> e v + k: the speed k / (1 - e), the period 2 v / g, and the multiplier e."""
    ball = DynamicalSystem(fall, 2, params={"e": 0.6, "k": 1.0}, events=ground, event_directions=[-1], reset=kick)
    cycle = limit_cycle(ball, [1.0, 0.0])
    assert cycle.period == pytest.approx(5.0, abs=1e-10)
    assert cycle.multipliers == pytest.approx([1.0, 0.6], abs=1e-9)
    assert cycle.stable
    assert cycle.determinant_error < 1e-9
    assert cycle(np.array([cycle.t[0]]))[:, 0] == pytest.approx(cycle.y[:, 0], abs=1e-9)
    again = limit_cycle(ball, cycle.y[:, 0] * 1.05, period=4.8)
    assert again.multipliers == pytest.approx([1.0, 0.6], abs=1e-9)


GRAVITY, E, OMEGA, AMPLITUDE = 1.0, 0.5, 1.0, 1.2


def above_table(t, y, u, params, out):
    out[0], out[1], out[2] = y[1], -GRAVITY, OMEGA


def table(t, y, u, params, out):
    out[0] = y[0] - params[0] * np.sin(y[2])


def rebound(event, t, y, u, params, out):
    speed = params[0] * OMEGA * np.cos(y[2])
    out[0], out[1], out[2] = params[0] * np.sin(y[2]), (1 + E) * speed - E * y[1], y[2]


def test_a_ball_on_a_vibrating_table_bounces_once_a_period():
    """T = 2 pi / omega, w = g T (1 - e) / (2 (1 + e)) at the impact; the map of time and speed has a matrix of two rows."""
    system = DynamicalSystem(above_table, 3, params={"amplitude": AMPLITUDE}, events=table, event_directions=[-1],
                             reset=rebound, angles=[2])  # fmt: skip
    T = 2 * np.pi / OMEGA
    w = GRAVITY * T * (1 - E) / (2 * (1 + E))
    phase = np.arccos(w / (AMPLITUDE * OMEGA))
    late = T / (w + GRAVITY * T / 2)  # dt' - dt for a faster start
    push = (1 + E) * -AMPLITUDE * OMEGA**2 * np.sin(phase)
    matrix = np.array([[1.0, late], [push, -E + E * GRAVITY * late + push * late]])
    expected = np.linalg.eigvals(matrix)
    assert np.prod(expected) == pytest.approx(E**2, abs=1e-12)
    start = [AMPLITUDE * np.sin(phase) + 1e-3, GRAVITY * T / 2, phase]
    cycle = limit_cycle(system, start, period=T)
    assert cycle.period == pytest.approx(T, abs=1e-10)
    rest = np.delete(cycle.multipliers, np.argmin(np.abs(cycle.multipliers - 1)))
    assert np.sort_complex(rest) == pytest.approx(np.sort_complex(expected), abs=1e-8)
    assert cycle.trivial_error < 1e-9


def test_a_neuron_that_fires():
    cycle = limit_cycle(models.integrate_and_fire(current=2), [-60.0])
    assert cycle.period == pytest.approx(10 * np.log(4), abs=1e-10)
    assert cycle.multipliers == pytest.approx([1.0], abs=1e-10)


def adaptive(t, y, u, params, out):
    out[0] = 2.0 - y[0]
    out[1] = -y[1] / params[0]


def threshold(t, y, u, params, out):
    out[0] = y[0] - 1.0


def spike(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = y[1] + 1.0


def test_a_trace_of_spikes_fades_from_one_to_the_next():
    """The period is ln 2; the trace is multiplied by exp(-ln 2 / tau)."""
    neuron = DynamicalSystem(adaptive, 2, params={"tau": 3.0}, events=threshold, event_directions=[1], reset=spike)
    cycle = limit_cycle(neuron, [0.3, 0.0])
    assert cycle.period == pytest.approx(np.log(2), abs=1e-11)
    assert cycle.multipliers == pytest.approx([1.0, 2 ** (-1 / 3)], abs=1e-9)


def test_bounces_that_accumulate_are_no_cycle():
    found = limit_cycle(models.bouncing_ball(), [1.0, 0.0])
    assert not found.success
    assert "faster and faster" in found.message


def turn(t, y, u, params, out):
    r = y[0] * y[0] + y[1] * y[1]
    out[0] = y[0] * (1 - r) - y[1]
    out[1] = y[1] * (1 - r) + y[0]


def far(t, y, u, params, out):
    out[0] = y[0] - 5.0


def test_a_cycle_that_meets_no_reset_is_that_of_the_flow():
    """r' = r (1 - r^2): the period 2 pi and the multiplier exp(-4 pi)."""
    system = DynamicalSystem(turn, 2, events=far, event_directions=[1], reset=spike)
    cycle = limit_cycle(system, [0.5, 0.0])
    assert cycle.period == pytest.approx(2 * np.pi, abs=1e-9)
    assert cycle.multipliers[1] == pytest.approx(np.exp(-4 * np.pi), rel=1e-6)
