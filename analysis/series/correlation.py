"""Correlation sums and the correlation dimension, with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from analysis.series.embedding import as_points
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, require_room
from neurodynamics.watched import result_of

RADII = 40
FEWEST_PAIRS = 200.0  # at the smallest radius of a fit
LARGEST = 0.01  # of all pairs, at the largest radius of a fit: beyond it the ends of the set are felt
BLOCKS = 16  # of reference points, whose scatter is the statistical error
RANGE = 3.0  # ratio of radii that a fit must span at least
FEWEST_RADII = 3  # in each half of a fit


@dataclass(frozen=True, eq=False, repr=False)
class CorrelationDimension(Record):
    """Correlation sums over radii, and their slope in logarithms.

    Attributes
    ----------
    radii, sums : array, shape (R,)
        Share of the pairs of points that are closer than a radius.
    slopes : array, shape (R,)
        Local slopes of ``ln C`` over ``ln r``.
    fitted : (float, float)
        Radii between which the dimension was fitted: from 200 pairs to one pair in a hundred.
    dimension : float
        nan where these radii differ by less than a factor of three.
    interval : (float, float)
        That holds the slopes of the whole fit and of either half of its radii, with two standard errors from blocks of
        reference points: what the choice of radii changes is mostly more than chance.
    """

    radii: Floats
    sums: Floats
    slopes: Floats
    fitted: tuple[float, float]
    dimension: float
    interval: tuple[float, float]

    plot = drawn("plot_correlation_sums", "Draw correlation sums and slopes")

    def __repr__(self) -> str:
        low, high = self.interval
        return f"CorrelationDimension({self.dimension:.4g} in [{low:.4g}, {high:.4g}])"


def correlation_sum(points: ArrayLike, radii: ArrayLike, *, theiler: int = 1) -> Floats:
    """Return the correlation sum ``C(r)``: the share of pairs of points that are closer than r (Euclidean distances).

    Parameters
    ----------
    points : array_like, shape (T, D) or (T,)
    radii : array_like, shape (R,)
    theiler : int
        Pairs closer than so many samples in time are left out: they are close because time is. 1 leaves out none but each
        point with itself.

    Returns
    -------
    array, shape (R,)

    References
    ----------
    .. [1] Grassberger & Procaccia (1983), Phys. Rev. Lett. 50, 346.
    .. [2] Theiler (1986), Phys. Rev. A 34, 2427.

    Examples
    --------
    >>> from analysis import correlation_sum
    >>> correlation_sum([0.0, 1.0, 3.0], [1.5, 2.5, 3.5]).round(3).tolist()
    [0.333, 0.667, 1.0]
    """
    x, r = as_points(points, "points"), np.atleast_1d(as_floats(radii, "radii"))
    window = _window(theiler, len(x))
    if r.ndim != 1 or not (r > 0).all():
        raise ValueError("`radii` must be positive numbers.")
    require_room(float(len(x)), "points")
    every = np.arange(len(x))
    counts: Floats = result_of(lambda: _counts(x, every, r, window))
    return counts / _partners(every, len(x), window).sum()


def correlation_dimension(
    points: ArrayLike,
    *,
    radii: ArrayLike | None = None,
    theiler: int = 1,
    most: int = 5000,
    rng: np.random.Generator | int | None = 0,
) -> CorrelationDimension:
    """Return the correlation dimension of a set of points, the slope of ``ln C(r)`` over ``ln r``.

    Parameters
    ----------
    points : array_like, shape (T, D) or (T,)
        States on an attractor, ``sol.y.T``, or delay vectors (`delay_embedding`).
    radii : array_like, shape (R,), optional
        By default over the range in which there are enough pairs.
    theiler : int
        Samples of time within which pairs are left out: some times the correlation time of a flow.
    most : int
        Reference points that are compared with all others, at most: evenly drawn where there are more.
    rng : optional
        Seed or generator of that choice.

    Returns
    -------
    CorrelationDimension

    References
    ----------
    .. [1] Grassberger & Procaccia (1983), Physica D 9, 189.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import correlation_dimension
    >>> found = correlation_dimension(np.random.default_rng(0).uniform(size=2000))
    >>> bool(found.interval[0] < 1.0 < found.interval[1])
    True
    """
    x = as_points(points, "points", fewest=100)
    window, limit = _window(theiler, len(x)), as_count(most, "most", minimum=100)
    generator = as_generator(rng)
    given = None if radii is None else np.sort(np.atleast_1d(as_floats(radii, "radii")))
    if given is not None and (given.ndim != 1 or given.size < 3 or not (given > 0).all()):
        raise ValueError("`radii` must be three positive numbers at least.")
    chosen = np.arange(len(x)) if len(x) <= limit else np.sort(generator.choice(len(x), limit, replace=False))
    found: CorrelationDimension = result_of(lambda: _dimension(x, chosen, given, window, generator))
    return found


def _dimension(
    x: Floats, chosen: np.ndarray, radii: Floats | None, window: int, rng: np.random.Generator
) -> CorrelationDimension:
    r = _usual_radii(x, chosen, window, rng) if radii is None else radii
    blocks = np.array_split(chosen, BLOCKS)  # in order of time: close pairs come in runs
    counts = np.array([_counts(x, block, r, window) for block in blocks])
    shares = counts / np.array([_partners(block, len(x), window).sum() for block in blocks])[:, np.newaxis]
    sums = counts.sum(axis=0) / _partners(chosen, len(x), window).sum()
    logs_r = np.log(r)
    with np.errstate(divide="ignore"):
        slopes = np.gradient(np.log(sums), logs_r) if (sums > 0).all() else np.full(r.size, np.nan)
    part = np.flatnonzero((counts.sum(axis=0) >= FEWEST_PAIRS) & (sums <= LARGEST) & (shares > 0).all(axis=0))
    if part.size < 2 * FEWEST_RADII or np.ptp(logs_r[part]) < np.log(RANGE):
        return CorrelationDimension(r, sums, slopes, (np.nan, np.nan), np.nan, (np.nan, np.nan))
    ends = []
    for stretch in (part, part[: part.size // 2], part[part.size // 2 :]):
        value = float(np.polyfit(logs_r[stretch], np.log(sums[stretch]), 1)[0])
        error = np.std([np.polyfit(logs_r[stretch], np.log(share[stretch]), 1)[0] for share in shares], ddof=1)
        ends.append((value, float(2.0 * error / np.sqrt(BLOCKS))))
    low, high = min(value - error for value, error in ends), max(value + error for value, error in ends)
    return CorrelationDimension(r, sums, slopes, (float(r[part[0]]), float(r[part[-1]])), ends[0][0], (low, high))


def _usual_radii(x: Floats, chosen: np.ndarray, window: int, rng: np.random.Generator) -> Floats:
    """Return radii from that of few pairs to that of all."""
    some = rng.choice(chosen, min(len(chosen), 200), replace=False)
    far = np.abs(some[:, np.newaxis] - np.arange(len(x))) >= window
    distances = np.sqrt(((x[some, np.newaxis] - x) ** 2).sum(axis=2))[far]
    distances = distances[distances > 0]
    if not distances.size:
        raise ValueError("`points` must differ; all of them are the same.")
    least = np.quantile(distances, min(0.5, FEWEST_PAIRS / (len(chosen) * len(x))))
    return np.geomspace(least, distances.max(), RADII)


def _counts(x: Floats, chosen: np.ndarray, radii: Floats, window: int) -> Floats:
    """Return the number of pairs, of a reference point and any other far enough in time, closer than each radius, (R,)."""
    counts = cKDTree(x[chosen]).count_neighbors(cKDTree(x), radii).astype(float)
    for lag in range(1 - window, window):  # pairs that are near in time
        partner = chosen + lag
        inside = (partner >= 0) & (partner < len(x))
        apart = np.sqrt(((x[chosen[inside]] - x[partner[inside]]) ** 2).sum(axis=1))
        counts -= np.searchsorted(np.sort(apart), radii, "right")
    return counts


def _partners(i: np.ndarray, count: int, window: int) -> np.ndarray:
    """Return how many points are far enough in time from each point i."""
    return count - (np.minimum(count, i + window) - np.maximum(0, i - window + 1))


def _window(theiler: int, count: int) -> int:
    window = as_count(theiler, "theiler", minimum=1)
    if window >= count:
        raise ValueError(f"`theiler` must be below the number of points, {count}; got {window}.")
    return window
