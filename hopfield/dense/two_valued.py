"""Dense memories of two-valued units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import ALPHABETS, Spins, as_patterns, to_spins
from hopfield.dense.interactions import Exponential, Interaction, Polynomial, columns_of, starts
from hopfield.discrete import Form, OneLayer, Options, asynchronous, decide, synchronous
from hopfield.states import guarded
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_choice, as_count

MOST_DEGREE = 100
EXPONENTIAL = "exponential"


class DenseMemory(OneLayer):
    """Two-valued units with the energy ``E = -N sum_k (xi_k.s / N)^n``, or ``-ln sum_k exp(xi_k.s)``: many more patterns.

    A unit takes the value with the lower energy; a tie keeps it. Degree 2 is Hopfield's network with Hebb's rule; its
    capacity grows as N^(n-1) (:func:`hopfield.capacity.dense_memory`), that of "exponential" exponentially with N
    (:func:`hopfield.capacity.exponential_memory`).

    Parameters
    ----------
    patterns : array_like, shape (p, N)
        A pattern in each row. They are kept as they are, a byte an entry, and asynchronous updates need them a second time
        in another order.
    degree : int or "exponential"
        n, from 2 to 100. Of odd degree, E tells a pattern from its reverse.
    values : {"bipolar", "binary"}
        The alphabet of patterns and states; E is that of +-1.

    Notes
    -----
    Asynchronous updates never raise E, which falls by what a unit gains at each flip. Synchronous ones, the signs of -dE/ds,
    do not either where E is concave, that is of even degree and "exponential": E lies below its tangent, and the new
    state is the lowest point of that [3]_. Of odd degree they may cycle, which the recall reports.

    References
    ----------
    .. [1] Krotov & Hopfield (2016), Dense associative memory for pattern recognition, NIPS 29.
    .. [2] Demircigil, Heusel, Loewe, Upgang & Vermet (2017), On a model of associative memory with huge storage capacity,
       J. Stat. Phys. 168, 288.
    .. [3] Yuille & Rangarajan (2003), The concave-convex procedure, Neural Computation 15, 915.

    Examples
    --------
    A hundred units hold three hundred patterns; Hebb's rule holds ten.

    >>> from hopfield import DenseMemory, patterns
    >>> xi = patterns.random(300, 100, rng=0)
    >>> net = DenseMemory(xi, degree=3)
    >>> r = net.recall(patterns.flip(xi[:50], 0.1, rng=1), rng=0)
    >>> r
    Recall(50 probes of 100 units: 50 fixed_point)
    >>> float(r.overlaps.diagonal().mean().round(2))
    1.0
    """

    patterns: NDArray[np.int8]

    def __init__(self, patterns: ArrayLike, degree: int | str = 3, *, values: str = "bipolar") -> None:
        self.values = as_choice(values, "values", ALPHABETS)
        self.patterns = guarded(as_patterns(patterns, values=self.values))
        self.degree = _as_degree(degree)
        p, n = self.patterns.shape
        self._interaction: Interaction = Exponential(p) if isinstance(self.degree, str) else Polynomial(self.degree, n, p)
        self._tolerance = np.zeros(n)  # ties are told where fields are summed

    def __repr__(self) -> str:
        degree = self.degree if isinstance(self.degree, str) else f"degree {self.degree}"
        return f"DenseMemory({self.size} {self.values} units, {len(self.patterns)} patterns, {degree})"

    def arguments(self) -> dict[str, Any]:
        """Return what the constructor makes the memory again of: for files."""
        return {"patterns": np.asarray(self.patterns), "degree": self.degree, "values": self.values}

    @property
    def size(self) -> int:
        """The number of units."""
        return self.patterns.shape[1]

    @property
    def _units(self) -> float:
        return self._interaction.scale

    def _has_energy(self) -> bool:
        return True

    def energy(self, states: ArrayLike) -> Any:
        """Return E, a number for a state (N,) and shape (K,) for (K, N)."""
        energies = self._interaction.energy(self._sums(self._spins(states)))
        return energies[0] if np.ndim(states) == 1 else energies

    def is_stable(self, states: ArrayLike) -> Any:
        """Return whether no change of one unit lowers E; (N,) gives one bool, (K, N) many."""
        stable: Any = self.recall(self.states(states), max_sweeps=1, order="sequential").flips == 0
        return bool(stable[0]) if np.ndim(states) == 1 else stable

    def _spins(self, states: ArrayLike) -> Spins:
        return to_spins(self.states(states), self.values)

    def _sums(self, spins: Spins) -> Floats:
        """xi_k . s for rows of spins, (K, p)."""
        return self._pattern_rows.project(spins, np.float32 if self.size < 2**24 else np.float64).astype(float)

    @cached_property
    def _form(self) -> Form:
        columns = columns_of(to_spins(self.patterns, self.values))
        return self._interaction.form(columns, lambda spins: starts(self._sums(spins)))

    def _asynchronous(self, options: Options, progress: Any) -> None:
        asynchronous(self._form, np.zeros(self.size), options, progress)

    def _synchronous(self, options: Options, progress: Any) -> None:
        if options.thermal:
            raise ValueError("`temperature` above 0 needs asynchronous updates: others have no stationary law of E.")

        def advance(spins: Spins, probes: NDArray[np.int64], sweep: int) -> tuple[Spins, Floats]:
            z = self._sums(spins)
            slopes = self._interaction.slopes(z)
            ties = self._interaction.rounding * np.abs(slopes).sum(axis=1, keepdims=True)
            new = decide(self._pattern_rows.lift(slopes), spins, 0.0, ties, None)
            return new, self._interaction.energy(z) * self._units

        synchronous(advance, options, progress)


def _as_degree(degree: Any) -> int | str:
    if isinstance(degree, str):
        return as_choice(degree, "degree", (EXPONENTIAL,))
    number = as_count(degree, "degree", minimum=2)
    if number > MOST_DEGREE:
        raise ValueError(f"`degree` must be at most {MOST_DEGREE}; got more. Use {EXPONENTIAL!r}.")
    return number
