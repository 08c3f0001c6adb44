"""Constants of bodies, starts of networks and records, for each member and each trial: against tasks of their own."""

from __future__ import annotations

import pickle
import time

import numpy as np
import pytest

from ctrnn import Task, evaluate, random_ctrnn

B, TRIALS, N = 7, 3, 4


def reset(key, trial, state, sensors, params, y):
    state[0] = params[1]
    sensors[0] = state[0]
    y[0] += 0.1 * params[0]


def step(t, dt, motors, state, sensors, score, params):
    state[0] += dt * (motors[0] - params[0] * state[0])
    sensors[0] = state[0]
    score[0] += dt * state[0]
    return 0


TASK = Task(reset=reset, step=step, state_dim=1, sensors=1, motors=1, params={"drag": 1.0, "start": 0.5}, state_names=["x"])
DRAG = np.linspace(0.5, 2, B)
START = np.linspace(-1, 1, B * TRIALS).reshape(B, TRIALS)
RUN = {"duration": 2, "dt": 0.1, "substeps": 2}


@pytest.fixture(scope="module")
def net():
    return random_ctrnn(N, rng=1, weights=(-8, 8), biases=(-4, 4))


@pytest.fixture(scope="module")
def starts():
    return np.random.default_rng(2).normal(size=(B, TRIALS, N))


def test_each_trial_is_that_of_a_task_of_its_own(net, starts):
    """To the last bit, in lanes and alone, for any number of workers."""
    options = {"params": np.tile(net.params, (B, 1)), "trials": TRIALS, "y0": starts,
               "task_params": {"drag": DRAG, "start": START}} | RUN  # fmt: skip
    whole = evaluate(net, TASK, record="all", workers=2, **options)
    assert whole.path == "lanes"
    np.testing.assert_array_equal(whole.scores, evaluate(net, TASK, workers=1, **options).scores)
    for b in range(B):
        for k in range(TRIALS):
            task = TASK.with_params({"drag": DRAG[b], "start": START[b, k]})
            alone = evaluate(net, task, y0=starts[b, k], record=(0, 0), **RUN)
            course = whole.solutions[b * TRIALS + k]
            assert (course.member, course.trial) == (b, k)
            assert alone.scores[0, 0] == whole.scores[b, k] == course.scores[0, -1]
            np.testing.assert_array_equal(course.y, alone.solution.y)
            assert course.y[0, 0] == starts[b, k, 0] + 0.1 * DRAG[b]
            assert course.task.params.tolist() == [DRAG[b], START[b, k]]


def test_constants_as_rows_are_those_by_name(net):
    options = {"params": np.tile(net.params, (B, 1)), "trials": TRIALS} | RUN
    named = evaluate(net, TASK, task_params={"drag": DRAG, "start": 0.25}, **options)
    rows = evaluate(net, TASK, task_params=np.column_stack([DRAG, np.full(B, 0.25)]), **options)
    np.testing.assert_array_equal(named.scores, rows.scores)
    assert np.ptp(named.scores, axis=0).min() > 0  # the control: constants matter
    default = evaluate(net, TASK, **options)
    assert np.ptp(default.scores) == 0


def test_a_constant_is_what_the_equation_says(net):
    """Without motors the body is x' = -drag x, by Euler's method."""

    def decay(t, dt, motors, state, sensors, score, params):
        return step(t, dt, np.zeros(1), state, sensors, score, params)

    free = Task(reset=reset, step=decay, state_dim=1, sensors=1, motors=1, params={"drag": 1.0, "start": 0.5})
    found = evaluate(net, free, task_params={"drag": 0.5}, record=(0, 0), **RUN).solution
    np.testing.assert_allclose(found.state[0], 0.5 * (1 - 0.2 * 0.5) ** np.arange(11), rtol=1e-14)


def test_constants_can_be_swept_without_compiling(net):
    evaluate(net, TASK, **RUN)
    times = []
    for drag in np.linspace(0, 1, 6):
        started = time.perf_counter()
        evaluate(net, TASK.with_params({"drag": drag}), **RUN)
        times.append(time.perf_counter() - started)
    assert min(times) < 0.02


@pytest.mark.parametrize(
    ("record", "expected"),
    [((2, 1), [(2, 1)]), ([2, 1], [(2, 1)]), ([(0, 2), (3, 0)], [(0, 2), (3, 0)]), ((2, None), [(2, 0), (2, 1), (2, 2)]),
     ([(None, 1)], [(b, 1) for b in range(B)])],
)  # fmt: skip
def test_what_is_recorded(net, record, expected):
    result = evaluate(net, TASK, params=np.tile(net.params, (B, 1)), trials=TRIALS, record=record, **RUN)
    assert [(each.member, each.trial) for each in result.solutions] == expected
    assert result.solution is result.solutions[0]
    assert all(each.scores[0, -1] == result.scores[each.member, each.trial] for each in result.solutions)


def test_tasks_with_constants_travel():
    other = pickle.loads(pickle.dumps(TASK.with_params([2.0, 3.0])))
    assert other.params.tolist() == [2.0, 3.0]
    assert other.state_names == ("x",)
    assert TASK.params.tolist() == [1.0, 0.5]
    assert TASK.param_names == ["drag", "start"]


@pytest.mark.parametrize(
    ("given", "message"),
    [({"task_params": {"mass": 1.0}}, "unknown parameter name 'mass'.*'drag', 'start'"),
     ({"task_params": {"drag": np.ones(3)}}, r"`task_params\['drag'\]` must have one entry a member, shape \(1,\)"),
     ({"task_params": np.ones((1, 3))}, r"`task_params` must have shape \(B, Q\) = \(1, 2\)"),
     ({"task_params": {"drag": np.nan}}, r"`task_params\['drag'\]"),
     ({"y0": np.zeros((1, 2, N))}, r"`y0` must have shape .*trials = 1"),
     ({"record": "some"}, r"`record` must be \(member, trial\), a list of them, or 'all'; got 'some'"),
     ({"record": [(0, 0), (0, 1)]}, r"`record` = \(0, 1\) is outside")],
)  # fmt: skip
def test_what_is_refused(net, given, message):
    with pytest.raises(ValueError, match=message):
        evaluate(net, TASK, **RUN, **given)


def test_tasks_that_cannot_be():
    given = {"reset": reset, "step": step, "state_dim": 1, "sensors": 1, "motors": 1}
    with pytest.raises(ValueError, match=r"reaches outside its arrays.*`params` has shape \(0,\)"):
        Task(**given | {"reset": lambda key, trial, state, sensors: None})
    with pytest.raises(TypeError, match="`params` must be a dict"):
        Task(**given, params=3)
    with pytest.raises(ValueError, match="`state_names` must be 1 different strings"):
        Task(**given, params={"drag": 1.0}, state_names=["x", "y"])
    with pytest.raises(TypeError, match="must take the arguments"):
        Task(**given | {"step": lambda t, dt, motors, state, sensors, score, params, other: 0})
    with pytest.raises(ValueError, match=r"`params` must have shape \(param_dim,\)"):
        TASK.with_params([1.0])
