"""Every public class and function of `learning` against bad values: an error that names the argument, at once."""

from __future__ import annotations

import numpy as np
import pytest
from bad_values import RECORDS, Call, check, missing

import learning
from ctrnn import CTRNN
from learning import FilterLayer, FlowGraph, Trial, losses
from recurrent import EchoState, FullyRecurrent

SHORT = 3  # a share of the values; the marker `attack` tries all
PAIR = CTRNN([[0.5, 1.0], [-1.0, 0.5]])
MAP = FullyRecurrent([[0.5]], [[1.0]])
TRIAL = Trial([[0.5, 0.5]], times=[1.0])
SQUARE, SHOWN = losses.MeanSquare(), np.zeros((2, 3))
GRAPH = FlowGraph([("u", "x", 1.0, 0, "tanh"), ("x", "x", 0.5, 1)], ["u"], ["x"])
LAYER = FilterLayer([[[1.0]]], [[[-0.5]]], [0.0])
PLASTIC = learning.oja(PAIR)
STEPS = {"integrator": None, "dt": 0.1, "rtol": 1e-6, "atol": 1e-9}
ENDS = {"timeout": None, "on_interrupt": "raise"}
ROWS = np.ones((2, 4))

TABLE = {
    "Trial": Call(Trial, {"t_span": 2.0, "times": [1.0], "y0": None, "loss": None},
                  takes=("class", "function", "function of one")),
    "gradient": Call(learning.gradient, {
        "system": PAIR, "loss": SQUARE, "y0": None, "targets": [[0.5, 0.5]], "inputs": None, "t_span": 1.0, "times": [1.0],
        "params": "weights", "method": "discrete", "of": "outputs", "window": None, **STEPS}, called={"times": "targets"}),
    "train": Call(learning.train, {
        "system": PAIR, "data": TRIAL, "loss": SQUARE, "params": "biases", "optimiser": "adam", "steps": 1, "rate": 0.01,
        "batch": None, "clip": None, "goal": None, "bounds": None, "method": "discrete",
        "window": None, "of": "outputs", "rng": 0,
        "workers": None, "keep": None, **STEPS, **ENDS}, takes=("function of one", "10**9", "10**12", "10**400")),
    "Adam": Call(learning.Adam, {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}),
    "RMSProp": Call(learning.RMSProp, {"rho": 0.99, "epsilon": 1e-8}),
    "Rprop": Call(learning.Rprop, {"largest": 50.0, "smallest": 1e-9}),
    "Descent": Call(learning.Descent, {"momentum": 0.0}),
    "Cycle": Call(losses.Cycle, {"weight": 1.0}),
    "FixedPoints": Call(losses.FixedPoints, {"margin": None, "of": "norm", "weight": 1.0}),
    "gradient, of the system": Call(learning.gradient, {
        "system": PAIR, "loss": losses.FixedPoints(0.5), "targets": [[0.5, 0.5]], "inputs": None, "params": "weights"},
        takes=("function of one",)),
    "ConnectionistTemporal": Call(losses.ConnectionistTemporal, {"blank": -1}),
    "gradient_flow": Call(learning.gradient_flow, {"system": PAIR, "trial": TRIAL, "factor": 100.0, "rng": 0, **STEPS}),
    "loss_landscape": Call(learning.loss_landscape, {
        "system": PAIR, "data": TRIAL, "loss": SQUARE, "params": "biases", "directions": None, "extent": 1.0,
        "points": 2, "of": "outputs", "rng": 0, **STEPS, **ENDS},
        takes=("function of one",)),
    "FlowGraph": Call(FlowGraph, {"arcs": [("u", "x")], "inputs": ["u"], "outputs": ["x"]}),
    "FlowGraph.rows": Call(GRAPH.rows, {"names": ["u", "x"]}),
    "FlowGraph.run": Call(GRAPH.run, {"inputs": [[1.0, 2.0]]}),
    "FlowGraph.run, adjoint": Call(GRAPH.adjoint().run, {"inputs": [[1.0, 2.0]], "along": np.ones((2, 2))}),
    "FlowGraph.gradient": Call(GRAPH.gradient, {"signals": np.ones((2, 2)), "errors": [[1.0, 2.0]]}),
    "FlowGraph.transfer": Call(GRAPH.transfer, {"z": [1.0], "at": [0.0, 0.0]},
                               takes=("complex", "numpy complex", "complex array")),
    "flow_graph": Call(learning.flow_graph, {"net": MAP}),
    "FilterLayer": Call(FilterLayer, {
        "feedforward": [[[1.0]]], "feedback": [[[0.5]]], "biases": [0.0], "activation": "tanh"}),
    "FilterLayer.run": Call(LAYER.run, {"inputs": [[1.0, 2.0]]}),
    "causal_backpropagation": Call(learning.causal_backpropagation, {
        "layers": [LAYER], "inputs": [[1.0, 2.0]], "errors": [[0.0, 1.0]], "window": None},
        takes=("class", "function", "function of one")),
    "filter_graph": Call(learning.filter_graph, {"layers": [LAYER]}),
    "hebbian": Call(learning.hebbian, {"net": PAIR, "rates": 0.1, "decay": 1.0}),
    "oja": Call(learning.oja, {"net": PAIR, "rates": 0.1}),
    "homeostatic": Call(learning.homeostatic, {
        "net": PAIR, "low": 0.2, "high": 0.8, "bias_time": 40.0, "weight_time": 40.0}),
    "intrinsic": Call(learning.intrinsic, {"net": PAIR, "mean": 0.2, "deviation": 0.2, "time": 100.0}),
    "PlasticNetwork.start": Call(PLASTIC.start, {"y0": [0.0, 0.0]}),
    "PlasticNetwork.network_at": Call(PLASTIC.network_at, {"state": PLASTIC.start()}),
    "adapt_reservoir": Call(learning.adapt_reservoir, {
        "net": EchoState([[0.5]], [[1.0]]), "inputs": [[0.1, 0.2]], "mean": None, "deviation": 0.2, "rate": 1e-3,
        "y0": None},
        takes=("1e300",)),
    "recursive_least_squares": Call(learning.recursive_least_squares, {
        "states": ROWS, "targets": ROWS, "ridge": 1.0, "forgetting": 0.9}),
    "force": Call(learning.force, {
        "net": PAIR, "targets": ROWS, "dt": 0.1, "ridge": 1.0, "every": 2, "y0": [0.1, 0.2], "readout": None, **ENDS}),
}  # fmt: skip
ELSEWHERE = {
    RECORDS: ("Fit", "Forced", "Gradient", "GradientFlow", "LayerGradient", "LossLandscape", "PlasticNetwork"),
    "has no arguments, and is asked with what a system shows": ("MeanSquare", "CrossEntropy", "MeanSquare.residuals"),
    "checked by `FlowGraph`": ("Arc",),
    "asked by `train`": tuple(f"{rule}.{method}" for rule in ("Adam", "Descent", "RMSProp", "Rprop")
                              for method in ("begin", "change")),
    "called with what it computed itself": ("FilterLayer.back",),
    "asked by `gradient`": ("FixedPoints.of_system",),
}


def test_every_class_function_and_method_is_in_the_table():
    assert missing([learning, losses], {name.partition(",")[0] for name in TABLE}, ELSEWHERE) == []


@pytest.mark.parametrize("name", TABLE)
def test_bad_values_are_refused_at_once_by_name(name, tmp_path):
    check(name, TABLE[name], tmp_path, share=SHORT)


@pytest.mark.attack
@pytest.mark.parametrize("name", TABLE)
def test_all_bad_values_are_refused_at_once_by_name(name, tmp_path):
    check(name, TABLE[name], tmp_path)
