"""Every public function x every argument x some forty bad values: accepted, or refused at once with the argument's name."""

from __future__ import annotations

import inspect
import math
import time
from typing import Any

import numpy as np
import pytest
from bad_values import QUICK, Call, check, silently, try_one

import ctrnn
import neurodynamics
from ctrnn import (
    CTRNN,
    Controller,
    Genotype,
    Groups,
    MotorCTRNN,
    MotorMap,
    PopulationController,
    Task,
    evaluate,
    random_ctrnn,
)
from neurodynamics import DynamicalSystem, PreparedRun, Signal, simulate, simulate_ensemble
from neuroevolution import tasks


def decay(t, y, u, params, out):
    out[0] = params[0] * y[0]
    out[1] = -y[1]


def as_jacobian(t, y, u, params, out):
    out[0, 0] = params[0]
    out[1, 1] = -1.0


def spring(t, y, u, params, out):
    out[0] = y[1]
    out[1] = u[0] - params[0] * y[0]


def sense(x, params, out):
    out[0] = x[0]


def act(o, params, out):
    out[0] = o[0] - 0.5


def reset(key, trial, state, sensors):
    state[0] = 1.0
    sensors[0] = state[0]


def step(t, dt, motors, state, sensors, score):
    state[0] += dt * (motors[0] - state[0])
    sensors[0] = state[0]
    score[0] += dt
    return 0


def through_one(t, y):
    return y[0] - 1.0


NET = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
ONE = CTRNN([[0.5]])
SYSTEM = DynamicalSystem(decay, 2, params={"rate": -1.0})
BODY = DynamicalSystem(spring, 2, params={"stiffness": 1.0}, input_dim=1)
TASK = Task(reset=reset, step=step, state_dim=1, sensors=1, motors=1, params={"drag": 1.0})
GENES = Genotype(NET, {"weights": (-16, 16), "biases": (-16, 16)})
SOLUTION = simulate(NET, 1, [0, 0], dense_output=True, rtol=1e-4)
CONTROLLER = Controller(NET, 0.01)
POPULATION = PopulationController(NET, 3, 0.01)
ENSEMBLE = simulate_ensemble(NET, 1, [0, 0], params={"biases": np.zeros((2, 2))}, save="final")
def solver_options() -> dict[str, Any]:
    return {"method": "rk4", "dt": 0.1, "rng": 0, "max_steps": 5, "timeout": 10.0, "progress": False,
            "on_interrupt": "raise"}  # fmt: skip


