"""Values that users' functions take from outside: right whatever changes, and compiled once where only numbers differ."""

from __future__ import annotations

import gc
import time
import weakref

import numpy as np
import pytest

from analysis import stroboscopic_map
from ctrnn import CTRNN, Task, evaluate
from neurodynamics import DynamicalSystem, couple, discretise, simulate
from neurodynamics.compiling import functions, user_functions
from neurodynamics.compiling.functions import Code

TABLE = np.arange(6.0).reshape(2, 3)
COUNT, FLAG = 3, True


def halved(x, scale=0.5):
    return scale * x * COUNT


def both(x):
    return halved(x) + halved(x, 2.0) + halved(x, scale=0.25)


def everything(t, y, u, params, out):
    inner = lambda x: x * COUNT  # noqa: E731
    out[0] = both(y[0]) + TABLE[1, 2] + TABLE.shape[1] + sum([COUNT * i for i in range(2)]) + inner(1.0)
    out[0] += COUNT**2 + (1.0 if FLAG else 0.0)


@pytest.mark.parametrize(
    "changed",
    [{}, {"COUNT": 5}, {"COUNT": -2}, {"COUNT": 2.5}, {"COUNT": True}, {"COUNT": np.float64(1.25)}, {"FLAG": False},
     {"TABLE": np.ones((3, 5))}, {"TABLE": np.full((2, 3), 2, dtype=np.int32)}, {"TABLE": np.ones((2, 3), order="F")},
     {"TABLE": np.ones((4, 6))[:, ::2]}, {"TABLE": np.ones((2, 3), dtype=bool)},
     {"halved": lambda x, scale=3.0: x - scale}],
)  # fmt: skip
def test_compiled_is_uncompiled_whatever_has_changed(changed, monkeypatch):
    """Of every type and shape; in helpers of helpers, their defaults, and functions inside functions."""
    for name, value in changed.items():
        monkeypatch.setitem(globals(), name, value)
    out = np.zeros(1)
    everything(0.0, np.array([1.5]), None, None, out)
    assert DynamicalSystem(everything, 1).rhs(0.0, [1.5]) == pytest.approx(out, rel=1e-15)


def pulled(goal, weights):
    def force(x):
        return goal * x

    def rhs(t, y, u, params, out):
        out[0] = weights[0] - force(y[0]) + weights[-1] * y[1]
        out[1] = -y[1]

    return DynamicalSystem(rhs, 2)


def creature(goal, start=0.5):
    def reset(key, trial, state, sensors):
        state[0] = start
        sensors[0] = state[0]

    def step(t, dt, motors, state, sensors, score):
        state[0] += dt * (motors[0] - goal * state[0])
        sensors[0] = state[0]
        score[0] += goal
        return 0

    return Task(reset=reset, step=step, state_dim=1, sensors=1, motors=1)


def seconds_of_others(make, run):
    """The shortest of some first runs with new values, after one that compiles."""
    run(make(1.0))
    times = []
    for value in (1.25, 1.5, 1.75, 2.0, 2.25, 2.5):
        started = time.perf_counter()
        run(make(value))
        times.append(time.perf_counter() - started)
    return min(times)


def test_another_constant_does_not_compile_again():
    """It took a second and more; the bound leaves room for a busy machine."""
    systems = seconds_of_others(lambda k: pulled(k, np.array([k, 2.0])), lambda s: simulate(s, 1, [1.0, 0.0]))
    integers = seconds_of_others(lambda k: pulled(int(4 * k), np.ones(int(4 * k))), lambda s: simulate(s, 1, [1.0, 0.0]))
    tasks = seconds_of_others(creature, lambda task: evaluate(CTRNN([[1.0]]), task, duration=1, dt=0.1))
    assert max(systems, integers, tasks) < 0.05


def test_what_is_made_of_other_systems_is_not_compiled_again():
    """Differences, discretisations, couplings and maps of a flow close over addresses."""
    def body(k):
        return pulled(k, np.array([k, 2.0]))

    def run(system):
        assert np.isfinite(system.function("rhs")(0.0, np.ones(4)[: system.state_dim], np.zeros(9), system.params,
                                                  np.zeros(9)) is None)  # fmt: skip

    assert seconds_of_others(body, lambda s: s.jac(0.0, [1.0, 2.0])) < 0.05
    assert seconds_of_others(lambda k: discretise(body(k), "rk4", 0.1), run) < 0.05
    assert seconds_of_others(lambda k: stroboscopic_map(body(k), period=1.0), run) < 0.1


