"""The right-hand side of a state together with its tangent vectors.

The extended state is one vector ``[y (n), integral of the trace, q_1 (n), .., q_k (n)]`` with

    dy/dt = f(t, y, u),    dq_m/dt = J(t, y, u) q_m,    d/dt integral = trace J.

Additive networks form ``J q`` without J, see :mod:`analysis.lyapunov.additive`; for other systems J is formed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import carray

from neurodynamics.compiling import call, fma, kernel, offset, padded, pointer
from neurodynamics.inputs import evaluate_inputs
from neurodynamics.methods import Drive

RHS, JAC, TANGENT, DIFFUSION = range(4)  # places of the functions
BLAS_FROM = 16  # states from which BLAS multiplies a formed J


def width_of_state(n: int, k: int) -> int:
    """Return the padded length of the extended state."""
    return padded(n + 1 + k * n)


class Signals(NamedTuple):
    """The inputs of one member as arrays; `u` is room for their values."""

    base: Any
    terms: Any
    n_terms: Any
    data: Any
    u: Any
    varying: bool


class Problem(NamedTuple):
    """The right-hand side of the extended state: pointers and lengths; `jacobian` is scratch."""

    functions: Any
    drive: Drive
    params: Any
    p: int
    n: int
    k: int
    width: int
    jacobian: Any


@kernel
def problem_of(functions, signals, params, n, k, width, jacobian):
    """Return the problem of arrays."""
    drive = Drive(pointer(signals.base), signals.base.size, pointer(signals.terms), signals.n_terms, pointer(signals.data),
                  pointer(signals.u), signals.varying)  # fmt: skip
    return Problem(pointer(functions), drive, pointer(params), params.size, n, k, width, pointer(jacobian))


def _host_slope(problem, t, t_ref, y, out):
    functions, drive, params, n, k = problem.functions, problem.drive, problem.params, problem.n, problem.k
    u = drive.u
    if drive.varying:
        _host_inputs(drive.base, drive.m, drive.terms, drive.n_terms, drive.data, t, t_ref, u)
    functions[RHS](t, y[:n], u, params, out[:n])
    out[n] = 0.0
    if k:
        vectors, products = (array[n + 1 : n + 1 + k * n].reshape(k, n) for array in (y, out))
        trace = functions[TANGENT](t, y[:n], u, params, vectors, products)
        out[n] = 0.0 if np.isnan(trace) else trace  # the record leaves out what is not known


_host_inputs = evaluate_inputs.host


@kernel(host=_host_slope)
def extended_slope(problem, t, t_ref, y, out):
    """out = the slope of the extended state, with the inputs of the piece that holds t_ref."""
    functions, drive, params, p = problem.functions, problem.drive, problem.params, problem.p
    n, k, m, u, jacobian = problem.n, problem.k, drive.m, drive.u, problem.jacobian
    if drive.varying:
        evaluate_inputs(drive.base, m, drive.terms, drive.n_terms, drive.data, t, t_ref, u)
    if k == 0:
        call(functions[RHS], t, y, n, u, m, params, p, out, n)
        out[n] = 0.0
    elif functions[TANGENT] != 0:
        call(functions[TANGENT], t, y, n, u, m, params, p, out, k)
    else:
        call(functions[RHS], t, y, n, u, m, params, p, out, n)
        call(functions[JAC], t, y, n, u, m, params, p, jacobian, n)
        trace = 0.0
        for i in range(n):
            trace += jacobian[i * n + i]
        out[n] = trace
        multiply_rows(jacobian, offset(y, n + 1), n, k, offset(out, n + 1))


@kernel
def multiply_rows(jacobian, q, n, k, out):
    """Row m of out = J times row m of q."""
    if n >= BLAS_FROM:
        np.dot(carray(q, (k, n)), carray(jacobian, (n, n)).T, carray(out, (k, n)))
        return
    for m in range(k):
        for i in range(n):
            total = 0.0
            for j in range(n):
                total = fma(jacobian[i * n + j], q[m * n + j], total)
            out[m * n + i] = total
