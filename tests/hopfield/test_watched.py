"""Long calls end in time: Ctrl-C within 0.1 s, timeouts within 0.2 s, with what was reached until then."""

import os
import signal
import threading
import time

import numpy as np
import pytest
from punctual import LOADED, PROMPT, PUNCTUAL, at_best, interrupted, timed
from scipy import sparse

from hopfield import (
    CapacityCurve,
    DenseMemory,
    DiscreteBAM,
    DiscreteHopfield,
    GradedBAM,
    GradedHopfield,
    RecallStatus,
    SoftmaxMemory,
    capacity_curve,
    hebbian,
    margins,
    patterns,
    recall_curve,
    rules,
    unlearn,
)
from hopfield.couplings import Dense
from neurodynamics import Interrupted, Status, watched

PATIENCE = PROMPT + LOADED
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see test_long_calls
LATE = PUNCTUAL + LOADED


def restless(n, form=np.asarray):
    """A network that never settles: pairs that chase each other."""
    w = np.zeros((n, n))
    w[np.arange(0, n, 2), np.arange(1, n, 2)] = 1.0
    w[np.arange(1, n, 2), np.arange(0, n, 2)] = -1.0
    return DiscreteHopfield(form(w))


def recalls():
    many = {"max_sweeps": 2**40, "rng": 0}
    small, pair = np.ones(2), DiscreteHopfield([[0, 1], [-1, 0]])
    yield "a sweep after the other", lambda **o: pair.recall(small, **many, **o)
    yield "many probes on threads", lambda **o: restless(100).recall(np.ones((400, 100)), **many, **o)
    yield "sparse", lambda **o: restless(100, sparse.csr_array).recall(np.ones(100), **many, **o)
    yield "synchronous, thermal", lambda **o: pair.recall(small, update="synchronous", temperature=1.0, **many, **o)
    yield "recorded", lambda **o: pair.recall(small, temperature=1.0, record=True, **many, **o)
    bam = DiscreteBAM(np.ones((2, 2)))
    yield "bam", lambda **o: bam.recall([1, 1], temperature=1.0, **many, **o)
    big, ones = DiscreteHopfield(Dense(np.ones((1500, 1500)))), np.ones((1500, 1500), np.int8)
    yield "large products", lambda **o: big.recall(ones, update="synchronous", temperature=1.0, **many, **o)


def graded():
    """A glass of 400 units has soft modes; a dense one, and one whose couplings are as sparse as they are many."""
    rng = np.random.default_rng(0)
    w = rng.normal(size=(400, 400)) / 20
    glass, start = GradedHopfield(w + w.T, gain=4.0), rng.normal(size=(20, 400))
    for method in ("certified", "LSODA", "dop853"):
        yield f"glass, {method}", lambda method=method, **o: glass.recall(start, method=method, tolerance=1e-14, **o)
    thin = sparse.random_array((10_000, 10_000), density=1e-3, rng=rng)
    many, zero = GradedHopfield(thin + thin.T, gain=2.0), rng.normal(size=(4, 10_000))
    yield "sparse glass", lambda **o: many.recall(zero, tolerance=1e-14, **o)
    bam = GradedBAM(w, gain=4.0)
    yield "graded bam", lambda **o: bam.recall(start, tolerance=1e-300, max_time=1e12, **o)


def dense():
    """Many patterns, at a temperature, and a softmax memory whose states creep to the mean of all."""
    xi, many = patterns.random(3000, 300, rng=0), {"max_sweeps": 2**40, "rng": 0}
    cold, ones = DenseMemory(xi, 3), np.ones((20, 300), int)
    yield "dense memory", lambda **o: cold.recall(ones, temperature=1.0, **many, **o)
    yield "exponential", lambda **o: DenseMemory(xi[:300], "exponential").recall(ones, temperature=1.0, **many, **o)
    critical = SoftmaxMemory([[1.0], [-1.0]], 1.0)  # v <- tanh v: 1 / sqrt(t)
    yield "softmax", lambda **o: critical.recall(np.ones((50, 1)), tolerance=1e-300, max_steps=2**40, **o)


CALLS = dict([*recalls(), *graded(), *dense()])


@pytest.mark.parametrize("name", CALLS)
def test_recall_ends_in_time_with_what_was_reached(name):
    call = CALLS[name]
    error, late = at_best(lambda: interrupted(call), PATIENCE)
    assert late < PATIENCE
    assert isinstance(error, Interrupted)
    assert (error.result.status == RecallStatus.INTERRUPTED).all()
    r, seconds = at_best(lambda: timed(lambda: call(timeout=0.1)), 0.1 + LATE)
    assert seconds < 0.1 + LATE
    assert (r.status == RecallStatus.TIMEOUT).all()
    assert not r.success.any()
    assert "`timeout`" in r.messages[0]


