"""The embodied agent as a map: what `evaluate` records, to the last bit, and the linear agent's matrix."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from analysis import fixed_points, lyapunov_spectrum
from ctrnn import CTRNN, MotorCTRNN, Task, draw_normal, evaluate, load, random_ctrnn, simulate, simulate_ensemble
from neuroevolution import tasks


def reset_mass(key, trial, state, sensors, params):
    state[0] = 0.3
    sensors[0] = state[0]


def step_mass(t, dt, motors, state, sensors, score, params):
    state[1] += dt * (motors[0] - 0.5 - params[0] * state[1] - 0.3 * state[0] + 0.1 * np.sin(t))
    state[0] += dt * state[1]
    sensors[0] = state[0] + params[1]
    return 0


MASS = Task(reset=reset_mass, step=step_mass, state_dim=2, sensors=1, motors=1, params={"drag": 0.2, "shift": 0.1})


def motor_network(rng):
    return MotorCTRNN(rng.normal(size=(4, 4)), motor_weights=rng.normal(size=(1, 4)), input_weights=np.ones((4, 1)))


@pytest.mark.parametrize("method", ["euler", "exponential_euler", "rk4"])
@pytest.mark.parametrize("substeps", [1, 3])
def test_iterates_are_the_recorded_trial_to_the_last_bit(rng, method, substeps):
    """Of a network with motor weights, and a body with parameters that the time drives."""
    net = motor_network(rng)
    trial = evaluate(net, MASS, duration=30 * substeps, dt=0.1, substeps=substeps, method=method, record=(0, 0)).solution
    agent = MASS.as_map(net, dt=0.1, substeps=substeps, method=method)
    states = agent.states(trial)
    run = simulate(agent, len(states) - 1, states[0])
    assert np.array_equal(run.y.T, states)
    assert np.array_equal(run.outputs[: net.output_dim], net.outputs(trial.y[:, 1:]))
    together = simulate_ensemble(agent, len(states) - 1, np.array([states[0], states[1]]))
    assert np.array_equal(together.y[0], run.y)


@pytest.mark.parametrize("name", ["Phototaxis", "TMaze", "Klinotaxis", "CategoricalPerception", "PerceptualCrossing"])
def test_published_tasks_are_maps_to_the_last_bit(rng, name, tmp_path):
    """Two agents among them, and a history of what was sensed."""
    task = getattr(tasks, name)()
    clock = {key: value for key, value in task.standard.items() if key in ("dt", "substeps")}
    net = random_ctrnn(7, rng, input_dim=task.sensors // task.agents)
    trial = evaluate(net, task, duration=10, record=(0, 0), **clock).solution
    agent = task.as_map(net, **clock)
    states = agent.states(trial)
    assert np.array_equal(simulate(agent, len(states) - 1, states[0]).y.T, states)
    agent.save(tmp_path / "agent.npz")
    assert np.array_equal(simulate(load(tmp_path / "agent.npz"), 3, states[0]).y.T, states[:4])


def test_parameters_are_those_of_network_and_task(rng):
    net = motor_network(rng)
    agent = MASS.as_map(net, dt=0.1)
    assert agent.param_names[-2:] == ["body_drag", "body_shift"]
    other = agent.with_params({"body_drag": 0.7, "biases[1]": 2.0})
    same = MASS.with_params({"drag": 0.7}).as_map(net.with_params({"biases[1]": 2.0}), dt=0.1)
    assert np.array_equal(simulate(other, 50, np.ones(6)).y, simulate(same, 50, np.ones(6)).y)


def reset_point(key, trial, state, sensors):
    state[0] = sensors[0] = 1.0


def step_point(t, dt, motors, state, sensors, score):
    state[0] += dt * motors[0]
    sensors[0] = state[0]
    return abs(state[0]) > 100


def test_a_linear_agent_has_the_matrix_that_is_written_down():
    """x+ = x + h y, y+ = (1 - h) y + h V x+: fixed point, Jacobian and exponents in closed form."""
    h, gain = 0.1, -0.7
    net = CTRNN([[0.0]], activation="linear", input_weights=[[gain]])
    agent = Task(reset=reset_point, step=step_point, state_dim=1, sensors=1, motors=1).as_map(net, dt=h)
    matrix = np.array([[1 - h + h * h * gain, h * gain], [h, 1.0]])
    assert np.abs(agent.jac(0, [0.3, 0.2]) - matrix).max() < 1e-9
    found = fixed_points(agent, bounds=[-1, 1], rng=0)
    exact = np.linalg.eigvals(matrix)
    assert np.abs(found.x).max() < 1e-12
    assert np.abs(np.sort_complex(found.eigenvalues[0]) - np.sort_complex(exact)).max() < 1e-9
    spectrum = lyapunov_spectrum(agent, [0.5, 0.5])
    assert abs(spectrum.exponents.sum() - np.log(np.abs(exact)).sum()) < 1e-9
    assert not simulate(agent, 5, [0.0, 101.0]).success  # the trial is over


def step_drawn(t, dt, motors, state, sensors, score, key):
    sensors[0] = draw_normal(key, 0)
    return 0


def step_blind(t, dt, motors, state, sensors, score):
    return 0


def test_what_cannot_be_a_map(rng):
    net = motor_network(rng)
    drawn = Task(reset=reset_point, step=step_drawn, state_dim=1, sensors=1, motors=1)
    with pytest.raises(ValueError, match="draws random numbers"):
        drawn.as_map(net, dt=0.1)
    with pytest.raises(ValueError, match="`moving_frame` must name states of the task, of state"):
        MASS.as_map(net, dt=0.1, moving_frame=["height"])
    with pytest.raises(ValueError, match="`network` must be a flow"):
        MASS.as_map(MASS.as_map(net, dt=0.1), dt=0.1)
    with pytest.raises(ValueError, match="motors"):
        tasks.LeggedWalker().as_map(CTRNN([[0.0]]), dt=0.1)
    with pytest.raises(ValueError, match="euler_maruyama"):
        MASS.as_map(net, dt=0.1, method="euler_maruyama")
    blind = Task(reset=reset_point, step=step_blind, state_dim=1, sensors=1, motors=1)
    assert not simulate(blind.as_map(net, dt=0.1), 3, np.zeros(5)).success  # what is sensed is not known


def test_files_and_other_processes_make_the_map_again(rng, tmp_path):
    task = tasks.PoleBalancing(2, velocities=False, friction=False)
    agent = task.as_map(random_ctrnn(3, rng), dt=0.01, substeps=2, moving_frame=["x"])
    start = np.r_[0.1, 0.2, 0.3, 0.0, 0.1, 0.05, 0.0, 0.01, 0.0]
    agent = agent.with_params({"biases[0]": 0.5})
    expected = simulate(agent, 20, start)
    agent.save(tmp_path / "agent.npz")
    expected.save(tmp_path / "run.npz")
    for again in (load(tmp_path / "agent.npz"), pickle.loads(pickle.dumps(agent)), load(tmp_path / "run.npz").system):
        assert np.array_equal(simulate(again, 20, start).y, expected.y)
    own = MASS.as_map(random_ctrnn(1, rng), dt=0.1)
    run = simulate(own, 5, np.zeros(3))
    run.save(tmp_path / "own.npz")
    assert np.array_equal(load(tmp_path / "own.npz", system=own).y, run.y)
    with pytest.raises(TypeError, match="must be a network"):  # its functions are the user's own
        own.save(tmp_path / "no.npz")
