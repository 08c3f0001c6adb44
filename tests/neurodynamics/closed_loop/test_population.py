"""Networks in bodies: against plain Python, against simulate, and in whatever order, company and number of threads."""

from __future__ import annotations

import _thread
import threading
import time

import numpy as np
import pytest

from ctrnn import (
    CTRNN,
    DynamicalSystem,
    Interrupted,
    MotorCTRNN,
    Status,
    Task,
    draw_uniform,
    evaluate,
    random_ctrnn,
    simulate,
    simulate_ensemble,
)
from neurodynamics.closed_loop import jobs
from neurodynamics.inputs.random import key_from

N, B, TRIALS = 4, 21, 3
METHODS = ("euler", "exponential_euler", "heun", "midpoint", "rk4")


def reset_ball(key, trial, state, sensors):
    state[0] = draw_uniform(key, 0) - 0.5
    state[1] = 0.1 * trial
    sensors[0] = state[0]
    sensors[1] = state[1]


def step_ball(t, dt, motors, state, sensors, score):
    state[1] += dt * (motors[0] - motors[1])
    state[0] += dt * state[1]
    sensors[0] = state[0]
    sensors[1] = state[1]
    score[0] += dt * abs(state[0])
    return abs(state[0]) > 0.6


BALL = Task(reset=reset_ball, step=step_ball, state_dim=2, sensors=2, motors=2)


def idle(key, trial, state, sensors):
    pass


def hold(t, dt, motors, state, sensors, score):
    sensors[0] = 0.7
    return 0


@pytest.fixture
def net(rng):
    return random_ctrnn(N, rng, weights=(-8, 8), biases=(-4, 4))


@pytest.fixture
def population(rng):
    return {"weights": rng.uniform(-8, 8, (B, N, N)), "biases": rng.uniform(-4, 4, (B, N)),
            "time_constants": rng.uniform(0.5, 3, (B, N))}  # fmt: skip


def member_of(net, population, b):
    return net.replace(**{name: values[b] for name, values in population.items()})


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in ("scores", "status", "steps")
    )


# What happens in a loop ----------------------------------------------------------------------------------------------


def in_plain_python(net, key, member, trial, steps, dt, substeps):
    """Transcribe the rules: hold what is sensed, step the network by Euler, move the body."""
    from neurodynamics.closed_loop.draws import trial_word

    word = np.uint64(trial_word(np.uint64(key), member, trial))
    state, sensors, score, y = np.zeros(2), np.zeros(2), np.zeros(1), np.zeros(N)
    reset_ball((word, np.uint64(0)), trial, state, sensors)
    for k in range(steps):
        u = np.concatenate([sensors, np.zeros(N - 2)])
        for _ in range(substeps):
            y = y + dt * (-y + net.weights @ (1 / (1 + np.exp(-(y + net.biases)))) + u) / net.time_constants
        motors = 1 / (1 + np.exp(-(y + net.biases)))[:2]
        if step_ball(k * dt * substeps, dt * substeps, motors, state, sensors, score):
            return score[0], k + 1
    return score[0], steps


def test_scores_are_those_of_the_rules_in_plain_python(net, population):
    result = evaluate(net, BALL, params=population, trials=TRIALS, duration=4, dt=0.02, substeps=2, rng=5)
    key = key_from(np.random.default_rng(5))
    for b in (0, 7, B - 1):
        for trial in range(TRIALS):
            score, steps = in_plain_python(member_of(net, population, b), key, b, trial, 100, 0.02, 2)
            assert result.steps[b, trial] == steps
            assert result.scores[b, trial] == pytest.approx(score, rel=1e-9)
            assert result.status[b, trial] == (Status.EVENT if steps < 100 else Status.SUCCESS)
    assert 0 < (result.status == Status.EVENT).mean() < 1  # both ways to end occur


@pytest.mark.parametrize("method", METHODS)
def test_under_held_sensors_the_network_is_that_of_simulate(net, population, method):
    task = Task(reset=lambda key, trial, state, sensors: sensors.fill(0.7), step=hold, state_dim=0, sensors=1, motors=N)
    result = evaluate(net, task, params=population, duration=5, dt=0.025, method=method, record=(3, 0))
    member = member_of(net, population, 3)
    sol = simulate(member, 5, np.zeros(N), inputs=[0.7, 0, 0, 0], method=method, dt=0.025)
    assert np.array_equal(result.solution.y, sol.y)
    assert np.array_equal(result.solution.motors, sol.outputs)


