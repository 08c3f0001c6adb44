"""Calls on a system whose right-hand side takes half a millisecond end in time, and leave nothing that computes on."""

import math
import threading
import time

import numpy as np
import pytest
from numba.core.compiler_lock import global_compiler_lock
from punctual import LOADED, PROMPT, PUNCTUAL, at_best, interrupted, timed

import analysis as A
from neurodynamics import DynamicalSystem, Status, simulate
from neurodynamics.watched import long_call, pieces

SQUARE = [[-3, 3], [-3, 3]]
SECONDS, IDLE = 0.3, 0.1


def costly(t, y, u, params, out):
    waste = 0.0
    for i in range(20_000):
        waste += math.sin(y[0] + i)
    out[0] = y[1] + params[0] + 0.0 * waste
    out[1] = -math.sin(y[0]) - 0.1 * y[1]


@pytest.fixture(scope="module")
def system():
    found = DynamicalSystem(costly, 2, {"a": 0.0})
    simulate(found, 1e-3, [1.0, 1.0])
    return found


CALLS = {
    "find_attractors": lambda s, **o: A.find_attractors(s, **o),
    "find_attractors in a box": lambda s, **o: A.find_attractors(s, box=SQUARE, **o),
    "find_attractors with points": lambda s, **o: A.find_attractors(
        s, points=A.fixed_points(s, bounds=SQUARE, timeout=0.05, rng=0), box=SQUARE, **o),
    "fixed_points": lambda s, **o: A.fixed_points(s, bounds=SQUARE, rng=0, **o),
    "fixed_points of a map": lambda s, **o: A.fixed_points(A.stroboscopic_map(s, period=3.0), bounds=SQUARE, rng=0, **o),
    "limit_cycle": lambda s, **o: A.limit_cycle(s, [1, 1], **o),
    "slow_points": lambda s, **o: A.slow_points(s, **o),
    "separatrix": lambda s, **o: A.separatrix(s, **o),
    "phase_portrait": lambda s, **o: A.phase_portrait(s, **o),
    "phase_portrait in a box": lambda s, **o: A.phase_portrait(s, box=SQUARE, **o),
    "lyapunov_spectrum": lambda s, **o: A.lyapunov_spectrum(s, [1, 1], **o),
    "lyapunov_ensemble": lambda s, **o: A.lyapunov_ensemble(s, np.ones((20, 2)), rng=0, **o),
    "lyapunov_map": lambda s, **o: A.lyapunov_map(s, {"a": np.linspace(0, 1, 20)}, y0=[1, 1], **o),
    "classify": lambda s, **o: A.classify(s, [1, 1], **o),
    "finite_time_lyapunov": lambda s, **o: A.finite_time_lyapunov(s, np.ones((100, 2)), 50.0, **o),
    "sweep_diagram": lambda s, **o: A.sweep_diagram(s, "a", np.linspace(0, 1, 20), **o),
    "basin_sweep": lambda s, **o: A.basin_sweep(s, "a", np.linspace(0, 1, 20), **o),
    "bifurcation_diagram": lambda s, **o: A.bifurcation_diagram(s, "a", (-0.5, 0.5), **o),
    "fixed_point_branch": lambda s, **o: A.fixed_point_branch(
        s, "a", (-0.5, 0.5), start=[0.0, 0.0], step=1e-6, max_points=10**6, **o),
}  # fmt: skip


def computes_on():
    """Whether this process still has work a second after a call."""
    for _ in range(10):
        before = time.process_time()
        time.sleep(0.1)
        if time.process_time() - before < 0.1 * IDLE:
            return False
    return True


@pytest.mark.parametrize("name", CALLS)
def test_a_call_with_costly_functions_ends_in_time_and_leaves_nothing_behind(system, name):
    record, seconds = at_best(lambda: timed(lambda: CALLS[name](system, timeout=SECONDS)), SECONDS + PUNCTUAL + LOADED)
    assert seconds < SECONDS + PUNCTUAL + LOADED
    assert Status.TIMEOUT in np.ravel(record.status)
    assert not computes_on()


def test_work_in_pieces_ends_although_its_interrupt_was_lost():
    """The control goes on to its end, as work does whose KeyboardInterrupt came in a finaliser."""
    seen = {}

    def work(slices, name):
        seen[name] = 0
        for rows in slices:
            end = time.perf_counter() + 1e-3 * (rows.stop - rows.start)
            while time.perf_counter() < end:
                try:
                    time.sleep(1e-3)
                except KeyboardInterrupt:
                    pass  # lost
            seen[name] = rows.stop

    control = [slice(first, first + 10) for first in range(0, 1000, 10)]
    for name, slices in {"control": control, "pieces": pieces(1000)}.items():
        long_call(lambda name=name, slices=slices: work(slices, name), lambda status: status, timeout=0.1)
    time.sleep(1.5)
    assert seen["control"] == 1000 > seen["pieces"] > 0


@pytest.mark.parametrize("name", ["find_attractors", "limit_cycle", "separatrix", "phase_portrait", "lyapunov_spectrum",
                                  "classify", "fixed_points", "slow_points", "finite_time_lyapunov"])  # fmt: skip
def test_ctrl_c_while_the_function_waits_for_the_compiler_is_answered_with_a_record(name):
    """The lock of the compiler stands for a compilation of some seconds."""
    go, over = threading.Event(), threading.Event()

    def hold():
        with global_compiler_lock:
            go.set()
            over.wait(20)

    def new(t, y, u, params, out):
        out[0], out[1] = y[1], -y[0] * number

    number = float(len(name))
    fresh, holder = DynamicalSystem(new, 2), threading.Thread(target=hold)
    holder.start()
    go.wait()
    try:
        record, late = interrupted(lambda: CALLS[name](fresh, on_interrupt="return"), 0.3)
    finally:
        over.set()
        holder.join()
    assert late < PROMPT + LOADED
    assert not isinstance(record, KeyboardInterrupt)
    assert Status.INTERRUPTED in np.ravel(record.status)
