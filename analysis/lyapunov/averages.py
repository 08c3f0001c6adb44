"""Time averages of growth rates, and how far they have converged.

A growth rate is measured in equal bins of time. Its average uses a window that rises and falls smoothly: what telescopes
(the growth along the flow is the logarithm of the speed at the end less that at the start) then leaves an error like
``T**-1.5`` instead of ``1/T``, and on a periodic or quasi-periodic orbit a window with all derivatives zero at the ends
converges faster than any power of T.

The standard error is that of weighted averages over overlapping blocks, so it holds what correlations there are up to
the length of a block. The same estimate from longer blocks is taken where it is larger.

References
----------
.. [1] Flyvbjerg & Petersen (1989), Error estimates on averages of correlated data, J. Chem. Phys. 91, 461.
.. [2] Welch (1967), IEEE Trans. Audio Electroacoust. 15, 70: overlapping windowed blocks.
.. [3] Das, Saiki, Sander & Yorke (2017), Quantitative quasiperiodicity, Nonlinearity 30, 4111: the smooth window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurodynamics.validation import Floats

RAMP = 0.125  # share of the time in which the window of irregular motion rises, and in which it falls
BLOCKS = (16, 32)  # numbers of blocks; the larger of their estimates is taken
FEWEST_BINS = 4  # in a block
SLOW_BLOCKS, SURE = 16, 3.0  # from which algebraic growth is read, and errors that it must be away from none
FEW_FOLDS, STEADY = 4.0, 0.15  # e-folds in the whole run that algebraic growth explains, unless rates are so steady late
CLEARLY = 0.5  # the smooth window costs irregular motion a third of its precision: it must pay


@dataclass(frozen=True)
class Average:
    """Averages (k,), their standard errors (k,), and the weights of the bins (M,), which add up to 1."""

    values: Floats
    errors: Floats
    weights: Floats
    window: str


def average(rates: Floats, window: str = "auto") -> Average:
    """Return the average of rates (M, k) in equal bins of time.

    Parameters
    ----------
    rates : array, shape (M, k)
        Minus infinity is allowed, and is then the average.
    window : {"auto", "taper", "smooth", "flat"}
        "auto" takes the smooth window where it gives a clearly smaller error, which it does for regular motion.
    """
    if window != "auto":
        return _average(rates, window)
    taper, smooth = _average(rates, "taper"), _average(rates, "smooth")
    better = np.nansum(smooth.errors**2) < (CLEARLY**2) * np.nansum(taper.errors**2)
    return smooth if better else taper


def _average(rates: Floats, window: str) -> Average:
    weights = _weights(len(rates), window)
    with np.errstate(invalid="ignore"):
        values = weights @ np.where(np.isfinite(rates), rates, 0.0)
    values[np.isneginf(rates).any(axis=0)] = -np.inf
    values[np.isnan(rates).any(axis=0)] = np.nan
    return Average(values, standard_errors(rates, weights, window), weights, window)


def standard_errors(rates: Floats, weights: Floats, window: str) -> Floats:
    """Return the standard errors (k,) of the averages with these weights; nan where there are too few bins."""
    count = len(rates)
    estimates = [_from_blocks(rates, weights, window, blocks) for blocks in BLOCKS if _length(count, blocks) >= FEWEST_BINS]
    if not estimates and count >= 4:
        estimates = [_from_blocks(rates, weights, window, max(2, count // 4))]
    return np.max(estimates, axis=0) if estimates else np.full(rates.shape[1], np.nan)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # rates of runs that break off
def algebraic_part(rates: Floats, weights: Floats, times: Floats) -> Floats:
    """Return what algebraic growth, like t^p, adds to each average (k,): where neighbours part so, ``p / t`` on average.

    Of integrable motion, of marginal states of rest, and at bifurcations, exponents fall to zero like ln t / t. The power
    is read off the rates in blocks of time, where it is clearly there; growth that began late, and is small, counts whole.

    Parameters
    ----------
    rates, weights : arrays, shapes (M, k), (M,)
    times : array, shape (M,)
        Of the bins, since the tangent vectors started.
    """
    count, k = rates.shape
    length = _length(count, SLOW_BLOCKS)
    if length < FEWEST_BINS or not np.isfinite(rates).all():
        return np.zeros(k)
    inner = _weights(length, "hann")
    starts = np.round(np.linspace(0, count - length, SLOW_BLOCKS)).astype(int)
    means = np.array([inner @ rates[start : start + length] for start in starts])
    slow = np.array([inner @ (1.0 / times[start : start + length]) for start in starts])
    away = slow - slow.mean()
    power = away @ means / (away @ away)
    left = means - means.mean(axis=0) - away[:, np.newaxis] * power
    error = np.sqrt((left**2).sum(axis=0) / (SLOW_BLOCKS - 2) / (away @ away))
    part = np.where(np.abs(power) > SURE * error, np.clip(power, -k, k), 0.0) * (weights @ (1.0 / times))
    value, late = np.abs(weights @ rates), means[SLOW_BLOCKS // 2 :]
    change = np.abs(late[: len(late) // 2].mean(axis=0) - late[len(late) // 2 :].mean(axis=0))
    few = (value * times[-1] <= FEW_FOLDS) & (change > STEADY * value)
    return np.where(few, np.maximum(value, np.abs(part)), part)


def _length(count: int, blocks: int) -> int:
    """Bins in a block, where blocks overlap by half."""
    return 2 * count // (blocks + 1)


def _from_blocks(rates: Floats, weights: Floats, window: str, blocks: int) -> Floats:
    length = _length(len(rates), blocks)
    inner = _weights(length, "smooth" if window == "smooth" else "hann")
    starts = np.round(np.linspace(0, len(rates) - length, blocks)).astype(int)
    with np.errstate(invalid="ignore"):
        means = np.array([inner @ rates[start : start + length] for start in starts])
        variances = means.var(axis=0, ddof=1)
    errors = np.sqrt(variances * (weights @ weights) / (inner @ inner))
    return np.where(np.isneginf(rates).any(axis=0), 0.0, errors)


def _weights(count: int, window: str) -> Floats:
    x = (np.arange(count) + 0.5) / count
    if window == "smooth":
        values = np.exp(4.0 - 1.0 / (x * (1.0 - x)))
    elif window == "hann":
        values = np.sin(np.pi * x) ** 2
    elif window == "taper":
        values = np.sin(0.5 * np.pi * np.clip(np.minimum(x, 1.0 - x) / RAMP, 0.0, 1.0)) ** 2
    else:
        values = np.ones(count)
    return values / values.sum()


def running(rates: Floats) -> Floats:
    """Return the plain averages over the first 1, 2, .. bins, shape (k, M)."""
    return (np.cumsum(rates, axis=0) / np.arange(1, len(rates) + 1)[:, np.newaxis]).T
