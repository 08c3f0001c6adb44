"""Every public function of `analysis` and every picture against bad values: an error that names the argument, at once."""

from __future__ import annotations

import functools
import inspect

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bad_values import Call, check, public_callables

import analysis
import hopfield
from analysis import *  # noqa: F403
from analysis import plotting
from ctrnn import CTRNN, Genotype, evaluate
from hopfield import DiscreteHopfield, GradedHopfield, capacity_curve, patterns, recall_curve
from learning import Trial, force, gradient_flow, loss_landscape, train
from learning.losses import MeanSquare
from neurodynamics import DynamicalSystem, Sine, Solution, delayed, models, simulate, simulate_ensemble
from neuroevolution import RandomSearch, compare, evolve, lesion, robustness
from neuroevolution.tasks import LeggedWalker, PoleBalancing

SHORT = 4  # a share of the values; the marker `attack` tries all
NOT_OURS = ("options", "style")
ROOM = 100e6  # bytes


def spiral(t, y, u, params, out):
    out[0] = params[0] * y[0] - y[1] - y[0] ** 3
    out[1] = y[0] - 0.2 * y[1] + u[0]


@functools.cache
def made(name):
    """What calls are given; made once, where it is asked for."""
    pair = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
    bistable = CTRNN([[0.0, -8.0], [-8.0, 0.0]], constant_inputs=4)
    graded = GradedHopfield([[0, 1], [1, 0]], gain=1.4)
    memory = DiscreteHopfield.from_patterns(patterns.random(3, 12, rng=0))
    return {
        "pair": lambda: pair, "bistable": lambda: bistable, "graded": lambda: graded, "memory": lambda: memory,
        "delayed": lambda: delayed(CTRNN([[0.0, 2.0], [-2.0, 0.0]], activation="tanh"), 1.0),
        "points": lambda: analysis.fixed_points(bistable), "attractors": lambda: analysis.find_attractors(bistable, rng=0),
        "cells": lambda: analysis.basins(made("attractors"), resolution=3),
        "bowl": lambda: CTRNN(np.diag([0.5, 0.2, 3.0]), activation="linear"),
        "cycle": lambda: analysis.limit_cycle(pair, [0, 0]), "solution": lambda: simulate(pair, 5, [0.1, 0.2]),
        "ensemble": lambda: simulate_ensemble(pair, 2, np.zeros((3, 2)), t_eval=np.linspace(0, 2, 5)),
        "final": lambda: simulate_ensemble(pair, 2, np.zeros((3, 2)), save="final"),
        "branch": lambda: analysis.fixed_point_branch(pair, "biases[0]", (-4, -2)),
        "cycles": lambda: analysis.cycle_branch(pair, "biases[0]", (-2.8, -2.7), start=made("cycle")),
        "spectrum": lambda: analysis.lyapunov_spectrum(pair, [0, 0], duration=50), "forced": lambda: Sine(1.0, 0.2),
        "field": lambda: analysis.finite_time_field(pair, 1.0, [[-1, 1], [-1, 1]], resolution=3),
        "spiral": lambda: DynamicalSystem(spiral, 2, {"gain": 1.0}, input_dim=1), "henon": models.henon,
        "land": lambda: analysis.energy_landscape(graded), "recall": lambda: memory.recall(memory.patterns, record=True),
        "trial": lambda: PoleBalancing(1), "balanced": lambda: evaluate(
            CTRNN([[6.0]], input_weights=[[2, 4]]), PoleBalancing(1, velocities=False), duration=0.2, dt=0.01, substeps=2,
            record=(0, 0)).solution,
        "run": lambda: evolve(Genotype(bistable, {"biases": (-1, 1)}), lambda genes: genes[:, 0], RandomSearch(4),
                              generations=2, rng=1),
        "replicates": lambda: made("run").replicates(3, rng=0),
        "comparison": lambda: compare({"a": made("replicates"), "b": made("replicates")}),
    }[name]()  # fmt: skip


