"""Sweeps by a pool of processes are those by threads, to the last bit, and obey the clock and Ctrl-C."""

import dataclasses
import itertools
import multiprocessing
import pickle
import time

import numpy as np
import pytest

from analysis import basin_sweep, lyapunov_ensemble, lyapunov_map, sweep_diagram
from ctrnn import CTRNN, Interrupted, Sine
from neurodynamics import DynamicalSystem, Status

OSCILLATOR = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])


def hopf(t, y, u, params, out):
    """Radius sqrt(mu)."""
    grow = params[0] - y[0] * y[0] - y[1] * y[1]
    out[0] = grow * y[0] - y[1]
    out[1] = grow * y[1] + y[0]


OF_A_USER = DynamicalSystem(hopf, 2, params={"mu": 0.5})
CALLS = {
    "exponents": lambda **how: lyapunov_map(OSCILLATOR, {"weights[0, 1]": np.linspace(0, 2, 5), "biases[0]": [-3, -2]}, 2,
                                            duration=60, y0=[0, 0], rng=1, **how),
    "diagram": lambda **how: sweep_diagram(OSCILLATOR, "biases[0]", np.linspace(-4, -2, 9), starts=2, transient=40,
                                           duration=30, **how),
    "diagram of a user's flow": lambda **how: sweep_diagram(OF_A_USER, "mu", [0.8, -0.5, 0.5], starts=[[0.4, 0.1]],
                                                            transient=20, duration=10, equilibria=False, **how),
    "basins": lambda **how: basin_sweep(CTRNN([[6.0]]), "biases[0]", [-3.6, -3.0, -2.4], samples=30, **how),
}  # fmt: skip


@pytest.fixture(scope="module")
def pool():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        yield pool


def contents(record):
    """Yield the arrays and numbers of a record, to the last bit."""
    if isinstance(record, (tuple, list)):
        for each in record:
            yield from contents(each)
    elif dataclasses.is_dataclass(record) and not isinstance(record, DynamicalSystem):
        for each in dataclasses.fields(record):
            yield from contents(getattr(record, each.name))
    elif isinstance(record, np.ndarray):
        yield repr(record.tolist()) if record.dtype == object else (record.shape, record.tobytes())
    elif isinstance(record, (str, int, float)):
        yield repr(record)


def same(one, other):
    """Whether two records say the same."""
    return list(contents(one)) == list(contents(other))


@pytest.mark.parametrize("name", CALLS)
def test_a_pool_finds_what_threads_find(pool, name):
    call = CALLS[name]
    threads = call()
    assert same(threads, call(workers=pool.map if name == "basins" else pool))
    assert same(threads, call(workers=-1))
    assert not same(threads, dataclasses.replace(threads, status=Status.MAX_STEPS))


def test_systems_with_noise_and_members_with_inputs_of_their_own():
    noisy = CTRNN([[1.0, -1], [1, 1]], noise=0.1)
    for system, options in ((noisy, {"dt": 0.01}), (OSCILLATOR, {"inputs": [[Sine(1, 1), k / 9] for k in range(9)]})):
        one, other = (lyapunov_ensemble(system, np.zeros((9, 2)), duration=5, transient=5, warm_up=0, rng=1, workers=each,
                                        **options) for each in (1, map))  # fmt: skip
        assert same(one, other)
        assert len(np.unique(one.exponents[:, 0])) == 9


@pytest.mark.parametrize("name", CALLS)
def test_parts_that_are_lost_are_missed(name):
    with pytest.raises(TypeError, match="`workers` must map"):
        CALLS[name](workers=lambda f, parts: map(f, parts[:-1]))


def second_is_stopped(f, parts):
    yield f(parts[0])
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_leaves_what_has_come(name):
    with pytest.raises(Interrupted) as raised:
        CALLS[name](workers=second_is_stopped)
    found = raised.value.result
    if name == "exponents":
        assert np.isfinite(found.largest).ravel().tolist() == [True] + 9 * [False]
        assert found.status.ravel().tolist() == [Status.SUCCESS] + 9 * [Status.INTERRUPTED]
    else:
        assert found.status == Status.INTERRUPTED
        assert len(found.values if name == "basins" else np.unique(found.start)) == 1


def endless(f, parts):
    """Map, and hang after the first."""
    yield f(parts[0])
    for _ in itertools.count():
        time.sleep(0.01)


@pytest.mark.parametrize("name", CALLS)
def test_the_time_is_up_whatever_maps(pool, name):
    for workers in (pool, endless):
        began = time.perf_counter()
        found = CALLS[name](workers=workers, timeout=0.5)
        assert time.perf_counter() - began < 1.0
        if workers is endless:
            assert np.any(np.asarray(found.status) == Status.TIMEOUT)


def test_parts_that_cannot_travel_say_so(pool):
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError), match="pickle"):
        lyapunov_ensemble(OSCILLATOR, [0, 0], duration=5, inputs=lambda t: [t, t], workers=pool)
