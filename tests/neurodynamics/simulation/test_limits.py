"""Budgets, callbacks and Ctrl-C: a long call ends when it is told to, and keeps what it has."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from punctual import LOADED, PROMPT, PUNCTUAL, at_best, interrupted, timed

from neurodynamics import METHODS, AdditiveNetwork, DynamicalSystem, Interrupted, Status, simulate, simulate_ensemble

ROOT = Path(__file__).parents[3]
NET = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
SOME = ["euler", "rk4", "dopri5", "dop853", "taylor", "RK45", "Radau", "LSODA"]
some_methods = pytest.mark.parametrize("method", SOME)
COMPILED = [m for m in SOME if METHODS[m].family != "scipy"]


def options(method):
    return {"method": method, "dt": 0.01} if METHODS[method].constant_step else {"method": method}


def shift(k, y, u, params, out):
    out[0] = 0.5 * y[0] + 1


def host_decay(t, y, u, params, out):
    out[:] = -y


# Budgets -------------------------------------------------------------------------------------------------------------


@some_methods
@pytest.mark.parametrize("what", [{}, {"save": "final"}, {"dense_output": True}, {"t_eval": [0.0, 1e-3, 50.0]}])
def test_max_steps_is_kept_exactly(method, what):
    """Although runs advance in chunks and buffers are emptied on the way."""
    if "dense_output" in what and METHODS[method].constant_step:
        return
    end = 1e3 if method in COMPILED else 50
    free = simulate(NET, end, [0, 0], **options(method))
    for steps in (1, 7, 1000):
        if steps >= free.steps:
            continue
        sol = simulate(NET, end, [0, 0], max_steps=steps, **options(method), **what)
        assert sol.status == Status.MAX_STEPS
        assert not sol.success
        assert sol.steps == steps
        assert "raise it" in sol.message
    enough = simulate(NET, end, [0, 0], max_steps=free.steps, **options(method), **what)
    assert enough.success


@some_methods
def test_what_a_budget_leaves_is_the_beginning_of_the_whole(method):
    free = simulate(NET, 100, [0, 0], **options(method))
    short = simulate(NET, 100, [0, 0], max_steps=5, **options(method))
    np.testing.assert_array_equal(short.t, free.t[: short.t.size])
    np.testing.assert_array_equal(short.y, free.y[:, : short.t.size])
    assert short.t.size == 1 + 5 * METHODS[method].refine
    last = simulate(NET, 100, [0, 0], max_steps=5, save="final", **options(method))
    np.testing.assert_array_equal(last.final, short.final)
    assert last.t == short.t[-1]


@some_methods
def test_a_timeout_ends_the_run_in_time(method):
    for what in ({"save": "final"}, {}):
        simulate(NET, 1.0, [0, 0], **options(method), **what)  # compiles
        begin = time.perf_counter()
        sol = simulate(NET, 1e7 if what else 1e5, [0, 0], timeout=0.2, **options(method), **what)
        spent = time.perf_counter() - begin
        if sol.status == Status.SUCCESS:
            assert spent < 0.3  # a fast machine
            continue
        assert sol.status == Status.TIMEOUT
        assert 0.05 < spent < 1.5  # some is kept for putting long results together, and other work may be going on
        assert 0 < sol.t[-1] < 1e7


def test_maps_and_host_systems_keep_budgets():
    sol = simulate(DynamicalSystem(shift, 1, kind="map"), 10_000, [0.0], max_steps=77)
    assert (sol.status, sol.steps, sol.t[-1]) == (Status.MAX_STEPS, 77, 77)
    sol = simulate(DynamicalSystem(shift, 1, kind="map"), 10**9, [0.0], timeout=0.1, save="final")
    assert sol.status == Status.TIMEOUT
    for method in ("rk4", "dopri5"):
        sol = simulate(DynamicalSystem(host_decay, 2, host=True), 50, [1, 2], max_steps=20, **options(method))
        assert (sol.status, sol.steps) == (Status.MAX_STEPS, 20)


# Callbacks -----------------------------------------------------------------------------------------------------------


@some_methods
def test_a_callback_sees_states_of_the_run_and_cannot_change_it(method):
    seen = []

    def watch(t, y):
        seen.append((t, y.copy()))
        y[:] = np.nan

    end = 3e3 if method in COMPILED else 50
    quiet = simulate(NET, end, [0, 0], save="final", **options(method))
    watched = simulate(NET, end, [0, 0], save="final", callback=watch, **options(method))
    np.testing.assert_array_equal(watched.final, quiet.final)
    assert seen or METHODS[method].family == "taylor"  # which may be through in one chunk
    assert all(y.shape == (2,) and np.isfinite(y).all() for _, y in seen)
    times = [t for t, _ in seen]
    assert times == sorted(times)
    if seen:
        t, y = seen[0]
        np.testing.assert_allclose(simulate(NET, t, [0, 0], save="final", **options(method)).final, y, rtol=1e-3)


def test_an_exception_of_a_callback_ends_the_call():
    def refuse(t, y):
        raise RuntimeError("enough")

    for method in ("rk4", "RK45"):
        with pytest.raises(RuntimeError, match="enough"):
            simulate(NET, 1e5, [0, 0], save="final", callback=refuse, **options(method))


def test_progress_is_shown(capsys):
    pytest.importorskip("tqdm")
    simulate(NET, 2e4, [0, 0], method="rk4", dt=0.01, save="final", progress=True)
    assert "%|" in capsys.readouterr().err


# Ctrl-C --------------------------------------------------------------------------------------------------------------


AGAIN = 60.0  # seconds to the next press: Python drops an exception that is raised while it frees an object


@pytest.fixture
def alarm():
    """Ctrl-C after a while, as the signal that it is; returns when it came."""
    came = []

    def handler(number, frame):
        came.append(time.perf_counter())
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, handler)
    yield lambda seconds: (came.clear(), signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN), came)[-1]
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, old)


def long_run(what):
    """A run that takes minutes."""
    if what == "map":
        return simulate(DynamicalSystem(shift, 1, kind="map"), 10**12, [0.0], save="final")
    if what == "host":
        return simulate(DynamicalSystem(host_decay, 2, host=True), 1e5, [1, 2], method="rk4", dt=0.01, save="final")
    if what == "python input":
        return simulate(NET, 1e6, [0, 0], inputs=lambda t: [0, 0], method="dopri5")
    if what == "large":
        weights = np.random.default_rng(1).normal(size=(600, 600))
        return simulate(AdditiveNetwork(weights, activation="tanh"), 1e5, np.ones(600), method="dop853", save="final")
    return simulate(NET, 1e9, [0, 0], save="final", **options(what))


@pytest.mark.parametrize("what", [*SOME, "map", "host", "python input", "large"])
def test_ctrl_c_raises_within_a_fifth_of_a_second_and_keeps_the_result(what, alarm):
    """The best of a few tries, as other work may be going on."""
    delays = []
    while len(delays) < 4 and min(delays, default=1.0) > 0.2:
        came = alarm(0.15 if delays else 1.5)  # once everything is compiled
        with pytest.raises(KeyboardInterrupt) as raised:  # pytest itself would stop at one that is not expected
            long_run(what)
        assert raised.type is Interrupted
        delays.append(time.perf_counter() - came[0])
        result = raised.value.result
        assert result.status == Status.INTERRUPTED
        assert not result.success
        assert np.isfinite(result.y).all()
        assert result.t.size
        assert 0 <= result.t[-1] < 1e12
    assert min(delays) <= 0.2, delays


@pytest.mark.parametrize("method", [m for m in SOME if m != "LSODA"])  # whose first step depends on the end
def test_the_partial_result_is_the_beginning_of_the_whole(method, alarm):
    every = {"save": 1000} if METHODS[method].constant_step else {}
    head = simulate(NET, 100, [0, 0], **options(method), **every)  # compiles as well
    alarm(0.1)
    with pytest.raises(KeyboardInterrupt) as raised:
        simulate(NET, 1e9 if not every else 1e6, [0, 0], **options(method), **every)
    assert raised.type is Interrupted
    part = raised.value.result
    same = 11
    assert min(part.t.size, head.t.size) >= same
    np.testing.assert_array_equal(part.t[:same], head.t[:same])
    np.testing.assert_array_equal(part.y[:, :same], head.y[:, :same])


def labouring(t, y, u, params, out):
    work = 0.0
    for k in range(int(params[0])):
        work += np.sin(work + k)
    out[0] = y[1] + 0.0 * work
    out[1] = -y[0]


@pytest.fixture(scope="module")
def laborious():
    """An oscillator of which one evaluation takes 0.1 s, a step of dop853 more than a second."""
    rhs = DynamicalSystem(labouring, 2, {"work": 1.0}).function("rhs")
    out = np.empty(2)
    assert rhs.address, "it is compiled before it is timed"
    count = 1e5
    while True:
        begin = time.perf_counter()
        rhs(0.0, np.ones(2), np.empty(0), np.array([count]), out)
        if time.perf_counter() - begin > 0.1:
            return DynamicalSystem(labouring, 2, {"work": count})
        count *= 1.5


def single(system, **limits):
    run = simulate(system, 1e6, [1.0, 0.0], method="dop853", first_step=0.1, on_interrupt="return", **limits)
    return run, run.t, run.y[0]


def several(system, method="dop853", **limits):
    run = simulate_ensemble(system, 1e6, [[1.0, 0.0]] * 2, t_eval=[0.0, 1e-3, 1e6], method=method, first_step=0.1, workers=2,
                            on_interrupt="return", **limits)  # fmt: skip
    assert np.isnan(run.y[:, :, 2]).all()
    return run, run.t_end, run.y_end[:, 0]


@pytest.mark.parametrize(
    ("run", "after", "wait"),
    [(single, 3.0, 0.15), (several, 1.0, 0.15), (lambda *a, **o: several(*a, method="rodas4", **o), 1.0, 7 * 0.15)],
    ids=["single", "several", "several, rodas4"],
)
def test_ctrl_c_and_timeouts_do_not_wait_for_a_step_of_slow_functions(laborious, run, after, wait):
    """What was cut short is undone, which leaves the beginning of the solution, cos t.

    An evaluation comes to its end, and a Jacobian by differences, which is seven of them; a step of rodas4 has as many more.
    """
    run(laborious.with_params([1.0]), max_steps=3)  # compiles
    enough = wait + PROMPT + LOADED
    (record, t, y), late = at_best(lambda: interrupted(lambda: run(laborious), after), enough)
    assert np.all(record.status == Status.INTERRUPTED)
    assert late < enough
    np.testing.assert_allclose(y, np.cos(t), atol=1e-3)
    enough = after + wait + PUNCTUAL + LOADED
    (record, t, y), seconds = at_best(lambda: timed(lambda: run(laborious, timeout=after)), enough)
    assert np.all(record.status == Status.TIMEOUT)
    assert seconds < enough
    np.testing.assert_allclose(y, np.cos(t), atol=1e-3)


IN_A_PROCESS = """
import json, os, signal, threading, time
import numpy as np
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where it is ignored
from neurodynamics import AdditiveNetwork, Interrupted, simulate, simulate_ensemble

