"""Compiled functions of the additive network, one set for each activation.

    tau_i dy_i/dt = -lambda_i y_i + sum_j W_ij phi(g_j (y_j + b_j)) + sum_k V_ik u_k + c_i,    noise sigma_i dB_i

The parameter vector holds ``tau, lambda, b, g, c, sigma`` (N each), then W and, where inputs have weights, V, column by
column.
The sum runs over the inputs first, then over j in ascending order, each term by one fused multiply-add.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from neurodynamics.activations import Activation
from neurodynamics.compiling import (
    WIDTH,
    SystemFunction,
    fma,
    kernel,
    load,
    load_first,
    matrix_vector,
    offset,
    pointer,
    pointer_kernel,
    splat,
    stack,
    store,
    store_first,
)

BLAS_FROM = 128  # from so many neurons on BLAS forms W @ outputs
TAU, LEAK, BIAS, GAIN, CONSTANT, NOISE, WEIGHTS = range(7)  # blocks of N in the parameter vector


@functools.cache
def additive_functions(activation: Activation) -> dict[str, SystemFunction]:
    """Return rhs, jac and outputs for an activation; every network with that activation shares them."""
    return {
        "rhs": SystemFunction("rhs", _rhs(activation.value)),
        "jac": SystemFunction("jac", _jac(activation.derivative)),
        "outputs": SystemFunction("outputs", _outputs(activation.value)),
        "activation": SystemFunction("activation", _elementwise(activation.value)),
        "diffusion": _DIFFUSION,
        "rates": _RATES,
    }


def _rhs(phi: Any) -> Any:
    activate = _activate(phi)

    @pointer_kernel
    def additive_rhs(index, t, y, n, u, m, params, p, out, k):
        if n >= BLAS_FROM:
            o = np.empty(n)
            activate(params, y, n, pointer(o))
            _sum_with_blas(pointer(o), y, n, u, m, params, p, out)
        else:
            o = stack(BLAS_FROM)
            activate(params, y, n, o)
            _sum_in_order(o, y, n, u, m, params, p, out)

    return additive_rhs


def _outputs(phi: Any) -> Any:
    activate = _activate(phi)

    @pointer_kernel
    def additive_outputs(index, t, y, n, u, m, params, p, out, k):
        activate(params, y, n, out)

    return additive_outputs


def _elementwise(phi: Any) -> Any:
    @pointer_kernel
    def additive_activation(index, t, y, n, u, m, params, p, out, k):
        """out_i = phi(y_i), of whole vectors."""
        for i in range(0, n, WIDTH):
            store(out, i, phi(load(y, i)))

    return additive_activation


@pointer_kernel
def _additive_noise(index, t, y, n, u, m, params, p, out, k):
    """The amplitudes sigma."""
    for i in range(n):
        out[i] = params[NOISE * n + i]


@pointer_kernel
def _additive_rates(index, t, y, n, u, m, params, p, out, k):
    """Rates of the leak, lambda_i / tau_i."""
    for i in range(n):
        out[i] = params[LEAK * n + i] * (1.0 / params[TAU * n + i])


_RATES = SystemFunction("rates", _additive_rates)
_DIFFUSION = SystemFunction("diffusion", _additive_noise)


def _activate(phi: Any) -> Any:
    @kernel
    def activate(params, y, n, o):
        """o_j = phi(g_j (y_j + b_j))."""
        whole = n - n % WIDTH
        for i in range(0, whole, WIDTH):
            store(o, i, phi(load(params, GAIN * n + i) * (load(y, i) + load(params, BIAS * n + i))))
        rest = n - whole
        if rest:
            i = whole
            y_plus_b = load_first(y, i, rest) + load_first(params, BIAS * n + i, rest)
            store_first(o, i, phi(load_first(params, GAIN * n + i, rest) * y_plus_b), rest)

    return activate


@kernel
def _sum_in_order(o, y, n, u, m, params, p, out):
    """The right-hand side from the outputs o, eight neurons at a time."""
    V = WEIGHTS * n + n * n
    weighted = p > V or m == 0
    whole = n - n % WIDTH
    for i in range(0, whole, WIDTH):
        acc = load(params, CONSTANT * n + i)
        if weighted:
            for q in range(m):
                acc = fma(load(params, V + q * n + i), splat(u[q]), acc)
        else:
            acc = acc + load(u, i)
        for j in range(n):
            acc = fma(load(params, WEIGHTS * n + j * n + i), splat(o[j]), acc)
        acc = fma(-load(params, LEAK * n + i), load(y, i), acc)
        store(out, i, acc * (1.0 / load(params, i)))
    rest = n - whole
    if rest:
        i = whole
        acc = load_first(params, CONSTANT * n + i, rest)
        if weighted:
            for q in range(m):
                acc = fma(load_first(params, V + q * n + i, rest), splat(u[q]), acc)
        else:
            acc = acc + load_first(u, i, rest)
        for j in range(n):
            acc = fma(load_first(params, WEIGHTS * n + j * n + i, rest), splat(o[j]), acc)
        acc = fma(-load_first(params, LEAK * n + i, rest), load_first(y, i, rest), acc)
        store_first(out, i, acc * (1.0 / load_first(params, i, rest)), rest)


@kernel
def _sum_with_blas(o, y, n, u, m, params, p, out):
    """The right-hand side from the outputs o for large networks."""
    V = WEIGHTS * n + n * n
    for i in range(n):
        out[i] = params[CONSTANT * n + i]
        if p == V and m > 0:
            out[i] += u[i]
    for q in range(m if p > V else 0):
        for i in range(n):
            out[i] += params[V + q * n + i] * u[q]
    matrix_vector(offset(params, WEIGHTS * n), o, n, 1.0, out)
    for i in range(n):
        out[i] = fma(-params[LEAK * n + i], y[i], out[i]) * (1.0 / params[TAU * n + i])


def _jac(slope: Any) -> Any:
    @pointer_kernel
    def additive_jac(index, t, y, n, u, m, params, p, out, k):
        """J_ij = (W_ij g_j phi'(g_j (y_j + b_j)) - lambda_i delta_ij) / tau_i, row by row."""
        for j in range(n):
            g = params[GAIN * n + j]
            s = g * slope(g * (y[j] + params[BIAS * n + j]))
            for i in range(n):
                out[i * n + j] = params[WEIGHTS * n + j * n + i] * s * (1.0 / params[i])
        for i in range(n):
            out[i * n + i] -= params[LEAK * n + i] * (1.0 / params[i])

    return additive_jac
