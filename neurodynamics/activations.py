"""Activation functions: everything that any analysis needs to know about one, in one record."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Any

from . import _elementary
from ._jit import kernel
from ._vector import clamp, select_positive


@dataclass(frozen=True)
class Activation:
    """One activation function, with all that is known about it.

    Attributes
    ----------
    name : str
        What users call it.
    value, derivative : kernel
        The function and its derivative, for a float64 and for the vectors of kernels. NaN gives NaN.
    inverse : kernel or None
        The inverse function, for a float64.
    potential : kernel or None
        An integral of ``value``, for a float64.
    range : tuple of float
        What ``value`` never leaves, in floating point as well.
    max_slope : float
        The largest derivative.
    monotone : bool
        Whether ``value`` never decreases.
    smooth : bool
        Whether ``derivative`` is continuous.
    ulp : float
        Bound on the error of ``value`` in double precision, in units of its last place.
    riccati : tuple of float or None
        (a, b, c) with ``value' = a + b value + c value**2``.
    """

    name: str
    value: Any
    derivative: Any
    inverse: Any | None
    potential: Any | None
    range: tuple[float, float]
    max_slope: float
    monotone: bool
    smooth: bool
    ulp: float
    riccati: tuple[float, float, float] | None = None


def activation(activation: str | Activation) -> Activation:
    """Return the activation of that name; a record is returned as it is.

    Parameters
    ----------
    activation : str or Activation
        A name (``"logistic"``, ``"tanh"``, ..) or a record.

    Returns
    -------
    Activation

    Raises
    ------
    ValueError
        Where there is no such name.
    """
    if isinstance(activation, Activation):
        return activation
    if activation in ACTIVATIONS:
        return ACTIVATIONS[activation]
    near = difflib.get_close_matches(str(activation), ACTIVATIONS)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise ValueError(f"`activation` must be one of {', '.join(ACTIVATIONS)} or an Activation; got {activation!r}.{hint}")


@kernel
def _logistic_inverse(v: Any) -> Any:
    return math.log(v) - math.log1p(-v)


@kernel
def _softplus(x: Any) -> Any:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@kernel
def _tanh_derivative(x: Any) -> Any:
    return 4.0 * _elementary.bell(2.0 * x)


@kernel
def _tanh_inverse(v: Any) -> Any:
    return math.atanh(v)


@kernel
def _log_cosh(x: Any) -> Any:
    x = abs(x)
    if x < 1.0:
        return 0.5 * math.log1p(math.sinh(x) ** 2)
    return x + math.log1p(math.exp(-2.0 * x)) - math.log(2.0)


@kernel
def _identity(x: Any) -> Any:
    return x


@kernel
def _one(x: Any) -> Any:
    return clamp(x, 1.0, 1.0)


@kernel
def _half_square(x: Any) -> Any:
    return 0.5 * x * x


@kernel
def _relu(x: Any) -> Any:
    return clamp(x, 0.0, math.inf)


@kernel
def _step(x: Any) -> Any:
    return select_positive(x, 1.0, clamp(x, 0.0, 0.0))


@kernel
def _relu_potential(x: Any) -> Any:
    return 0.5 * max(x, 0.0) ** 2


LOGISTIC = Activation(
    "logistic", _elementary.logistic, _elementary.bell, _logistic_inverse, _softplus,
    range=(0.0, 1.0), max_slope=0.25, monotone=True, smooth=True, ulp=2.0, riccati=(0.0, 1.0, -1.0),
)  # fmt: skip
TANH = Activation(
    "tanh", _elementary.tanh, _tanh_derivative, _tanh_inverse, _log_cosh,
    range=(-1.0, 1.0), max_slope=1.0, monotone=True, smooth=True, ulp=2.5, riccati=(1.0, 0.0, -1.0),
)  # fmt: skip
LINEAR = Activation(
    "linear", _identity, _one, _identity, _half_square,
    range=(-math.inf, math.inf), max_slope=1.0, monotone=True, smooth=True, ulp=0.0, riccati=(1.0, 0.0, 0.0),
)  # fmt: skip
RELU = Activation(
    "relu", _relu, _step, None, _relu_potential,
    range=(0.0, math.inf), max_slope=1.0, monotone=True, smooth=False, ulp=0.0,
)  # fmt: skip

ACTIVATIONS = {a.name: a for a in (LOGISTIC, TANH, LINEAR, RELU)}
