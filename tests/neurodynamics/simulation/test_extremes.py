"""Numbers at the ends of what floating point can hold: the right answer or a status, within any limit, by every method."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate

from neurodynamics import AdditiveNetwork, DynamicalSystem, Pulse, Sine, Status, simulate

ROOT = Path(__file__).parents[3]
NET = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
ADAPTIVE = ["taylor", "dopri5", "dop853"]
GAVE_UP = (Status.STEP_TOO_SMALL, Status.NON_FINITE)
adaptive = pytest.mark.parametrize("method", ADAPTIVE)


def by_scipy(net, end, y0, drive):
    """LSODA on the equation, in pieces of drive: [(until, input), ..]."""
    tau, weights, biases = net.time_constants, net.weights, net.biases

    def rhs(t, y, u):
        return (-y + weights @ (0.5 + 0.5 * np.tanh(0.5 * (y + biases))) + u) / tau

    start, state = 0.0, np.array(y0, dtype=float)
    for until, u in drive:
        solution = integrate.solve_ivp(rhs, (start, until), state, method="DOP853", rtol=1e-10, atol=1e-9, args=(u,))
        start, state = until, solution.y[:, -1]
    return state


HUGE = {
    "weights": (AdditiveNetwork([[1e30, 0.0], [0.0, 1.0]]), None, [(1.0, np.zeros(2))]),
    "negative weights": (AdditiveNetwork([[-1e12, 0.0], [0.0, 1.0]]), None, [(1.0, np.zeros(2))]),
    "inputs": (NET, [1e35, 0.0], [(1.0, np.array([1e35, 0.0]))]),
    "a pulse": (NET, [Pulse(0.0, 1e-12, 1e40), 0.0], [(1e-12, np.array([1e40, 0.0])), (1.0, np.zeros(2))]),
}


@adaptive
@pytest.mark.parametrize("what", HUGE)
def test_huge_numbers_give_what_scipy_gives(what, method):
    net, inputs, drive = HUGE[what]
    solution = simulate(net, 1, [0.1, 0.1], inputs=inputs, method=method, max_steps=10_000)
    assert solution.success
    expected = by_scipy(net, 1.0, [0.1, 0.1], drive)
    np.testing.assert_allclose(solution.final, expected, rtol=1e-4)


@adaptive
@pytest.mark.parametrize("start", [0.0, 1.0, -1.0])
@pytest.mark.parametrize("first_step", [5e-324, 1e-300, 1e-20, 1e30, 1e300])
def test_a_first_step_of_any_size_is_no_trouble(first_step, start, method):
    expected = simulate(NET, 1, [0.1, 0.2], rtol=1e-11).final
    solution = simulate(NET, (start, start + 1), [0.1, 0.2], first_step=first_step, method=method, max_steps=5000)
    np.testing.assert_allclose(solution.final, expected, rtol=1e-6)


@adaptive
def test_steps_below_the_spacing_of_times_are_refused_and_others_obey_the_budget(method):
    assert simulate(NET, (1, 2), [0.1, 0.2], max_step=1e-20, method=method).status == Status.STEP_TOO_SMALL
    solution = simulate(NET, 1, [0.1, 0.2], max_step=1e-20, method=method, max_steps=500)
    assert (solution.status, solution.steps) == (Status.MAX_STEPS, 500)


@pytest.mark.parametrize("unit", [1e-12, 1e-30, 1e12])
@adaptive
def test_the_unit_of_time_does_not_matter(method, unit):
    slow = simulate(NET, 20, [0.1, 0.2], method=method, rtol=1e-9)
    net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75], time_constants=unit)
    fast = simulate(net, 20 * unit, [0.1, 0.2], method=method, rtol=1e-9)
    assert fast.success
    assert fast.steps <= 1.3 * slow.steps + 40
    np.testing.assert_allclose(fast.final, slow.final, rtol=1e-6)


# What must never hang, in a process of its own, which can be ended ----------------------------------------------------

HOPELESS = """
import json, sys, time
import numpy as np
from neurodynamics import AdditiveNetwork, DynamicalSystem, Pulse, Sine, simulate

net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
big = AdditiveNetwork([[1e300, -1e300], [1e300, 1.0]])

def blows_up(t, y, u, params, out):
    out[0] = y[0] * y[0]

def flips(t, y, u, params, out):
    out[0] = 1e30 * np.sign(0.5 - y[0])

runs = []
for method in ("taylor", "dopri5", "dop853", "RK45", "LSODA"):
    runs += [(net, dict(inputs=[Sine(1.0, 1e30), 0.0], method=method)),
             (net, dict(inputs=[Sine(1.0, 1e300), 0.0], method=method)),
             (net, dict(inputs=[Pulse(0.5, 1e-14, 1e300), 0.0], method=method)), (big, dict(method=method)),
             (net, dict(inputs=[1e308, 1e308], method=method)), (net, dict(rtol=0.0, atol=1e-300, method=method)),
             (AdditiveNetwork([[0.0, 1.0], [-1.0, 0.0]]), dict(atol=0.0, method=method, start=[0.0, 0.0]))]
    if method != "taylor":
        runs += [(DynamicalSystem(f, 1), dict(method=method, start=[0.7])) for f in (blows_up, flips)]
answer = []
for system, options in runs:
    start = options.pop("start", [0.1, 0.2])
    simulate(system, 1e-3, start, max_steps=1, **options)  # compiles
    begin = time.perf_counter()
    solution = simulate(system, 2, start, timeout=0.3, **options)
    answer.append([str(options), time.perf_counter() - begin, int(solution.status), bool(np.isfinite(solution.y).all())])
print(json.dumps(answer))
"""


@adaptive
def test_growth_ends_where_the_numbers_do(method):
    """y = exp(8 t) reaches 1e150 at t = 43.2, beyond which products of two such numbers overflow, and 1e308 at 88.6."""
    run = simulate(AdditiveNetwork([[9.0]], activation="linear"), 1000.0, [1.0], method=method, max_steps=20_000)
    assert run.status in GAVE_UP
    assert 43.0 < run.t[-1] < 88.7
    np.testing.assert_allclose(run.y[0, -1], np.exp(8.0 * run.t[-1]), rtol=1e-2)


def test_nothing_hangs():
    command = [sys.executable, "-c", HOPELESS]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=150)
    for what, seconds, status, finite in json.loads(done.stdout.strip().splitlines()[-1]):
        assert seconds < 0.3 + 5.0, what  # what hung did so for ever; the first jump that is met compiles its watch
        assert finite, what
        assert status in (Status.SUCCESS, Status.TIMEOUT, Status.SOLVER_FAILED, Status.SLIDES, *GAVE_UP), what


def test_a_frequency_beyond_the_numbers_is_given_up_at_once():
    solution = simulate(NET, 1, [0.1, 0.2], inputs=[Sine(1.0, 1e30), 0.0])
    assert solution.status in GAVE_UP
    assert solution.rejected < 1000


def test_the_control_fails():
    """A user's function that does not come back within a step is what no limit between steps can end."""

    def slow(t, y, u, params, out):
        total = 0.0
        for i in range(6_000_000):
            total += np.sin(total + i)
        out[0] = -y[0] + 1e-30 * total

    system = DynamicalSystem(slow, 1)
    assert system.function("rhs").address
    begin = time.perf_counter()
    simulate(system, 1, [1.0], method="rk4", dt=1.0, timeout=1e-3)
    assert time.perf_counter() - begin > 0.2