def test_the_record_is_the_run_that_was_scored(net, population):
    options = {"params": population, "trials": TRIALS, "duration": 4, "dt": 0.02, "rng": 5}
    result = evaluate(net, BALL, record=(7, 2), **options)
    course = result.solution
    assert result.path == "lanes"
    assert course.scores[0, -1] == result.scores[7, 2]
    assert course.t.size == result.steps[7, 2] + 1
    assert np.array_equal(course.sensors, course.state)
    assert course.status == result.status[7, 2]
    assert course.network.outputs[:2, 1:] == pytest.approx(course.motors[:, 1:], abs=0)
    assert same(result, evaluate(net, BALL, **options))


# Single precision ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_networks_in_single_precision_are_those_of_ensembles(net, population, method):
    """To the last bit, where sensors are held: the same steps, from two loops."""
    task = Task(reset=lambda key, trial, state, sensors: sensors.fill(0.7), step=hold, state_dim=0, sensors=1, motors=N)
    options = {"params": population, "method": method, "dt": 0.025, "dtype": "float32"}
    result = evaluate(net, task, duration=5, record=(3, 0), **options)
    ens = simulate_ensemble(net, 5, np.zeros(N), inputs=[0.7, 0, 0, 0], save="final", **options)
    np.testing.assert_array_equal(result.solution.y[:, -1], ens.y[3])
    assert result.path == "lanes"


def test_single_precision_errs_by_its_rounding(net, population):
    """Two hundred steps of networks that are not chaotic: about 200 * 6e-8 at most, amplified a little."""
    options = {"params": population, "trials": TRIALS, "duration": 4, "dt": 0.02, "rng": 5}
    double, single = (evaluate(net, BALL, dtype=dtype, **options) for dtype in ("float64", "float32"))
    assert np.median(np.abs(double.scores - single.scores)) < 1e-6
    assert (np.abs(double.steps - single.steps) <= 1).mean() > 0.9
    assert (double.scores != single.scores).any()
    assert single.scores.dtype == np.float64


def test_the_record_in_single_precision_is_the_run_that_was_scored(net, population):
    for b, trial in ((0, 0), (7, 2), (B - 1, 1)):
        options = {"params": population, "trials": TRIALS, "duration": 4, "dt": 0.02, "rng": 5, "dtype": "float32"}
        result = evaluate(net, BALL, record=(b, trial), **options)
        course = result.solution
        assert course.scores[0, -1] == result.scores[b, trial]
        assert course.t.size == result.steps[b, trial] + 1
        assert np.array_equal(course.sensors, course.state)
        assert course.network.outputs[:2] == pytest.approx(course.motors, rel=1e-6)


def test_motor_weights_in_single_precision(rng):
    net = MotorCTRNN(rng.normal(size=(3, 3)), motor_weights=rng.normal(size=(2, 3)))
    course = evaluate(net, BALL, duration=2, dt=0.02, rng=1, dtype="float32", record=(0, 0)).solution
    assert net.motors(course.network.outputs) == pytest.approx(course.motors, rel=1e-5, abs=1e-6)


def test_a_nan_in_single_precision_stays_with_its_member(net, population):
    options = {"trials": TRIALS, "duration": 4, "dt": 0.02, "rng": 5, "dtype": "float32"}
    whole = evaluate(net, BALL, params=population, **options)
    population["weights"][4, 1, 2] = np.nan
    broken = evaluate(net, BALL, params=population, **options)
    assert np.isnan(broken.scores[4]).all()
    np.testing.assert_array_equal(np.delete(broken.scores, 4, axis=0), np.delete(whole.scores, 4, axis=0))


def test_single_precision_is_refused_where_there_are_no_lanes(net):
    with pytest.raises(ValueError, match="`dtype` must be 'float64' here: 'euler_maruyama' adds noise"):
        evaluate(net.replace(noise=0.1), BALL, duration=1, dt=0.1, method="euler_maruyama", dtype="float32")
    with pytest.raises(ValueError, match="`dtype` must be one of 'float64', 'float32'; got 'float16'"):
        evaluate(net, BALL, duration=1, dt=0.1, dtype="float16")
    other = DynamicalSystem(lambda t, y, u, params, out: out.fill(0.0), 2, input_dim=2)
    with pytest.raises(ValueError, match="`dtype` must be 'float64' here: the system is not an additive network"):
        evaluate(other, BALL, duration=1, dt=0.1, dtype="float32")


