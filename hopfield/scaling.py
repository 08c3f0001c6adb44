"""Finite-size scaling of capacity: where retrieval ends in networks of several sizes, and where it would in a large one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield.capacity import critical_load
from hopfield.experiments import THEORIES, CapacityCurve, capacity_curve
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Interrupted
from neurodynamics.validation import Floats, as_count, as_generator, as_items, as_number
from neurodynamics.watched import as_on_interrupt, as_timeout


@dataclass(frozen=True, eq=False)
class CapacityScaling(Record):
    """Critical loads of networks of several sizes, and their limit.

    Attributes
    ----------
    sizes : ndarray of int, shape (S,)
    curves : tuple of CapacityCurve
        One a size.
    loads : ndarray, shape (S,)
        Where the share of retrieved patterns falls through a half, between two of the loads tried; nan where it does not.
    errors : ndarray, shape (S,)
        Their standard errors, from those of the two shares.
    limit, limit_error : float
        ``a`` of the weighted fit ``load = a + b N^-exponent``; nan with fewer than three sizes to fit.
    exponent : float
    reason : str
        What the limit rests on, or why there is none.
    """

    sizes: Any
    curves: tuple[CapacityCurve, ...]
    loads: Floats
    errors: Floats
    limit: float
    limit_error: float
    exponent: float
    reason: str

    @property
    def theory(self) -> float | None:
        """The mean-field critical load; None for rules without a theory here."""
        rule = self.curves[0].rule if self.curves else ""
        return critical_load(THEORIES[rule], temperature=self.curves[0].temperature) if rule in THEORIES else None

    plot = drawn("plot_capacity_scaling", "Plot the curves over the load, and critical loads over the size")


def capacity_scaling(
    rule: str | Callable[..., Any],
    sizes: Sequence[int],
    loads: ArrayLike,
    *,
    exponent: float = 0.5,
    rng: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
    **options: Any,
) -> CapacityScaling:
    """Return critical loads of several sizes, and the limit of a fit in a power of the size.

    Parameters
    ----------
    rule : str or callable
        A learning rule.
    sizes : sequence of int
        N of each.
    loads : array_like, shape (T,)
        p / N, ascending, from where most patterns are retrieved to where few are.
    exponent : float
        Of 1 / N in the fit. The width of the transition shrinks as N^-1/2, the spread of the noise; no theory says more.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; sizes that were finished until then are fitted.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with these sizes as ``result``, or returns them.
    **options
        Go to :func:`capacity_curve`.

    Examples
    --------
    >>> found = capacity_scaling("hebbian", [50, 100], [0.1, 0.2, 0.3, 0.4], networks=10, rng=0)
    >>> found.reason
    'a limit needs three sizes whose share falls through a half; there are 2'
    """
    numbers = [as_count(size, f"sizes[{k}]", minimum=2) for k, size in enumerate(as_items(sizes, "sizes"))]
    power = as_number(exponent, "exponent", positive=True)
    if not numbers:
        raise ValueError("`sizes` must hold at least one size; got none.")
    random, seconds = as_generator(rng), as_timeout(timeout)
    as_on_interrupt(on_interrupt)
    deadline = np.inf if seconds is None else time.perf_counter() + seconds
    curves: list[CapacityCurve] = []
    try:
        for size in numbers:
            left = None if seconds is None else max(0.0, deadline - time.perf_counter())
            curve = capacity_curve(rule, size, loads, rng=random, timeout=left, **options)
            if len(curve.loads) < np.size(loads):
                break
            curves.append(curve)
    except KeyboardInterrupt:
        if on_interrupt == "raise":
            raise Interrupted(fitted(curves, power)) from None
    return fitted(curves, power)


def fitted(curves: list[CapacityCurve], exponent: float) -> CapacityScaling:
    """Return the critical loads of curves, and their limit where three of them have one."""
    sizes = np.array([curve.size for curve in curves], dtype=np.int64)
    loads, errors = np.array([_crossing(curve) for curve in curves]).reshape(-1, 2).T
    good = np.isfinite(loads)
    limit = limit_error = np.nan
    reason = f"a limit needs three sizes whose share falls through a half; there are {good.sum()}"
    if good.sum() >= 3 and len(set(sizes[good].tolist())) >= 3:
        design = np.column_stack([np.ones(good.sum()), sizes[good].astype(float) ** -exponent]) / errors[good, None]
        covariance = np.linalg.inv(design.T @ design)
        limit = float((covariance @ design.T @ (loads[good] / errors[good]))[0])
        limit_error = float(np.sqrt(covariance[0, 0]))
        reason = f"a weighted fit to {good.sum()} sizes, if the shift goes as N^-{exponent:g}"
    return CapacityScaling(sizes, tuple(curves), loads, errors, limit, limit_error, exponent, reason)


def _crossing(curve: CapacityCurve) -> tuple[float, float]:
    """Where the share falls through a half, on the straight line between two loads, and its standard error."""
    share = curve.retrieved
    falls = np.flatnonzero((share[:-1] >= 0.5) & (share[1:] < 0.5))
    if not falls.size:
        return np.nan, np.nan
    k = int(falls[-1])
    (x0, x1), (y0, y1) = curve.loads[k : k + 2], share[k : k + 2]
    spread = (curve.high[k : k + 2] - curve.low[k : k + 2]) / (2 * 1.96)  # of one share; never 0
    part = (y0 - 0.5) / (y0 - y1)
    slopes = (1 - part) / (y0 - y1), part / (y0 - y1)
    return x0 + part * (x1 - x0), float(np.hypot(*(slope * s for slope, s in zip(slopes, spread, strict=True))) * (x1 - x0))
