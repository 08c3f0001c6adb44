"""Perturbations through resets, against closed forms and differences of trajectories."""

import numpy as np
import pytest

from learning import gradient, losses
from learning.jumps import Jump
from neurodynamics import DynamicalSystem, Sine, saltation_matrix, simulate


def leak(t, y, u, params, out):
    out[0] = (params[0] - y[0]) / params[1]


def threshold(t, y, u, params, out):
    out[0] = y[0] - params[2]


def back_to(event, t, y, u, params, out):
    out[0] = params[3]


PARAMS = {"I": 1.5, "tau": 2.0, "threshold": 1.0, "reset": 0.1}
NEURON = DynamicalSystem(leak, 1, params=PARAMS, events=threshold, event_directions=[1], reset=back_to)


def test_integrate_and_fire_has_closed_form():
    """Spikes at T1 = tau ln((I - y0)/(I - th)), then every T = tau ln((I - r)/(I - th)); between them y relaxes to I."""

    def final(drive, tau, th, r, y0, t):
        rest = t - tau * np.log((drive - y0) / (drive - th))
        period = tau * np.log((drive - r) / (drive - th))
        return drive + (r - drive) * np.exp(-(rest % period) / tau)

    values, end = [*PARAMS.values(), 0.2], 7.3
    for method in ("discrete", "forward", "hybrid"):
        found = gradient(
            NEURON,
            lambda shown, _: (shown.sum(), np.ones_like(shown)),
            [0.2],
            times=[end],
            rtol=1e-12,
            atol=1e-14,
            method=method,
        )
        assert found.value == pytest.approx(final(*values, end), rel=1e-10)
        for k, name in enumerate([*PARAMS, "y0"]):
            sides = []
            for h in (1e-6, -1e-6):
                moved = list(values)
                moved[k] += h
                sides.append(final(*moved, end))
            expected = (sides[0] - sides[1]) / 2e-6
            given = found.y0[0] if name == "y0" else found.by[name]
            assert given == pytest.approx(expected, rel=1e-7)


def test_a_ball_that_bounces_under_a_drive(rng):
    """Two states, a reset that depends on the state, an input: against differences of trajectories."""

    def fall(t, y, u, params, out):
        out[0] = y[1]
        out[1] = -params[0] - params[1] * y[1] + u[0]

    def floor(t, y, u, params, out):
        out[0] = y[0] - 0.1 * np.sin(params[3] * t)

    def bounce(event, t, y, u, params, out):
        out[0] = y[0]
        speed = 0.1 * params[3] * np.cos(params[3] * t)
        out[1] = speed - params[2] * (y[1] - speed)

    ball = DynamicalSystem(
        fall,
        2,
        params={"g": 9.81, "drag": 0.1, "e": 0.8, "w": 2.0},
        input_dim=1,
        events=floor,
        event_directions=[-1],
        reset=bounce,
    )
    given = {
        "inputs": [Sine(1.0, 0.5)],
        "times": [0.5, 1.5],
        "targets": [[0.3, 0.0], [0.2, 0.1]],
        "rtol": 1e-11,
        "atol": 1e-13,
    }
    found = gradient(ball, losses.MeanSquare(), [1.0, 0.0], **given, check=True)
    assert found.gap < 1e-5  # differences see the tolerance of event times
    np.testing.assert_allclose(
        gradient(ball, losses.MeanSquare(), [1.0, 0.0], **given, method="forward").vector, found.vector, rtol=1e-9
    )
    run = simulate(ball, 1.5, [1.0, 0.0], inputs=given["inputs"], t_eval=[0.5, 1.5], method="dop853", rtol=1e-11, atol=1e-13)
    assert len(run.t_events[0]) >= 2
    np.testing.assert_allclose(found.shown, run.y.T, atol=1e-9)


def test_a_trajectory_that_touches_has_no_derivative():
    def swing(t, y, u, params, out):
        out[0], out[1] = y[1], -y[0]

    def above(t, y, u, params, out):
        out[0] = y[0] - params[0]

    def stay(event, t, y, u, params, out):
        out[0], out[1] = y[0], 0.5 * y[1] + 0.1

    system = DynamicalSystem(swing, 2, params=[1.0], events=above, reset=stay)
    with pytest.raises(ArithmeticError, match="grazes"):
        Jump(system, 0, np.pi / 2, np.array([1.0, 0.0]), np.zeros(0), np.zeros(0))


def test_a_jump_is_the_saltation_matrix(rng):
    """Found by records here, and there by differences."""

    def fall(t, y, u, params, out):
        out[0], out[1] = y[1], -params[0] - 0.3 * y[1]

    def floor(t, y, u, params, out):
        out[0] = y[0] - 0.2 * y[1] ** 2 + 0.1 * t

    def bounce(event, t, y, u, params, out):
        out[0], out[1] = y[0] + 0.1 * t, -params[1] * y[1]

    ball = DynamicalSystem(fall, 2, params=[9.81, 0.8], events=floor, reset=bounce)
    y, S = np.array([0.7, -2.0]), rng.normal(size=(2, 3))
    jump = Jump(ball, 0, 1.0, y, np.zeros(0), np.zeros(0))
    expected = saltation_matrix(ball, 0, y, t=1.0)
    np.testing.assert_allclose(jump.along(S, np.zeros((2, 3))), expected @ S, rtol=1e-7)
    np.testing.assert_allclose(jump.back(S[:, 0], np.zeros(2)), expected.T @ S[:, 0], rtol=1e-7)