net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
sent = []

def press(after):
    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)
    timer = threading.Timer(after, send)
    timer.start()
    return timer

def short():
    return [simulate(net, 200, [0.1 * k, 0.0], save="final").final.tolist() for k in range(20)]

expected = short()
simulate(net, 10, [0, 0], method="rk4", dt=0.01)
simulate_ensemble(net, 10, np.zeros((64, 2)), method="rk4", dt=0.01, save="final", workers=2)
answer = {"raised": [], "returned": [], "ensemble": [], "work": []}
for turn in range(4):
    press(0.2)
    try:
        simulate(net, 1e9, [0, 0], save="final")
    except Interrupted as error:
        answer["raised"].append([time.perf_counter() - sent[-1], error.result.status, error.result.t[-1]])
    press(0.2)
    partial = simulate(net, 1e9, [0, 0], method="rk4", dt=0.01, save="final", on_interrupt="return")
    answer["returned"].append([time.perf_counter() - sent[-1], partial.status, partial.t[-1]])
    press(0.2)
    try:
        simulate_ensemble(net, 1e8, np.zeros((64, 2)), method="rk4", dt=0.01, save="final", workers=2)
    except Interrupted as error:
        answer["ensemble"].append([time.perf_counter() - sent[-1], int(error.result.status.min())])
    answer["work"].append(short() == expected)

