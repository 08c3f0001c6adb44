"""The additive right-hand side for many independent networks at once: element ``i * lanes + lane`` of every block.

A block of parameters holds what a single network's vector holds, one lane a member, with 1/tau in the place of tau. Where
all members share their parameters the block is that vector itself, again with 1/tau. Sums run in the order of
:mod:`neurodynamics.systems.additive_kernels`, so a lane computes bitwise what a single network does.
"""

from __future__ import annotations

import functools
from typing import Any

from neurodynamics.activations import Activation
from neurodynamics.compiling import (
    SIGNATURE,
    SIGNATURE32,
    address_of,
    fma,
    kernel,
    load,
    load_same,
    stack_like,
    store,
    width_of,
)
from neurodynamics.systems.additive_kernels import BIAS, BLAS_FROM, CONSTANT, GAIN, LEAK, NOISE, TAU, WEIGHTS

VECTORS = 2  # vectors in a block
OUTPUTS = BLAS_FROM * VECTORS * 8  # room for the outputs of a block, in doubles
LANES = {"float64": 16, "float32": 32}


def why_not_lanes(system: Any) -> str:
    """Return why many systems of this structure cannot be carried in lanes, or an empty string."""
    if system.structure("additive") is None:
        return "the system is not an additive network"
    if system.state_dim == 0:
        return "the network has no neurons"
    return f"networks of {BLAS_FROM} and more neurons are left to BLAS" if system.state_dim >= BLAS_FROM else ""


@functools.cache
def lanes_address(activation: Activation, dtype: str, shared: bool) -> int:
    """Return the address of the right-hand side for lanes; ``shared``: all members have the same parameters."""
    return address_of(lanes_kernel(activation, shared), SIGNATURE if dtype == "float64" else SIGNATURE32)


@functools.cache
def lanes_kernel(activation: Activation, shared: bool) -> Any:
    """Return the right-hand side for lanes, with the C signature of the contract."""
    return _shared(activation.value) if shared else _own(activation.value)


def _own(phi: Any) -> Any:
    """Each member has parameters of its own: (p, lane) of the block."""

    @kernel
    def own_parameter(params, index, v, lanes):
        return load(params, index * lanes + v)

    return _lanes_rhs(phi, own_parameter, False)


def _shared(phi: Any) -> Any:
    """All members have the same parameters."""

    @kernel
    def shared_parameter(params, index, v, lanes):
        return load_same(params, index)

    return _lanes_rhs(phi, shared_parameter, True)


