"""How much an associative memory holds: mean-field theory, to stand beside measurements.

A load is p / N, patterns per unit (of one layer, for a BAM). For retrieval at temperature T the equations are [1]_

    m = <tanh beta(m + sqrt(alpha r) z)>,   q = <tanh^2 beta(..)>,   z normal,   beta = 1 / T,

with the noise of the other patterns r = q / (1 - C)^2, C = beta (1 - q), under Hebb's rule. At T = 0 they become
m = erf y with ``2 alpha r = (m / y)^2``, ``C = 2 y exp(-y^2) / (sqrt(pi) m)`` and, for the variants,

    hebb: r = 1/(1 - C)^2   bam: r = (1 + C^2)/(1 - C^2)^2   sequence: r = 1/(1 - C^2)   dilute: r = 1.

Damage that adds an independent error of variance D alpha / N to each coupling adds D to r [2]_: D = p / (1 - p) where a
share p of the connections is cut, pi/2 - 1 where only signs are left, e^2 for noise of e times their own spread.

References
----------
.. [1] Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173, 30. BAM: Kurchan, Peliti & Saber (1994), J. Phys. I 4,
   1627. Sequences: During, Coolen & Sherrington (1998), J. Phys. A 31, 8607. Dilution: Derrida, Gardner & Zippelius
   (1987), Europhys. Lett. 4, 167.
.. [2] Sompolinsky (1987), in: Heidelberg Colloquium on Glassy Dynamics, Lect. Notes Phys. 275, 485.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import erf, erfc, gammaln, ndtr, xlogy

from hopfield.capacity.solve import peak, root
from hopfield.capacity.thermal import retrieval
from neurodynamics.validation import as_choice, as_count, as_number

ROOT_PI = np.sqrt(np.pi)
LARGEST_Y = 6.0  # beyond it erf y is 1 to the last place
SMALLEST_Y = 1e-6
LARGEST_EXPONENT = 709.0
LOWEST_PEAK = 1e-3
SURELY_LOST = 0.15  # a load above the critical one at every temperature, 0.1382
MOST = 10**300  # sizes up to this are floats


@dataclass(frozen=True)
class _Kind:
    """The noise r(C) of the other patterns and its logarithmic derivative r'(C) / r(C)."""

    noise: Callable[[float], float]
    log_slope: Callable[[float], float]


KINDS = {
    "hebb": _Kind(lambda c: 1 / (1 - c) ** 2, lambda c: 2 / (1 - c)),
    "bam": _Kind(
        lambda c: (1 + c * c) / (1 - c * c) ** 2,
        lambda c: 2 * c / (1 + c * c) + 4 * c / (1 - c * c),
    ),
    "sequence": _Kind(lambda c: 1 / (1 - c * c), lambda c: 2 * c / (1 - c * c)),
    "dilute": _Kind(lambda c: 1.0, lambda c: 0.0),
}


def _kind(name: str, damage: float) -> _Kind:
    """A kind whose couplings have errors as well, r + D."""
    kind = KINDS[as_choice(name, "kind", KINDS)]
    extra = as_number(damage, "damage", minimum=0.0)
    if not extra:
        return kind
    return _Kind(lambda c: kind.noise(c) + extra, lambda c: kind.log_slope(c) / (1 + extra / kind.noise(c)))


# Zero temperature: everything is a function of y ----------------------------------------------------------------------


def _c(y: float) -> float:
    return 2 * y * np.exp(-y * y) / (ROOT_PI * erf(y))


def _load(y: float, kind: _Kind) -> float:
    return erf(y) ** 2 / (2 * y * y * kind.noise(_c(y)))


def _log_load_slope(y: float, kind: _Kind) -> float:
    """Return d ln alpha / dy, from d ln m / dy = C / y and dC/dy = C (1/y - 2 y - C / y)."""
    c = _c(y)
    return 2 * (c - 1) / y - kind.log_slope(c) * c * (1 / y - 2 * y - c / y)


def _critical_y(kind: _Kind) -> float:
    """Where the load is largest; 0 for strong dilution, whose overlap falls to 0 continuously."""
    if kind.log_slope(0.5) == 0:
        return 0.0
    if _log_load_slope(LOWEST_PEAK, kind) <= 0:  # damage beyond all measure
        return LOWEST_PEAK
    return root(lambda y: _log_load_slope(y, kind), LOWEST_PEAK, 4.0)


def _largest_load(kind: _Kind) -> float:
    y = _critical_y(kind)
    return float(_load(y, kind)) if y else 2 / (np.pi * kind.noise(0.0))


