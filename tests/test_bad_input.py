"""Every public function x every argument x some forty bad values: accepted, or refused at once with the argument's name."""

from __future__ import annotations

import functools
import math
import time
from types import SimpleNamespace
from typing import Any

import networkx
import numpy as np
import pytest
from bad_values import QUICK, RECORDS, Call, check, missing, silently, try_one

import ctrnn
import neurodynamics
import neuroevolution
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
from neurodynamics import (
    Box,
    DelayedSystem,
    DynamicalSystem,
    PreparedRun,
    Signal,
    Simplex,
    cascade,
    confined,
    delay_line,
    delayed,
    delayed_feedback,
    linearise,
    markov_modes,
    simulate,
    simulate_ensemble,
    switch,
    unroll,
)
from neuroevolution import (
    CMAES,
    BeerGA,
    HillClimbing,
    MicrobialGA,
    ParticleSwarm,
    RandomSearch,
    SimulatedAnnealing,
    Stop,
    tasks,
)


def tell(**given):
    search = BeerGA(4).start(2, rng=1)
    search.ask()
    search.tell(**given)


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


def late(t, y, z, u, params, out):
    out[0] = -z[0]


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


def square(x):
    return x * x


def twice(x):
    return 2.0 * x


def first_gene(genes):
    return genes[:, 0]


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
                        "params": {"drag": 1.0}, "state_names": ["x"], "draw": None, "agents": 1},
                 called={"state_dim": "`state"}),
    "Task.as_map": Call(TASK.as_map, {"network": NET, "dt": 0.1, "substeps": 1, "method": "euler", "moving_frame": ()}),
    "saltation_matrix": Call(neurodynamics.saltation_matrix, {
        "system": neurodynamics.models.bouncing_ball(), "event": 0, "y": [0.0, -1.0], "t": 0.0, "inputs": None}),
    "Task.with_params": Call(TASK.with_params, {"params": {"drag": 1.0}}),
    "DynamicalSystem": Call(DynamicalSystem, {"rhs": decay, "state_dim": 2, "params": {"rate": -1.0}, "input_dim": 0,
                                              "jac": as_jacobian, "kind": "flow", "host": False},
                            called={"state_dim": "`y`"}),
    "DynamicalSystem.with_params": Call(NET.with_params, {"params": {"biases": [0, 0]}}),
    "DynamicalSystem.with_events": Call(NET.with_events, {"events": through_one, "directions": [1], "terminal": [True]}),
    "DynamicalSystem.rhs": Call(NET.rhs, {"t": 0.0, "y": [0.0, 0.0], "u": [0.0, 0.0]}),
    "DynamicalSystem.jac": Call(NET.jac, {"t": 0.0, "y": [0.0, 0.0], "u": [0.0, 0.0]}),
    "DynamicalSystem.outputs": Call(NET.outputs, {"y": [0.0, 0.0]}),
    "DynamicalSystem.param": Call(NET.param, {"name": "biases"}),
    "AdditiveNetwork.max_stable_step": Call(NET.max_stable_step, {"method": "euler", "y": [0.0, 0.0]}),
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
    "Saved.save": Call(NET.save, {"path": None}),
    "Saved.save, a solution": Call(SOLUTION.save, {"path": None}),
    "Solution.to_csv": Call(SOLUTION.to_csv, {"path": None}),
    "Saved.save, an ensemble": Call(ENSEMBLE.save, {"path": None}),
}  # fmt: skip
GRAPH = networkx.DiGraph([(0, 1)])
CTRNNS = {
    "to_networkx": Call(ctrnn.to_networkx, {"net": NET}),
    "from_networkx": Call(ctrnn.from_networkx, {"graph": GRAPH, "activation": "tanh"}),
    "CTRNN": Call(CTRNN, {"weights": [[1.0]], "biases": 0.0, "time_constants": 1.0, "gains": 1.0, "leaks": 1.0, "noise": 0.0,
                          "constant_inputs": 0.0, "input_weights": [[1.0]], "activation": "tanh", "mask": [[True]]}),
    "CTRNN.from_thresholds": Call(CTRNN.from_thresholds, {"weights": [[1.0]], "thresholds": 0.0, "time_constants": 1.0}),
    "CTRNN.from_beer": Call(CTRNN.from_beer, {"weights": [[1.0]], "biases": 0.0, "time_constants": 1.0, "gains": 1.0}),
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
    "Genotype": Call(Genotype, {"template": NET, "free": {"weights": (-16, 16)}, "tie": (), "symmetry": None}),
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
                                      "y0": [0, 0], "name": "controller", "self_test": False, "substeps": 2,
                                      "motors": 1, "motor_map": None}),
    "library.load": Call(ctrnn.library.load, {"name": "odd_ring"}),
}  # fmt: skip
BOUNDED = confined(NET, Box(0.0, 1.0))
LATE = delayed(NET, 1.0)
LINEAR = linearise(NET, [0.0, 0.0])
ONE_MAP = ctrnn.discretise(ONE, "euler", 0.1)
WIDE = Genotype(CTRNN(np.zeros((20, 20))), {"weights": (-1, 1)})  # so many that too many individuals are refused
FIT = tasks.TrajectoryFitting(np.full(3, 0.5), [0.0, 0.5, 1.0], dt=0.1)
COUPLED = ctrnn.couple(ONE, BODY, sense=sense, act=act)
PAIR = {"y": [0.0, 0.0], "u": [0.0, 0.0]}
COMPOSITIONS = {
    "cascade": Call(cascade, {"first": ONE, "second": ONE}),
    "confined": Call(confined, {"system": NET, "domain": Box(0.0, 1.0)}),
    "Box": Call(Box, {"lower": 0.0, "upper": 1.0}),
    "Box.project": Call(Box(0.0, 1.0).project, {"states": [[0.1, 0.2]]}, takes=("nan matrix",)),  # NaN stays NaN
    "Simplex.project": Call(Simplex().project, {"states": [[0.1, 0.2]]}, takes=("nan matrix",)),
    "delay_line": Call(delay_line, {"channels": 1, "lags": 2}),
    "delayed": Call(delayed, {"network": NET, "delays": 1.0}),
    "delayed_feedback": Call(delayed_feedback, {"system": NET, "delays": [(0, 1.0)]}),
    "DelayedSystem": Call(DelayedSystem, {"rhs": late, "state_dim": 1, "delays": [(0, 1.0)], "params": (), "input_dim": 0,
                                          "outputs": None, "output_dim": None}),
    "DelayedSystem.function": Call(LATE.function, {"role": "outputs"}),
    "DelayedSystem.has": Call(LATE.has, {"role": "rhs"}),
    "DelayedSystem.with_delays": Call(delayed_feedback(NET, [(0, 1.0)]).with_delays, {"delays": [2.0]}),
    "DelayedSystem.with_events": Call(LATE.with_events, {"events": through_one}),
    "DelayedNetwork.with_delays": Call(LATE.with_delays, {"delays": 2.0}),
    "DelayedNetwork.replace": Call(LATE.replace, {"weights": np.eye(2), "delays": 1.0}),
    "linearise": Call(linearise, {"system": NET, **PAIR, "t": 0.0}),
    "markov_modes": Call(markov_modes, {"generator": [[-1, 1], [1, -1]], "duration": 1.0, "start": 0, "rng": 0}),
    "mask": Call(neurodynamics.mask, {"system": NET, "masks": {"weights": np.eye(2)}}),
    "switch": Call(switch, {"systems": [NET, NET], "sequence": None}),
    "switch, maps": Call(switch, {"systems": [ONE_MAP, ONE_MAP], "sequence": [0, 1]}),
    "unroll": Call(unroll, {"system": ONE_MAP, "steps": 2}),
    "DynamicalSystem.jvp": Call(NET.jvp, {"t": 0.0, "v": [1.0, 0.0], **PAIR}),
    "DynamicalSystem.vjp": Call(NET.vjp, {"t": 0.0, "w": [1.0, 0.0], **PAIR}),
    "DynamicalSystem.dfdinputs": Call(NET.dfdinputs, {"t": 0.0, **PAIR}),
    "DynamicalSystem.dfdparams": Call(NET.dfdparams, {"t": 0.0, **PAIR, "names": "biases"}),
    "DynamicalSystem.has": Call(SYSTEM.has, {"role": "rhs"}),
    "AdditiveNetwork.has": Call(NET.has, {"role": "rhs"}),
    "DynamicalSystem.structure": Call(SYSTEM.structure, {"name": "additive"}),
    "AdditiveNetwork.structure": Call(NET.structure, {"name": "additive"}),
    "DynamicalSystem.function": Call(NET.function, {"role": "rhs"}),
    "DynamicalSystem.address": Call(NET.address, {"role": "rhs"}),
    "DynamicalSystem.set_back": Call(BOUNDED.set_back, {"states": np.zeros((1, 2))}, takes=("nan matrix",)),
    "DynamicalSystem.check_state": Call(NET.check_state, {"y": [0.0, 0.0]}),
    "AdditiveNetwork.replace": Call(NET.replace, {"weights": np.eye(2), "biases": 0.0, "activation": "tanh"}),
    "Linearisation.jvp": Call(LINEAR.jvp, {"v": [1.0, 0.0]}),
    "Linearisation.vjp": Call(LINEAR.vjp, {"w": [1.0, 0.0]}),
    "Linearisation.vjp_params": Call(LINEAR.vjp_params, {"w": [1.0, 0.0]}),
    "Linearisation.dfdparams": Call(LINEAR.dfdparams, {"names": "biases"}),
    "CoupledSystem.split": Call(COUPLED.split, {"y": np.zeros(COUPLED.state_dim)}, takes=("nan matrix",)),
    "Activation.slopes": Call(neurodynamics.activation("tanh").slopes, {"x": [0.5]}, takes=("nan matrix",)),
    "Activation.from_functions": Call(neurodynamics.Activation.from_functions, {
        "name": "ours", "value": square, "derivative": twice, "range": (0.0, math.inf), "max_slope": math.inf,
        "monotone": False, "smooth": True, "ulp": 1.0, "riccati": None},
        compiles=True, takes=("class", "function of one", "function")),
    "Genotype.encode": Call(GENES.encode, {"params": NET.params}),
    "Genotype.network": Call(GENES.network, {"genes": np.zeros(6)}),
    "Genotype.random": Call(WIDE.random, {"count": 2, "rng": 0, "centre_crossing": False}),
    "Groups.expand": Call(Groups(a=1, b=1).expand, {"values": {"a": 1.0, "b": 2.0}}),
    "Groups.mask": Call(Groups(a=1, b=1).mask, {"sources": {"a": ["b"]}}),
    "Groups.of": Call(Groups(a=1, b=1).of, {"values": [1.0, 2.0], "name": "a"}),
    "MotorCTRNN.motors": Call(MotorCTRNN([[1.0]], motor_weights=[[1.0]]).motors, {"outputs": [0.0]}),
    "PopulationController.reset": Call(POPULATION.reset, {"y0": [0.0, 0.0]}),
}  # fmt: skip
RUN = neuroevolution.evolve(GENES, first_gene, RandomSearch(4), generations=1, rng=0)
WORM = tasks.Klinotaxis().genotype()
FEW = neuroevolution.Replicates((RUN,) * 3)
METHODS = (BeerGA, MicrobialGA, ParticleSwarm, HillClimbing, SimulatedAnnealing, RandomSearch)
class Room:
    """An environment with gymnasium's words."""

    observation_space = action_space = SimpleNamespace(low=np.zeros(1), high=np.ones(1), shape=(1,), dtype=float)

    def reset(self, seed=None):
        return np.zeros(1), {}

    def step(self, action):
        return np.zeros(1), 0.0, False, False, {}


