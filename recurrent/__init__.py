"""The recurrent networks of the textbooks as dynamical systems: maps and flows with exact Jacobians."""

from recurrent.fully_recurrent import RMLP, Elman, FullyRecurrent, IndRNN
from recurrent.gates import GRU, LSTM, MGU

__all__ = ["GRU", "LSTM", "MGU", "RMLP", "Elman", "FullyRecurrent", "IndRNN"]
