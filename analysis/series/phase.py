"""Phases of oscillations: instantaneous phase, phase locking, order parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.series.embedding import as_series
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_items
from neurodynamics.watched import result_of

BLOCKS = 16  # whose scatter is the standard error


def instantaneous_phase(series: ArrayLike) -> Floats:
    """Return the instantaneous phase of an oscillation: that of its analytic signal (Hilbert transform).

    Parameters
    ----------
    series : array_like, shape (T,)
        One oscillation, with its period much shorter than T; its mean is taken off. Near the ends, within a period or two,
        the phase is off.

    Returns
    -------
    array, shape (T,)
        In radians, carried on from turn to turn.

    References
    ----------
    .. [1] Gabor (1946), J. IEE 93, 429; Pikovsky, Rosenblum & Kurths (2001), Synchronization, appendix 2.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import instantaneous_phase
    >>> t = np.arange(1000) / 50
    >>> bool(np.abs(instantaneous_phase(np.cos(2 * np.pi * t)) - 2 * np.pi * t).max() < 1e-9)
    True
    """
    x = as_series(series, "series", fewest=4)
    weights = np.zeros(x.size)
    weights[0] = 1.0
    weights[1 : (x.size + 1) // 2] = 2.0
    if x.size % 2 == 0:
        weights[x.size // 2] = 1.0
    signal = result_of(lambda: np.fft.ifft(np.fft.fft(x - x.mean()) * weights), operations=1e2 * x.size)
    return np.unwrap(np.angle(signal))


@dataclass(frozen=True, eq=False, repr=False)
class PhaseLocking(Record):
    """How constant a difference of phases is.

    Attributes
    ----------
    value : float
        Phase-locking value ``|<exp(i (n a - m b))>|``: 1 for a constant difference.
    standard_error : float
        From blocks of time.
    by_chance : float
        What as many independent phases would give, on the average: ``sqrt(pi / (4 T))``. Samples that depend on each other
        give more.
    difference : float
        The mean difference ``n a - m b``, in (-pi, pi].
    slips : float
        Turns that the difference made from the first sample to the last.
    """

    value: float
    standard_error: float
    by_chance: float
    difference: float
    slips: float

    def __repr__(self) -> str:
        return f"PhaseLocking({self.value:.4g} ± {self.standard_error:.1g}, {self.slips:.3g} turns)"


def phase_locking(a: ArrayLike, b: ArrayLike, ratio: tuple[int, int] = (1, 1)) -> PhaseLocking:
    """Return the phase-locking value of two phases, n : m.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Phases in radians, wrapped or carried on (`instantaneous_phase`).
    ratio : (int, int)
        n and m of the difference ``n a - m b``: m turns of a go with n of b.

    Returns
    -------
    PhaseLocking

    References
    ----------
    .. [1] Lachaux, Rodriguez, Martinerie & Varela (1999), Hum. Brain Mapp. 8, 194.
    .. [2] Tass et al. (1998), Phys. Rev. Lett. 81, 3291.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import phase_locking
    >>> t = np.linspace(0, 50, 1000)
    >>> round(phase_locking(2 * t, 3 * t + 1, (3, 2)).value, 6)
    1.0
    """
    first, second = as_series(a, "a"), as_series(b, "b")
    if first.size != second.size:
        raise ValueError(f"`b` must have as many samples as `a`, {first.size}; got {second.size}.")
    pair = [as_count(each, f"ratio[{i}]", minimum=1) for i, each in enumerate(as_items(ratio, "ratio"))]
    if len(pair) != 2:
        raise ValueError(f"`ratio` must be two whole numbers (n, m); got {len(pair)}.")
    difference = pair[0] * first - pair[1] * second
    turning = np.exp(1j * difference)
    mean = turning.mean()
    value, error = float(np.abs(mean)), _error(np.real(turning * np.conj(mean) / max(float(np.abs(mean)), 1e-300)))
    turns = float((np.unwrap(difference)[-1] - np.unwrap(difference)[0]) / (2.0 * np.pi))
    by_chance = float(np.sqrt(np.pi / (4 * first.size)))
    return PhaseLocking(value, error, by_chance, float(np.angle(mean)), turns)


def _error(values: Floats) -> float:
    """Return the standard error of a mean from blocks of time."""
    if values.size < 2 * BLOCKS:
        return float("nan")
    means = np.array([block.mean() for block in np.array_split(values, BLOCKS)])
    return float(means.std(ddof=1) / np.sqrt(BLOCKS))


@dataclass(frozen=True, eq=False, repr=False)
class OrderParameter(Record):
    """Kuramoto's order parameter ``r exp(i psi) = <exp(i theta_j)>`` over time.

    Attributes
    ----------
    r, psi : array, shape (T,)
    mean, standard_error : float
        Of r over time; the error from blocks.
    """

    r: Floats
    psi: Floats
    mean: float
    standard_error: float

    plot = drawn("plot_order_parameter", "Draw the order parameter over time")

    def __repr__(self) -> str:
        return f"OrderParameter(r = {self.mean:.4g} ± {self.standard_error:.1g})"


def order_parameter(phases: ArrayLike) -> OrderParameter:
    """Return Kuramoto's order parameter of oscillators: 1 where all phases are equal, about ``1 / sqrt(N)`` by chance.

    Parameters
    ----------
    phases : array_like, shape (N, T)
        In radians, a row an oscillator: ``sol.y`` of phase oscillators, or rows of `instantaneous_phase`.

    Returns
    -------
    OrderParameter

    References
    ----------
    .. [1] Kuramoto (1984), Chemical Oscillations, Waves, and Turbulence, Springer.

    Examples
    --------
    >>> from analysis import order_parameter
    >>> order_parameter([[0.0, 0.0], [0.0, 3.141592653589793]]).r.round(6).tolist()
    [1.0, 0.0]
    """
    theta = as_floats(phases, "phases")
    if theta.ndim != 2 or 0 in theta.shape:
        raise ValueError(f"`phases` must have shape (N, T), a row an oscillator; got {theta.shape}.")
    z = np.exp(1j * theta).mean(axis=0)
    r = np.abs(z)
    return OrderParameter(r, np.angle(z), float(r.mean()), _error(r))