def calls():
    pair, bistable, graded = made("pair"), made("bistable"), made("graded")
    stop = {"timeout": 0.2, "on_interrupt": "raise"}
    pairs = {"parameters": ("biases[0]", "biases[1]"), "bounds": [(-4, -3), (-4, -3)]}
    yield "fixed_points", {"system": bistable, "inputs": None, "certify": "auto", "bounds": None, "rng": 0, "max_boxes": 100,
                           "starts": 3, "workers": 1, **stop}
    yield "fixed_points", {"system": made("henon"), "period": 1, "starts": 3, **stop}
    yield "active_region", {"network": pair, "inputs": None, "tolerance": 0.01}
    yield "dynamics_along", {"solution": made("balanced"), "moments": 2, "cycles": False, **stop}
    yield "slow_points", {"system": pair, "starts": 3, "inputs": None, "max_speed": None, "rng": 0, **stop}
    yield "stability", {"system": pair, "point": [0, 0], "inputs": None, "error": 0.0}
    yield "linear_stability", {"jacobian": [[0.0, 1.0], [-1.0, 0.0]], "kind": "flow", "error": 0.0}
    yield "limit_cycle", {"system": pair, "y0": [0, 0], "inputs": None, "period": None, "rtol": 1e-9, "max_duration": 10.0,
                          **stop}
    yield "poincare_map", {"system": pair, "section": ([1, 0], 0.0), "direction": 1, "inputs": None, "longest": 100.0,
                           "rtol": 1e-9}
    yield "stroboscopic_map", {"system": made("spiral"), "inputs": made("forced"), "period": 5.0, "start": 0.0, "rtol": 1e-9}
    yield "lyapunov_spectrum", {"system": pair, "y0": [0, 0], "k": 1, "duration": 10.0, "transient": 1.0, "warm_up": 1.0,
                                "inputs": None, "method": None, "rtol": 1e-6, "atol": 1e-9, "max_step": 1.0,
                                "window": "auto",
                                "perturb": None, "starts": 1, "product": None, "rng": 0, **stop}
    yield "lyapunov_spectrum", {"system": pair, "y0": [0, 0], "tolerance": 0.1, "max_duration": 20.0, "method": "rk4",
                                "dt": 0.1, **stop}
    yield "lyapunov_ensemble", {"system": pair, "y0": [0, 0], "k": 1, "duration": 5.0, "params": None, "inputs": None,
                                "transient": 1.0, "warm_up": 1.0, "method": "rk4", "dt": 0.1, "workers": 1, "rng": 0, **stop}
    yield "lyapunov_map", {"system": pair, "params": {"biases[0]": [-3.0, -2.0]}, "k": 1, "duration": 5.0}
    yield "finite_time_lyapunov", {"system": pair, "y0": [0, 0], "duration": 1.0, "t0": 0.0, "inputs": None, "method": None,
                                   "rtol": 1e-6, "workers": 1, **stop}
    yield "finite_time_field", {"system": pair, "duration": 1.0, "bounds": [[-1, 1], [-1, 1]], "plane": (0, 1), "at": None,
                                "resolution": 3}
    yield "minimum_action_path", {"system": pair, "start": [0.0, 0.0], "end": [1.0, 1.0], "inputs": None,
                                  "noise": [1.0, 2.0], "points": 48, **stop}
    yield "stationary_density", {"system": pair, "bounds": [[-1, 1], [-1, 1]], "noise": [1.0, 2.0], "resolution": 8,
                                 "inputs": None}
    yield "characteristic_roots", {"system": made("delayed"), "point": [0.0, 0.0], "inputs": None, "count": 2, **stop}
    yield "delayed_lyapunov_spectrum", {"system": made("delayed"), "y0": [0.1, 0.0], "k": 1, "duration": 5.0,
                                        "transient": 1.0, "warm_up": 1.0, "inputs": None, "method": None, "rtol": 1e-6,
                                        "atol": 1e-9, "rng": 0, **stop}
    yield "mean_field_lyapunov", {"gain": 1.5, "activation": "tanh"}
    yield "kaplan_yorke_dimension", {"exponents": [0.5, 0.0, -2.0]}
    yield "entropy_rate", {"exponents": [0.5, 0.0, -2.0]}
    how = {"inputs": None, "method": None, "rtol": 1e-6}
    yield "covariant_vectors", {"system": pair, "y0": [0, 0], "duration": 5.0, "k": 2, "points": 5, "transient": 1.0,
                                "warm_up": 1.0, "rng": 0, **how, **stop}
    yield "gali", {"system": pair, "y0": [0, 0], "duration": 5.0, "k": 2, "points": 5, "rng": 0, **how, **stop}
    yield "fast_lyapunov_indicator", {"system": pair, "y0": [[0, 0], [1, 1]], "duration": 5.0, "vector": None, "points": 5,
                                      "t0": 0.0, "workers": 1, **how, **stop}
    yield "expansion_entropy", {"system": pair, "box": [[-1, 1], [-1, 1]], "duration": 2.0, "samples": 20, "batches": 2,
                                "points": 4, "rng": 0, "workers": 1, **how, **stop}
    yield "kaplan_yorke_interval", {"exponents": [0.5, 0.0, -2.0], "errors": [0.1, 0.1, 0.1], "level": 2.0}
    points = np.random.default_rng(0).normal(size=(120, 2))
    yield "correlation_sum", {"points": points, "radii": [0.1, 1.0], "theiler": 1}
    yield "correlation_dimension", {"points": points, "radii": None, "theiler": 1, "most": 100, "rng": 0}
    yield "delay_embedding", {"series": points[:, 0], "dimension": 2, "delay": 1}
    yield "instantaneous_phase", {"series": points[:, 0]}
    yield "phase_locking", {"a": points[:, 0], "b": points[:, 1], "ratio": (1, 1)}
    yield "order_parameter", {"phases": points.T}
    yield "recurrence_plot", {"points": points, "threshold": 0.5, "theiler": 1, "minimum": 2}
    yield "recurrence_times", {"points": points, "centre": [0.0, 0.0], "radius": 1.0}
    yield "power_spectrum", {"series": points[:, 0], "dt": 1.0, "segments": 2}
    yield "zero_one_test", {"series": points[:, 0], "frequencies": 10, "rng": 0}
    turning = {"phase": 0, "centre": (0.0, 0.0), "transient": 1.0, "workers": 1, **stop}
    yield "rotation_number", {"system": pair, "y0": [0, 0], "duration": 5.0, "sampling": None, "params": None,
                              "inputs": None, **turning, "phase": (0, 1)}
    yield "arnold_tongues", {"system": made("henon"), "params": {"a": [1.0, 1.1], "b": [0.2, 0.3]}, "y0": [0, 0],
                             "duration": 20, "drive": 0, "tolerance": 1e-4, **turning, "transient": 5}
    yield "master_stability", {"system": pair, "alphas": [0.0, 1.0], "coupling": None, "y0": None, "duration": 5.0,
                               "transient": 1.0, "warm_up": 1.0, "rng": 0, "workers": 1, **how, **stop}
    yield "conditional_exponents", {"system": pair, "driven": [1], "y0": None, "duration": 5.0, "transient": 1.0,
                                    "warm_up": 1.0, "rng": 0, **how, **stop}
    yield "pooled", {"records": [made("spectrum")]}
    yield "classify", {"system": pair, "y0": [0, 0]}
    yield "nullclines", {"network": pair, "box": None, "inputs": None, "points": 10}
    yield "phase_box", {"network": pair, "inputs": None, "margin": 0.1}
    yield "separatrix", {"system": bistable, "points": made("points"), "inputs": None, "which": "both", "box": None, **stop}
    yield "phase_portrait", {"system": bistable, "inputs": None, "points": made("points"), "box": None, "trajectories": 2,
                             "rng": 0, **stop}
    yield "sweep_diagram", {"system": pair, "parameter": "biases[0]", "values": [-3.0, -2.0], "inputs": None,
                            "what": "states",
                            "number": 0, "starts": 1, "transient": 1.0, "duration": 5.0, "equilibria": False, "rng": 0,
                            "workers": 1, **stop}
    yield "find_attractors", {"system": bistable, "inputs": None, "samples": 5, "box": None, "points": made("points"),
                              "escape": None, "time_scale": None, "rng": 0, "workers": 1, **stop}
    yield "basins", {"attractors": made("attractors"), "plane": (0, 1), "box": None, "resolution": 3,
                     "through": None, "rng": 0,
                     "workers": 1, **stop}
    yield "basins", {"attractors": made("attractors"), "samples": 3, "box": None, "workers": 1, **stop}
    yield "edge_state", {"attractors": made("attractors"), "a": 0, "b": 1, **stop}
    yield "response", {"attractor": made("attractors")[0]}
    yield "basin_sweep", {"system": bistable, "name": "constant_inputs[0]", "values": [4.0, 4.1], "inputs": None,
                          "samples": 3,
                          "box": None, "same": 0.1, "rng": 0, "workers": 1, **stop}
    yield "basin_stability", {"attractors": made("attractors"), "attractor": 0, "times": [1.0, 2.0], "near": 0.1,
                              "box": None, "samples": 3, "rng": 0, **stop}
    yield "repeated_shocks", {"attractors": made("attractors"), "attractor": 0, "shocks": [-0.1, 0.1], "interval": 1.0,
                              "count": 2, "samples": 3, "rng": 0, **stop}
    yield "minimal_fatal_shock", {"attractors": made("attractors"), "start": 0, "box": None, "scale": None,
                                  "directions": 2, "rng": 0, **stop}
    yield "wada", {"basins": made("cells"), "refinements": 1, **stop}
    yield "tipping_probabilities", {"before": made("cells"), "after": made("cells")}
    yield "critical_rate", {"system": bistable, "parameter": "constant_inputs[0]", "values": [4.0, 4.1], "rates": [0.5, 1.0],
                            "y0": [0.0, 4.0], "shape": "linear", "inputs": None, "attractors": made("attractors"), **stop}
    yield "manifold_surface", {"system": made("bowl"), "saddle": [0.0, 0.0, 0.0], "which": "stable", "distance": 1.0,
                               "spacing": 0.5, "inputs": None, **stop}
    yield "fixed_point_near", {"system": made("bowl"), "y0": [0.1, 0.0, 0.0], "inputs": None, "eigenvalues": 1,
                               "product": None, "tolerance": 1e-9, "rng": 0, **stop}
    yield "energy_landscape", {"system": graded, "inputs": None, "patterns": None, "certify": "auto", "bounds": None,
                               "samples": 3, "box": None, "starts": 3, "rng": 0, **stop}
    yield "energy_surface", {"system": graded, "plane": (0, 1), "states": None, "inputs": None, "variables": "states",
                             "box": None, "margin": 0.1, "resolution": 3, **stop}
    yield "energy_surface", {"system": graded, "through": [[0, 0], [1, 0], [0, 1]], **stop}
    yield "energy_surface", {"system": graded, "along": [[1, 1], [1, -1]], **stop}
    yield "energy_along", {"system": graded, "start": [-1, -1], "end": [1, 1], "inputs": None, "variables": "states",
                           "points": 3, "names": ("a", "b")}
    yield "fixed_point_branch", {"system": pair, "parameter": "biases[0]", "bounds": (-3, -2.9), "start": None,
                                 "inputs": None,
                                 "period": 1, "step": 0.1, "max_points": 5, "rtol": 1e-9, **stop}
    yield "bifurcation_diagram", {"system": pair, "parameter": "biases[0]", "bounds": (-3, -2.9), "inputs": None,
                                  "period": 1,
                                  "sections": 2, "step": 0.1, "max_points": 5, "rtol": 1e-9, **stop}
    yield "bifurcation_curve", {"system": pair, **pairs, "start": None, "kind": "LP", "inputs": None, "period": 1,
                                "step": 0.1,
                                "max_points": 5, "rtol": 1e-9, **stop}
    yield "bifurcation_sets", {"system": pair, **pairs, "inputs": None}
    yield "fold_net_inputs", {"network": pair, "x": [0.0, 0.0], "neuron": 0}
    yield "bifurcation_chart", {"system": pair, **pairs, "inputs": None, "resolution": 3, **stop}
    yield "cycle_branch", {"system": pair, "parameter": "biases[0]", "bounds": (-2.8, -2.7), "start": made("cycle"),
                           "inputs": None, "step": 0.1, "max_points": 3, "max_period": 100.0, "intervals": 10, "rtol": 1e-6,
                           **stop}
    yield "normal_form", {"system": pair, "point": [0.0, 0.0], "kind": "H", "inputs": None, "period": 1}


