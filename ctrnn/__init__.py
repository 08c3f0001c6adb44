"""Continuous-time recurrent neural networks: build them, simulate them, control with them."""

from ctrnn import library
from ctrnn.c_code import export_c
from ctrnn.controllers import Controller, MotorCTRNN, MotorMap, PopulationController
from ctrnn.conversions import fold_constant_inputs, fold_gains, fold_leaks, from_rate_form, to_logistic, to_tanh
from ctrnn.genotype import Genotype
from ctrnn.graphs import from_networkx, to_networkx
from ctrnn.groups import Groups
from ctrnn.network import CTRNN
from ctrnn.ns_files import read_ns, write_ns
from ctrnn.sampling import centre_crossing, log_uniform, normal, random_ctrnn
from neurodynamics import *  # noqa: F403
from neurodynamics import __all__ as _common

__all__ = [
    "from_networkx",
    "to_networkx",
    "CTRNN",
    "Controller",
    "Genotype",
    "Groups",
    "MotorCTRNN",
    "MotorMap",
    "PopulationController",
    "centre_crossing",
    "export_c",
    "fold_constant_inputs",
    "fold_gains",
    "fold_leaks",
    "from_rate_form",
    "library",
    "log_uniform",
    "normal",
    "random_ctrnn",
    "read_ns",
    "to_logistic",
    "to_tanh",
    "write_ns",
    *_common,
]
