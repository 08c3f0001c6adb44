"""Memories of sequences: each pattern calls up the next."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from hopfield.discrete.network import DiscreteHopfield
from hopfield.recall import Recall
from hopfield.rules import sequence
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats, as_count, as_floats

NO_ENERGY = (
    "a memory of sequences has no energy: W[i, j] leads from each pattern to the next and is not W[j, i], and nothing can "
    "fall all the way around a cycle. `overlaps` and `along` tell where a state is; DiscreteHopfield with a symmetric rule "
    "has an energy."
)


class SequenceMemory(DiscreteHopfield):
    """Two-valued units that go from each pattern to the next, ``W = sum_k xi_{k+1} xi_k' / N``.

    Parameters
    ----------
    couplings, bias, values, patterns
        As in :class:`DiscreteHopfield`; mostly made by :meth:`from_patterns`.

    Notes
    -----
    Under synchronous updates, the default of :meth:`recall` here, one sweep is one step of the sequence. A cyclic one
    of random patterns is followed up to a load of 0.269 patterns a unit, ``capacity.critical_load("sequence")`` [1]_.
    Under asynchronous updates the next pattern acts on the present one while that is still there: the two mix, and the
    sequence is not followed.

    References
    ----------
    .. [1] During, Coolen & Sherrington (1998), J. Phys. A 31, 8607.

    Examples
    --------
    >>> from hopfield import SequenceMemory, patterns
    >>> xi = patterns.random(4, 200, rng=0)
    >>> net = SequenceMemory.from_patterns(xi)
    >>> r = net.recall(patterns.flip(xi[0], 0.2, rng=1), record=True)
    >>> r
    Recall(1 probes of 200 units: 1 cycle)
    >>> net.along(r.trace.overlaps)[0, :5]
    array([0.6, 1. , 1. , 1. , 1. ])
    """

    @classmethod
    def from_patterns(
        cls,
        patterns: ArrayLike,
        rule: Any = sequence,
        *,
        values: str = "bipolar",
        bias: ArrayLike | None = None,
        **options: Any,
    ) -> Self:
        """Return the memory of patterns in their order.

        Parameters
        ----------
        patterns : array_like, shape (p, N)
            A pattern in each row, at least two.
        rule : callable
            From patterns to couplings; by default :func:`hopfield.sequence`.
        values, bias
            As in :meth:`DiscreteHopfield.from_patterns`.
        **options
            Go to the rule: ``cyclic=False`` for a sequence with an end, ``hold=True`` to stay there.
        """
        return super().from_patterns(patterns, rule, values=values, bias=bias, **options)

    def __repr__(self) -> str:
        return f"SequenceMemory({self.size} {self.values} units, {self.couplings!r})"

    def recall(  # type: ignore[override]
        self, probes: ArrayLike, *, update: str = "synchronous", max_sweeps: int | None = None, **options: Any
    ) -> Recall:
        """Let the network run from each probe until its states repeat.

        Parameters
        ----------
        probes : array_like, shape (N,) or (K, N)
            Where to start.
        update : {"synchronous", "asynchronous"}
            All units at once, or one at a time.
        max_sweeps : int, optional
            Where to stop at the latest; by default four times the number of patterns, at least 100, which is enough to
            see that a cycle closes.
        **options
            As in :meth:`DiscreteHopfield.recall`.

        Returns
        -------
        Recall
            A sequence that closes is a cycle, with the number of its patterns as its period.
        """
        if max_sweeps is None:
            max_sweeps = max(100, 0 if self.patterns is None else 4 * len(self.patterns))
        return super().recall(probes, update=update, max_sweeps=max_sweeps, **options)

    def as_system(self, update: str = "synchronous") -> DynamicalSystem:
        """Return the network as a map of the contract; by default, as in :meth:`recall`, one step goes on one pattern."""
        return super().as_system(update)

    def energy(self, states: ArrayLike) -> Any:
        """Return E where the couplings are symmetric, as those of a cycle of two patterns are; else raise ValueError."""
        if not self.couplings.symmetric:
            raise ValueError(NO_ENERGY)
        return super().energy(states)

    def along(self, overlaps: ArrayLike, start: int = 0) -> Floats:
        """Return the overlaps along the sequence: sweep by sweep with the pattern whose turn it is.

        Parameters
        ----------
        overlaps : array_like, shape (K, p, T)
            ``Recall.trace.overlaps``, of a recall with ``record=True``.
        start : int
            The number of the pattern at the start.

        Returns
        -------
        ndarray, shape (K, T)
            With pattern ``(start + t) mod p`` after t sweeps.
        """
        m = as_floats(overlaps, "overlaps")
        if m.ndim != 3 or m.shape[1] == 0:
            raise ValueError(f"`overlaps` must have shape (K, p, T), as in `Recall.trace.overlaps`; got {m.shape}.")
        sweeps = np.arange(m.shape[2])
        return m[:, (as_count(start, "start") % m.shape[1] + sweeps) % m.shape[1], sweeps]