def _lanes_rhs(phi: Any, parameter: Any, shared: bool) -> Any:
    @kernel
    def begin_sums(params, weights_end, u, n, m, weighted, lanes, width, out):
        """out_i = c_i + u_i, or c_i + sum_k V_ik u_k."""
        for i in range(n):
            for v in range(0, lanes, width):
                acc = parameter(params, CONSTANT * n + i, v, lanes)
                if weighted:
                    for q in range(m):
                        acc = fma(parameter(params, weights_end + q * n + i, v, lanes), load(u, q * lanes + v), acc)
                else:
                    acc = acc + load(u, i * lanes + v)
                store(out, i * lanes + v, acc)

    @kernel
    def end_sums(params, y, n, lanes, width, out):
        """out_i = (out_i - lambda_i y_i) / tau_i."""
        for i in range(n):
            for v in range(0, lanes, width):
                at = i * lanes + v
                acc = fma(-parameter(params, LEAK * n + i, v, lanes), load(y, at), load(out, at))
                store(out, at, acc * parameter(params, TAU * n + i, v, lanes))

    @kernel(inline=True)
    def add_four(params, o, n, i, lanes, width, out):
        """Out += W o, of the neurons i .. i + 3: eight sums stay in registers."""
        a0 = load(out, i * lanes)
        a1 = load(out, i * lanes + width)
        b0 = load(out, (i + 1) * lanes)
        b1 = load(out, (i + 1) * lanes + width)
        c0 = load(out, (i + 2) * lanes)
        c1 = load(out, (i + 2) * lanes + width)
        d0 = load(out, (i + 3) * lanes)
        d1 = load(out, (i + 3) * lanes + width)
        for j in range(n):
            o0, o1 = load(o, j * lanes), load(o, j * lanes + width)
            w = WEIGHTS * n + j * n + i
            a0 = fma(parameter(params, w, 0, lanes), o0, a0)
            a1 = fma(parameter(params, w, width, lanes), o1, a1)
            b0 = fma(parameter(params, w + 1, 0, lanes), o0, b0)
            b1 = fma(parameter(params, w + 1, width, lanes), o1, b1)
            c0 = fma(parameter(params, w + 2, 0, lanes), o0, c0)
            c1 = fma(parameter(params, w + 2, width, lanes), o1, c1)
            d0 = fma(parameter(params, w + 3, 0, lanes), o0, d0)
            d1 = fma(parameter(params, w + 3, width, lanes), o1, d1)
        store(out, i * lanes, a0)
        store(out, i * lanes + width, a1)
        store(out, (i + 1) * lanes, b0)
        store(out, (i + 1) * lanes + width, b1)
        store(out, (i + 2) * lanes, c0)
        store(out, (i + 2) * lanes + width, c1)
        store(out, (i + 3) * lanes, d0)
        store(out, (i + 3) * lanes + width, d1)

    @kernel(inline=True)
    def add_two(params, o, n, i, lanes, width, out):
        """The same of two neurons."""
        a0 = load(out, i * lanes)
        a1 = load(out, i * lanes + width)
        b0 = load(out, (i + 1) * lanes)
        b1 = load(out, (i + 1) * lanes + width)
        for j in range(n):
            o0, o1 = load(o, j * lanes), load(o, j * lanes + width)
            w = WEIGHTS * n + j * n + i
            a0 = fma(parameter(params, w, 0, lanes), o0, a0)
            a1 = fma(parameter(params, w, width, lanes), o1, a1)
            b0 = fma(parameter(params, w + 1, 0, lanes), o0, b0)
            b1 = fma(parameter(params, w + 1, width, lanes), o1, b1)
        store(out, i * lanes, a0)
        store(out, i * lanes + width, a1)
        store(out, (i + 1) * lanes, b0)
        store(out, (i + 1) * lanes + width, b1)

    @kernel(inline=True)
    def add_one(params, o, n, i, lanes, width, out):
        """The same of one neuron."""
        a0 = load(out, i * lanes)
        a1 = load(out, i * lanes + width)
        for j in range(n):
            w = WEIGHTS * n + j * n + i
            a0 = fma(parameter(params, w, 0, lanes), load(o, j * lanes), a0)
            a1 = fma(parameter(params, w, width, lanes), load(o, j * lanes + width), a1)
        store(out, i * lanes, a0)
        store(out, i * lanes + width, a1)

    @kernel
    def additive_lanes(index, t, y, size, u, m_size, params, p_size, out, k):
        width = width_of(y)
        lanes = VECTORS * width
        n, m = size // lanes, m_size // lanes
        V = WEIGHTS * n + n * n
        weighted = (p_size if shared else p_size // lanes) > V or m == 0
        o = stack_like(y, OUTPUTS)
        for i in range(n):
            for v in range(0, lanes, width):
                x = load(y, i * lanes + v) + parameter(params, BIAS * n + i, v, lanes)
                store(o, i * lanes + v, phi(parameter(params, GAIN * n + i, v, lanes) * x))
        begin_sums(params, V, u, n, m, weighted, lanes, width, out)
        i = 0
        while i + 4 <= n:
            add_four(params, o, n, i, lanes, width, out)
            i += 4
        if i + 2 <= n:
            add_two(params, o, n, i, lanes, width, out)
            i += 2
        if i < n:
            add_one(params, o, n, i, lanes, width, out)
        end_sums(params, y, n, lanes, width, out)

    return additive_lanes


@functools.cache
def noise_address(dtype: str, shared: bool) -> int:
    """Return the address of the noise amplitudes of a block."""
    return address_of(_shared_noise if shared else _own_noise, SIGNATURE if dtype == "float64" else SIGNATURE32)


@functools.cache
def rates_address(dtype: str, shared: bool) -> int:
    """Return the address of the leak rates of a block."""
    return address_of(_shared_rates if shared else _own_rates, SIGNATURE if dtype == "float64" else SIGNATURE32)


@kernel
def _own_noise(index, t, y, size, u, m_size, params, p_size, out, k):
    for i in range(size):
        out[i] = params[NOISE * size + i]


@kernel
def _own_rates(index, t, y, size, u, m_size, params, p_size, out, k):
    for i in range(size):
        out[i] = params[LEAK * size + i] * params[TAU * size + i]


@kernel
def _shared_noise(index, t, y, size, u, m_size, params, p_size, out, k):
    lanes = VECTORS * width_of(y)
    n = size // lanes
    for i in range(size):
        out[i] = params[NOISE * n + i // lanes]


@kernel
def _shared_rates(index, t, y, size, u, m_size, params, p_size, out, k):
    lanes = VECTORS * width_of(y)
    n = size // lanes
    for i in range(size):
        out[i] = params[LEAK * n + i // lanes] * params[TAU * n + i // lanes]


@kernel
def pack_lanes(rows, first, size, block):
    """block[i * lanes + lane] = rows[first + lane, i]; lanes behind the last member repeat it."""
    lanes = block.size // size if size else 1
    last = rows.shape[0] - 1
    for lane in range(lanes):
        member = min(first + lane, last)
        for i in range(size):
            block[i * lanes + lane] = rows[member, i]


@kernel
def invert(block, count):
    """Put 1 / tau in the place of tau, the first `count` numbers."""
    for i in range(count):
        block[i] = 1.0 / block[i]


@kernel
def unpack_lanes(block, first, rows):
    """rows[first + lane, k, i] = block[k, i * lanes + lane]."""
    n = rows.shape[2]
    lanes = block.shape[1] // n if n else 1
    for lane in range(min(lanes, rows.shape[0] - first)):
        for k in range(rows.shape[1]):
            for i in range(n):
                rows[first + lane, k, i] = block[k, i * lanes + lane]
