"""Runs that are prepared once: the numbers of `simulate`, for every start."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import Box, DynamicalSystem, PreparedRun, Sine, Status, confined, simulate
from neurodynamics.models import henon

NET = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
STARTS = np.random.default_rng(0).normal(size=(5, 2))
RUNS = {
    "default": {},
    "pair": {"method": "dop853", "rtol": 1e-8, "atol": 1e-10},
    "constant step": {"method": "rk4", "dt": 0.01},
    "inputs": {"inputs": [Sine(1.0, 0.3), 0.2]},
    "wanted times": {"t_eval": [1.0, 2.5, 7.0]},
    "backwards": {"t_span": (7.0, 0.0)},
}


@pytest.mark.parametrize("name", RUNS)
def test_the_numbers_are_those_of_simulate(name):
    options = {"t_span": 7.0, **RUNS[name]}
    run = PreparedRun(NET, **options)
    for y0 in [*STARTS, *STARTS[::-1]]:  # no call knows of the one before
        expected = simulate(NET, y0=y0, **options)
        found = run(y0)
        np.testing.assert_array_equal(found, expected.y if "t_eval" in options else expected.final)
        assert (run.status, run.method) == (expected.status, expected.method)


def test_what_comes_back_is_the_callers():
    run = PreparedRun(NET, 1.0)
    first = run([0.0, 0.0])
    kept = first.copy()
    run([1.0, 1.0])
    np.testing.assert_array_equal(first, kept)


def test_failed_runs_say_so_and_the_next_one_is_fine():
    run = PreparedRun(DynamicalSystem(lambda t, y, u, p, out: out.fill(y[0] ** 2), state_dim=1), 2.0, method="dop853")
    run([1.0])
    assert run.status in (Status.NON_FINITE, Status.STEP_TOO_SMALL)
    assert run.t < 1.01
    np.testing.assert_allclose(run([0.1]), 0.1 / (1.0 - 0.2), rtol=1e-5)
    assert run.status is Status.SUCCESS
    run(np.array([np.nan]))
    assert run.status is Status.NON_FINITE


def test_stiffness_is_met_by_an_implicit_method_as_in_simulate():
    def stiff(t, y, u, p, out):
        out[0] = -1e6 * (y[0] - np.cos(t))

    system = DynamicalSystem(stiff, state_dim=1)
    np.testing.assert_array_equal(PreparedRun(system, 2.0)([0.0]), simulate(system, 2.0, [0.0]).final)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: PreparedRun(henon(), 5), TypeError, "`system`.*simulate"),
        (lambda: PreparedRun(None, 5.0), TypeError, "`system`"),
        (lambda: PreparedRun(NET, 5.0, method="Radau"), ValueError, "`method` 'Radau' cannot be prepared"),
        (lambda: PreparedRun(NET, 5.0, method="rk4"), ValueError, "`dt` must be given"),
        (lambda: PreparedRun(NET, 5.0)([0.0]), ValueError, "`y0`"),
    ],
)
def test_bad_input(call, error, words):
    with pytest.raises(error, match=words):
        call()


def ball(t, y, u, params, out):
    out[0], out[1] = y[1], -9.81


def bounce(event, t, y, u, params, out):
    out[0], out[1] = 0.0, -0.9 * y[1]


def test_events_of_one_call_are_not_kept_for_the_next():
    system = DynamicalSystem(ball, state_dim=2, events=lambda t, y, u, p, out: out.fill(y[0]), event_dim=1,
                             event_directions=[-1], reset=bounce)  # fmt: skip
    run = PreparedRun(system, 3.0)
    for start in ([1.0, 0.0], [2.0, 0.0], [1.0, 0.0]):
        np.testing.assert_array_equal(run(start), simulate(system, 3.0, start).final)


def test_states_stay_in_the_domain():
    system = confined(DynamicalSystem(lambda t, y, u, p, out: out.fill(1.0), state_dim=1), Box(0.0, 1.0))
    np.testing.assert_array_equal(PreparedRun(system, 3.0)([0.5]), simulate(system, 3.0, [0.5]).final)