# Equality ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_lanes_and_single_runs_agree_to_the_last_bit(net, population, method, monkeypatch):
    options = {"params": population, "trials": TRIALS, "duration": 4, "dt": 0.02, "substeps": 2, "rng": 1, "method": method}
    lanes = evaluate(net, BALL, **options)
    monkeypatch.setattr(jobs, "WORTH_FROM", 10**9)
    single = evaluate(net, BALL, **options)
    assert (lanes.path, single.path) == ("lanes", "compiled")
    assert same(lanes, single)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_workers_make_no_difference(net, population, workers, dtype):
    options = {"params": population, "trials": TRIALS, "duration": 4, "dt": 0.02, "rng": 1, "dtype": dtype}
    assert same(evaluate(net, BALL, workers=workers, **options), evaluate(net, BALL, workers=1, **options))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_position_makes_no_difference(net, population, rng, dtype):
    order = rng.permutation(B)
    shuffled = {name: values[order] for name, values in population.items()}
    options = {"trials": TRIALS, "duration": 4, "dt": 0.02, "rng": 1, "common_random_numbers": True, "dtype": dtype}
    one, other = (evaluate(net, BALL, params=p, **options) for p in (population, shuffled))
    assert np.array_equal(one.scores[order], other.scores)
    assert np.array_equal(one.steps[order], other.steps)


@pytest.mark.parametrize("size", [0, 1, 2, 15, 16, 17])
def test_any_number_of_members(net, population, size):
    first = {name: values[:size] for name, values in population.items()}
    options = {"trials": TRIALS, "duration": 2, "dt": 0.02, "rng": 1}
    part, whole = evaluate(net, BALL, params=first, **options), evaluate(net, BALL, params=population, **options)
    assert part.scores.shape == (size, TRIALS)
    assert np.array_equal(part.scores, whole.scores[:size])


def test_one_neuron_and_none():
    for n in (1, 0):
        net = CTRNN(np.ones((n, n)))
        task = Task(reset=idle, step=lambda t, dt, motors, state, sensors, score: 0, state_dim=0, sensors=0, motors=n)
        assert evaluate(net, task, params=np.tile(net.params, (20, 1)), duration=1, dt=0.1).success.all()


# Random numbers ------------------------------------------------------------------------------------------------------


def test_noisy_networks(rng):
    net = random_ctrnn(3, rng).replace(noise=0.1)
    task = Task(reset=idle, step=lambda t, dt, motors, state, sensors, score: 0, state_dim=0, sensors=0, motors=3)
    options = {"params": np.tile(net.params, (4, 1)), "trials": 2, "duration": 2, "dt": 0.1, "rng": 1}
    with pytest.raises(ValueError, match="ignores the noise"):
        evaluate(net, task, **options)
    one = evaluate(net, task, method="euler_maruyama", record=(0, 0), **options).solution
    other = evaluate(net, task, method="euler_maruyama", record=(3, 1), **options).solution
    assert not np.array_equal(one.y, other.y)


# Other systems -------------------------------------------------------------------------------------------------------


def test_any_compiled_flow_can_be_the_brain():
    def rhs(t, y, u, params, out):
        out[0] = params[0] * (u[0] - y[0])

    brain = DynamicalSystem(rhs, 1, params={"rate": 2.0}, input_dim=1)
    task = Task(reset=lambda key, trial, state, sensors: sensors.fill(0.7), step=hold, state_dim=0, sensors=1, motors=1)
    result = evaluate(brain, task, params={"rate": np.array([1.0, 2.0])}, duration=1, dt=0.001, method="rk4", record=(1, 0))
    assert result.path == "compiled"
    assert result.solution.y[0, -1] == pytest.approx(0.7 * (1 - np.exp(-2)), rel=1e-9)


# Bad input -----------------------------------------------------------------------------------------------------------


def test_nan_in_one_member_harms_no_other(net, population):
    rows = np.stack([member_of(net, population, b).params for b in range(B)])
    sound = evaluate(net, BALL, params=rows, trials=2, duration=2, dt=0.02, rng=1)
    rows[5, -1] = np.nan
    result = evaluate(net, BALL, params=rows, trials=2, duration=2, dt=0.02, rng=1)
    assert np.isnan(result.scores[5]).all()
    assert (result.status[5] == Status.NON_FINITE).all()
    assert np.array_equal(result.failed, [[5, 0], [5, 1]])
    assert "members 5" in repr(result)
    others = np.arange(B) != 5
    assert np.array_equal(result.scores[others], sound.scores[others])