def numbered(table):
    names: dict[str, int] = {}
    for name, arguments in table:
        names[name] = names.get(name, 0) + 1
        yield f"{name}, {names[name]}" if names[name] > 1 else name, arguments


NAMES = [
    "fixed_points", "fixed_points, 2", "active_region", "dynamics_along",
    "slow_points", "stability", "linear_stability", "limit_cycle", "poincare_map",
    "stroboscopic_map", "lyapunov_spectrum", "lyapunov_spectrum, 2", "lyapunov_ensemble", "lyapunov_map",
    "finite_time_lyapunov", "finite_time_field", "minimum_action_path", "stationary_density",
    "characteristic_roots", "delayed_lyapunov_spectrum", "mean_field_lyapunov",
    "kaplan_yorke_dimension", "entropy_rate", "covariant_vectors", "gali", "fast_lyapunov_indicator", "expansion_entropy",
    "kaplan_yorke_interval", "correlation_sum", "correlation_dimension", "delay_embedding", "instantaneous_phase",
    "phase_locking", "order_parameter", "recurrence_plot", "recurrence_times", "power_spectrum", "zero_one_test",
    "rotation_number", "arnold_tongues", "master_stability", "conditional_exponents", "pooled", "classify",
    "nullclines", "phase_box", "separatrix", "phase_portrait", "sweep_diagram", "find_attractors", "basins",
    "basins, 2", "edge_state", "response", "basin_sweep", "basin_stability", "repeated_shocks",
    "minimal_fatal_shock", "wada", "tipping_probabilities", "critical_rate", "manifold_surface", "fixed_point_near",
    "energy_landscape", "energy_surface", "energy_surface, 2",
    "energy_surface, 3", "energy_along", "fixed_point_branch", "bifurcation_diagram", "bifurcation_curve",
    "bifurcation_sets", "fold_net_inputs", "bifurcation_chart", "cycle_branch", "normal_form",
]  # fmt: skip
OFTEN = [  # what is tried without the marker as well: calls of milliseconds
    "active_region", "fixed_points", "slow_points", "stability", "linear_stability", "finite_time_lyapunov",
    "mean_field_lyapunov",
    "kaplan_yorke_dimension", "entropy_rate", "pooled", "nullclines", "phase_box", "separatrix",
    "fold_net_inputs",
]  # fmt: skip
MAY_RAISE = ("normal_form", "bifurcation_curve")  # with good arguments too, where there is no such point


