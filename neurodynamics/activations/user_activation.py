"""Functions of users as activations: compiled for numbers and vectors, and tried at some points."""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core.errors import NumbaError
from numba.core.types import Float, Integer, float64

from neurodynamics.compiling import compiled, elementwise
from neurodynamics.validation import as_real

POINTS = (-7.3, -2.6, -1.15, -0.42, 0.17, 0.58, 1.37, 3.1, 6.4)  # no corners of the usual functions among them
STEPS = (1e-3, 1e-4, 1e-5, 1e-6)  # of the difference quotients: one of them suits the function's scale
TOLERANCE = 1e-3


def compile_functions(name: str, functions: dict[str, Callable | None]) -> dict[str, Any]:
    """Return kernels for the functions that are there; ``value`` and ``derivative`` work on vectors as well."""
    if not isinstance(name, str) or not name:
        raise TypeError(f"`name` must be the name of the activation; got {name!r:.60}.")
    for entry, function in functions.items():
        if function is not None and not callable(function):
            raise TypeError(f"`{entry}` of activation {name!r} must be a function f(x); got {function!r:.60}.")
    for entry in ("value", "derivative"):
        if functions[entry] is None:
            raise TypeError(
                f"`{entry}` of activation {name!r} is missing: value and derivative are both required, "
                "because Jacobians, stability and Newton's method are built on exact derivatives."
            )
    kernels = {entry: None if f is None else _compile(name, entry, f) for entry, f in functions.items()}
    return {e: elementwise(k) if e in ("value", "derivative") else k for e, k in kernels.items()}


def numbers(value: Any, name: str, count: int) -> Any:
    """Return so many numbers, of which none is NaN; those of facts may be infinite."""
    array = as_real(value, name).ravel()
    if array.shape != (count,) or np.isnan(array).any():
        raise ValueError(f"`{name}` must be {count} number{'s' * (count > 1)}, not NaN; got {value!r:.60}.")
    return tuple(array.tolist())


def _compile(name: str, entry: str, function: Callable) -> Any:
    what = f"`{entry}` of activation {name!r}"
    dispatcher = compiled(_own_copy(what, function))
    try:
        dispatcher.compile((float64,))
    except NumbaError as error:
        raise TypeError(
            f"{what} must be a function of one number that numba can compile; it says:\n{error}"
        ) from error
    returned = dispatcher.nopython_signatures[0].return_type
    if not isinstance(returned, (Float, Integer)):
        raise TypeError(f"{what} must return a float; got {returned}.")
    return dispatcher


def _own_copy(what: str, function: Callable) -> Callable:
    """Return a plain function that does the same, and check that it takes one number."""
    function = getattr(function, "py_func", function)
    if not isinstance(function, types.FunctionType):  # math.tanh, np.tanh, a ufunc of numba
        return lambda x: function(x)
    try:
        inspect.signature(function).bind(0.0)
    except TypeError as error:
        raise TypeError(
            f"{what} must take one number, f(x); got {function.__name__}{inspect.signature(function)}."
        ) from error
    return function


# Checks --------------------------------------------------------------------------------------------------------------


def check(activation: Any) -> None:
    """Raise ValueError where the entries contradict each other."""
    low, high = activation.range
    if not low < high:
        raise ValueError(f"`range` of activation {activation.name!r} must be (low, high), low < high; got {low, high}.")
    _check_slope(activation, "value", "derivative")
    if activation.potential is not None:
        _check_slope(activation, "potential", "value")
    for x in POINTS:
        value, slope = activation.value(x), activation.derivative(x)
        if math.isfinite(value):
            _check_bounds(activation, x, value, slope)
            _check_inverse(activation, x, value, slope)


def _check_slope(activation: Any, entry: str, slope_entry: str) -> None:
    function, slope = getattr(activation, entry), getattr(activation, slope_entry)
    for x in POINTS:
        quotients = [(function(x + h) - function(x - h)) / (2.0 * h) for h in STEPS]
        finite = [q for q in quotients if math.isfinite(q)]
        given = slope(x)
        if finite and not any(abs(given - q) <= TOLERANCE * (1e-3 + abs(q)) for q in finite):
            raise ValueError(
                f"`{slope_entry}` of activation {activation.name!r} is not the derivative of `{entry}`: "
                f"at x = {x} it gives {given:.6g}, but `{entry}` has the slope {quotients[1]:.6g}."
            )


def _check_bounds(activation: Any, x: float, value: float, slope: float) -> None:
    low, high = activation.range
    facts = {
        f"`range` {low, high}: the value is {value:.6g}": low <= value <= high,
        f"`max_slope` {activation.max_slope:.6g}: the derivative is {slope:.6g}": abs(slope)
        <= activation.max_slope * (1.0 + TOLERANCE),
        f"`monotone`: the derivative is {slope:.6g}": slope >= 0.0 or not activation.monotone,
    }
    if activation.riccati is not None:
        a, b, c = activation.riccati
        expected = a + b * value + c * value * value
        facts[f"`riccati`: the derivative is {slope:.6g}, not {expected:.6g}"] = abs(slope - expected) <= TOLERANCE * (
            1e-3 + abs(slope)
        )
    for fact, holds in facts.items():
        if not holds:
            raise ValueError(f"activation {activation.name!r} at x = {x} contradicts its {fact}.")


def _check_inverse(activation: Any, x: float, value: float, slope: float) -> None:
    if activation.inverse is None or not abs(slope) > TOLERANCE * (1.0 + abs(value)):
        return  # too flat to tell
    back = activation.inverse(value)
    if not abs(back - x) <= TOLERANCE * (1.0 + abs(x)):
        raise ValueError(
            f"`inverse` of activation {activation.name!r} does not undo `value`: "
            f"at x = {x} the value is {value:.6g}, and its inverse {back:.6g}."
        )