SENSING = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
THREE, WALKER = CTRNN(np.zeros((3, 3))), tasks.LeggedWalker()
NEUROEVOLUTION = {
    "PoleBalancing": Call(tasks.PoleBalancing, {"poles": 1, "velocities": True, "start": "random", "friction": True,
                                                "track": 2.4, "fallen": 0.6, "fitness": "gruau"}),
    "LeggedWalker": Call(tasks.LeggedWalker, {"neurons": 3, "reflexive": False}),
    **{name: Call(getattr(tasks, name), {}) for name in ("Klinotaxis", "PerceptualCrossing", "Phototaxis", "TMaze")},
    "EmbodiedGenotype": Call(neuroevolution.EmbodiedGenotype, {"genotype": GENES, "task": tasks.Klinotaxis(),
                                                               "free": {"speed": (0, 1)}}),
    **{f"EmbodiedGenotype.{name}": Call(getattr(WORM, name), {"genes": np.zeros(8)})
       for name in ("decode", "task", "task_params")},
    "EmbodiedGenotype.encode": Call(WORM.encode, {"params": WORM.template.params, "task_params": None}),
    "EmbodiedGenotype.random": Call(WORM.random, {"count": 2, "rng": 0, "centre_crossing": False}),
    "Klinotaxis.genotype": Call(tasks.Klinotaxis().genotype, {}),
    "CategoricalPerception": Call(tasks.CategoricalPerception, {"rays": 7}),
    "CategoricalPerception.genotype": Call(tasks.CategoricalPerception().genotype, {"interneurons": 5}),
    "VisualOrientation": Call(tasks.VisualOrientation, {"rays": 7}),
    "VisualOrientation.genotype": Call(tasks.VisualOrientation().genotype, {"interneurons": 5}),
    "TrajectoryFitting": Call(tasks.TrajectoryFitting, {"target": [1, 2], "t": [0, 1], "y0": None, "dt": 0.1, "eps0": 0.1,
                                                        "tolerance": 0.1}),
    "TrajectoryFitting.errors": Call(FIT.errors, {"template": ONE, "params": ONE.params[np.newaxis], "workers": 1}),
    "TrajectoryFitting.scores": Call(FIT.scores, {"template": ONE, "params": ONE.params[np.newaxis], "workers": 1}),
    "TrajectoryFitting.measures": Call(FIT.measures, {"template": ONE, "params": ONE.params}),
    "evolve": Call(neuroevolution.evolve, {
        "genotype": GENES, "task": first_gene, "method": RandomSearch(4), "generations": 1, "stop": None, "rng": 0,
        "initial": None, "engine": None, "checkpoint": None, "checkpoint_every": 1.0, "evaluation_timeout": None,
        "timeout": 0.2, "progress": False, "on_interrupt": "raise"}, takes=("class", "function", "function of one")),
    "load_run": Call(neuroevolution.load_run, {"path": None, "genotype": GENES}, reads=True),
    "Run.save": Call(RUN.save, {"path": None}),
    "Stop": Call(Stop, dict.fromkeys(("generations", "evaluations", "score", "stagnation", "seconds", "mse", "learned"), 1)),
    "BeerGA": Call(BeerGA, {"population": 4, "mutation_variance": 0.1, "elite": 1, "selection": "rank", "max_offspring": 1.1,
                            "crossover": "uniform", "crossover_probability": 0.1, "modules": None, "hill_climbing": False,
                            "reevaluate": False}),
    "MicrobialGA": Call(MicrobialGA, {"population": 4, "mutation_variance": 0.1, "infection": 0.5, "deme": None}),
    "ParticleSwarm": Call(ParticleSwarm, {"population": 4, "attraction": 4.1}),
    "HillClimbing": Call(HillClimbing, {"population": 4, "step": 0.1, "patience": 3}),
    "SimulatedAnnealing": Call(SimulatedAnnealing, {"population": 4, "step": 0.1, "temperature": 1.0, "cooling": 0.9,
                                                    "coldest": 0.1}),
    "RandomSearch": Call(RandomSearch, {"population": 4}),
    "CMAES": Call(CMAES, {"sigma": 0.3, "population": 4}),
    "MAPElites": Call(neuroevolution.MAPElites, {"bounds": [(0, 1)], "bins": 3, "population": 4, "step": 0.1}),
    "evolve_in_stages": Call(neuroevolution.evolve_in_stages, {
        "genotype": GENES, "stages": [(first_gene, 0.0)], "method": RandomSearch(4), "generations": 1, "rng": 0,
        "checkpoint": None}),
    "GymTask": Call(functools.partial(neuroevolution.GymTask, Room), {
        "genotype": SENSING, "dt": 0.1, "substeps": 1, "episodes": 1, "max_steps": 2, "seed": 0, "scale": None,
        "vector": None}),
    "GymTask.policy": Call(neuroevolution.GymTask(Room, SENSING, dt=0.1).policy, {"network": SENSING.template}),
    "GymTask.check_genotype": Call(neuroevolution.GymTask(Room, SENSING, dt=0.1).check_genotype, {"genotype": SENSING}),
    "CTRNNPolicy": Call(neuroevolution.CTRNNPolicy, {"network": SENSING.template, "env": Room(), "dt": 0.1, "substeps": 1,
                                                     "scale": None}),
    "lesion": Call(neuroevolution.lesion, {"network": THREE, "task": WALKER, "connections": True, "pairs": False,
                                           "held": 0.0}),
    "robustness": Call(neuroevolution.robustness, {"network": THREE, "task": WALKER, "radii": [0.1], "directions": 2,
                                                   "names": ("biases",), "rng": 0}),
    "tonic_input": Call(neuroevolution.tonic_input, {"network": THREE, "task": WALKER, "values": [0.1]}),
    "compare": Call(neuroevolution.compare, {"results": {"a": FEW, "b": FEW}}),
    "replicates": Call(neuroevolution.replicates, {"evolution": lambda rng: RUN, "count": 2, "rng": 0},
                       takes=("class", "function", "function of one")),
    "Run.replicates": Call(RUN.replicates, {"count": 2, "rng": 0}),
    "Replicates.median": Call(FEW.median, {"confidence": 0.95, "rng": 0}),
    "Replicates.reached": Call(FEW.reached, {"score": 0.0, "confidence": 0.95}),
    "CMAES.start": Call(CMAES().start, {"size": 2, "rng": 0, "initial": None}),
    **{f"{each.__name__}.start": Call(each(4).start, {"size": 2, "rng": 0, "initial": None}) for each in METHODS},
    "Search.tell": Call(tell, {"genes": BeerGA(4).start(2, rng=1).ask(), "scores": np.zeros(4)}),
    "Search.restore": Call(lambda **given: BeerGA(4).start(2).restore(**given), {"state": BeerGA(4).start(2).state()}),
}  # fmt: skip
CALLS = NEURODYNAMICS | CTRNNS | COMPOSITIONS | NEUROEVOLUTION