@pytest.fixture(scope="module")
def table():
    return dict(numbered(calls()))


def test_every_function_is_in_the_table():
    known = {name.partition(",")[0] for name in NAMES} | {"largest_lyapunov_exponent"}  # takes what lyapunov_spectrum takes
    functions = {name for name in analysis.__all__ if inspect.isfunction(getattr(analysis, name))}
    assert not functions - known, "these go into calls() and NAMES"


def test_names_are_those_of_the_calls(table):
    assert list(table) == NAMES


def tried(name, table, folder, share):
    function = getattr(analysis, name.partition(",")[0])
    arguments = table[name]
    if name in MAY_RAISE:
        inner = function

        def function(**given):
            try:
                return inner(**given)
            except ValueError as error:
                if given.keys() == arguments.keys() and all(given[key] is arguments[key] for key in given):
                    return None
                raise error

    names = {"y0": "starts"} if name == "pooled" else {}
    check(name, Call(function, arguments, called=names), folder, share=share, room=ROOM)


@pytest.mark.parametrize("name", OFTEN)
def test_bad_values_are_refused_at_once_by_name(name, table, tmp_path):
    tried(name, table, tmp_path, SHORT)


@pytest.mark.attack
@pytest.mark.parametrize("name", NAMES)
def test_all_bad_values_are_refused_at_once_by_name(name, table, tmp_path):
    tried(name, table, tmp_path, 1)


