"""Networks in lanes whose members begin and end at different times: outputs of a block, and members entering a lane."""

from __future__ import annotations

import functools
from typing import Any

from neurodynamics.activations import Activation
from neurodynamics.compiling import SIGNATURE, SIGNATURE32, address_of, fma, kernel, load, store, width_of
from neurodynamics.systems import BIAS, GAIN, LANES as _LANES, VECTORS

LANES = _LANES["float64"]


@kernel
def lanes_of(y):
    """How many members a block has; depends on the precision of its numbers alone."""
    return VECTORS * width_of(y)


@functools.cache
def lane_outputs_address(activation: Activation, dtype: str = "float64") -> int:
    """Return the address of ``outputs`` of the first k neurons of a block, in the C signature of the contract."""
    return address_of(_lane_outputs(activation.value), SIGNATURE if dtype == "float64" else SIGNATURE32)


@functools.cache
def _lane_outputs(phi: Any) -> Any:
    @kernel
    def lane_outputs(index, t, y, size, u, m, params, p, out, k):
        """o_j = phi(g_j (y_j + b_j)) of the first k neurons."""
        width = width_of(y)
        lanes = VECTORS * width
        n = size // lanes
        for i in range(k):
            for v in range(0, lanes, width):
                x = load(y, i * lanes + v) + load(params, (BIAS * n + i) * lanes + v)
                store(out, i * lanes + v, phi(load(params, (GAIN * n + i) * lanes + v) * x))

    return lane_outputs


@kernel
def lane_motors(params, first, o, n, motors, km):
    """motors_i = sum_j M_ij o_j, where M begins at number `first` of every member's parameters."""
    width, lanes = width_of(o), lanes_of(o)
    for i in range(km):
        for v in range(0, lanes, width):
            acc = fma(load(params, (first + i) * lanes + v), load(o, v), 0.0)
            for j in range(1, n):
                acc = fma(load(params, (first + j * km + i) * lanes + v), load(o, j * lanes + v), acc)
            store(motors, i * lanes + v, acc)


@kernel
def enter_lane(lane, params, p, n, start, block, y):
    """Put a network's parameters, with 1/tau for tau, and its first state into a lane."""
    lanes = lanes_of(y)
    for i in range(p):
        block[i * lanes + lane] = params[i]
    for i in range(n):
        block[i * lanes + lane] = 1.0 / block[i * lanes + lane]
        y[i * lanes + lane] = start[i]


@kernel
def lane_is_finite(y, n, lane):
    """Whether no state of the lane is NaN or infinite."""
    total, lanes = 0.0, lanes_of(y)
    for i in range(n):
        total += y[i * lanes + lane] * 0.0
    return total == 0.0
