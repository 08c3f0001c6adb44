"""The recurrent networks of the textbooks as dynamical systems: maps and flows with exact Jacobians."""

from recurrent.automata import Automaton, extract_automaton, one_hot, random_automaton, run_string, tomita
from recurrent.delays import NARX, LinearFilter, frequency_response
from recurrent.fully_recurrent import RMLP, Elman, FullyRecurrent, IndRNN
from recurrent.gates import GRU, LSTM, MGU
from recurrent.grossberg import CohenGrossberg, Feedback, Shunting, may_leonard
from recurrent.jordan import Jordan
from recurrent.memristive import Memristive, loop_projector
from recurrent.rate import GRUODE, GatedRate, LiquidTimeConstant, RateNetwork
from recurrent.second_order import SecondOrder

__all__ = [
    "GRU",
    "GRUODE",
    "LSTM",
    "MGU",
    "NARX",
    "RMLP",
    "Automaton",
    "CohenGrossberg",
    "Elman",
    "Feedback",
    "FullyRecurrent",
    "GatedRate",
    "IndRNN",
    "Jordan",
    "LinearFilter",
    "LiquidTimeConstant",
    "Memristive",
    "RateNetwork",
    "SecondOrder",
    "Shunting",
    "extract_automaton",
    "frequency_response",
    "loop_projector",
    "may_leonard",
    "one_hot",
    "random_automaton",
    "run_string",
    "tomita",
]
