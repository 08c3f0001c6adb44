"""Activation functions: everything that any analysis needs to know about one, in one record."""

from __future__ import annotations

import difflib
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurodynamics.activations import (
    elementary as _elementary,
    inverses as _inverses,
    piecewise as _piecewise,
    potentials as _potentials,
    user_activation as _user_activation,
)
from neurodynamics.compiling import WIDTH, kernel, load, load_first, store, store_first
from neurodynamics.validation import as_flag, as_real


@dataclass(frozen=True)
class Activation:
    """One activation function, with all that is known about it.

    Every entry but ``name`` is a fact that others build on, and is tested. What is not known is None, and what needs it
    falls back or refuses.

    Attributes
    ----------
    name : str
        What users call it.
    value, derivative : kernel
        The function and its derivative, for a float64 and for the vectors of kernels (``_vector.py``), with bitwise
        the same result. NaN gives NaN. The derivative is good to 8 units in the last place; at a corner it is that of
        the flat side.
    inverse : kernel or None
        The inverse function, for a float64.
    potential : kernel or None
        An integral of ``value``, for a float64.
    range : tuple of float
        What ``value`` never leaves, in floating point as well; the ends are reached by saturation.
    max_slope : float
        Least upper bound of ``|derivative|``, in floating point as well.
    monotone : bool
        Whether the function never decreases. (Rounding may put the values of neighbouring numbers out of order, by
        no more than ``ulp`` allows.)
    smooth : bool
        Whether the derivative is continuous.
    ulp : float
        Bound on the error of ``value``, in units in the last place of the exact value: of a double or, in vectors of
        single precision, of a float. Where that is below ``FLUSHED`` = 1e-307 (1e-37), the result may be zero instead.
    riccati : tuple of float or None
        (a, b, c) with ``value' = a + b value + c value**2``.

    Examples
    --------
    >>> from neurodynamics import activation
    >>> tanh = activation("tanh")
    >>> tanh.range, tanh.max_slope
    ((-1.0, 1.0), 1.0)
    >>> tanh([0.0, 40.0])
    array([0., 1.])
    """

    name: str
    value: Any = field(repr=False)
    derivative: Any = field(repr=False)
    inverse: Any | None = field(repr=False)
    potential: Any | None = field(repr=False)
    range: tuple[float, float]
    max_slope: float
    monotone: bool
    smooth: bool
    ulp: float
    riccati: tuple[float, float, float] | None = None

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return the values at the elements of an array."""
        return _at_elements(self.value, x)

    def slopes(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return the derivatives at the elements of an array."""
        return _at_elements(self.derivative, as_real(x, "x"))

    def __reduce__(self) -> Any:
        """Copies and pickles of a built-in activation are that activation."""
        if ACTIVATIONS.get(self.name) is self:
            return activation, (self.name,)
        return super().__reduce__()

    @classmethod
    def from_functions(
        cls,
        name: str,
        *,
        value: Callable[[float], float] | None = None,
        derivative: Callable[[float], float] | None = None,
        inverse: Callable[[float], float] | None = None,
        potential: Callable[[float], float] | None = None,
        range: tuple[float, float] = (-math.inf, math.inf),
        max_slope: float = math.inf,
        monotone: bool = False,
        smooth: bool = True,
        ulp: float = math.inf,
        riccati: tuple[float, float, float] | None = None,
    ) -> Activation:
        """Make an activation from functions of one number.

        Our own copies of the functions are compiled, in every process anew; the functions themselves stay as they are.
        What is stated about them is tried at some points, and refused where it is wrong.

        Parameters
        ----------
        name : str
            What to call it in messages and files.
        value, derivative : callable, ``f(x) -> float``
            Plain or jitted Python functions that numba can compile; both are required.
        inverse, potential : callable, ``f(x) -> float``, optional
            The inverse function and an integral.
        range, max_slope, monotone, smooth, ulp, riccati : optional
            See the attributes. The defaults promise nothing but a continuous derivative.

        Raises
        ------
        TypeError
            Where a function is missing, does not take one number, or does not compile.
        ValueError
            Where one entry contradicts another; the message names a point.

        Examples
        --------
        >>> import math
        >>> from neurodynamics import Activation
        >>> gaussian = Activation.from_functions(
        ...     "gaussian",
        ...     value=lambda x: math.exp(-x * x),
        ...     derivative=lambda x: -2 * x * math.exp(-x * x),
        ...     range=(0, 1),
        ...     max_slope=math.sqrt(2 / math.e),
        ... )
        >>> gaussian(0.0)
        array(1.)
        """
        functions = {"value": value, "derivative": derivative, "inverse": inverse, "potential": potential}
        (low, high), (steepest,), (error,) = (
            _user_activation.numbers(value, argument, count)
            for value, argument, count in ((range, "range", 2), (max_slope, "max_slope", 1), (ulp, "ulp", 1))
        )
        facts = {"monotone": as_flag(monotone, "monotone"), "smooth": as_flag(smooth, "smooth")}
        equation = None if riccati is None else _user_activation.numbers(riccati, "riccati", 3)
        kernels = _user_activation.compile_functions(name, functions)
        made = cls(name, **kernels, range=(low, high), max_slope=steepest, ulp=error, riccati=equation, **facts)
        _user_activation.check(made)
        return made