# Records ------------------------------------------------------------------------------------------------------------------


def methods():
    """What records are asked for by a number or a value."""
    yield "Basins.fraction", analysis.basins(made("attractors"), resolution=3).fraction, {"attractor": 0}
    sweep = analysis.basin_sweep(made("bistable"), "constant_inputs[0]", [4.0], samples=3, rng=0)
    back = analysis.basin_stability(made("attractors"), 0, [1.0], samples=3)
    yield "BasinStability.independence_time", back.independence_time, {"share": 0.5}
    yield "BasinSweep.record", sweep.record, {"v": 0, "number": 0}
    yield "EnergyLandscape.path", made("land").path, {"start": 0, "end": 1}
    yield "FixedPoints.stability", made("points").stability, {"k": 0}
    yield "FixedPointBranch.at", made("branch").at, {"value": -3.0}
    yield "CycleBranch.at", made("cycles").at, {"value": -2.75}
    chart = analysis.bifurcation_chart(made("pair"), ("biases[0]", "biases[1]"), [(-4, -3), (-3, -2)], resolution=3)
    yield "BifurcationChart.at", chart.at, {"first": -3.0, "second": -2.5}
    diagram = analysis.bifurcation_diagram(made("pair"), "biases[0]", (-3.0, -2.9))
    yield "BifurcationDiagram.at", diagram.at, {"value": -2.95}
    yield "BifurcationDiagram.fixed_points_at", diagram.fixed_points_at, {"value": -2.95}
    surface = analysis.energy_surface(made("graded"), plane=(0, 1), resolution=4)
    for name in ("project", "distance", "energies"):
        yield f"EnergySurface.{name}", getattr(surface, name), {"states": [[0.1, 0.2]]}
    section = analysis.poincare_map(made("pair"), section=([1, 0], 2.0))
    yield "PoincareMap.lift", section.lift, {"z": [0.5]}
    yield "PoincareMap.project", section.project, {"y": [2.0, 0.5]}
    yield "PoincareMap.return_time", section.return_time, {"z": [0.5]}
    point = made("branch").points["H1"]
    yield "SpecialPoint.curve", point.curve, {"parameter": "biases[1]", "bounds": (-2.0, -1.5)}
    index = analysis.gali(made("pair"), [0, 0], 5.0)
    yield "AlignmentIndex.power", index.power, {"k": 2}
    yield "AlignmentIndex.rate", index.rate, {"k": 2}
    tongues = analysis.arnold_tongues(made("henon"), {"a": [1.0, 1.1], "b": [0.2, 0.3]}, [0, 0], 20, transient=5)
    yield "ArnoldTongues.boundaries", tongues.boundaries, {"p": 0, "q": 1}
    yield "ArnoldTongues.fractions", tongues.fractions, {"largest": 3}
    yield "ArnoldTongues.locked", tongues.locked, {"p": 0, "q": 1}
    yield "CovariantVectors.angle", analysis.covariant_vectors(made("pair"), [0, 0], 5.0, rng=0).angle, {"i": 0, "j": 1}
    copies = analysis.master_stability(made("pair"), [0.0, 1.0, 4.0], duration=20.0)
    yield "MasterStability.synchronises", copies.synchronises, {"laplacian": [[1.0, -1.0], [-1.0, 1.0]], "strength": 1.0}
    yield "Separatrices.of", analysis.separatrix(made("bistable"), made("points")).of, {"saddle": 1}


