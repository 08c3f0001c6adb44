"""Systems, signals, tasks and results arrive in other processes, in copies and from pickles as they were."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

from ctrnn import CTRNN, Controller, Pulse, Task, couple, discretise, draw_normal, draw_uniform, evaluate, library
from neurodynamics import DynamicalSystem, Signal, load, simulate
from neuroevolution import tasks


def spring(t, y, u, params, out):
    out[0] = y[1]
    out[1] = u[0] - params[0] * y[0]


def sense(x, params, out):
    out[0] = x[0]


def act(o, params, out):
    out[0] = o[0] - 0.5


def passes_one(t, y):
    return y[0] - 1.0


def begin(key, trial, state, sensors):
    sensors[0] = 1.0


def step(t, dt, motors, state, sensors, score):
    state[0] += dt * motors[0]
    score[0] = state[0]
    return 0


NET = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
BODY = DynamicalSystem(spring, 2, params={"stiffness": 1.0}, input_dim=1)
FACTOR = 2.0
SYSTEMS = {
    "network": NET,
    "with events": NET.with_events(passes_one, terminal=[1]),
    "user's": BODY.with_params({"stiffness": 2.0}),
    "closure": DynamicalSystem(lambda t, y, u, params, out: out.fill(FACTOR), 2),
    "host": DynamicalSystem(spring, 2, params={"stiffness": 1.0}, input_dim=1, host=True),
    "coupled": couple(CTRNN([[0.0]]), BODY, sense, act).with_params({"body_stiffness": 2.0}),
    "discretised": discretise(NET, "rk4", 0.1),
}
WAYS = {"pickle": lambda x: pickle.loads(pickle.dumps(x)), "copy": copy.copy, "deepcopy": copy.deepcopy}


def course(system):
    y0 = np.full(system.state_dim, 0.3) if system.state_dim > 1 else [3.0]
    options = {"method": "rk4", "dt": 0.05} if system.kind == "flow" else {}
    return simulate(system, 4, y0, **options)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SYSTEMS)
def test_systems_are_the_same_after_the_trip(name, way):
    before = course(SYSTEMS[name])
    after = course(WAYS[way](SYSTEMS[name]))
    np.testing.assert_array_equal(after.y, before.y)
    assert after.status == before.status


ELSEWHERE = """
import pickle, sys
system, y0, expected = pickle.load(sys.stdin.buffer)
from neurodynamics import simulate
options = {"method": "rk4", "dt": 0.05} if system.kind == "flow" else {}
assert (simulate(system, 4, y0, **options).y == expected).all()
"""


@pytest.mark.parametrize("name", ["closure", "coupled"])
def test_another_process_computes_the_same(name):
    """As by value: the functions are pickled with what they captured."""
    sol = course(SYSTEMS[name])
    content = pickle.dumps((SYSTEMS[name], sol.y[:, 0], sol.y))
    done = subprocess.run([sys.executable, "-c", ELSEWHERE], input=content, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr.decode()


def test_signals_and_results_travel():
    sol = simulate(NET, 2, [0.1, 0.2], inputs=[Signal(lambda t: FACTOR * math.sin(t)), Pulse(1, 0.1, 2)])
    for way in WAYS.values():
        again = way(sol)
        np.testing.assert_array_equal(again.outputs, sol.outputs)
        np.testing.assert_array_equal(again.input_values, sol.input_values)


def test_tasks_travel():
    own = Task(reset=begin, step=step, state_dim=1, sensors=1, motors=1)
    published = tasks.PerceptualCrossing().with_params({"gain": 3.0}), tasks.CategoricalPerception(3)
    for task in (own, tasks.PoleBalancing(2, velocities=False), tasks.LeggedWalker(2, reflexive=True), *published):
        net = CTRNN(np.eye(3), input_weights=np.ones((3, max(task.sensors, 1))))
        scores = [evaluate(net, each, duration=1, dt=0.1, rng=0, workers=1).scores for each in
                  (task, *(way(task) for way in WAYS.values()))]  # fmt: skip
        for score in scores:
            np.testing.assert_array_equal(score, scores[0])


TASK_ELSEWHERE = """
import pickle, sys
net, task, expected = pickle.load(sys.stdin.buffer)
from neurodynamics import evaluate
assert (evaluate(net, task, duration=1, dt=0.1, trials=3, rng=0, workers=1).scores == expected).all()
"""


def test_a_task_with_random_numbers_does_the_same_in_another_process():
    """Its functions call kernels of ours, which are not numba's to send."""
    gain = 3.0

    def scattered(key, trial, state, sensors):
        state[0] = draw_uniform(key, 0)

    def noisy(t, dt, motors, state, sensors, score, key):
        state[0] += dt * gain * motors[0] + 0.1 * draw_normal(key, 0)
        score[0] = state[0]
        return 0

    task = Task(reset=scattered, step=noisy, state_dim=1, sensors=0, motors=1)
    content = pickle.dumps((NET, task, evaluate(NET, task, duration=1, dt=0.1, trials=3, rng=0).scores))
    done = subprocess.run([sys.executable, "-c", TASK_ELSEWHERE], input=content, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr.decode()


def test_controllers_and_circuits_travel():
    controller = Controller(NET, 0.01)
    controller.step([0.1, 0.2])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(controller)).step([1, 1]), controller.step([1, 1]))
    for name in library.names():
        circuit = library.load(name)
        again = pickle.loads(pickle.dumps(circuit))
        np.testing.assert_array_equal(again.net.params, circuit.net.params)
        assert again.name == circuit.name


def test_replaced_networks_keep_their_events_and_files_refuse_them(tmp_path):
    system = SYSTEMS["with events"]
    assert simulate(system, 20, [0, 0]).status == simulate(system.replace(gains=1.0), 20, [0, 0]).status == 1
    with pytest.raises(ValueError, match="has events"):
        system.save(tmp_path / "net.npz")
    simulate(system, 20, [0, 0]).save(tmp_path / "run.npz")
    with pytest.warns(UserWarning, match="pass it as `system=`"):
        assert load(tmp_path / "run.npz").status == 1
