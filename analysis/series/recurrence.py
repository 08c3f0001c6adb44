"""Recurrence plots with their measures, and times of return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from analysis.series.embedding import as_points
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_number, require_room
from neurodynamics.watched import result_of

RATE = 0.05  # of all pairs, by default
DRAWS = 200  # resamplings of lines


@dataclass(frozen=True, eq=False, repr=False)
class RecurrencePlot(Record):
    """Which states of a trajectory are close to each other, and the measures of the lines in that picture.

    Attributes
    ----------
    matrix : array of bool, shape (T, T)
        ``|x[i] - x[j]| <= threshold``.
    threshold : float
    recurrence_rate : float
        RR: share of recurrences, the line of identity and its Theiler window left out, as in all measures of diagonals.
    determinism, determinism_error : float
        DET: share of recurrences on diagonal lines of ``minimum`` points or more; its standard error by resampling lines.
    diagonal_length, longest_diagonal, entropy : float, int, float
        L, L_max, and the Shannon entropy ENTR of the lengths of these lines, in nats.
    divergence : float
        DIV, ``1 / L_max``; infinite where there is no line.
    laminarity, laminarity_error, trapping_time, longest_vertical : float, float, float, int
        LAM, TT and V_max: the same of vertical lines.
    diagonals, verticals : array of int
        Lengths of all lines, sorted.
    theiler, minimum : int
    """

    matrix: np.ndarray
    threshold: float
    recurrence_rate: float
    determinism: float
    determinism_error: float
    diagonal_length: float
    longest_diagonal: int
    entropy: float
    divergence: float
    laminarity: float
    laminarity_error: float
    trapping_time: float
    longest_vertical: int
    diagonals: np.ndarray
    verticals: np.ndarray
    theiler: int
    minimum: int

    plot = drawn("plot_recurrence", "Draw the recurrences")

    def __repr__(self) -> str:
        return (f"RecurrencePlot({len(self.matrix)} states, RR {self.recurrence_rate:.3g}, DET {self.determinism:.3g} ± "
                f"{self.determinism_error:.1g}, LAM {self.laminarity:.3g} ± {self.laminarity_error:.1g})")  # fmt: skip


def recurrence_plot(
    points: ArrayLike, threshold: float | None = None, *, rate: float | None = None, theiler: int = 1, minimum: int = 2
) -> RecurrencePlot:
    """Return the recurrence plot of a trajectory with its quantification (RQA).

    Parameters
    ----------
    points : array_like, shape (T, D) or (T,)
        States, ``sol.y.T``, or delay vectors (`delay_embedding`).
    threshold : float, optional
        Largest Euclidean distance of a recurrence.
    rate : float, optional
        Instead: the share of pairs that recur, 0.05 by default.
    theiler : int
        Diagonals with lags below are left out of RR and the measures of diagonals; 1 leaves out the line of identity.
    minimum : int
        Points of the shortest line that counts.

    Returns
    -------
    RecurrencePlot

    References
    ----------
    .. [1] Eckmann, Kamphorst & Ruelle (1987), Europhys. Lett. 4, 973.
    .. [2] Marwan, Romano, Thiel & Kurths (2007), Phys. Rep. 438, 237.

    Examples
    --------
    >>> from analysis import recurrence_plot
    >>> plot = recurrence_plot([0, 1, 2, 0, 1, 2, 0, 1, 2], 0.5)
    >>> plot.determinism, plot.diagonal_length, plot.laminarity
    (1.0, 4.5, 0.0)
    """
    x = as_points(points, "points")
    window, least = as_count(theiler, "theiler", minimum=1), as_count(minimum, "minimum", minimum=2)
    if window >= len(x):
        raise ValueError(f"`theiler` must be below the number of points, {len(x)}; got {window}.")
    if threshold is not None and rate is not None:
        raise ValueError("`threshold` and `rate` exclude each other; leave one out.")
    radius = None if threshold is None else as_number(threshold, "threshold", minimum=0.0)
    share = RATE if rate is None else as_number(rate, "rate", positive=True)
    if share >= 1:
        raise ValueError(f"`rate` must be a share below 1; got {share:g}.")
    require_room(2.0 * float(len(x)) ** 2, "points")
    found: RecurrencePlot = result_of(lambda: _plot(x, radius, share, window, least), operations=1e2 * len(x) ** 2)
    return found


def _plot(x: Floats, radius: float | None, share: float, window: int, least: int) -> RecurrencePlot:
    distances, count = cdist(x, x), len(x)
    if radius is None:
        radius = float(np.quantile(distances[np.triu_indices(count, window)], share))
    matrix = distances <= radius
    diagonals = np.sort(_runs(np.diagonal(matrix, lag) for lag in range(window, count)))
    verticals = np.sort(_runs(_without_window(matrix, window).T))
    pairs = (count - window + 1) * (count - window) / 2
    long, tall = diagonals[diagonals >= least], verticals[verticals >= least]
    shares = np.unique(long, return_counts=True)[1] / max(long.size, 1)
    return RecurrencePlot(
        matrix, radius, float(diagonals.sum() / pairs), *_share(diagonals, least), float(long.mean()) if long.size else 0.0,
        int(long.max(initial=0)), float(-(shares * np.log(shares)).sum()), 1.0 / long[-1] if long.size else np.inf,
        *_share(verticals, least), float(tall.mean()) if tall.size else 0.0, int(tall.max(initial=0)), diagonals, verticals,
        window, least,
    )  # fmt: skip


def _without_window(matrix: np.ndarray, window: int) -> np.ndarray:
    """Return the matrix without the diagonals near the line of identity, which would cut or close vertical lines."""
    lag = np.abs(np.subtract.outer(np.arange(len(matrix)), np.arange(len(matrix))))
    return matrix & (lag >= window)


def _runs(lines: Any) -> np.ndarray:
    """Return the lengths of all runs of True in lines."""
    found = []
    for line in lines:
        edges = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
        found.append(edges[1::2] - edges[::2])
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _share(lengths: np.ndarray, least: int) -> tuple[float, float]:
    """Return the share of points on lines that are long enough, and its standard error by resampling lines."""
    if not lengths.size:
        return 0.0, np.nan
    sizes, counts = np.unique(lengths, return_counts=True)
    drawn_counts = np.random.default_rng(0).multinomial(lengths.size, counts / lengths.size, DRAWS)
    shares = (drawn_counts * sizes)[:, sizes >= least].sum(axis=1) / (drawn_counts @ sizes)
    return float(sizes[sizes >= least] @ counts[sizes >= least] / (sizes @ counts)), float(shares.std(ddof=1))


@dataclass(frozen=True, eq=False, repr=False)
class RecurrenceTimes(Record):
    """Times of return to a ball.

    Attributes
    ----------
    times : array of int, shape (K,)
        Samples between one entry and the next, all visits counted: two samples inside in a row return after 1.
    measure : float
        Share of samples inside.
    mean, standard_error : float
        By Kac's lemma the mean is ``1 / measure`` for ergodic maps.
    """

    times: np.ndarray
    measure: float
    mean: float
    standard_error: float

    def __repr__(self) -> str:
        return f"RecurrenceTimes({self.times.size} returns, mean {self.mean:.4g} ± {self.standard_error:.1g})"


def recurrence_times(points: ArrayLike, centre: ArrayLike, radius: float) -> RecurrenceTimes:
    """Return the Poincare recurrence times of a trajectory to a ball.

    Parameters
    ----------
    points : array_like, shape (T, D) or (T,)
    centre : array_like, shape (D,)
    radius : float
        Euclidean.

    Returns
    -------
    RecurrenceTimes

    References
    ----------
    .. [1] Kac (1947), Bull. Am. Math. Soc. 53, 1002.

    Examples
    --------
    >>> from analysis import recurrence_times
    >>> recurrence_times([0, 1, 2, 0, 1, 2, 0], 0, 0.5).times.tolist()
    [3, 3]
    """
    x, middle = as_points(points, "points"), np.atleast_1d(as_floats(centre, "centre"))
    if middle.shape != (x.shape[1],):
        raise ValueError(f"`centre` must have shape (D,) = ({x.shape[1]},), as the rows of `points`; got {middle.shape}.")
    reach = as_number(radius, "radius", positive=True)
    inside = np.flatnonzero(np.linalg.norm(x - middle, axis=1) <= reach)
    times = np.diff(inside)
    mean = float(times.mean()) if times.size else np.nan
    error = float(times.std(ddof=1) / np.sqrt(times.size)) if times.size > 1 else np.nan
    return RecurrenceTimes(times, inside.size / len(x), mean, error)