METHODS = [
    "Basins.fraction", "BasinStability.independence_time", "BasinSweep.record", "EnergyLandscape.path",
    "FixedPoints.stability", "FixedPointBranch.at", "CycleBranch.at", "BifurcationChart.at", "BifurcationDiagram.at",
    "BifurcationDiagram.fixed_points_at", "EnergySurface.project", "EnergySurface.distance", "EnergySurface.energies",
    "PoincareMap.lift", "PoincareMap.project", "PoincareMap.return_time", "SpecialPoint.curve", "AlignmentIndex.power",
    "AlignmentIndex.rate", "ArnoldTongues.boundaries", "ArnoldTongues.fractions", "ArnoldTongues.locked",
    "CovariantVectors.angle", "MasterStability.synchronises", "Separatrices.of",
]  # fmt: skip
QUICK_METHODS = set(METHODS) - {"BifurcationChart.at", "BifurcationDiagram.at", "SpecialPoint.curve"}


@pytest.fixture(scope="module")
def asked():
    return {name: (method, arguments) for name, method, arguments in methods()}


def test_every_method_of_a_record_is_in_the_table(asked):
    assert list(asked) == METHODS
    public = {name for name in public_callables(analysis, analysis.lyapunov) if "." in name}
    assert public - set(METHODS) == {"SpecialPoint.branches"}, "takes the options of `fixed_point_branch` only"


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_records_refuse_bad_values(name, asked, tmp_path):
    method, arguments = asked[name]
    check(name, Call(method, arguments), tmp_path, room=ROOM, share=1 if name in QUICK_METHODS else SHORT)


@pytest.mark.parametrize("wrong", ["abc", None, 1.5, 99, -7, np.nan, True, [0]])
def test_there_is_no_share_of_what_is_no_attractor(wrong):
    found = analysis.basins(made("attractors"), resolution=3)
    with pytest.raises((TypeError, ValueError), match="`attractor"):
        found.fraction(wrong)
    assert sum(found.fraction(each) for each in (0, 1, -1, -2)) == pytest.approx(1.0)  # with UNDECIDED and DIVERGES