def test_the_partial_result_is_returned_where_that_is_asked():
    net = restless(100)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    r = net.recall(np.ones((5, 100)), max_sweeps=2**40, on_interrupt="return")
    timer.join()
    assert (r.status == RecallStatus.INTERRUPTED).all()
    assert r.states.shape == (5, 100)


def test_failures_have_the_numbers_of_status():
    for status in RecallStatus:
        assert status.message
        assert status.success == (status >= 0)
        if not status.success:
            name = "MAX_STEPS" if status.name == "BUDGET" else status.name
            assert status == Status[name]


def test_watched_work_hands_on_errors_and_results_and_stops_what_is_inside():
    def fail():
        raise ZeroDivisionError

    for operations in (0.0, np.inf):
        with pytest.raises(ZeroDivisionError):
            watched.watched(fail, watched.stop_word(), operations=operations)
    assert watched.result_of(lambda: 7) == 7
    outer, seen = watched.stop_word(), []

    def forever():
        inner = watched.stop_word()
        while not inner[0]:
            time.sleep(1e-3)
        seen.append(True)

    ended = watched.watched(lambda: seen.append(watched.watched(forever, watched.stop_word())), outer, timeout=0.05)
    assert ended is Status.TIMEOUT
    deadline = time.perf_counter() + 5.0
    while len(seen) < 2 and time.perf_counter() < deadline:
        time.sleep(0.01)
    assert seen == [True, Status.INTERRUPTED]


def test_signals_at_any_moment_leave_no_lock_behind():
    """Forty signals at random moments; the next call works each time (the control is the thread pool's wait)."""
    net, rng = restless(60), np.random.default_rng(0)
    for after in rng.uniform(0.0, 0.02, 40):
        interrupted(lambda: net.recall(np.ones((50, 60)), max_sweeps=2**40), float(after))
    assert net.recall(np.ones((50, 60)), max_sweeps=2).sweeps.max() == 2


# Rules, curves, unlearning ----------------------------------------------------------------------------------------------


def learning():
    """Patterns of sizes at which each rule takes a second or more."""
    many = patterns.random(2000, 4000, rng=0)
    tight = patterns.random(560, 300, rng=1)
    for name, given, options in (
        ("storkey", many, {}),
        ("pseudo_inverse", many, {}),
        ("dreaming", many, {"time": 1.0}),
        ("perceptron", tight, {"margin": 0.1, "max_sweeps": 10**9}),
        ("krauth_mezard", tight, {"tolerance": 1e-9, "max_updates": 10**12}),
    ):
        yield name, lambda name=name, given=given, options=options: rules.RULES[name].function(given, **options)
    large = Dense(np.sqrt(np.arange(16e6)).reshape(4000, 4000))
    yield "margins", lambda: margins(large, many)


LEARNING = dict(learning())


@pytest.mark.parametrize("name", LEARNING)
def test_learning_ends_at_once(name):
    _, late = at_best(lambda: interrupted(LEARNING[name]), PATIENCE)
    assert late < PATIENCE


def test_curves_keep_the_points_that_were_finished():
    """Loads that take longer and longer: the record holds the first ones, and equals those of an uninterrupted run."""
    loads = [0.02, 0.04, *([0.3] * 1000)]

    def call(**more):
        return capacity_curve("hebbian", 200, loads, networks=1, probes=20, rng=3, **more)

    reference = capacity_curve("hebbian", 200, loads[:2], networks=1, probes=20, rng=3)
    error, late = at_best(lambda: interrupted(call, after=1.5), PATIENCE)
    assert late < PATIENCE
    curves = [error.result, at_best(lambda: timed(lambda: call(timeout=1.5)), 1.5 + LATE)[0]]
    for curve in curves:
        assert isinstance(curve, CapacityCurve)
        assert 2 <= len(curve.loads) < 1000
        np.testing.assert_array_equal(curve.overlaps[:2], reference.overlaps)
        assert curve.low.shape == curve.trials.shape == curve.loads.shape


def test_recall_curves_end_in_time_and_unlearning_keeps_its_own_record():
    net = DiscreteHopfield.from_patterns(patterns.random(30, 300, rng=0))
    overlaps = np.linspace(0, 1, 5000)
    assert len(recall_curve(net, overlaps, rng=1, timeout=0.3).initial) < 5000
    w = hebbian(patterns.random(5, 50, rng=0))
    unlearn(w, 2, rng=1)
    error, late = at_best(lambda: interrupted(lambda: unlearn(w, 20_000, rng=1), after=0.5), PATIENCE)
    assert late < PATIENCE
    assert len(error.result.left) > len(w.left)
    shorter = unlearn(w, len(error.result.left) - len(w.left), rng=1)
    np.testing.assert_array_equal(error.result.dense(), shorter.dense())
    with pytest.raises(ValueError, match="must fit into memory; got 1e"):
        unlearn(w, 10**12)
