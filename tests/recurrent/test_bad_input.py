"""Every public class and function of `recurrent` against bad values: an error that names the argument, at once."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from bad_values import RECORDS, Call, check, missing

import recurrent
from ctrnn import CTRNN
from recurrent import SecondOrder, tomita

SHORT = 3  # a share of the values; the marker `attack` tries all
ONE, TWO = [[0.5]], np.full((2, 2), 0.5)
ROW = [[1.0], [0.5]]
LAYERS = {"weights": TWO, "input_weights": ROW, "output_weights": [[1.0, 0.5]], "biases": 0.0, "output_biases": 0.0}
GATED = {"input_weights": None, "biases": 0.0}
NET = recurrent.FullyRecurrent(TWO, ROW)
RUN = np.linspace(0, 1, 5)[:, np.newaxis]
SECOND = SecondOrder(np.full((2, 2, 2), 0.5))

CALLS = {
    "FullyRecurrent": {"weights": TWO, "input_weights": None, "biases": 0.0, "output_weights": None, "output_biases": 0.0,
                       "mask": None, "activation": "tanh", "output_activation": "linear"},
    "RMLP": {"weights": TWO, "input_weights": None, "biases": 0.0, "activation": "tanh"},
    "Elman": LAYERS | {"activation": "logistic", "output_activation": "logistic", "mask": None},
    "Jordan": {"weights": [[1.0], [0.5]], "input_weights": ROW, "output_weights": [[1.0, 0.5]], "biases": 0.0,
               "output_biases": 0.0, "alpha": 0.0, "activation": "logistic"},
    "NARX": {"weights": [[1.0, 0.5]], "input_weights": [[0.5, 0.1]], "output_weights": [[2.0]], "biases": 0.0,
             "output_biases": 0.0, "inputs": 1, "activation": "tanh"},
    "LSTM": {"weights": np.ones((8, 2)), **GATED, "peepholes": None, "output_weights": None, "output_biases": 0.0},
    "GRU": {"weights": np.ones((6, 2)), **GATED, "reset_biases": 0.0, "reset": "after", "output_weights": None,
            "output_biases": 0.0},
    "MGU": {"weights": np.ones((4, 2)), **GATED, "output_weights": None, "output_biases": 0.0},
    "GRUODE": {"weights": np.ones((6, 2)), **GATED},
    "IndRNN": {"weights": [0.5, 0.5], **GATED, "activation": "relu"},
    "EchoState": {"weights": TWO, **GATED, "leak": 1.0, "output_weights": None, "output_biases": 0.0, "activation": "tanh"},
    "RateNetwork": {"weights": TWO, **GATED, "time_constants": 1.0, "activation": "tanh"},
    "GatedRate": {"weights": TWO, "update_weights": None, "reset_weights": None, "input_weights": None, "update_biases": 0.0,
                  "reset_biases": 0.0, "time_constants": 1.0, "activation": "tanh"},
    "LiquidTimeConstant": {"weights": TWO, **GATED, "time_constants": 1.0, "targets": 1.0, "activation": "logistic"},
    "CohenGrossberg": {"weights": TWO, "amplification": (1.0, 0.0), "intrinsic": (0.0, 1.0), "activation": "tanh"},
    "Shunting": {"units": 3, "decay": 1.0, "upper": 1.0, "lower": 0.0},
    "Memristive": {"projector": [[1.0]], "sources": 0.0, "alpha": 1.0, "beta": 1.0, "xi": 1.0},
    "SecondOrder": {"weights": np.full((2, 2, 2), 0.5), "biases": 0.0, "activation": "logistic"},
    "LinearFilter": {"b": [1.0, 0.5], "a": [1.0]},
    "LiquidState": {"weights": ONE, "input_weights": None, "time_constants": 30.0, "refractory": 3.0, "threshold": 15.0,
                    "reset_potential": 13.5, "drive": 0.0, "use": 0.5, "recovery": 800.0, "facilitation": 5.0,
                    "synaptic_time": 3.0},
    "run": {"net": NET, "inputs": RUN.T, "y0": None},
    "bidirectional": {"forwards": NET, "backwards": NET, "inputs": RUN.T},
    "hierarchical": {"networks": [CTRNN(TWO), CTRNN(TWO)], "couplings": [TWO]},
    "frequency_response": {"system": NET, "w": [0.1, 1.0], "y": [0.0, 0.0], "u": None},
    "loop_projector": {"edges": [[0, 1], [1, 2], [2, 0]]},
    "mackey_glass": {"length": 5, "delay": 17.0, "rng": 0, "transient": 10},
    "narma10": {"length": 20, "rng": 0},
    "may_leonard": {"alpha": 0.8, "beta": 1.3},
    "memory_capacity": {"net": recurrent.EchoState(TWO, ROW), "delays": 2, "length": 50, "ridge": 0.0, "rng": 0},
    "nrmse": {"outputs": [1.0, 2.0], "targets": [1.0, 2.5]},
    "one_hot": {"symbols": [0, 1], "size": 2},
    "random_automaton": {"states": 3, "symbols": 2, "rng": 0},
    "run_string": {"net": SECOND, "y0": [1.0, 0.0], "symbols": [0, 1]},
    "extract_automaton": {"net": SECOND, "y0": [1.0, 0.0], "response": -1, "radius": 0.25, "max_states": 10},
    "tomita": {"number": 1},
    "counter_network": {"strength": 100.0},
}  # fmt: skip
AUTOMATON, TURING = tomita(1), recurrent.NeuralTuringMachine.copying(2)
COMPUTER = sum(recurrent.DifferentiableComputer.numbers)  # of the interface to one column
MAP, TREES = recurrent.IndRNN([0.5], [[1.0]]), recurrent.Recursive.of([[1.0, 1.0]])
STATES = np.random.default_rng(0).normal(size=(2, 9))
READOUT, ECHO = recurrent.Readout.fit(STATES, STATES[:1]), recurrent.EchoState(TWO, ROW)
COUNTER, COMPRESSOR = recurrent.counter_network(), recurrent.HistoryCompressor([recurrent.Predictor.last_symbol(2)])
GO = {("go", 0): ("go", 1, 1)}
GATE_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
NEAT = SimpleNamespace(
    genome_type=lambda key: SimpleNamespace(nodes={}, connections={}),
    genome_config=SimpleNamespace(input_keys=[-1], output_keys=[0], node_gene_type=lambda key: SimpleNamespace(),
                                  connection_gene_type=lambda key, innovation: SimpleNamespace()),
)  # fmt: skip
RATE = recurrent.RateNetwork([[0.5]], [[1.0]])
TORCH = {f"{kind}_l0": np.ones((3, 1) if "weight" in kind else 3) for kind in GATE_NAMES}


def fields(record):
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def stack():
    return recurrent.ContinuousStack([(0, 0.5)])


SCALES = {"input_scale": 1.0, "connections": 3.0, "rng": 0}
MORE = {
    "Automaton": Call(recurrent.Automaton, {"table": [[0, 1], [1, 0]], "accepting": [False, True], "start": 0}),
    "Automaton.run": Call(AUTOMATON.run, {"symbols": [0, 1]}),
    "Automaton.read": Call(AUTOMATON.read, {"states": np.zeros((3, 2))}),
    "Automaton.accepts": Call(AUTOMATON.accepts, {"symbols": [0, 1]}),
    "Automaton.same_language": Call(AUTOMATON.same_language, {"other": AUTOMATON}),
    "Automaton.encode": Call(AUTOMATON.encode, {"strength": 8.0}),
    "Batch": Call(recurrent.Batch, {"inputs": np.ones((1, 1, 2)), "mask": np.ones((1, 2), bool)}),
    "Batch.of": Call(recurrent.Batch.of, {"records": [[[1.0, 2.0]]]}, takes=("ragged",)),
    "Batch.run": Call(recurrent.Batch.of([[[1.0, 2.0]]]).run, {"net": MAP, "reverse": False}),
    "ContinuousStack": Call(recurrent.ContinuousStack, {"entries": [(0, 0.5)]}),
    "ContinuousStack.push": Call(lambda **given: stack().push(**given), {"symbol": 0, "length": 0.5}),
    "ContinuousStack.pop": Call(lambda **given: stack().pop(**given), {"length": 0.5}),
    "ContinuousStack.read": Call(lambda **given: stack().read(**given), {"symbols": 2}),
    "EchoState.random": Call(recurrent.EchoState.random, {"units": 4, "inputs": 1, "spectral_radius": 0.9, "bias_scale": 0.0,
                                                          "leak": 1.0, "activation": "tanh", **SCALES}),
    "EchoState.harvest": Call(ECHO.harvest, {"inputs": np.ones((1, 4)), "y0": [0.0, 0.0]}),
    "EchoState.fit": Call(ECHO.fit, {"states": STATES, "targets": STATES, "ridge": 0.0}),
    "EchoState.with_readout": Call(ECHO.closed_loop(READOUT).with_readout, {"readout": READOUT}),
    "EchoState.closed_loop": Call(ECHO.closed_loop, {"readout": READOUT}),
    "Feedback.faster_than_linear": Call(recurrent.Feedback.faster_than_linear, {"gain": 1.0, "power": 2}),
    "Feedback.slower_than_linear": Call(recurrent.Feedback.slower_than_linear, {"gain": 1.0, "half": 2.0}),
    "Feedback.sigmoid": Call(recurrent.Feedback.sigmoid, {"gain": 1.0, "half": 2.0, "power": 2}),
    "HistoryCompressor": Call(recurrent.HistoryCompressor, {"levels": COMPRESSOR.levels}),
    "HistoryCompressor.compress": Call(COMPRESSOR.compress, {"symbols": [0, 1]}),
    "HistoryCompressor.restore": Call(COMPRESSOR.restore, {"history": COMPRESSOR.compress([0, 1])}),
    "LiquidState.random": Call(recurrent.LiquidState.random, {"units": 4, "inputs": 1, "strength": 2.0, "inhibitory": 0.2,
                                                              "drive": 14.5, **SCALES}),
    "NARX.fit_linear": Call(recurrent.NARX.fit_linear, {"x": STATES[:1], "o": STATES[:1], "lags": 1, "input_lags": 1}),
    "NeuralTuringMachine": Call(recurrent.NeuralTuringMachine, {
        "rows": 2, "columns": 1, "controller": np.zeros((0, 2)), "interface": np.zeros((16, 2)), "controller_biases": 0.0,
        "interface_biases": 0.0, "inputs": 1}, called={"inputs": "controller"}),
    "DifferentiableComputer": Call(recurrent.DifferentiableComputer, {
        "rows": 2, "columns": 1, "controller": np.zeros((0, 2)), "interface": np.zeros((COMPUTER, 2)),
        "controller_biases": 0.0, "interface_biases": 0.0, "inputs": 1}, called={"inputs": "controller"}),
    "DifferentiableComputer.copying": Call(recurrent.DifferentiableComputer.copying, {"rows": 2, "sharp": 100.0}),
    "MemoryMachine.parts": Call(TURING.parts, {"state": TURING.blank()}, takes=("nan matrix",)),
    "NeuralTuringMachine.copying": Call(recurrent.NeuralTuringMachine.copying, {"rows": 2, "sharp": 100.0}),
    "RateNetwork.from_torch": Call(recurrent.RateNetwork.from_torch, {
        "state_dict": {"weight_hh_l0": [[0.5]], "weight_ih_l0": [[1.0]]}, "layer": 0, "time_constants": 1.0,
        "activation": "tanh", "prefix": ""}),
    "to_neat": Call(recurrent.to_neat, {"network": RATE, "config": NEAT, "key": 0}),
    "OfTorch.from_torch": Call(recurrent.GRU.from_torch, {"state_dict": TORCH, "layer": 0, "prefix": ""}),
    "Predictor": Call(recurrent.Predictor, {"net": MAP, "rate": 1.0}),
    "Predictor.last_symbol": Call(recurrent.Predictor.last_symbol, {"symbols": 2}),
    "Predictor.step": Call(recurrent.Predictor.last_symbol(2).step, {"symbol": 1}),
    "PushdownNetwork": Call(recurrent.PushdownNetwork, fields(COUNTER)),
    "PushdownNetwork.run": Call(COUNTER.run, {"symbols": [0, 1]}),
    "PushdownNetwork.accepts": Call(COUNTER.accepts, {"symbols": [0, 1]}),
    "Readout": Call(recurrent.Readout, {"weights": [[1.0]], "biases": [0.0]}),
    "Readout, called": Call(READOUT, {"states": STATES}, takes=("nan matrix",)),
    "Readout.fit": Call(recurrent.Readout.fit, {"states": STATES, "targets": STATES, "ridge": 0.0}),
    "Readout.nrmse": Call(READOUT.nrmse, {"states": STATES, "targets": STATES[:1]}, called={"states": "outputs"}),
    "RecurrentNetwork.replace": Call(ECHO.replace, {"weights": TWO, "leak": 0.5}),
    "Recursive": Call(recurrent.Recursive, {"weights": [[1.0, 1.0]], "biases": [0.0], "tensor": None, "activation": "tanh"}),
    "Recursive.of": Call(recurrent.Recursive.of, {"weights": [[1.0, 1.0]], "biases": 0.0, "tensor": None,
                                                  "activation": "tanh"}),
    "Recursive.join": Call(TREES.join, {"left": [1.0], "right": [1.0]}),
    "Recursive.fold": Call(TREES.fold, {"tree": ("a", "b"), "leaves": {"a": [1.0], "b": [2.0]}}),
    "RMLP.of": Call(recurrent.RMLP.of, {"layers": [(TWO, ROW, np.zeros(2))], "activation": "tanh"}),
    "TwoStackMachine": Call(recurrent.TwoStackMachine, {"rules": GO}),
    "TwoStackMachine.run": Call(recurrent.TwoStackMachine(GO).run, {"state": "go", "tape": [0, 0], "number": float,
                                                                    "max_steps": 10},
                                takes=("None", "object", "module", "complex", "numpy complex")),  # names of states
    "multiple_timescales": Call(recurrent.multiple_timescales, {
        "sizes": {"a": 1, "b": 1}, "time_constants": {"a": 1.0, "b": 2.0}, "links": [("a", "b")], "gain": 1.0,
        "bias_scale": 0.0, "input_weights": None, "activation": "tanh", "rng": 0}),
    "symbols_in_double_precision": Call(recurrent.symbols_in_double_precision, {"rng": 0}),
}  # fmt: skip
CALLED = {"bidirectional": {"forwards": "net", "backwards": "net"}}
TABLE = {name: Call(getattr(recurrent, name), CALLS[name], called=CALLED.get(name, {})) for name in CALLS} | MORE
ELSEWHERE = {
    RECORDS: ("History",),
    "a tuple of numbers, which `Shunting` checks": ("Feedback",),
    "takes anything": ("chain",),
    "takes objects of another package": ("from_neat",),
    "a role, as of DynamicalSystem.has": ("CohenGrossberg.has",),
}


def test_every_class_function_and_method_is_in_the_table():
    assert missing([recurrent], {name.partition(",")[0] for name in TABLE}, ELSEWHERE) == []


def test_trees_may_be_deep():
    """As deep as a sequence is long: no recursion of Python."""
    tree = recurrent.chain("a", ["a"] * 5000)
    net = recurrent.Recursive.of([[0.5, 0.5]], activation="linear")
    assert net.fold(tree, {"a": [1.0]}) == pytest.approx([1.0])


@pytest.mark.parametrize("name", TABLE)
def test_bad_values_are_refused_at_once_by_name(name, tmp_path):
    check(name, TABLE[name], tmp_path, share=SHORT)


@pytest.mark.attack
@pytest.mark.parametrize("name", TABLE)
def test_all_bad_values_are_refused_at_once_by_name(name, tmp_path):
    check(name, TABLE[name], tmp_path)
