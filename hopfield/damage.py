"""Damage: connections that are cut, weights that are noisy, weights of which only the signs are left; and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import patterns as make
from hopfield.capacity import overlap, tolerated_damage
from hopfield.checks import require_room
from hopfield.couplings import Coupling, Dense, as_coupling
from hopfield.discrete import DiscreteHopfield
from hopfield.experiments import points_in_time, was_stopped
from hopfield.measures import wilson
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Interrupted
from neurodynamics.validation import (
    Floats,
    as_choice,
    as_count,
    as_flag,
    as_floats,
    as_generator,
    as_instance,
    as_number,
    called,
)
from neurodynamics.watched import as_timeout

__all__ = ["DamageCurve", "clipped", "critical_damage", "cut", "damage_curve", "variance", "with_noise"]

POINTS = 200  # of a theoretical curve


def cut(couplings: Any, share: float, *, symmetric: bool = True, rng: Any = None) -> Coupling:
    """Return couplings without a share of the connections between units, chosen at random.

    Parameters
    ----------
    couplings : Coupling or array_like, shape (N, N)
        Written out.
    share : float
        Of all that are not zero; exactly round(share times their number) are cut. Those of a unit to itself stay.
    symmetric : bool
        Whether both directions of a pair are cut together.
    rng : Generator, int or None

    Examples
    --------
    >>> from hopfield import hebbian, patterns
    >>> w = hebbian(patterns.random(3, 50, rng=0))
    >>> float((cut(w, 0.4, rng=1).dense() != 0).sum() / (w.dense() != 0).sum())
    0.6
    """
    w, random = _square(couplings), as_generator(rng)
    part = as_number(share, "share", minimum=0.0)
    if part > 1:
        raise ValueError(f"`share` must lie between 0 and 1; got {part:g}.")
    numbers = w.scaled_dense()
    both = as_flag(symmetric, "symmetric") and w.symmetric
    there = numbers != 0
    i, j = np.nonzero(np.triu(there, 1) if both else there & ~np.eye(w.size, dtype=bool))
    chosen = random.permutation(len(i))[: round(part * len(i))]
    numbers[i[chosen], j[chosen]] = 0.0
    if both:
        numbers[j[chosen], i[chosen]] = 0.0
    return Dense(numbers, w.scale)


def with_noise(couplings: Any, strength: float, *, symmetric: bool = True, rng: Any = None) -> Coupling:
    """Return couplings with normal noise on every connection between different units.

    Parameters
    ----------
    couplings : Coupling or array_like, shape (N, N)
        Written out.
    strength : float
        Standard deviation of the noise, in units of the root mean square of the connections.
    symmetric : bool
        Whether both directions of a pair have the same noise.
    rng : Generator, int or None

    Examples
    --------
    >>> from hopfield import hebbian, patterns
    >>> w = hebbian(patterns.random(3, 50, rng=0))
    >>> with_noise(w, 0.5, rng=1).symmetric
    True
    """
    w, random = _square(couplings), as_generator(rng)
    size = as_number(strength, "strength", minimum=0.0)
    matrix = w.dense()
    between = ~np.eye(w.size, dtype=bool)
    spread = size * float(np.sqrt(np.mean(matrix[between] ** 2))) if w.size > 1 else 0.0
    noise = random.normal(size=matrix.shape)
    if as_flag(symmetric, "symmetric") and w.symmetric:
        noise = np.triu(noise, 1) + np.triu(noise, 1).T
    return Dense(matrix + np.where(between, spread * noise, 0.0))


def clipped(couplings: Any) -> Coupling:
    """Return the signs of all connections between units, times their mean size; those of a unit to itself stay.

    Parameters
    ----------
    couplings : Coupling or array_like, shape (N, N)
        Written out.

    Examples
    --------
    >>> clipped([[0.0, 3.0], [-1.0, 0.0]]).dense()
    array([[ 0.,  2.],
           [-2.,  0.]])
    """
    w = _square(couplings)
    signs = np.sign(w.scaled_dense())
    np.fill_diagonal(signs, 0.0)
    own, sizes = w.diagonal(), np.abs(w.dense())
    mean = float((sizes.sum() - np.abs(own).sum()) / max(1, np.count_nonzero(signs)))
    if not mean:
        return Dense(np.diag(own))
    return Dense(signs + np.diag(own / mean), 1 / mean)


def _square(couplings: Any) -> Coupling:
    w = as_coupling(couplings)
    if w.shape[0] != w.shape[1]:
        raise ValueError(f"`couplings` must be a square matrix; got shape {w.shape}.")
    require_room("the matrix of `couplings`", *w.shape, itemsize=32)
    return w


# What it does -----------------------------------------------------------------------------------------------------------


def _of_kind(w: Coupling, kind: str, amount: float, symmetric: bool, rng: np.random.Generator) -> Coupling:
    if kind == "clip":
        return clipped(w)
    return (cut if kind == "cut" else with_noise)(w, amount, symmetric=symmetric, rng=rng)


def variance(kind: str, amount: float) -> float:
    """Return D of the theory: the variance of the errors in units of that of Hebb's couplings.

    Parameters
    ----------
    kind : {"cut", "noise", "clip"}
    amount : float
        The share of connections cut, or the strength of the noise; of no meaning where weights are clipped.

    Examples
    --------
    >>> variance("cut", 0.5), variance("noise", 2.0)
    (1.0, 4.0)
    """
    as_choice(kind, "kind", KINDS)
    a = as_number(amount, "amount", minimum=0.0)
    if kind == "clip":
        return np.pi / 2 - 1
    if kind == "noise":
        return a * a
    if a > 1:
        raise ValueError(f"`amount` of what is cut must lie between 0 and 1; got {a:g}.")
    return a / (1 - a) if a < 1 else np.inf


KINDS = ("cut", "noise", "clip")


@dataclass(frozen=True, eq=False)
class DamageCurve(Record):
    """Retrieval against damage, started on the patterns or on noisy ones.

    Attributes
    ----------
    kind : {"cut", "noise", "clip"}
    amounts : ndarray, shape (T,)
    overlaps : ndarray, shape (T,)
        Mean overlap with the pattern at the end.
    overlap_errors : ndarray, shape (T,)
        Its standard error, from one damaged network to the next.
    retrieved : ndarray, shape (T,)
        Share of patterns with at least ``threshold``.
    low, high : ndarray, shape (T,)
        Wilson's 95 % interval of it; probes of one network are not quite independent.
    load : float
        p / N.
    trials : int
        Probes at each amount.
    threshold : float
    """

    kind: str
    amounts: Floats
    overlaps: Floats
    overlap_errors: Floats
    retrieved: Floats
    low: Floats
    high: Floats
    load: float
    trials: int
    threshold: float

    @property
    def theory(self) -> tuple[Floats, Floats]:
        """Amounts and mean-field overlaps of random patterns under Hebb's rule, zero diagonal, large N."""
        top = float(self.amounts.max(initial=0.0))
        amounts = np.linspace(0.0, min(top, 1 - 1e-9) if self.kind == "cut" else top, POINTS)
        return amounts, np.array([overlap(self.load, damage=variance(self.kind, a)) for a in amounts])

    plot = drawn("plot_damage", "Plot the measurement, with the theory of Hebb's rule beside it")


