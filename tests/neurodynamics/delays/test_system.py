"""Delay equations: against the method of steps by hand, orders across breaking points, histories, and what is refused."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import DelayedSystem, Pulse, Status, Step, delayed_feedback, load, models, simulate
from neurodynamics.simulation import delayed_runs

METHODS = ["dop853", "dopri5", "rodas4"]


def decay(t, y, z, u, params, out):
    out[0] = -z[0]


def logistic(t, y, z, u, params, out):
    """Hutchinson (1948)."""
    out[0] = params[0] * y[0] * (1.0 - z[0])


DECAY = DelayedSystem(decay, 1, [(0, 1.0)])
LOGISTIC = DelayedSystem(logistic, 1, [(0, 1.0)], {"r": 1.4})


def by_steps(t: float) -> float:
    """The solution of y' = -y(t - 1) with the history 1: a polynomial of degree k + 1 on [k, k + 1]."""
    return sum((-1) ** k * (t - (k - 1)) ** k / math.factorial(k) for k in range(math.floor(t) + 2))


@pytest.mark.parametrize("method", METHODS)
def test_the_polynomials_of_the_method_of_steps(method):
    times = np.linspace(0, 6.5, 27)
    sol = simulate(DECAY, (0, 6.5), [1.0], method=method, rtol=1e-7, atol=1e-9, t_eval=times)
    assert sol.success
    assert sol.method == method
    exact = [by_steps(t) for t in times]
    np.testing.assert_allclose(sol.y[0], exact, atol=1e-12 if method == "dop853" else 2e-6)  # the degree is at most 7


def test_a_start_at_another_time_is_a_shift():
    moved = simulate(DECAY, (100.25, 106.75), [1.0])
    np.testing.assert_allclose(moved.final, by_steps(6.5), atol=1e-11)


def errors_with_steps(method: str, lengths: list[float]) -> list[float]:
    """Of the delayed logistic equation at t = 5, with steps of about these lengths: the tolerances hold none back."""
    exact = simulate(LOGISTIC, 5, [0.5], rtol=1e-13, atol=1e-14).final[0]
    options = {"method": method, "rtol": 1e3, "atol": 1e3}
    return [abs(simulate(LOGISTIC, 5, [0.5], max_step=h, first_step=h, **options).final[0] - exact) for h in lengths]


@pytest.mark.parametrize(("method", "order", "first"), [("dopri5", 5, 0.125), ("dop853", 8, 0.5), ("rodas4", 4, 0.125)])
def test_methods_have_their_order_across_breaking_points(method, order, first):
    coarse, fine = errors_with_steps(method, [first, first / 2])
    assert np.log2(coarse / fine) > order - 0.3


def test_without_breaking_points_the_order_is_lost(monkeypatch):
    """The control."""
    monkeypatch.setattr(delayed_runs, "breaking_points", lambda *arguments: np.empty(0))
    coarse, fine = errors_with_steps("dop853", [0.57, 0.285])
    assert np.log2(coarse / fine) < 6


# Histories -----------------------------------------------------------------------------------------------------------


def test_a_history_may_be_a_function():
    """y' = -cos(t - 1), integrated by hand."""
    sol = simulate(DECAY, 1.0, lambda t: [math.cos(t)], rtol=1e-10, atol=1e-12, dense_output=True)
    np.testing.assert_allclose(sol.final, 1.0 - math.sin(1.0), atol=1e-9)
    np.testing.assert_allclose(sol.sol([-0.9, -0.1])[0], np.cos([-0.9, -0.1]), atol=1e-9)


def test_a_history_may_jump_inside():
    sol = simulate(DECAY, 1.0, lambda t: [1.0 if t >= -0.5 else -1.0], dense_output=True)
    np.testing.assert_allclose(sol.sol([0.25, 0.5, 1.0])[0], [1.25, 1.5, 1.0], atol=1e-7)


def test_a_history_may_jump_at_the_start():
    sol = simulate(DECAY, 3.0, lambda t: [1.0 if t >= 0 else 0.0], dense_output=True)
    np.testing.assert_allclose(sol.sol([0.5, 1.0, 2.0, 3.0])[0], [1.0, 1.0, 0.0, -0.5], atol=1e-9)


@pytest.mark.parametrize("cut", [0.4, 3.25])
@pytest.mark.parametrize("dense", [False, True])
def test_a_solution_goes_on_where_it_ended(cut, dense):
    begun = simulate(DECAY, cut, [1.0], dense_output=dense)
    np.testing.assert_allclose(simulate(DECAY, (cut, 6.5), begun).final, by_steps(6.5), atol=1e-8)
    low = simulate(DECAY, (cut, 6.5), begun, method="dopri5", rtol=1e-9, atol=1e-11)  # another degree
    np.testing.assert_allclose(low.final, by_steps(6.5), atol=1e-8)


def test_interpolants_hold_the_whole_run_or_the_last_delay():
    times = np.linspace(-1, 600, 1202)
    whole, last = simulate(LOGISTIC, 600, [0.5], dense_output=True), simulate(LOGISTIC, 600, [0.5])
    assert whole.steps > 512  # more than memory had room for at first
    seen = np.interp(times, whole.t, whole.y[0])
    np.testing.assert_allclose(whole.sol(times)[0][times >= 0], seen[times >= 0], atol=2e-3)  # of straight lines
    np.testing.assert_array_equal(last.sol([599.0, 599.9]), whole.sol([599.0, 599.9]))
    with pytest.raises(ValueError, match="must lie in"):
        last.sol(100.0)


# Inputs and events ---------------------------------------------------------------------------------------------------


