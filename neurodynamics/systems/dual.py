"""Dual numbers: right-hand sides written once give the function and its exact derivatives.

A dual number ``a + b eps`` with ``eps**2 = 0`` is carried by a complex number ``a + i b EPS``: EPS is so small that its
square vanishes beside every real part, so complex sums, products and quotients are those of dual numbers, exact to
rounding and without a step to choose. Activations are lifted by their own derivatives. A kernel under
:func:`dual_kernel` is written for both kinds of numbers, with the functions of this file in place of comparisons.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import types
from numba.extending import overload

from neurodynamics.activations import Activation
from neurodynamics.compiling import address_of, c_signature, call, fma, kernel, pointer, pointer_kernel

EPS = 2.0**-100  # a power of two: multiplying and dividing by it is exact
DUAL_SIGNATURE = c_signature(types.complex128, types.CPointer(types.complex128))


def dual_kernel(function: Callable) -> Any:
    """Compile a function in the C signature of the contract, for numbers and dual numbers."""
    dispatcher = pointer_kernel(function)
    dispatcher.is_dual = True
    return dispatcher


def dual_address(source: Any) -> int:
    """Return the address of a dual kernel for dual numbers, 0 for any other function."""
    return address_of(source, DUAL_SIGNATURE) if getattr(source, "is_dual", False) else 0


def with_slope(x: Any, value: Any, slope: Any) -> Any:
    """Return a function's value at the number or dual number x."""
    return complex(value, slope * x.imag) if isinstance(x, complex) else value


@overload(with_slope, inline="always")
def _with_slope(x, value, slope):  # type: ignore[no-untyped-def]
    if isinstance(x, types.Complex):
        return lambda x, value, slope: complex(value, slope * x.imag)
    return lambda x, value, slope: value


def scratch(like: Any, size: int) -> Any:
    """Return memory for numbers of the kind that a pointer points to.

    numba frees an array at its last mention: where that is as ``pointer(array)`` in a call, :func:`keep` it behind the call.
    """
    return np.empty(size, like.dtype)


@overload(scratch, inline="always")
def _scratch(like, size):  # type: ignore[no-untyped-def]
    kind = np.complex128 if isinstance(like.dtype, types.Complex) else np.float64
    return lambda like, size: np.empty(size, kind)


def multiply_add(a: Any, b: Any, c: Any) -> Any:
    """Return ``a b + c``, of numbers with one rounding."""
    total = a * b + c
    return fma(a, b, c) if isinstance(total, float) else total


@overload(multiply_add, inline="always")
def _multiply_add(a, b, c):  # type: ignore[no-untyped-def]
    if any(isinstance(each, types.Complex) for each in (a, b, c)):
        return lambda a, b, c: a * b + c
    return lambda a, b, c: fma(a, b, c)


@functools.cache
def lifted(activation: Activation) -> Any:
    """Return the activation as a kernel of numbers and dual numbers."""
    value, slope = activation.value, activation.derivative

    def in_python(x: Any) -> Any:
        if hasattr(x, "applied"):  # a recorded number
            return x.applied(activation)
        return with_slope(x, value(float(x.real)), slope(float(x.real)))

    @kernel(inline=True, host=in_python)
    def phi(x):
        return with_slope(x, value(x.real), slope(x.real))

    return phi


@functools.cache
def jacobian_of(rhs: Any) -> Any:
    """Return the Jacobian of a dual kernel, one column after the other."""

    @pointer_kernel
    def dual_jacobian(index, t, y, n, u, m, params, p, out, k):
        z, w = np.empty(n, np.complex128), np.empty(m, np.complex128)
        q, f = np.empty(p, np.complex128), np.empty(n, np.complex128)
        _copy(y, n, z)
        _copy(u, m, w)
        _copy(params, p, q)
        for j in range(n):
            z[j] = complex(y[j], EPS)
            rhs(index, t, pointer(z), n, pointer(w), m, pointer(q), p, pointer(f), n)
            z[j] = y[j]
            for i in range(n):
                out[i * n + j] = f[i].imag / EPS

    return dual_jacobian


@kernel
def _copy(source, size, target):
    for i in range(size):
        target[i] = source[i]


@kernel
def call_dual(f, t, y, u, params, out):
    """Call the function of dual numbers at address f with arrays."""
    call(f, t, pointer(y), y.size, pointer(u), u.size, pointer(params), params.size, pointer(out), out.size)
