"""Functions of one number with their slopes, as kernels over vectors of numbers."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.activations import Activation
from neurodynamics.compiling import WIDTH, address_of, kernel, load_first, place, pointer_kernel, store_first

LARGE = 1e150  # slope of what has overflown: what comes back there is 0, as of 1 / (1 + exp(x)), and 0 times it stays 0

# Of each the value f(x, p), and the slope from x, f and p; p is the exponent of a power. Named as in numpy.
SLOPES: dict[str, Callable] = {
    "exp": lambda x, f, p: LARGE if f == np.inf else f,
    "exp2": lambda x, f, p: LARGE if f == np.inf else 0.6931471805599453 * f,
    "expm1": lambda x, f, p: LARGE if f == np.inf else f + 1.0,
    "log": lambda x, f, p: 1.0 / x,
    "log2": lambda x, f, p: 1.4426950408889634 / x,
    "log10": lambda x, f, p: 0.4342944819032518 / x,
    "log1p": lambda x, f, p: 1.0 / (1.0 + x),
    "sqrt": lambda x, f, p: 0.5 / f,
    "sin": lambda x, f, p: np.cos(x),
    "cos": lambda x, f, p: -np.sin(x),
    "tan": lambda x, f, p: 1.0 + f * f,
    "sinh": lambda x, f, p: np.cosh(x),
    "cosh": lambda x, f, p: np.sinh(x),
    "tanh": lambda x, f, p: 1.0 - f * f,
    "arcsin": lambda x, f, p: 1.0 / np.sqrt((1.0 - x) * (1.0 + x)),
    "arccos": lambda x, f, p: -1.0 / np.sqrt((1.0 - x) * (1.0 + x)),
    "arctan": lambda x, f, p: 1.0 / (1.0 + x * x),
    "arcsinh": lambda x, f, p: 1.0 / np.sqrt(1.0 + x * x),
    "arccosh": lambda x, f, p: 1.0 / np.sqrt((x - 1.0) * (x + 1.0)),
    "arctanh": lambda x, f, p: 1.0 / ((1.0 - x) * (1.0 + x)),
    "power": lambda x, f, p: p * x ** (p - 1.0),
}


def values_and_slopes(function: Activation | str) -> int:
    """Return the address of a kernel for n numbers y: values go to out, and slopes in their place, which u names again."""
    return address_of(_of_name(function) if isinstance(function, str) else _of_activation(function))


_CALL = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_double, *[ctypes.c_int64] * 8)


def value_at(function: Activation | str, x: float, exponent: float = 0.0) -> float:
    """Return the value at a number, as sweeps compute it."""
    given, out = np.array([x]), np.empty(1)
    y, to = place(given), place(out)
    _CALL(values_and_slopes(function))(0, exponent, y, 1, y, 0, y, 0, to, 1)
    return float(out[0])


@functools.cache
def _of_activation(activation: Activation) -> Any:
    value, slope = activation.value, activation.derivative

    @pointer_kernel
    def value_and_slope(index, t, y, n, u, m, params, p, out, k):
        for i in range(0, n, WIDTH):
            x, rest = load_first(y, i, n - i), n - i
            store_first(out, i, value(x), rest)
            store_first(u, i, slope(x), rest)

    return value_and_slope


@functools.cache
def _of_name(name: str) -> Any:
    function, named = getattr(np, name), SLOPES[name]
    named.__name__ = named.__qualname__ = f"slope_of_{name}"
    slope, a_power = kernel(named), name == "power"

    @pointer_kernel
    def value_and_slope(index, exponent, y, n, u, m, params, p, out, k):
        for i in range(n):
            x = y[i]
            out[i] = x**exponent if a_power else function(x)
            u[i] = slope(x, out[i], exponent)

    return value_and_slope