def test_jumps_of_inputs_come_back_out_of_the_past():
    """y' = z + u with a step of u at 0.25: by hand in two pieces, t - 1/4 and then its integral."""

    def driven(t, y, z, u, params, out):
        out[0] = z[0] + u[0]

    sol = simulate(DelayedSystem(driven, 1, [(0, 1.0)], input_dim=1), 2.0, [0.0], inputs=[Step(0.25, 1.0)])
    np.testing.assert_allclose(sol.final, 1.75 + 0.5 * 0.75**2, atol=1e-13)
    np.testing.assert_array_equal(sol.input_values[0], sol.t >= 0.25)


def test_events_are_located():
    def half(t, y):
        return y[0] - 0.5

    sol = simulate(DECAY.with_events(half), 6.5, [1.0])
    np.testing.assert_allclose(sol.t_events[0][0], 0.5, atol=1e-12)
    half.terminal = True
    sol = simulate(DECAY, 6.5, [1.0], events=half)
    assert sol.status == Status.EVENT
    np.testing.assert_allclose(simulate(DECAY, (sol.end.t, 6.5), sol).final, by_steps(6.5), atol=1e-8)


def test_feedback_of_a_network_is_the_equation():
    """y' = -y + u - 2 y(t - 1), of a network whose second input is its past, and of a function."""

    def by_hand(t, y, z, u, params, out):
        out[0] = -y[0] + u[0] - 2.0 * z[0]

    net = CTRNN([[0.0]], input_weights=[[1.0, -2.0]], activation="linear")
    one, other = delayed_feedback(net, [(0, 1.0)]), DelayedSystem(by_hand, 1, [(0, 1.0)], input_dim=1)
    runs = [simulate(system, 10, [0.3], inputs=[Pulse(2, 1, 3.0)]).final for system in (one, other)]
    np.testing.assert_allclose(*runs, rtol=1e-12)
    assert one.undelayed.rhs(0, [1.0], [0.0]).tolist() == [-3.0]


# The whole life of a system ------------------------------------------------------------------------------------------


def test_copies_parameters_and_files(tmp_path):
    for system in (copy.deepcopy(LOGISTIC), pickle.loads(pickle.dumps(LOGISTIC)), LOGISTIC.with_params({"r": 1.4})):
        np.testing.assert_array_equal(simulate(system, 5, [0.5]).final, simulate(LOGISTIC, 5, [0.5]).final)
    assert LOGISTIC.with_params({"r": 2.0}).opened.param("r") == 2.0
    assert LOGISTIC.with_delays(2.5).past == ((0, 2.5),)
    sol = simulate(LOGISTIC, 5, [0.5])
    sol.save(tmp_path / "it.npz")
    again = load(tmp_path / "it.npz", system=LOGISTIC)
    np.testing.assert_array_equal(simulate(LOGISTIC, (5, 8), again).final, simulate(LOGISTIC, (5, 8), sol).final)


def test_delays_shorter_than_steps_limit_them():
    """A delay of a thousandth: y' = -y(t - tau) is nearly y' = -y; steps follow, and the limit is of first order."""
    apart = [abs(simulate(DECAY.with_delays(tau), 1, [1.0]).final[0] - math.exp(-1)) for tau in (1e-2, 1e-3)]
    assert 8 < apart[0] / apart[1] < 12


def test_limits_end_a_run():
    sol = simulate(LOGISTIC, 1000, [0.5], max_steps=20)
    assert sol.status == Status.MAX_STEPS
    assert sol.steps == 20
    assert simulate(LOGISTIC, 1e9, [0.5], save="final", timeout=0.05).status == Status.TIMEOUT


REFUSED = {
    "no pair": (lambda: DelayedSystem(decay, 1, [1.0]), r"`delays\[0\]` must be a pair"),
    "no delay": (lambda: DelayedSystem(decay, 1, []), "at least one pair"),
    "zero": (lambda: DelayedSystem(decay, 1, [(0, 0.0)]), r"`delays\[0\]\[1\]` must be positive"),
    "no state": (lambda: DelayedSystem(decay, 1, [(1, 1.0)]), r"`delays\[0\]\[0\]` must be a state"),
    "outside": (lambda: DelayedSystem(lambda t, y, z, u, params, out: decay(t, y, z[1:], u, params, out), 1, [(0, 1.0)]),
                "outside its arrays"),
    "inputs": (lambda: delayed_feedback(models.lorenz(), [(0, 1.0)]), "at most input_dim"),
    "map": (lambda: delayed_feedback(models.henon(), [(0, 1.0)]), "must be a flow"),
    "twice": (lambda: delayed_feedback(DECAY, [(0, 1.0)]), "has delays"),
    "reset": (lambda: DECAY.with_events(lambda t, y: y[0], reset=lambda e, t, y, u, params, out: None), "`reset` is not"),
    "euler": (lambda: simulate(DECAY, 1, [1.0], method="euler", dt=0.1), "must be one of 'dop853'"),
    "backwards": (lambda: simulate(DECAY, (1, 0), [1.0]), "must run forwards"),
    "short": (lambda: simulate(DECAY.with_delays(2.0), (0, 1), simulate(DECAY, (-0.5, 0), [1.0])), "the longest delay"),
    "shape": (lambda: simulate(DECAY, 1, lambda t: [t, t]), r"`y0\(0\)` must have shape"),
    "nan": (lambda: simulate(DECAY, 1, lambda t: [math.nan]), "must be finite"),
    "rough": (lambda: simulate(DECAY, 1, lambda t: [math.sin(1e9 * t)]), "must be smooth"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    call, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        call()
