"""Every public class and function of `recurrent` against bad values: an error that names the argument, at once."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from bad_values import Call, check

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
    "LSTM": {"weights": np.ones((8, 2)), **GATED, "peepholes": None},
    "GRU": {"weights": np.ones((6, 2)), **GATED, "reset_biases": 0.0, "reset": "after"},
    "MGU": {"weights": np.ones((4, 2)), **GATED},
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
FUNCTIONS = {name: getattr(recurrent, name) for name in CALLS}
CALLED = {"bidirectional": {"forwards": "net", "backwards": "net"}}
# Records that others make, structures of discrete mathematics, and what has tests of its own.
ELSEWHERE = {"Automaton", "Batch", "chain", "ContinuousStack", "DifferentiableComputer", "Feedback", "History",
             "HistoryCompressor",
             "NeuralTuringMachine", "Predictor", "PushdownNetwork", "Readout", "Recursive", "TwoStackMachine",
             "multiple_timescales", "symbols_in_double_precision"}  # fmt: skip


def test_every_class_and_function_is_in_the_table():
    own = {name for name in recurrent.__all__ if getattr(getattr(recurrent, name), "__module__", "").startswith("recurrent")}
    named = {name for name in own if callable(getattr(recurrent, name)) and not inspect.ismodule(getattr(recurrent, name))}
    assert not named - ELSEWHERE - set(CALLS), "these go into CALLS"
    assert tomita(1).start == 0


@pytest.mark.parametrize("name", CALLS)
def test_bad_values_are_refused_at_once_by_name(name, tmp_path):
    check(name, Call(FUNCTIONS[name], CALLS[name], called=CALLED.get(name, {})), tmp_path, share=SHORT)


@pytest.mark.attack
@pytest.mark.parametrize("name", CALLS)
def test_all_bad_values_are_refused_at_once_by_name(name, tmp_path):
    check(name, Call(FUNCTIONS[name], CALLS[name], called=CALLED.get(name, {})), tmp_path)
