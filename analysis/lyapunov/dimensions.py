"""Kaplan-Yorke dimension and entropy rate of a spectrum."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_floats, as_number, as_real


def kaplan_yorke_dimension(exponents: ArrayLike) -> float:
    """Return the Kaplan-Yorke (Lyapunov) dimension of a spectrum.

    Parameters
    ----------
    exponents : array_like, shape (k,)
        Lyapunov exponents; minus infinity is allowed.

    Returns
    -------
    float
        ``j + sum(exponents[:j]) / |exponents[j]|`` with the largest j whose partial sum is not negative; 0 for a fixed
        point; k where all k exponents add up to zero or more (volumes do not shrink); nan, with a warning, where an
        exponent is nan.

    References
    ----------
    .. [1] Kaplan & Yorke (1979), Lect. Notes Math. 730, 204.

    Examples
    --------
    >>> from analysis import kaplan_yorke_dimension
    >>> round(kaplan_yorke_dimension([0.9056, 0.0, -14.5723]), 4)
    2.0621
    """
    values = sorted_exponents(exponents)
    if np.isnan(values).any():
        warnings.warn("the dimension of a spectrum that holds nan is nan.", stacklevel=2)
        return np.nan
    return dimension_of(values)


def kaplan_yorke_interval(exponents: ArrayLike, errors: ArrayLike, level: float = 2.0) -> tuple[float, float]:
    """Return the least and the largest Kaplan-Yorke dimension of exponents within their errors.

    The dimension grows with each exponent, so that its ends are those of the lowest and of the highest spectrum.

    Parameters
    ----------
    exponents, errors : array_like, shape (k,)
        An exponent that is known to be zero, as that along a flow is, has the error 0.
    level : float
        Errors on either side.

    Returns
    -------
    (float, float)

    Examples
    --------
    >>> from analysis import kaplan_yorke_interval
    >>> low, high = kaplan_yorke_interval([0.9056, 0.0, -14.5723], [0.001, 0.0, 0.001])
    >>> round(low, 4), round(high, 4)
    (2.062, 2.0623)
    """
    values, width = sorted_exponents(exponents), as_floats(errors, "errors")
    order = np.argsort(-as_real(exponents, "exponents"), kind="stable")
    if width.shape != values.shape or (width < 0).any():
        wanted = f"{values.size} numbers of at least 0, as many as `exponents`"
        raise ValueError(f"`errors` must be {wanted}; got shape {width.shape}.")
    width = as_number(level, "level", minimum=0.0) * width[order]
    low, high = (dimension_of(np.sort(values + sign * width)[::-1]) for sign in (-1.0, 1.0))
    return low, high


def entropy_rate(exponents: ArrayLike) -> float:
    """Return the sum of the positive exponents: the entropy rate by Pesin's identity, an upper bound in general.

    Parameters
    ----------
    exponents : array_like, shape (k,)

    Returns
    -------
    float
        In nats per unit time.

    References
    ----------
    .. [1] Eckmann & Ruelle (1985), Rev. Mod. Phys. 57, 617.

    Examples
    --------
    >>> entropy_rate([0.5, 0.25, 0.0, -2.0])
    0.75
    """
    values = sorted_exponents(exponents)
    return float(values[values > 0].sum())


def sorted_exponents(exponents: ArrayLike) -> Floats:
    """Return exponents in descending order, or raise."""
    values = as_real(exponents, "exponents")
    if np.isnan(values).any():
        raise ValueError("`exponents` must be numbers, or minus infinity; got nan.")
    if values.ndim != 1:
        raise ValueError(f"`exponents` must be a vector; got shape {values.shape}.")
    finite = values[np.isfinite(values) | (values == np.inf)]
    as_floats(finite, "exponents")
    return np.sort(values)[::-1]


def dimension_of(values: Floats) -> float:
    """The Kaplan-Yorke dimension of sorted exponents."""
    sums = np.cumsum(values)
    if values.size == 0 or values[0] < 0:
        return 0.0
    j = int(np.sum(sums >= 0))
    if j == values.size:
        return float(j)
    before = sums[j - 1] if j else 0.0
    return float(j + before / abs(values[j]))