def critical_load(kind: str = "hebb", *, temperature: float = 0.0, damage: float = 0.0) -> float:
    """Return the load above which nothing is retrieved.

    Parameters
    ----------
    kind : {"hebb", "bam", "sequence", "dilute"}
        Hebb's rule; a BAM with equal layers; cyclic sequences under synchronous updates; strong asymmetric dilution,
        where the load counts patterns per connection of a unit.
    temperature : float
        Above 0 for "hebb" and "dilute" only, without damage.
    damage : float
        D, the variance of errors of the couplings in units of their own, alpha / N.

    Examples
    --------
    >>> round(critical_load("hebb"), 10)
    0.1379055665
    >>> round(critical_load("hebb", damage=np.pi / 2 - 1), 3)
    0.102
    """
    damaged = _kind(kind, damage)
    if as_number(temperature, "temperature", minimum=0.0) > 0:
        _refuse_both(damage)
        return retrieval(kind, temperature).largest[1]
    return _largest_load(damaged)


def _refuse_both(damage: float) -> None:
    if damage:
        raise ValueError(f"`damage` must be 0 at a `temperature` above 0, where no theory of it is here; got {damage:g}.")


def critical_overlap(kind: str = "hebb") -> float:
    """Return the overlap with which retrieval ends at the critical load, at zero temperature.

    Parameters
    ----------
    kind : {"hebb", "bam", "sequence", "dilute"}

    Examples
    --------
    >>> round(critical_overlap("hebb"), 7)
    0.9674171
    """
    return float(erf(_critical_y(_kind(kind, 0.0))))


def overlap(load: float, temperature: float = 0.0, *, kind: str = "hebb", damage: float = 0.0) -> float:
    """Return the overlap m with a retrieved pattern; 0 where the load is above the critical one.

    Parameters
    ----------
    load : float
        alpha = p / N >= 0.
    temperature : float
        Above 0 for "hebb" and "dilute" only, without damage.
    kind : {"hebb", "bam", "sequence", "dilute"}
    damage : float
        As in :func:`critical_load`.

    Examples
    --------
    >>> [round(overlap(alpha), 6) for alpha in (0.05, 0.10, 0.12)]
    [0.999992, 0.997999, 0.993223]
    """
    damaged = _kind(kind, damage)
    alpha = as_number(load, "load", minimum=0.0)
    if as_number(temperature, "temperature", minimum=0.0) > 0:
        _refuse_both(damage)
        return retrieval(kind, temperature).overlap(alpha)
    largest = _largest_load(damaged)
    if alpha > largest or (kind == "dilute" and alpha == largest):
        return 0.0
    low = max(_critical_y(damaged), SMALLEST_Y)
    if alpha <= _load(LARGEST_Y, damaged):
        return 1.0
    if alpha >= _load(low, damaged):  # closer to the critical load than rounding can tell
        return float(erf(low))
    return float(erf(root(lambda y: _load(y, damaged) - alpha, low, LARGEST_Y)))


def tolerated_damage(load: float) -> float:
    """Return the damage D at which the load is the critical one under Hebb's rule; 0 where it is above that anyway.

    Parameters
    ----------
    load : float
        alpha = p / N > 0.

    Examples
    --------
    >>> round(tolerated_damage(0.05), 3)
    3.43
    """
    alpha = as_number(load, "load", positive=True)
    if alpha >= critical_load():
        return 0.0
    return float(np.exp(root(lambda x: critical_load(damage=float(np.exp(x))) - alpha, -40.0, np.log(2 / alpha))))


def retrieval_temperature(load: float) -> float:
    """Return the temperature above which nothing is retrieved under Hebb's rule; 0 where nothing is at any temperature.

    The replica-symmetric equations let the critical load grow slightly with temperature at first, from 0.13791 to
    0.1382; between the two this is the upper temperature.

    Parameters
    ----------
    load : float
        alpha = p / N >= 0. Without load it is 1.

    Examples
    --------
    >>> retrieval_temperature(0.0), retrieval_temperature(0.2)
    (1.0, 0.0)
    """
    alpha = as_number(load, "load", minimum=0.0)
    if alpha == 0:
        return 1.0
    if alpha > SURELY_LOST:
        return 0.0
    warmest, largest = _best_temperature()
    if alpha > largest:
        return 0.0
    return root(lambda t: critical_load(temperature=t) - alpha, warmest, 1.0, precision=1e-10)


@functools.cache
def _best_temperature() -> tuple[float, float]:
    """The temperature with the largest critical load, and that load."""
    return peak(lambda t: critical_load(temperature=t), 0.005, 0.2, precision=1e-6)


def spin_glass_temperature(load: float) -> float:
    """Return T_g = 1 + sqrt(alpha), above which a state without memories is the only one.

    Examples
    --------
    >>> spin_glass_temperature(0.25)
    1.5
    """
    return 1 + float(np.sqrt(as_number(load, "load", minimum=0.0)))