@pytest.mark.parametrize("size", [2, 20])
def test_a_network_that_diverges_or_a_score_that_is_no_number(size):
    net = CTRNN([[3.0]], activation="linear")
    rows = np.tile(net.params, (size, 1))
    rows[1] = net.replace(weights=[[1e6]]).params
    result = evaluate(net, Task(reset=idle, step=step_divides, state_dim=0, sensors=0, motors=1), params=rows, duration=20,
                      dt=0.1, y0=[1.0])  # fmt: skip
    assert result.status[1, 0] == Status.NON_FINITE
    assert np.isnan(result.scores[1, 0])
    assert (np.delete(result.status, 1, axis=0) == 0).all()


def step_divides(t, dt, motors, state, sensors, score):
    score[0] = motors[0]
    return 0


def test_dt_beyond_stability_names_member_and_time_constant(net, population):
    population["time_constants"][3, 2] = 0.01
    with pytest.raises(ValueError, match=r"neuron 2 \(time constant 0\.01\).*member 3"):
        evaluate(net, BALL, params=population, duration=1, dt=0.1)


def test_arguments_that_do_not_fit(net, population):
    options = {"duration": 1, "dt": 0.1}
    with pytest.raises(ValueError, match="sensors; it has 0"):
        evaluate(net.replace(input_weights=np.zeros((N, 0))), BALL, **options)
    with pytest.raises(ValueError, match="motors; it has 1"):
        evaluate(CTRNN([[1.0]]), Task(reset=idle, step=hold, state_dim=0, sensors=1, motors=2), **options)
    with pytest.raises(ValueError, match="whole number of periods"):
        evaluate(net, BALL, duration=1.05, dt=0.1)
    with pytest.raises(ValueError, match="outside the 1 members"):
        evaluate(net, BALL, record=(1, 0), **options)
    with pytest.raises(ValueError, match="param_dim"):
        evaluate(net, BALL, params=np.zeros((3, 2)), **options)
    with pytest.raises(ValueError, match="y0"):
        evaluate(net, BALL, y0=np.zeros(3), **options)
    with pytest.raises(TypeError, match="must be a Task"):
        evaluate(net, step_ball, **options)
    with pytest.raises(ValueError, match="closed loop must be one of"):
        evaluate(net, BALL, method="dopri5", **options)


# Stopping ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lanes", [True, False])
def test_interrupt_keeps_the_finished_members(net, population, lanes, monkeypatch):
    if not lanes:
        monkeypatch.setattr(jobs, "WORTH_FROM", 10**9)
    rows = np.tile(net.params, (4000, 1))
    options = {"params": rows, "duration": 500, "dt": 0.01, "rng": 1, "workers": 2}
    calm = Task(reset=reset_ball, step=step_calm, state_dim=2, sensors=2, motors=2)
    evaluate(net, calm, params=rows[:20], duration=1, dt=0.01)  # compiles
    timer = threading.Timer(0.5, _thread.interrupt_main)
    timer.start()
    started = time.perf_counter()
    with pytest.raises(Interrupted) as caught:
        evaluate(net, calm, **options)
    assert time.perf_counter() - started < 10
    result = caught.value.result
    done = result.status[:, 0] == Status.SUCCESS
    assert (result.status[~done] == Status.INTERRUPTED).all()
    assert not done.all()
    assert np.isfinite(result.scores[done]).all()
    assert np.isnan(result.scores[~done]).all()


def step_calm(t, dt, motors, state, sensors, score):
    score[0] += dt
    return 0


def test_timeout(net):
    result = evaluate(net, Task(reset=idle, step=step_calm, state_dim=0, sensors=0, motors=0),
                      params=np.tile(net.params, (20000, 1)), duration=500, dt=0.01, timeout=0.1)  # fmt: skip
    assert (result.status == Status.TIMEOUT).any()


@pytest.mark.parametrize("size", [2, 20])
def test_a_network_without_inputs_is_one_with_inputs_of_zero(net, size):
    task = Task(reset=idle, step=step_calm, state_dim=0, sensors=0, motors=N)
    deaf = net.replace(input_weights=np.zeros((N, 0)))
    one, other = (
        evaluate(n, task, params=np.tile(n.params, (size, 1)), duration=5, dt=0.1, record=(1, 0)).solution.motors
        for n in (net, deaf)
    )
    assert np.array_equal(one, other)
