"""Power spectra with confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.series.embedding import as_series
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_number
from neurodynamics.watched import result_of

LEVEL = 0.95
BY_DEFAULT = 8  # segments that do not overlap


@dataclass(frozen=True, eq=False, repr=False)
class PowerSpectrum(Record):
    """One-sided spectral density of a series.

    Attributes
    ----------
    frequency, power : array, shape (F,)
        Cycles per unit time, and density; its integral is the variance.
    factors : (float, float)
        The interval at 95 % of each density lies between ``power * factors[0]`` and ``power * factors[1]`` (chi-squared).
    degrees_of_freedom : float
    resolution : float
        Distance of frequencies that are told apart: that of the window's main lobe.
    """

    frequency: Floats
    power: Floats
    factors: tuple[float, float]
    degrees_of_freedom: float
    resolution: float

    @property
    def peak(self) -> float:
        """The frequency of most power, interpolated (parabola through the logarithms of three densities)."""
        i = int(np.argmax(self.power))
        if not 0 < i < self.power.size - 1 or not (self.power[i - 1 : i + 2] > 0).all():
            return float(self.frequency[i])
        left, middle, right = np.log(self.power[i - 1 : i + 2])
        shift = 0.5 * (left - right) / (left - 2.0 * middle + right) if left - 2.0 * middle + right < 0 else 0.0
        return float(self.frequency[i] + shift * (self.frequency[1] - self.frequency[0]))

    plot = drawn("plot_power_spectrum", "Draw the density with its interval")

    def __repr__(self) -> str:
        return f"PowerSpectrum({self.frequency.size} frequencies, peak at {self.peak:.5g} ± {0.5 * self.resolution:.1g})"


def power_spectrum(series: ArrayLike, dt: float = 1.0, *, segments: int = BY_DEFAULT) -> PowerSpectrum:
    """Return the power spectrum of a series by Welch's method: Hann windows that overlap by half.

    Parameters
    ----------
    series : array_like, shape (T,)
        At equal intervals of time; its mean is taken off each segment.
    dt : float
        Between samples.
    segments : int
        As many as would lie behind each other without overlap: more make the interval of the density narrower, and the
        resolution coarser.

    Returns
    -------
    PowerSpectrum

    References
    ----------
    .. [1] Welch (1967), IEEE Trans. Audio Electroacoust. 15, 70.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import power_spectrum
    >>> round(power_spectrum(np.sin(0.2 * np.pi * np.arange(4000)), 0.5).peak, 4)  # 0.1 cycles a sample
    0.2
    """
    from scipy import signal, stats  # late: they take their time

    x = as_series(series, "series", fewest=8)
    interval, count = as_number(dt, "dt", positive=True), as_count(segments, "segments", minimum=1)
    length = x.size // count
    if length < 8:
        raise ValueError(f"`segments` must leave eight samples to each; got {count} of {x.size} samples.")
    overlap = length // 2
    frequency, power = result_of(lambda: signal.welch(x, 1.0 / interval, "hann", length, overlap), operations=1e2 * x.size)
    freedom = _degrees_of_freedom(signal.get_window("hann", length), overlap, 1 + (x.size - length) // (length - overlap))
    low, high = stats.chi2.ppf([0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL], freedom)
    return PowerSpectrum(frequency, power, (freedom / high, freedom / low), freedom, 4.0 / (length * interval))


def _degrees_of_freedom(window: Floats, overlap: int, count: int) -> float:
    """Return 2 K, less what the overlap of K segments makes common."""
    step, square = window.size - overlap, window @ window
    total = 1.0
    for j in range(1, count):
        if j * step >= window.size:
            break
        total += 2.0 * (1.0 - j / count) * (window[: window.size - j * step] @ window[j * step :] / square) ** 2
    return 2.0 * count / total