# Other bounds ---------------------------------------------------------------------------------------------------------


def gardner(margin: float = 0.0) -> float:
    """Return the largest number of random patterns per unit that any couplings can hold with a margin.

    ``alpha_c(kappa) = 1 / integral_{-kappa}^inf Dt (t + kappa)^2``, 2 without margin.

    Parameters
    ----------
    margin : float
        kappa, see :func:`hopfield.rules.margins`.

    References
    ----------
    .. [1] Gardner (1988), J. Phys. A 21, 257.

    Examples
    --------
    >>> gardner(0.0)
    2.0
    """
    k = as_number(margin, "margin")
    return float(1 / ((1 + k * k) * ndtr(k) + k * np.exp(-k * k / 2) / np.sqrt(2 * np.pi)))


def mceliece(size: int, *, every: bool = False) -> float:
    """Return how many random patterns Hebb's rule holds without a wrong unit, for large N.

    Parameters
    ----------
    size : int
        N.
    every : bool
        False: almost every pattern is stable, N / (2 ln N). True: all of them at once, N / (4 ln N).

    References
    ----------
    .. [1] McEliece, Posner, Rodemich & Venkatesh (1987), IEEE Trans. Inf. Theory 33, 461.

    Examples
    --------
    >>> round(mceliece(1000), 1)
    72.4
    """
    n = _count(size, "size", 2)
    return float(n / ((4 if every else 2) * np.log(n)))


def dense_memory(size: int, degree: int) -> float:
    """Return how many random patterns a dense memory of energy -sum (xi.s)^n holds without a wrong unit.

    ``N^(n-1) / (2 (2n-3)!! ln N)``; degree 2 is :func:`mceliece`.

    Parameters
    ----------
    size : int
        N.
    degree : int
        n >= 2.

    References
    ----------
    .. [1] Krotov & Hopfield (2016), NIPS 29.

    Examples
    --------
    >>> round(dense_memory(100, 3), 1)
    361.9
    """
    n, k = _count(size, "size", 2), _count(degree, "degree", 2)
    if k > n:
        raise ValueError(f"`degree` must be at most `size` = {n:g}; got {k:.6g}.")
    log_of_factorial = gammaln(2 * k - 1) - gammaln(k) - (k - 1) * np.log(2)  # (2k - 3)!! = (2k - 2)! / (2^(k-1) (k-1)!)
    return float(np.exp((k - 1) * np.log(n) - log_of_factorial) / (2 * np.log(n)))


def exponential_memory(size: int, noise: float = 0.0) -> float:
    """Return up to how many random patterns a memory of energy -sum exp(xi.s) recalls in one sweep from noisy cues.

    ``exp(alpha N)`` with ``alpha = I(1 - 2 noise) / 2`` and ``I(x) = [(1 + x) ln(1 + x) + (1 - x) ln(1 - x)] / 2``: with
    less, the probability of a wrong unit vanishes as N grows.

    Parameters
    ----------
    size : int
        N.
    noise : float
        Share of units of a cue that are wrong, from 0 to 1/2.

    References
    ----------
    .. [1] Demircigil, Heusel, Loewe, Upgang & Vermet (2017), J. Stat. Phys. 168, 288, theorem 3.

    Examples
    --------
    >>> round(exponential_memory(20), 6), exponential_memory(20, 0.5)
    (1024.0, 1.0)
    """
    n, x = _count(size, "size", 1), 1 - 2 * as_number(noise, "noise")
    if not 0 <= x <= 1:
        raise ValueError(f"`noise` must lie between 0 and 1/2; got {(1 - x) / 2:g}.")
    exponent = n * float(xlogy(1 + x, 1 + x) + xlogy(1 - x, 1 - x)) / 4
    if exponent > LARGEST_EXPONENT:
        raise ValueError(f"`size` makes more patterns than there are numbers, exp({exponent:.4g}); got {n:g}.")
    return float(np.exp(exponent))


def single_bit_error(size: int, count: int) -> float:
    """Return the probability that a unit of a stored pattern is unstable, ``erfc(sqrt(N / (2 p))) / 2``.

    Hebb's rule with W_ii = 0, random patterns, p and N large.

    Parameters
    ----------
    size, count : int
        N and p.

    Examples
    --------
    >>> round(single_bit_error(1000, 100), 5)
    0.00078
    """
    n, p = _count(size, "size", 1), _count(count, "count", 1)
    return float(erfc(np.sqrt(n / (2 * p))) / 2)


def _count(value: int, name: str, minimum: int) -> float:
    number = as_count(value, name, minimum=minimum)
    if number > MOST:
        raise ValueError(f"`{name}` must be finite in double precision; got a larger integer.")
    return float(number)
