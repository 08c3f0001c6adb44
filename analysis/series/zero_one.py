"""The 0-1 test for chaos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.series.embedding import as_series
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_generator
from neurodynamics.watched import result_of

SHARE = 10  # of the series is the longest lag
LOW, HIGH = np.pi / 5, 4 * np.pi / 5  # frequencies that are away from resonance with zero and with pi
REGULAR, CHAOTIC = 0.2, 0.8  # what the whole interval of K must be below or above for a verdict
OVERSAMPLED = 0.9  # correlation of neighbours, from which a series is too fine for the test
FEWEST = 100
MOST = 10_000  # frequencies


@dataclass(frozen=True, eq=False, repr=False)
class ZeroOneTest(Record):
    """Growth rates K of the 0-1 test over frequencies.

    Attributes
    ----------
    k : float
        The median: near 1 for chaos, near 0 for regular motion.
    interval : (float, float)
        Of the median, at 95 %, from the order statistics of ``rates``.
    frequencies, rates : array, shape (C,)
        Each frequency c with its own K.
    translations : array, shape (2, T)
        ``p + i q = sum x[j] exp(i c j)`` at the frequency of the median: bounded for regular motion, a walk for chaos.
    verdict : {"chaos", "regular", "undecided"}
        Where the whole interval is above 0.8, below 0.2, or neither; undecided for series that are sampled too finely.
    reason : str
    """

    k: float
    interval: tuple[float, float]
    frequencies: Floats
    rates: Floats
    translations: Floats
    verdict: str
    reason: str

    plot = drawn("plot_zero_one", "Draw the walk in the plane and the rates")

    def __repr__(self) -> str:
        low, high = self.interval
        return f"ZeroOneTest(K = {self.k:.3g} in [{low:.3g}, {high:.3g}], {self.verdict}: {self.reason})"


def zero_one_test(
    series: ArrayLike, *, frequencies: int = 100, rng: np.random.Generator | int | None = 0
) -> ZeroOneTest:
    """Return the 0-1 test for chaos of a time series, without its phase space.

    The series drives ``p + i q`` at a frequency c; the mean square displacement of that walk, freed of its oscillation,
    grows in proportion to time for chaos and not at all for regular motion. K is the correlation of the displacement with
    time [1]_; the median is over random frequencies.

    Parameters
    ----------
    series : array_like, shape (T,)
        Observations of a map, or of a flow at intervals of about a quarter of its main period.
    frequencies : int
        How many.
    rng : optional
        Seed or generator of the frequencies.

    Returns
    -------
    ZeroOneTest

    References
    ----------
    .. [1] Gottwald & Melbourne (2009), SIAM J. Appl. Dyn. Syst. 8, 129.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import zero_one_test
    >>> zero_one_test(np.cos(np.arange(2000) * np.sqrt(2))).verdict
    'regular'
    """
    x = as_series(series, "series", fewest=FEWEST)
    count = as_count(frequencies, "frequencies", minimum=10)
    if count > MOST:
        raise ValueError(f"`frequencies` must be at most {MOST}: more only take longer; got {count}.")
    c = np.sort(as_generator(rng).uniform(LOW, HIGH, count))
    scale = x.std()
    if scale <= 1e-12 * np.abs(x).max():
        return ZeroOneTest(0.0, (0.0, 0.0), c, np.zeros(count), np.zeros((2, x.size)), "regular", "the series is constant")
    x = x / scale
    rates = result_of(lambda: np.array([_rate(x, each) for each in c]), operations=1e2 * count * x.size)
    k, interval = _median(rates)
    middle = c[np.argsort(rates)[count // 2]]
    walk = np.cumsum(x * np.exp(1j * middle * np.arange(1, x.size + 1)))
    verdict, reason = _verdict(x, interval)
    return ZeroOneTest(k, interval, c, rates, np.array([walk.real, walk.imag]), verdict, reason)


def _rate(x: Floats, c: float) -> float:
    """Return the correlation of the modified mean square displacement with time."""
    longest = x.size // SHARE
    lags, used = np.arange(1, longest + 1), x.size - longest
    walk = np.cumsum(x * np.exp(1j * c * np.arange(1, x.size + 1)))
    walk -= walk.mean()
    square = np.cumsum(np.concatenate([[0.0], np.abs(walk) ** 2]))
    size = 1 << int(np.ceil(np.log2(2 * x.size)))
    both = np.fft.ifft(np.conj(np.fft.fft(walk[:used], size)) * np.fft.fft(walk, size))[lags].real
    displacement = (square[lags + used] - square[lags] + square[used] - 2.0 * both) / used
    displacement -= x.mean() ** 2 * (1.0 - np.cos(c * lags)) / (1.0 - np.cos(c))
    spread = displacement.std()
    return float(np.mean((lags - lags.mean()) * displacement) / (lags.std() * spread)) if spread > 0 else 0.0


def _median(rates: Floats) -> tuple[float, tuple[float, float]]:
    """Return the median and its interval without any assumption on the law of the rates."""
    ordered, count = np.sort(rates), rates.size
    half = 0.98 * np.sqrt(count)  # 1.96 standard deviations of a binomial number with p = 1/2
    low, high = max(0, int(np.floor(0.5 * count - half))), min(count - 1, int(np.ceil(0.5 * count + half)))
    return float(np.median(rates)), (float(ordered[low]), float(ordered[high]))


def _verdict(x: Floats, interval: tuple[float, float]) -> tuple[str, str]:
    away = x - x.mean()
    if away[1:] @ away[:-1] > OVERSAMPLED * (away @ away):
        return "undecided", "neighbours are nearly equal, which hides chaos: take every n-th sample"
    if interval[0] > CHAOTIC:
        return "chaos", f"K is above {CHAOTIC}"
    if interval[1] < REGULAR:
        return "regular", f"K is below {REGULAR}"
    return "undecided", f"K is neither above {CHAOTIC} nor below {REGULAR}: take a longer series"
