"""Estimates of what this processor can do, from figures measured on it (they need gcc).

Per neuron a step of an additive network needs N fused multiply-adds and one activation. Populations are bound by how
many of them a core does in a second; one small network is bound by how long one waits for the other.
"""

from __future__ import annotations

import ctypes
import functools

import numpy as np

from . import native
from .timing import sample
from .workloads import Population

SOURCE = "limits.c"
IN_CACHE = 1024
FLOPS_A_ROUND = 12 * 8 * 2  # chains, lanes, multiply and add

# Operations that wait for each other in one Euler step of ten neurons, in latencies of a multiply-add: argument 1,
# exponential 10 (reduction, polynomial by Estrin's scheme, exponent), division 4, broadcast 3, products in two chains
# 6, update 2. RK4: four slopes and the stage sums.
EULER_CHAIN = 26
RK4_CHAIN = 110


def available() -> bool:
    """Whether gcc is there to measure with."""
    return native.available(SOURCE)


def single_network(method: str) -> float:
    """Return the estimated seconds a step of one network with ten neurons."""
    return {"euler": EULER_CHAIN, "rk4": RK4_CHAIN}[method] * fma_latency()


def population(pop: Population, cores: int, dtype: str = "float64") -> float:
    """Return the estimated seconds of a population of small networks by Euler's method."""
    narrow = dtype == "float32"
    flops = fma_rate() * (2 if narrow else 1)
    neuron_steps = pop.synapse_steps / pop.size
    return (2 * pop.synapse_steps / flops + neuron_steps * sigmoid_time(dtype)) / cores


@functools.cache
def fma_rate() -> float:
    """Return the floating point operations a second of one core in float64."""
    function = _function("fma_throughput", ctypes.c_double, [ctypes.c_long])
    rounds = 1_000_000
    return FLOPS_A_ROUND * rounds / _best(lambda: function(rounds))


@functools.cache
def fma_latency() -> float:
    """Return the seconds from one multiply-add to the next that needs it."""
    function = _function("fma_latency", ctypes.c_double, [ctypes.c_long])
    rounds = 5_000_000
    return _best(lambda: function(rounds)) / rounds


@functools.cache
def sigmoid_time(dtype: str = "float64") -> float:
    """Return the seconds that a vectorised sigmoid takes."""
    double = dtype == "float64"
    array = native.DOUBLES if double else native.FLOATS
    name, result = ("sigmoid_throughput", ctypes.c_double) if double else ("sigmoid_throughput_float", ctypes.c_float)
    function = _function(name, result, [ctypes.c_long, ctypes.c_int, array, array])
    x, y = np.linspace(-3, 3, IN_CACHE, dtype=dtype), np.zeros(IN_CACHE, dtype=dtype)
    rounds = 5000
    return _best(lambda: function(rounds, IN_CACHE, x, y)) / (rounds * IN_CACHE)


def _function(name: str, result: type, arguments: list) -> ctypes._CFuncPtr:
    function = getattr(native.library(SOURCE), name)
    function.restype, function.argtypes = result, arguments
    return function


def _best(run: object) -> float:
    return min(sample(run).cpu for _ in range(7))
