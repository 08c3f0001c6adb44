"""Measures of basins: fractions with intervals, basin entropies, the uncertainty exponent."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from neurodynamics.validation import Floats

CONFIDENCE = 0.95


def wilson_interval(count: np.ndarray, total: int, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's interval of a share, from counts (A,) out of a total."""
    if total == 0:
        return np.zeros(np.shape(count)), np.ones(np.shape(count))
    z = ndtri(0.5 + confidence / 2)
    p = np.asarray(count) / total
    middle = (p + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * np.sqrt(p * (1 - p) / total + z**2 / (4 * total**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def basin_entropies(labels: np.ndarray, ids: np.ndarray, side: int) -> tuple[float, float]:
    """Return the basin entropy and that of the boundary, in nats, from boxes of so many cells a side.

    Means of the Gibbs entropy of the labels in a box, over all boxes, and over those with more than one label.
    """
    shape = [size // side for size in labels.shape]
    if not all(shape):
        return np.nan, np.nan
    cut = labels[tuple(slice(0, count * side) for count in shape)]
    split = cut.reshape([part for count in shape for part in (count, side)])
    boxes = np.moveaxis(split, range(1, 2 * labels.ndim, 2), range(labels.ndim, 2 * labels.ndim)).reshape(np.prod(shape), -1)
    p = np.stack([(boxes == each).mean(axis=1) for each in ids])
    entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=0)
    on_boundary = (p > 0).sum(axis=0) > 1
    return float(entropy.mean()), float(entropy[on_boundary].mean()) if on_boundary.any() else np.nan


def uncertainty_exponent(labels: np.ndarray) -> tuple[float, float]:
    """Return the exponent with which the share of uncertain starts falls with the distance, and its standard error.

    A start is uncertain at a distance where another one so far along an axis goes elsewhere. The boundary of basins in a
    plane has the box-counting dimension 2 less the exponent: 1 where it is smooth.
    """
    distances = 2 ** np.arange(int(np.log2(max(min(labels.shape) / 8, 1))) + 1)
    shares = np.array([_uncertain(labels, int(d)) for d in distances])
    good = shares > 0
    if good.sum() < 3:
        return np.nan, np.nan
    x, y = np.log(distances[good]), np.log(shares[good])
    (slope, _), residual, *_ = np.polyfit(x, y, 1, full=True)
    variance = float(residual[0]) / (len(x) - 2) if len(residual) else 0.0
    return float(slope), float(np.sqrt(variance / ((x - x.mean()) ** 2).sum()))


def _uncertain(labels: np.ndarray, distance: int) -> float:
    other = np.zeros(labels.shape, dtype=bool)
    for axis in range(labels.ndim):
        mark, cells = (np.moveaxis(array, axis, 0) for array in (other, labels))
        different = cells[distance:] != cells[:-distance]
        mark[distance:] |= different
        mark[:-distance] |= different
    return float(other.mean())


def on_boundary(labels: np.ndarray) -> np.ndarray:
    """Whether a cell has a neighbour, in any direction, with another label."""
    padded = np.pad(labels, 1, mode="edge")
    different = np.zeros(labels.shape, dtype=bool)
    for shift in np.ndindex(*(3,) * labels.ndim):
        moved = tuple(slice(s, s + size) for s, size in zip(shift, labels.shape, strict=True))
        different |= padded[moved] != labels
    return different