def critical_damage(load: float, kind: str = "cut") -> float:
    """Return the share of connections that can be cut, or the noise that can be added, before nothing is retrieved.

    Parameters
    ----------
    load : float
        alpha = p / N of random patterns under Hebb's rule.
    kind : {"cut", "noise"}

    Examples
    --------
    >>> round(critical_damage(0.05), 3)
    0.774
    """
    as_choice(kind, "kind", ("cut", "noise"))
    d = tolerated_damage(load)
    return d / (1 + d) if kind == "cut" else float(np.sqrt(d))


def damage_curve(
    network: DiscreteHopfield,
    amounts: ArrayLike,
    *,
    kind: str = "cut",
    symmetric: bool = True,
    flipped: float = 0.0,
    networks: int = 3,
    probes: int = 50,
    threshold: float = 0.9,
    rng: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
    **options: Any,
) -> DamageCurve:
    """Return what a network still retrieves of its patterns when its couplings are damaged.

    Parameters
    ----------
    network : DiscreteHopfield
        One that knows its patterns.
    amounts : array_like, shape (T,)
        Shares of the connections that are cut, or strengths of noise in units of the spread of the weights.
    kind : {"cut", "noise", "clip"}
        See :func:`cut`, :func:`with_noise` and :func:`clipped`; for the last, amounts have no meaning.
    symmetric : bool
        Whether damage is the same in both directions of a pair.
    flipped : float
        Share of units of each probe that are wrong.
    networks : int
        Damaged networks at each amount.
    probes : int
        Patterns tried in each, all if there are no more.
    threshold : float
        The overlap that counts as retrieved.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; the points of the curve that were finished until then are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with these points as ``result``, or returns them.
    **options
        Go to ``network.recall``.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, patterns
    >>> net = DiscreteHopfield.from_patterns(patterns.random(10, 200, rng=0))
    >>> damage_curve(net, [0.2, 0.98], rng=1).retrieved.round(1)
    array([1., 0.])
    """
    as_instance(network, "network", DiscreteHopfield)
    if network.patterns is None:
        raise ValueError("`network` must know its patterns; build it with from_patterns or pass `patterns`.")
    as_choice(kind, "kind", KINDS)
    grid = np.atleast_1d(as_floats(amounts, "amounts"))
    if grid.ndim != 1 or grid.size == 0 or grid.min() < 0 or (kind == "cut" and grid.max() > 1):
        raise ValueError(f"`amounts` must be zero or positive, and shares up to 1, of shape (T,); got {amounts!r:.60}.")
    random, both = as_generator(rng), as_flag(symmetric, "symmetric")
    repeats, tried = as_count(networks, "networks", minimum=1), as_count(probes, "probes", minimum=1)
    limit, wrong = as_number(threshold, "threshold"), as_number(flipped, "flipped", minimum=0.0)
    require_room("ends of `networks`", repeats, min(tried, len(network.patterns)), itemsize=8)
    chosen = np.arange(min(tried, len(network.patterns)))
    with called("fraction", "flipped"):
        cues = make.flip(network.patterns[chosen], wrong, values=network.values, rng=random)

    def ends(amount: float, left: float | None) -> NDArray[Any] | None:
        rows = []
        for _ in range(repeats):
            damaged = _of_kind(network.couplings, kind, float(amount), both, random)
            net = DiscreteHopfield(damaged, network.bias, values=network.values, patterns=network.patterns)
            found = net.recall(cues, rng=random, timeout=left, **options)
            if was_stopped(found):
                return None
            rows.append(net.overlaps(found.states)[chosen, chosen])
        return np.array(rows)

    done, interrupted = points_in_time(ends, grid, as_timeout(timeout), on_interrupt)
    shape = (len(done), repeats, len(chosen))
    curve = _summary(kind, grid[: len(done)], np.array(done).reshape(shape), limit, len(network.patterns) / network.size)
    if interrupted:
        raise Interrupted(curve)
    return curve


def _summary(kind: str, grid: Floats, ends: Floats, limit: float, load: float) -> DamageCurve:
    """Means over networks and probes of the final overlaps (T, networks, probes)."""
    repeats, trials = ends.shape[1], ends.shape[1] * ends.shape[2]
    of_networks = ends.mean(axis=2)
    errors = of_networks.std(axis=1, ddof=1) / np.sqrt(repeats) if repeats > 1 else np.full(len(grid), np.nan)
    counts = (ends >= limit).sum(axis=(1, 2))
    low, high = wilson(counts, trials)
    shares = counts / trials, low, high
    return DamageCurve(kind, grid, of_networks.mean(axis=1), errors, *shares, load, trials, limit)
