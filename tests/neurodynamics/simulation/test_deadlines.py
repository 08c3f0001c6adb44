"""One deadline a call, whatever runs; members end as single runs do; what is kept is bounded."""

from __future__ import annotations

import importlib
import time

import numpy as np
import pytest
import scipy
from punctual import LOADED, PROMPT, PUNCTUAL, at_best, interrupted, timed

import neurodynamics.simulation.runs as runs
import neurodynamics.simulation.scipy_solvers as scipy_solvers
from neurodynamics import AdditiveNetwork, DynamicalSystem, Status, simulate, simulate_ensemble

NET = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
LATE = PUNCTUAL + LOADED


def slow(t, y, u, params, out):
    total = 0.0
    for i in range(100_000):
        total += np.sin(total + i)
    out[0] = -y[0] + 1e-30 * total


def van_der_pol(t, y, u, params, out):
    out[0] = y[1]
    out[1] = 1e5 * ((1 - y[0] ** 2) * y[1] - y[0])


SLOW, STIFF = DynamicalSystem(slow, 1), DynamicalSystem(van_der_pol, 2)
LARGE = AdditiveNetwork(np.random.default_rng(1).normal(size=(1000, 1000)) / 30, activation="tanh")
RUNS = {
    "large": (LARGE, 1e3, np.ones(1000), {"method": "rk4", "dt": 0.01}),
    "slow function, rk4": (SLOW, 10, [1.0], {"method": "rk4", "dt": 1e-5}),
    "slow function, dop853": (SLOW, 10, [1.0], {"method": "dop853", "max_step": 1e-5}),
    "slow function, RK45": (SLOW, 10, [1.0], {"method": "RK45", "max_step": 1e-5}),
    "stiff": (STIFF, 1e4, [2.0, 0.0], {}),
    "a Python input": (NET, 1e6, [0.0, 0.0], {"inputs": lambda t: [0.0, 0.0]}),
}


@pytest.mark.parametrize("members", [1, 4])
@pytest.mark.parametrize("what", RUNS)
def test_the_deadline_is_that_of_the_call(what, members):
    system, end, start, options = RUNS[what]
    starts = np.tile(start, (members, 1))

    def go(timeout):
        if members == 1:
            return simulate(system, end, start, save="final", timeout=timeout, **options)
        return simulate_ensemble(system, end, starts, save="final", timeout=timeout, **options)

    go(1e-3)  # compiles
    result, seconds = at_best(lambda: timed(lambda: go(0.3)), 0.3 + LATE)
    assert seconds < 0.3 + LATE
    assert np.all(result.status == Status.TIMEOUT)


@pytest.mark.parametrize("method", ["Radau", "BDF"])
def test_large_decompositions_of_implicit_methods_are_left_behind(method, monkeypatch):
    """Those of thousands of states take seconds; the control waits for them."""
    integrator = importlib.import_module(f"scipy.integrate._ivp.{method.lower()}")
    net = AdditiveNetwork(np.random.default_rng(1).normal(size=(200, 200)) / 14, activation="tanh")

    def factor(a, **options):
        time.sleep(1.5)
        return scipy.linalg.lu_factor(a, **options)

    def go():
        return timed(lambda: simulate(net, 100, np.ones(200), method=method, timeout=0.1))

    go()  # compiles
    monkeypatch.setattr(integrator, "lu_factor", factor)
    solution, seconds = at_best(go, 0.1 + LATE)
    assert solution.status == Status.TIMEOUT
    assert seconds < 0.1 + LATE
    monkeypatch.setattr(scipy_solvers, "LIGHT", np.inf)
    begin = time.perf_counter()
    go()
    assert time.perf_counter() - begin > 1.4


def test_large_stiff_networks_have_a_method_that_can_be_stopped():
    """The matrices of 2000 states take tenths of a second each."""
    n = 2000
    weights = 1.5 * np.random.default_rng(1).normal(size=(n, n)) / np.sqrt(n)
    net = AdditiveNetwork(weights, time_constants=np.geomspace(1e-5, 1, n), activation="tanh")

    def go(**limits):
        return simulate(net, 50, np.ones(n), save="final", on_interrupt="return", **limits)

    go(timeout=1e-3)  # compiles
    solution, seconds = at_best(lambda: timed(lambda: go(timeout=0.7)), 0.7 + LATE)
    assert (solution.method, solution.status) == ("BDF", Status.TIMEOUT)
    assert seconds < 0.7 + LATE
    solution, late = at_best(lambda: interrupted(go, 0.7), PROMPT + LOADED)
    assert solution.status == Status.INTERRUPTED
    assert late < PROMPT + LOADED


def test_records_of_many_points_are_made_within_the_deadline():
    """Millions of points a second: to put them together takes as long as a good part of the run."""
    for dense in (False, True):
        simulate(NET, 1.0, [0.0, 0.0], dense_output=dense)
        solution, seconds = at_best(lambda dense=dense: timed(lambda: simulate(
            NET, 1e308, [0.1, 0.2], timeout=1.5, dense_output=dense)), 1.5 + PUNCTUAL)  # fmt: skip
        assert solution.status == Status.TIMEOUT
        assert seconds < 1.5 + LATE


@pytest.mark.parametrize("method", ["rk4", "euler", "exponential_euler"])
def test_members_in_lanes_end_as_single_runs_do(method):
    """The solution of y' = 50 y is e^1500 at the end, and finite at the times that are asked for."""
    net = AdditiveNetwork([[50.0]], activation="relu", leaks=0.0)
    options = {"method": method, "dt": 0.001, "t_eval": [0.0, 1.0]}
    single = simulate(net, 30, [1.0], **options)
    several = simulate_ensemble(net, 30, np.ones((20, 1)), **options)
    assert several.path.startswith("lanes")
    assert single.status == Status.NON_FINITE
    assert (several.status == single.status).all()
    np.testing.assert_array_equal(several[3].y, single.y)


@pytest.mark.parametrize("method", ["taylor", "dop853", "RK45"])
def test_what_is_kept_is_bounded(method, monkeypatch):
    import neurodynamics.simulation.scipy_solvers as scipy_solvers

    for module in (runs, scipy_solvers):
        monkeypatch.setattr(module, "MOST_KEPT", 20_000)
    solution = simulate(NET, 1e9, [0.0, 0.0], method=method)
    assert solution.status == Status.OUT_OF_ROOM
    assert "t_eval" in solution.message
    assert solution.y.size < 60_000
    assert simulate(NET, 1e3, [0.0, 0.0], method=method, save="final").success


def test_large_systems_are_not_decomposed_by_plain_loops():
    with pytest.raises(ValueError, match="'Radau'"):
        simulate(AdditiveNetwork(np.zeros((501, 501))), 1, np.zeros(501), method="rodas4")