def test_each_has_its_own_values_while_all_live():
    systems = [pulled(goal, np.array([goal, 1.0])) for goal in (1.0, 2.0, 3.0)]
    assert [s.rhs(0.0, [2.0, 0.0])[0] for s in systems + systems[::-1]] == [-1, -2, -3, -3, -2, -1]
    del systems[1]
    gc.collect()
    assert [s.rhs(0.0, [2.0, 0.0])[0] for s in systems] == [-1, -3]
    tasks = [creature(goal) for goal in (1.0, 2.0, 1.0)]
    scores = [evaluate(CTRNN([[1.0]]), task, duration=1, dt=0.5).scores[0, 0] for task in tasks]
    assert scores == [2.0, 4.0, 2.0]


def test_a_table_of_another_length_is_checked_at_its_own_end():
    def looks(table):
        def rhs(t, y, u, params, out):
            out[0] = table[int(y[0])]

        return DynamicalSystem(rhs, 1)

    assert looks(np.arange(5.0)).rhs(0.0, [4.0])[0] == 4.0
    with pytest.raises(ValueError, match="reaches outside its arrays"):
        simulate(looks(np.arange(3.0)), 5, [1.0], method="rk4", dt=0.1)


def test_integers_that_numba_must_know():
    """An entry of a tuple of several types."""
    pair = (1, 2.5)

    def chosen(k):
        def rhs(t, y, u, params, out):
            out[0] = pair[k] * y[0]

        return DynamicalSystem(rhs, 1)

    assert [chosen(k).rhs(0.0, [1.0])[0] for k in (0, 1, 0)] == [1.0, 2.5, 1.0]


def test_couplings_of_changed_bodies():
    def acts(o, params, out):
        out[:] = o[:0].sum()

    def senses(x, params, out):
        out[0] = x[0]

    for goal in (1.0, 2.0):
        whole = couple(CTRNN([[0.0]], biases=[0.0]), pulled(goal, np.array([goal, 0.0])), senses, acts)
        assert whole.rhs(0.0, [0.0, 2.0, 0.0]).tolist() == [2.0, -goal, 0.0]


def test_code_that_nobody_has_is_freed(monkeypatch):
    alive = len([each for each in gc.get_objects() if type(each) is Code])
    for goal in np.linspace(3, 4, 200):
        pulled(goal, np.ones(2)).rhs(0.0, [0.0, 0.0])
    gc.collect()
    assert len([each for each in gc.get_objects() if type(each) is Code]) < alive + 100


def test_what_a_source_was_compiled_to_is_freed(monkeypatch):
    """numba keeps what an intrinsic was made of: nothing there may lead to code. What nobody calls is not made."""
    monkeypatch.setattr(functions, "KEPT", 0)
    compiled, made = user_functions.compile_for, []

    def noted(*arguments):
        found = compiled(*arguments)
        (result,) = found[0].overloads.values()
        assert result.fndesc.llvm_cpython_wrapper_name not in result.library.get_llvm_str()
        made.append(weakref.ref(result.library))
        return found

    monkeypatch.setattr(user_functions, "compile_for", noted)

    def rhs(t, y, u, params, out):
        out[0] = 12.25 - 7.75 * y[0]

    assert DynamicalSystem(rhs, 1).rhs(0.0, [1.0]) == 4.5
    for kept in (functions._last_used, functions._templates):
        kept.clear()
    gc.collect()
    assert [library() for library in made] == [None]


def test_arguments_with_defaults_keep_them():
    def weighed(k):
        def rhs(t, y, u, params, out, gain=k, *, sign=-1.0):
            out[0] = sign * gain * y[0]

        return DynamicalSystem(rhs, 1)

    assert [weighed(k).rhs(0.0, [2.0])[0] for k in (1.0, 2.0, 1.0)] == [-2.0, -4.0, -2.0]

    def step(t, dt, motors, state, sensors, score, gain=3.0):
        score[0] += gain
        return 0

    task = Task(reset=lambda key, trial, state, sensors, x0=0.5: None, step=step, state_dim=1, sensors=1, motors=1)
    assert evaluate(CTRNN([[0.0]]), task, duration=1, dt=0.1).scores == pytest.approx(30.0)