def activation(activation: str | Activation) -> Activation:
    """Return the activation of that name; a record is returned as it is.

    Parameters
    ----------
    activation : str or Activation
        ``"logistic"``, ``"tanh"``, ``"relu"``, ``"softplus"``, ``"linear"``, ``"erf"``, ``"arctangent"``,
        ``"hard_sigmoid"``, or a record.

    Returns
    -------
    Activation

    Raises
    ------
    ValueError
        Where there is no such name.
    TypeError
        Where it is neither.

    Examples
    --------
    >>> tanh = activation("tanh")
    >>> tanh.range
    (-1.0, 1.0)
    >>> activation(tanh) is tanh
    True
    """
    if isinstance(activation, Activation):
        return activation
    if not isinstance(activation, str):
        raise TypeError(
            f"`activation` must be a name or an Activation; got {activation!r}. "
            "Activation.from_functions makes one from functions."
        )
    if activation in ACTIVATIONS:
        return ACTIVATIONS[activation]
    near = difflib.get_close_matches(activation.lower(), ACTIVATIONS)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise ValueError(
        f"`activation` must be an Activation or one of {', '.join(map(repr, ACTIVATIONS))}; got {activation!r}.{hint}"
    )


@functools.cache
def _over_array(function: Any) -> Any:
    @kernel
    def over_array(x, out):
        whole = x.size - x.size % WIDTH
        for i in range(0, whole, WIDTH):
            store(out, i, function(load(x, i)))
        rest = x.size - whole
        if rest:
            store_first(out, whole, function(load_first(x, whole, rest)), rest)

    return over_array


def _at_elements(function: Any, x: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(x, dtype=float)
    flat = np.ascontiguousarray(x).ravel()
    out = np.empty_like(flat)
    _over_array(function)(flat, out)
    return out.reshape(x.shape)


# The built-in ones ---------------------------------------------------------------------------------------------------

FLUSHED = 1e-307  # results that should be smaller than this may be zero

# Errors were measured against extended precision; `ulp` leaves room above the largest.

LOGISTIC = Activation(
    name="logistic",  # 1 / (1 + exp(-x))
    value=_elementary.logistic,
    derivative=_elementary.logistic_derivative,
    inverse=_inverses.logit,
    potential=_potentials.log_one_plus_exp,
    range=(0.0, 1.0),
    max_slope=0.25,
    monotone=True,
    smooth=True,
    ulp=4.0,  # largest among 1e8 points 2.43 near -36.7, 1.9 elsewhere
    riccati=(0.0, 1.0, -1.0),
)
TANH = Activation(
    name="tanh",
    value=_elementary.tanh,
    derivative=_elementary.tanh_derivative,
    inverse=_inverses.artanh,
    potential=_potentials.log_cosh,
    range=(-1.0, 1.0),
    max_slope=1.0,
    monotone=True,
    smooth=True,
    ulp=4.0,  # 3.02 near 0.175, 2.6 elsewhere
    riccati=(1.0, 0.0, -1.0),
)
RELU = Activation(
    name="relu",  # max(x, 0)
    value=_piecewise.positive_part,
    derivative=_piecewise.step,
    inverse=None,
    potential=_potentials.half_square_of_positive,
    range=(0.0, math.inf),
    max_slope=1.0,
    monotone=True,
    smooth=False,
    ulp=0.0,
)
SOFTPLUS = Activation(
    name="softplus",  # ln(1 + exp(x))
    value=_elementary.softplus,
    derivative=_elementary.logistic,
    inverse=_inverses.softplus_inverse,
    potential=_potentials.minus_dilogarithm,
    range=(0.0, math.inf),
    max_slope=1.0,
    monotone=True,
    smooth=True,
    ulp=4.0,  # 2.92 near -0.43
)
LINEAR = Activation(
    name="linear",  # x
    value=_piecewise.identity,
    derivative=_piecewise.one,
    inverse=_inverses.identity,
    potential=_potentials.half_square,
    range=(-math.inf, math.inf),
    max_slope=1.0,
    monotone=True,
    smooth=True,
    ulp=0.0,
    riccati=(1.0, 0.0, 0.0),
)
ERF = Activation(
    name="erf",
    value=_elementary.erf,
    derivative=_elementary.erf_derivative,
    inverse=_inverses.erf_inverse,
    potential=_potentials.erf_integral,
    range=(-1.0, 1.0),
    max_slope=_elementary.TWO_OVER_SQRT_PI,
    monotone=True,
    smooth=True,
    ulp=2.5,  # 1.50 near 1.12
)
ARCTANGENT = Activation(
    name="arctangent",  # (2/pi) atan(pi x / 2), Hopfield (1984)
    value=_elementary.arctangent,
    derivative=_elementary.arctangent_derivative,
    inverse=_inverses.arctangent_inverse,
    potential=_potentials.arctangent_integral,
    range=(-1.0, 1.0),
    max_slope=1.0,
    monotone=True,
    smooth=True,
    ulp=3.0,  # 2.21 near 0.266
)
HARD_SIGMOID = Activation(
    name="hard_sigmoid",  # 1/2 + x/4 between 0 and 1
    value=_piecewise.ramp,
    derivative=_piecewise.ramp_derivative,
    inverse=None,
    potential=_potentials.hard_sigmoid_integral,
    range=(0.0, 1.0),
    max_slope=0.25,
    monotone=True,
    smooth=False,
    ulp=0.5,  # one rounding
)

ACTIVATIONS = {a.name: a for a in (LOGISTIC, TANH, RELU, SOFTPLUS, LINEAR, ERF, ARCTANGENT, HARD_SIGMOID)}