def test_gains_and_sections_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="`gain` must be at most 50"):
        analysis.mean_field_lyapunov(1e9)
    pair = made("pair")
    for direction in (np.ones((2, 2)), 0, 1.5, None):
        with pytest.raises(ValueError, match="`direction` must be 1 or -1"):
            analysis.poincare_map(pair, section=([1, 0], 0.5), direction=direction)
    for section in ({1, 2}, "ab", ([1, 0],), None):
        with pytest.raises(TypeError, match="`section` must be"):
            analysis.poincare_map(pair, section=section)
    plane = analysis.poincare_map(pair, section=([1, 0], 0.5))
    with pytest.raises(ValueError, match="`z` must have shape"):
        plane.lift([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="`y` must have shape"):
        plane.project([1.0, 2.0, 3.0])


# Pictures -----------------------------------------------------------------------------------------------------------------


def pictures():
    """Name, what is drawn, and other arguments."""
    pair, memory = made("pair"), made("memory")
    yield "plot_attractors", {"attractors": made("attractors"), "plane": None}
    yield "plot_basins", {"found": analysis.basins(made("attractors"), resolution=3)}
    yield "plot_manifold_surface", {"found": analysis.manifold_surface(made("bowl"), np.zeros(3), distance=1.0, spacing=0.5),
                                    "states": (0, 1, 2)}
    yield "plot_multipliers", {"cycle": made("cycle")}
    yield "plot_limit_cycle", {"cycle": made("cycle"), "what": "states", "neurons": None}
    yield "plot_time_series", {"solution": made("solution"), "what": "states", "neurons": None}
    yield "plot_trajectory", {"solution": made("solution"), "neurons": None, "what": "states", "after": None}
    yield "plot_projection", {"solution": made("solution"), "components": (0, 1), "what": "states", "after": None}
    yield "plot_ensemble", {"ensemble": made("ensemble"), "what": "states", "neurons": None}
    yield "plot_sweep", {"ensemble": made("ensemble"), "values": [1.0, 2.0, 3.0], "neuron": 0, "what": "states",
                         "after": None}
    yield "plot_fixed_points", {"points": made("points"), "neurons": None}
    yield "plot_equilibria", {"system": pair, "equilibria": [[0.0, 0.0]], "inputs": None}
    yield "plot_nullcline", {"nullcline": analysis.nullclines(pair)[0]}
    yield "plot_vector_field", {"system": pair, "box": [(-1, 1), (-1, 1)], "inputs": None, "kind": "arrows", "points": 4}
    yield "plot_phase_plane", {"system": pair, "solutions": (), "equilibria": None, "box": None, "inputs": None,
                               "field": "arrows"}
    yield "plot_phase_portrait", {"portrait": analysis.phase_portrait(pair, trajectories=1)}
    yield "plot_separatrices", {"found": analysis.separatrix(made("bistable"), made("points")), "plane": None}
    yield "plot_slow_points", {"points": analysis.slow_points(pair, 4, rng=0), "plane": None}
    yield "plot_fixed_point_branch", {"branch": made("branch"), "what": "states", "number": 0}
    yield "plot_cycle_branch", {"branch": made("cycles"), "state": 0}
    yield "plot_cycle_periods", {"branch": made("cycles")}
    yield "plot_finite_time_field", {"field": made("field")}
    yield "plot_stationary_density", {"found": analysis.stationary_density(made("pair"), [[-1, 1], [-1, 1]], resolution=8),
                                      "arrows": 2}
    yield "plot_lyapunov_spectrum", {"spectrum": made("spectrum"), "what": None}
    yield "plot_lyapunov_map", {"found": analysis.lyapunov_map(pair, {"biases[0]": [-3.0, -2.0]}, duration=5.0, y0=[0, 0])}
    yield "plot_characteristic_roots", {"found": analysis.characteristic_roots(made("delayed"), [0.0, 0.0])}
    yield "plot_covariant_angles", {"found": analysis.covariant_vectors(pair, [0, 0], 5.0, rng=0)}
    yield "plot_alignment", {"found": analysis.gali(pair, [0, 0], 5.0)}
    grid = [[x, y] for x in (0.0, 1.0) for y in (0.0, 1.0)]
    yield "plot_fast_indicator", {"found": analysis.fast_lyapunov_indicator(pair, grid, 5.0), "plane": (0, 1)}
    yield "plot_expansion", {"found": analysis.expansion_entropy(pair, [[-1, 1], [-1, 1]], 2.0, samples=20, rng=0)}
    series = np.sin(np.arange(120.0))
    yield "plot_zero_one", {"found": analysis.zero_one_test(series)}
    yield "plot_recurrence", {"found": analysis.recurrence_plot(series)}
    yield "plot_power_spectrum", {"found": analysis.power_spectrum(series, segments=2)}
    yield "plot_correlation_sums", {"found": analysis.correlation_dimension(np.random.default_rng(0).random((120, 2)))}
    yield "plot_order_parameter", {"found": analysis.order_parameter([series, series + 1])}
    tongues = analysis.arnold_tongues(made("henon"), {"a": [1.0, 1.1], "b": [0.2, 0.3]}, [0, 0], 20, transient=5)
    yield "plot_arnold_tongues", {"found": tongues, "largest": 3}
    yield "plot_master_stability", {"found": analysis.master_stability(pair, [0.0, 1.0], duration=20.0)}
    yield "plot_mean_field", {"theory": analysis.mean_field_lyapunov(1.5)}
    yield "plot_landscape", {"land": made("land")}
    yield "plot_disconnectivity", {"land": made("land")}
    yield "plot_energy_path", {"path": made("land").path(0, 1)}
    yield "plot_energy_surface", {"surface": analysis.energy_surface(made("graded"), plane=(0, 1), resolution=4),
                                  "points": None, "trajectories": (), "highest": None}
    yield "plot_energy", {"result": made("recall")}
    yield "plot_recall", {"recall": made("recall")}
    yield "plot_filmstrip", {"recall": made("recall"), "shape": (3, 4), "frames": 2}
    three, walker = CTRNN(np.zeros((3, 3))), LeggedWalker()
    yield "plot_lesions", {"lesions": lesion(three, walker)}
    yield "plot_perturbations", {"perturbations": robustness(three, walker, [0.1, 1.0], directions=3, rng=0)}
    yield "plot_dynamics_along", {"found": analysis.dynamics_along(made("balanced"), moments=2), "sensor": 0, "neuron": 0}
    yield "plot_run", {"run": made("run")}
    yield "plot_replicates", {"replicates": made("replicates")}
    yield "plot_comparison", {"comparison": made("comparison")}
    trial, both = Trial([[0.2, 0.2]], times=[1.0]), ["weights", "biases"]
    yield "plot_fit", {"fit": train(pair, trial, MeanSquare(), params="biases", dt=0.1, steps=2)}
    kept = train(pair, trial, MeanSquare(), params="biases", dt=0.1, steps=2, keep=1)
    yield "plot_learned_fixed_points", {"fit": kept, "neuron": 0, "inputs": None}
    yield "plot_forced", {"forced": force(pair, [[0.5, 0.2], [0.1, 0.1]], dt=0.1)}
    yield "plot_gradient_flow", {"flow": gradient_flow(pair, trial, dt=0.1, rng=0)}
    found = loss_landscape(pair, trial, MeanSquare(), params=both, points=3, dt=0.1, rng=0)
    yield "plot_loss_landscape", {"landscape": found}
    yield "plot_patterns", {"patterns": memory.patterns, "shape": (3, 4), "columns": 2}
    yield "plot_couplings", {"network": memory}
    yield "plot_recall_curve", {"curve": recall_curve(memory, [0.5], trials=3, rng=0)}
    yield "plot_capacity", {"curve": capacity_curve("hebbian", 20, [0.1], networks=1, probes=2, rng=0), "theory": None}
    few = {"networks": 1, "rng": 0}
    yield "plot_damage", {"curve": hopfield.damage_curve(memory, [0.0, 0.5], probes=2, **few)}
    yield "plot_basin_radii", {"basins": hopfield.basin_radii(memory, patterns=1, trials=1, rng=0)}
    scaling = hopfield.capacity_scaling("hebbian", [20, 30, 40], [0.1, 0.9], probes=2, **few)
    yield "plot_capacity_scaling", {"scaling": scaling}
    yield "plot_solution", {"found": hopfield.solve(hopfield.problems.Queens(4), rng=0), "restart": None}
    yield "plot_samples", {"samples": hopfield.sample(memory, 0.5, 3, chains=2, rng=0)}
    jumping = hopfield.MarkovJump([made("graded"), made("graded")], [[-1.0, 1.0], [1.0, -1.0]])
    yield "plot_jump_run", {"run": jumping.run(1.0, [0.1, 0.2], dt=0.1, points=3, rng=0), "unit": 0}
    yield "attractor_color", {"attractor": 0}
    yield "series_color", {"index": 0}


@pytest.fixture(scope="module")
def album():
    return dict(pictures())


PICTURES = [name for name in plotting.__all__ if name not in {
    "animate_behaviour", "animate_descent", "animate_recall", "LetterPad", "letter_pad",
    "plot_behaviour", "plot_frames", "plot_basin_sweep", "plot_bifurcation_chart",
    "plot_bifurcation_curve", "plot_bifurcation_diagram", "plot_bifurcation_sets", "plot_sweep_diagram", "plot_time_panels",
    "plot_transition_to_chaos"}]  # fmt: skip


def test_every_picture_is_in_the_album():
    """By the text alone: what is drawn takes its time to be made."""
    text = inspect.getsource(pictures)
    lacking = [name for name in PICTURES if f'yield "{name}"' not in text]
    assert not lacking, "these go into pictures()"


def drawn(name, album, folder, share):
    function = getattr(plotting, name)
    with_axes = {} if name.endswith("_color") else {"ax": None}
    kept = dict(plt.rcParams)

    def close(**given):
        try:
            return function(**given)
        finally:
            plt.close("all")

    check(name, Call(close, album[name] | with_axes), folder, share=share, room=ROOM)
    assert dict(plt.rcParams) == kept


@pytest.mark.parametrize("name", ["plot_time_series", "plot_trajectory", "plot_ensemble", "plot_equilibria"])
def test_pictures_refuse_what_they_do_not_draw(name, album, tmp_path):
    drawn(name, album, tmp_path, 3 * SHORT)


@pytest.mark.attack
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_refuse_all_bad_values(name, album, tmp_path):
    drawn(name, album, tmp_path, 1)


RECORDS = sorted({name for name in plotting.__all__ if name.startswith(("plot", "animate"))} - {"plot_patterns"})


@pytest.mark.parametrize("name", RECORDS)
def test_every_picture_names_a_record_of_another_kind(name):
    function = getattr(plotting, name)
    first = next(iter(inspect.signature(function).parameters))
    for wrong in (None, 3, "x", np.ones(3), Solution, object()):
        with pytest.raises((TypeError, ValueError), match=rf"`{first}|missing"):
            function(**{first: wrong})
        plt.close("all")
