"""How close states are to patterns, what kind of state a recall ended in, and how sure a measured share is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from hopfield.checks import ALPHABETS, as_patterns, as_states, to_spins
from hopfield.states import guarded
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_choice, as_count, as_floats, as_number

__all__ = ["Classification", "StateKind", "classify", "hamming", "mixtures", "overlap", "wilson"]


def overlap(states: ArrayLike, patterns: ArrayLike, *, values: str = "bipolar") -> Floats:
    """Return ``m = xi . s / N`` of states with patterns, as spins of +-1: 1 if equal, 0 if unrelated, -1 if reversed.

    Parameters
    ----------
    states : array_like, shape (N,) or (K, N)
    patterns : array_like, shape (p, N)
    values : {"bipolar", "binary"}
        The alphabet of both.

    Returns
    -------
    ndarray, shape (K, p)

    Examples
    --------
    >>> overlap([1, 1, -1, -1], [[1, 1, 1, 1], [1, 1, -1, 1]])
    array([[0. , 0.5]])
    """
    as_choice(values, "values", ALPHABETS)
    rows = to_spins(as_patterns(patterns, "patterns", values), values)
    spins = to_spins(as_states(states, "states", values, rows.shape[1]), values)
    return spins.astype(float) @ rows.T.astype(float) / rows.shape[1]


def hamming(states: ArrayLike, patterns: ArrayLike, *, values: str = "bipolar") -> NDArray[np.int64]:
    """Return the number of units in which states differ from patterns, ``N (1 - m) / 2``.

    Parameters
    ----------
    states : array_like, shape (N,) or (K, N)
    patterns : array_like, shape (p, N)
    values : {"bipolar", "binary"}
        The alphabet of both.

    Returns
    -------
    ndarray of int, shape (K, p)

    Examples
    --------
    >>> hamming([1, 1, -1, 1], [[1, 1, 1, 1], [-1, -1, 1, -1]])
    array([[1, 4]])
    """
    m = overlap(states, patterns, values=values)
    return np.rint(np.shape(patterns)[-1] * (1 - m) / 2).astype(np.int64)


def wilson(successes: ArrayLike, trials: ArrayLike, *, confidence: float = 0.95) -> tuple[Any, Any]:
    """Return Wilson's interval for a probability from counts; right at 0 and at all as well.

    Parameters
    ----------
    successes, trials : int or array_like of int
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : float or ndarray

    References
    ----------
    .. [1] Wilson (1927), J. Am. Stat. Assoc. 22, 209.

    Examples
    --------
    >>> low, high = wilson(0, 10)
    >>> round(float(high), 4)
    0.2775
    """
    k, n = as_floats(successes, "successes"), as_floats(trials, "trials")
    level = as_number(confidence, "confidence")
    if not 0 < level < 1:
        raise ValueError(f"`confidence` must lie between 0 and 1; got {level:g}.")
    for name, counts in (("successes", k), ("trials", n)):
        if (counts % 1 != 0).any():
            raise ValueError(f"`{name}` must be whole numbers; got {counts.ravel()[np.argmax(counts.ravel() % 1 != 0)]:g}.")
    if (n < 1).any() or (k < 0).any() or (k > n).any():
        raise ValueError(f"`trials` must be positive, and `successes` between 0 and `trials`; got {successes!r:.40}.")
    z = ndtri((1 + level) / 2)
    centre = (k + z * z / 2) / (n + z * z)
    half = z * np.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return np.where(k == 0, 0.0, centre - half)[()], np.where(k == n, 1.0, centre + half)[()]


class StateKind(StrEnum):
    """What a state of an associative memory is."""

    PATTERN = "pattern"
    REVERSED = "reversed"
    MIXTURE = "mixture"
    SPURIOUS = "spurious"


@dataclass(frozen=True, eq=False)
class Classification(Record):
    """What states are.

    Attributes
    ----------
    kinds : list of StateKind
        One for each state.
    nearest : ndarray of int, shape (K,)
        The pattern with the largest absolute overlap.
    overlaps : ndarray, shape (K,)
        With that pattern, signed.
    members : list of tuple
        For a mixture, its patterns as (number, sign); otherwise empty.
    """

    kinds: list[StateKind]
    nearest: NDArray[np.int64]
    overlaps: Floats
    members: list[tuple[tuple[int, int], ...]]

    def count(self, kind: str) -> int:
        """Return how many states are of a kind."""
        return self.kinds.count(StateKind(as_choice(kind, "kind", StateKind)))


def classify(states: ArrayLike, patterns: ArrayLike, *, threshold: float = 0.9, values: str = "bipolar") -> Classification:
    """Return what states are: patterns, reversed patterns, mixtures of three or five, or spurious.

    Parameters
    ----------
    states : array_like, shape (N,) or (K, N)
    patterns : array_like, shape (p, N)
    threshold : float
        A state is a pattern, or a mixture, if its overlap with it is at least this.
    values : {"bipolar", "binary"}
        The alphabet of both.

    Examples
    --------
    >>> found = classify([[1, 1, -1, 1], [-1, -1, 1, 1]], [[1, 1, -1, -1]], threshold=0.9)
    >>> [kind.name for kind in found.kinds]
    ['SPURIOUS', 'REVERSED']
    """
    limit = as_number(threshold, "threshold")
    m = overlap(states, patterns, values=values)
    nearest = np.abs(m).argmax(axis=1)
    best = m[np.arange(len(m)), nearest]
    rows = to_spins(as_patterns(patterns, "patterns", values), values)
    spins = to_spins(as_states(states, "states", values), values)
    kinds, members = [], []
    for state, row, value in zip(spins, m, best, strict=True):
        mixed = () if abs(value) >= limit else _mixture_of(state, row, rows, limit)
        members.append(mixed)
        if abs(value) >= limit:
            kinds.append(StateKind.PATTERN if value > 0 else StateKind.REVERSED)
        else:
            kinds.append(StateKind.MIXTURE if mixed else StateKind.SPURIOUS)
    return Classification(kinds, nearest, best, members)


def _mixture_of(state: NDArray, m: Floats, rows: NDArray, limit: float) -> tuple[tuple[int, int], ...]:
    """The three or five patterns with the largest overlaps, if the sign of their sum is the state."""
    order = np.argsort(-np.abs(m))
    for count in (3, 5):
        if len(m) >= count:
            chosen = order[:count]
            signs = np.where(m[chosen] >= 0, 1, -1)
            if np.sign(signs @ rows[chosen].astype(int)) @ state >= limit * state.size:
                return tuple((int(k), int(sign)) for k, sign in zip(chosen, signs, strict=True))
    return ()


def mixtures(patterns: ArrayLike, count: int = 3, *, values: str = "bipolar") -> NDArray[np.int8]:
    """Return the symmetric mixture states ``sgn(xi_a +- xi_b +- xi_c ..)`` of every choice of ``count`` patterns.

    Each with the first sign +; their reverses are mixtures as well.

    Parameters
    ----------
    patterns : array_like, shape (p, N)
    count : int
        Odd, at least 3 and at most p: an even sum can be zero.
    values : {"bipolar", "binary"}

    Returns
    -------
    ndarray of int8, shape (p choose count * 2^(count - 1), N)

    Examples
    --------
    >>> mixtures([[1, 1, 1], [1, -1, 1], [1, 1, -1]])
    array([[ 1,  1,  1],
           [ 1, -1,  1],
           [ 1,  1, -1],
           [-1,  1,  1]], dtype=int8)
    """
    rows = to_spins(as_patterns(patterns, "patterns", as_choice(values, "values", ALPHABETS)), values)
    if as_count(count, "count", minimum=3) % 2 == 0 or count > len(rows):
        raise ValueError(f"`count` must be odd and at most the number of patterns, {len(rows)}; got {count}.")
    signs = np.array([(1, *rest) for rest in product((1, -1), repeat=count - 1)])
    choices = [rows[list(chosen)].astype(int) for chosen in combinations(range(len(rows)), count)]
    spins = np.concatenate([np.sign(signs @ chosen) for chosen in choices])
    return guarded((spins if values == "bipolar" else (spins + 1) // 2).astype(np.int8))