# a loop of simulations, interrupted anywhere in between, goes on to work
caught = 0
timer = press(10.0)  # so that there is one, also where the first comes before it has its name
timer.cancel()
end = time.perf_counter() + 2.0
while time.perf_counter() < end:
    try:
        timer = press(np.random.default_rng().uniform(0.001, 0.05))
        for k in range(50):
            simulate(net, 2000, [0.01 * k, 0.0], save="final")
        timer.join()
        time.sleep(0.01)
    except KeyboardInterrupt:
        caught += 1
    timer.join()
answer["caught"] = caught
try:
    answer["work"].append(short() == expected)
except KeyboardInterrupt:
    answer["work"].append(short() == expected)
print(json.dumps(answer))
"""


@pytest.mark.slow
def test_a_session_that_is_interrupted_goes_on_to_work():
    """Ctrl-C as it comes in a process of its own: raised or returned, single runs and ensembles, again and again."""
    done = subprocess.run([sys.executable, "-c", IN_A_PROCESS], cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    for kind in ("raised", "returned", "ensemble"):
        assert len(answer[kind]) == 4
        assert min(delay for delay, *_ in answer[kind]) <= 0.2, answer[kind]
        assert all(status == Status.INTERRUPTED for _, status, *_ in answer[kind])
    assert all(0 < t < 1e9 for kind in ("raised", "returned") for *_, t in answer[kind])
    assert answer["caught"] > 5
    assert all(answer["work"])