@pytest.mark.parametrize("name", CALLS)
def test_bad_values_are_refused_at_once_by_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some are good names of files
    check(name, CALLS[name], tmp_path, share=8 if CALLS[name].compiles else 1)


ELSEWHERE = {
    RECORDS: ("Solution", "Ensemble", "Evaluation", "Linearisation", "Run", "Individual", "Replicates", "Comparison",
              "Difference", "CoupledSystem", "DelayedNetwork", "Lesions", "Perturbations",
              "DiscretisedSystem", "Activation"),
    "has no arguments": ("Simplex",),
    "abstract, in the table by its subclasses": ("Search",),
    "needs ribs, and is that of all searches": ("MAPElites.start",),
    "given by the loops of others": ("CTRNNPolicy.predict",),
    "asked by `evolve`, with its own numbers": ("Stop.reason",),
    "asked by pictures, with states that were recorded": tuple(
        f"{name}.draw" for name in ("CategoricalPerception", "Klinotaxis", "PerceptualCrossing", "Phototaxis", "TMaze")),
    "asked by the record of controllers, with numbers that were checked": ("MotorMap.table",),
}  # fmt: skip


def test_every_public_function_and_method_is_in_the_table_or_left_out_for_a_reason():
    modules = (neurodynamics, ctrnn, neuroevolution, tasks)
    assert missing(modules, {name.partition(",")[0] for name in CALLS}, ELSEWHERE) == []
    with pytest.raises(AssertionError, match="not there"):  # the control
        missing(modules, CALLS, {"gone": ("what_was_renamed",)})
    assert "simulate" in missing(modules, {}, {})


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