NEURODYNAMICS = {
    "simulate": Call(simulate, {"system": NET, "t_span": (0, 1), "y0": [0.0, 0.0], "inputs": [0.0, 0.0],
                                "t_eval": [0.5, 1.0], "callback": None, **solver_options()}),
    "simulate, adaptive": Call(simulate, {"system": NET, "t_span": 1.0, "y0": [0.0, 0.0], "save": "final", "rtol": 1e-6,
                                          "atol": 1e-9, "first_step": 0.1, "max_step": 1.0, "method": "dopri5",
                                          "max_steps": 5, "dense_output": False, "events": through_one, "debug": False}),
    "PreparedRun": Call(PreparedRun, {"system": NET, "t_span": 1.0, "inputs": [0.0, 0.0], "method": "dopri5", "rtol": 1e-6,
                                      "atol": 1e-9, "first_step": 0.1, "max_step": 1.0, "t_eval": [0.5, 1.0]}),
    "PreparedRun, called": Call(PreparedRun(NET, 1.0), {"y0": [0.0, 0.0]}),
    "simulate_ensemble": Call(simulate_ensemble, {"system": NET, "t_span": 1, "y0": [0.0, 0.0],
                                                  "params": {"biases": [[0, 0]]}, "inputs": [0.0, 0.0], "save": "final",
                                                  "dtype": "float64", "workers": 1,
                                                  **solver_options()}),
    "evaluate": Call(evaluate, {"template": ONE, "task": TASK, "duration": 1.0, "dt": 0.1, "params": {"biases": [[0.0]]},
                                "trials": 1, "substeps": 1, "method": "euler", "y0": [0.0], "rng": 0, "record": (0, 0),
                                "common_random_numbers": False, "dtype": "float64", "debug": False, "workers": 1,
                                "timeout": 0.5, "progress": False, "on_interrupt": "raise",
                                "task_params": {"drag": [2.0]}}),
    "Task": Call(Task, {"reset": reset, "step": step, "state_dim": 1, "sensors": 1, "motors": 1, "score_dim": 1,
                        "params": {"drag": 1.0}, "state_names": ["x"], "draw": None}, called={"state_dim": "`state"}),
    "Task.with_params": Call(TASK.with_params, {"params": {"drag": 1.0}}),
    "DynamicalSystem": Call(DynamicalSystem, {"rhs": decay, "state_dim": 2, "params": {"rate": -1.0}, "input_dim": 0,
                                              "jac": as_jacobian, "kind": "flow", "host": False},
                            called={"state_dim": "`y`"}),
    "with_params": Call(NET.with_params, {"params": {"biases": [0, 0]}}),
    "with_events": Call(NET.with_events, {"events": through_one, "directions": [1], "terminal": [True]}),
    "rhs": Call(NET.rhs, {"t": 0.0, "y": [0.0, 0.0], "u": [0.0, 0.0]}),
    "jac": Call(NET.jac, {"t": 0.0, "y": [0.0, 0.0], "u": [0.0, 0.0]}),
    "outputs": Call(NET.outputs, {"y": [0.0, 0.0]}),
    "param": Call(NET.param, {"name": "biases"}),
    "max_stable_step": Call(NET.max_stable_step, {"method": "euler", "y": [0.0, 0.0]}),
    "AdditiveNetwork": Call(neurodynamics.AdditiveNetwork, {"weights": [[1.0]], "biases": 0.0, "time_constants": 1.0,
                                                            "gains": 1.0, "leaks": 1.0, "constant_inputs": 0.0, "noise": 0.0,
                                                            "input_weights": [[1.0]], "activation": "tanh"}),
    "activation": Call(neurodynamics.activation, {"activation": "tanh"}),
    "couple": Call(ctrnn.couple, {"network": ONE, "body": BODY, "sense": sense, "act": act}),
    "discretise": Call(ctrnn.discretise, {"system": NET, "method": "euler", "dt": 0.1}),
    "Signal": Call(Signal, {"function": math.cos and (lambda t: t), "breakpoints": [1.0]}),
    "Pulse": Call(ctrnn.Pulse, {"t0": 1.0, "width": 1.0, "amplitude": 1.0}),
    "PulseTrain": Call(ctrnn.PulseTrain, {"t0": 1.0, "width": 0.1, "amplitude": 1.0, "period": 1.0, "count": 3}),
    "Ramp": Call(ctrnn.Ramp, {"t0": 1.0, "t1": 2.0, "amplitude": 1.0}),
    "Sine": Call(ctrnn.Sine, {"amplitude": 1.0, "frequency": 2.0, "phase": 0.0, "offset": 0.0}),
    "Step": Call(ctrnn.Step, {"t0": 1.0, "amplitude": 1.0}),
    "Sampled": Call(ctrnn.Sampled, {"t": [0.0, 1.0], "values": [1.0, 2.0], "kind": "hold"}),
    "sol": Call(SOLUTION.sol, {"t": 0.5}),
    "load": Call(neurodynamics.load, {"path": None}),
    "load_network": Call(neurodynamics.load_network, {"path": None, "activation": None}, reads=True),
    "load_solution": Call(neurodynamics.load_solution, {"path": None, "system": None, "activation": None}, reads=True),
    "load_ensemble": Call(neurodynamics.load_ensemble, {"path": None, "system": None, "activation": None}, reads=True),
    "save": Call(NET.save, {"path": None}),
    "save of a solution": Call(SOLUTION.save, {"path": None}),
    "save of an ensemble": Call(ENSEMBLE.save, {"path": None}),
}  # fmt: skip
CTRNNS = {
    "CTRNN": Call(CTRNN, {"weights": [[1.0]], "biases": 0.0, "time_constants": 1.0, "gains": 1.0, "leaks": 1.0, "noise": 0.0,
                          "constant_inputs": 0.0, "input_weights": [[1.0]], "activation": "tanh", "mask": [[True]]}),
    "from_thresholds": Call(CTRNN.from_thresholds, {"weights": [[1.0]], "thresholds": 0.0, "time_constants": 1.0}),
    "from_beer": Call(CTRNN.from_beer, {"weights": [[1.0]], "biases": 0.0, "time_constants": 1.0, "gains": 1.0}),
    "MotorCTRNN": Call(MotorCTRNN, {"weights": [[1.0]], "motor_weights": [[1.0]]}),
    "MotorMap": Call(MotorMap, {"scale": 1.0, "offset": 0.0, "low": -1.0, "high": 1.0, "threshold": 0.5}),
    "Controller": Call(Controller, {"net": NET, "dt": 0.01, "method": "euler", "substeps": 1, "y0": [0, 0], "motors": 2,
                                    "motor_map": MotorMap()}),
    "Controller.step": Call(CONTROLLER.step, {"u": [0.0, 0.0]}),
    "Controller.reset": Call(CONTROLLER.reset, {"y0": [0.0, 0.0]}),
    "PopulationController": Call(PopulationController, {"template": NET, "params": 3, "dt": 0.01, "substeps": 1,
                                                        "method": "euler", "y0": [0, 0], "motors": 2,
                                                        "motor_map": MotorMap()}),
    "PopulationController.step": Call(POPULATION.step, {"observations": np.zeros((3, 2))}),
    "Genotype": Call(Genotype, {"template": NET, "free": {"weights": (-16, 16)}, "tie": ()}),
    "Genotype.decode": Call(GENES.decode, {"genes": np.zeros(GENES.size) if hasattr(GENES, "size") else np.zeros(6)}),
    "Groups": Call(Groups, {"sizes": {"a": 2}}),
    "random_ctrnn": Call(random_ctrnn, {"n": 2, "rng": 0, "weights": (-1.0, 1.0), "biases": 0.0,
                                        "time_constants": (0.5, 1.0), "gains": 1.0, "input_dim": 2, "input_weights": (-1, 1),
                                        "activation": "logistic",
                                        "mask": [[1, 1], [1, 1]]}, called={"n": "mask"}),
    "normal": Call(ctrnn.normal, {"mean": 0.0, "standard_deviation": 1.0}),
    "log_uniform": Call(ctrnn.log_uniform, {"low": 0.5, "high": 1.0}),
    "centre_crossing": Call(ctrnn.centre_crossing, {"net": NET, "inputs": [0.0, 0.0]}),
    "fold_constant_inputs": Call(ctrnn.fold_constant_inputs, {"net": NET}),
    "fold_gains": Call(ctrnn.fold_gains, {"net": NET}),
    "fold_leaks": Call(ctrnn.fold_leaks, {"net": NET}),
    "to_logistic": Call(ctrnn.to_logistic, {"net": ctrnn.to_tanh(NET)}),
    "to_tanh": Call(ctrnn.to_tanh, {"net": NET}),
    "from_rate_form": Call(ctrnn.from_rate_form, {"weights": [[1.0]], "biases": 0.0, "responses": 1.0, "time_constant": 1.0,
                                                  "gains": 1.0, "activation": "tanh"}),
    "read_ns": Call(ctrnn.read_ns, {"path": None}),
    "write_ns": Call(ctrnn.write_ns, {"net": NET, "path": None}),
    "export_c": Call(ctrnn.export_c, {"net": NET, "path": None, "dt": 0.01, "dtype": "float64", "method": "euler",
                                      "y0": [0, 0], "name": "controller", "self_test": False}),
    "library.load": Call(ctrnn.library.load, {"name": "odd_ring"}),
}  # fmt: skip
NEUROEVOLUTION = {
    "PoleBalancing": Call(tasks.PoleBalancing, {"poles": 1, "velocities": True, "start": "random", "friction": True,
                                                "track": 2.4, "fallen": 0.6}),
    "LeggedWalker": Call(tasks.LeggedWalker, {"neurons": 3, "reflexive": False}),
}  # fmt: skip
CALLS = NEURODYNAMICS | CTRNNS | NEUROEVOLUTION


