"""The recurrent networks of the textbooks as dynamical systems: maps and flows with exact Jacobians."""

from recurrent.automata import Automaton, extract_automaton, one_hot, random_automaton, run_string, tomita
from recurrent.computer import DifferentiableComputer
from recurrent.delays import NARX, LinearFilter, frequency_response
from recurrent.fully_recurrent import RMLP, Elman, FullyRecurrent, IndRNN
from recurrent.gates import GRU, GRUODE, LSTM, MGU
from recurrent.grossberg import CohenGrossberg, Feedback, Shunting, may_leonard
from recurrent.hierarchy import hierarchical, multiple_timescales
from recurrent.history import History, HistoryCompressor, Predictor
from recurrent.jordan import Jordan
from recurrent.liquid import LiquidState
from recurrent.memory import NeuralTuringMachine
from recurrent.memristive import Memristive, loop_projector
from recurrent.neat_genomes import from_neat, to_neat
from recurrent.rate import GatedRate, LiquidTimeConstant, RateNetwork
from recurrent.readout import Readout, memory_capacity, nrmse
from recurrent.records import Batch, bidirectional, run
from recurrent.recursive import Recursive, chain
from recurrent.reservoir import EchoState
from recurrent.second_order import SecondOrder
from recurrent.series import mackey_glass, narma10
from recurrent.stacks import ContinuousStack, PushdownNetwork, TwoStackMachine, counter_network, symbols_in_double_precision

__all__ = [
    "GRU",
    "GRUODE",
    "LSTM",
    "MGU",
    "NARX",
    "RMLP",
    "Automaton",
    "Batch",
    "CohenGrossberg",
    "ContinuousStack",
    "DifferentiableComputer",
    "EchoState",
    "Elman",
    "Feedback",
    "FullyRecurrent",
    "GatedRate",
    "History",
    "HistoryCompressor",
    "IndRNN",
    "Jordan",
    "LinearFilter",
    "LiquidState",
    "LiquidTimeConstant",
    "Memristive",
    "NeuralTuringMachine",
    "Predictor",
    "PushdownNetwork",
    "RateNetwork",
    "Readout",
    "Recursive",
    "SecondOrder",
    "Shunting",
    "TwoStackMachine",
    "bidirectional",
    "chain",
    "counter_network",
    "extract_automaton",
    "frequency_response",
    "from_neat",
    "hierarchical",
    "loop_projector",
    "mackey_glass",
    "may_leonard",
    "memory_capacity",
    "multiple_timescales",
    "narma10",
    "nrmse",
    "one_hot",
    "random_automaton",
    "run",
    "run_string",
    "symbols_in_double_precision",
    "to_neat",
    "tomita",
]