@pytest.mark.parametrize("name", CALLS)
def test_bad_values_are_refused_at_once_by_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some are good names of files
    check(name, CALLS[name], tmp_path)


def test_every_public_function_is_in_the_table():
    """Results and exceptions are not made by users; draws are for compiled code."""
    elsewhere = {"Box", "Simplex", "cascade", "confined", "delay_line", "linearise", "markov_modes", "mask", "models",
                 "switch", "unroll", "Linearisation", "TrajectoryFitting"}  # tests of their own
    made_by_us = {"CoupledSystem", "DiscretisedSystem", "Ensemble", "Evaluation", "Interrupted", "Solution", "Kind",
                  "Status", "Activation", "draw_normal", "draw_uniform"}  # fmt: skip
    for module in (neurodynamics, ctrnn, tasks):
        for name in getattr(module, "__all__", ()):
            if callable(getattr(module, name)) and not inspect.ismodule(getattr(module, name)):
                assert name in CALLS or name in made_by_us or name in elsewhere, name


def test_faults_are_seen():
    """The control: functions that accept everything, name nothing, are slow, or fail in their own words."""

    def silent(x):
        return 0

    def nameless(x):
        raise ValueError("wrong")

    def own_words(x):
        return x.nothing

    def slow(x):
        end = time.process_time() + 2 * QUICK
        while time.process_time() < end:
            pass
        raise ValueError("`x` is wrong")

    assert all("accepted" in fault for fault in silently(Call(silent, {"x": 1}), {}))
    assert "without the name" in try_one(Call(nameless, {"x": 1}), "x", 2, {})
    assert "AttributeError" in try_one(Call(own_words, {"x": 1}), "x", 2, {})
    assert "took" in try_one(Call(slow, {"x": 1}), "x", 2, {})
