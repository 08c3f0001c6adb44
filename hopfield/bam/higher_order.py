"""BAMs of higher order, whose units multiply what they see: more pairs, and no energy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.bam.discrete import _as_pairs, _joined_pairs, layers_joined
from hopfield.checks import ALPHABETS, Spins, to_spins
from hopfield.couplings import EXACT, LowRank
from hopfield.discrete import Options, TwoValued, decide, synchronous
from hopfield.recall import Recall
from hopfield.states import guarded
from neurodynamics.validation import Floats, as_choice, as_count

MOST_ORDER = 20
NO_ENERGY = (
    "a BAM of order {order} has no energy: what layer a adds to the fields of b is not what b adds to those of a, and "
    "recalls may cycle. Use order=1, or DenseMemory, which has as many patterns and an energy."
)


class HigherOrderBAM(TwoValued):
    """Two layers with ``b = sgn(sum_k (a_k.a / n_a)^r b_k)`` and back ``a = sgn(sum_k (b_k.b / n_b)^r a_k)``; ties keep.

    Order r = 1 is Kosko's memory. With r = 2 a unit sees the products of pairs of units, ``sum_ij M_ij,l a_i a_j``; the
    pairs are never multiplied out. From r = 2 on there is no energy: recalls may end in cycles, which they report [1]_.

    Parameters
    ----------
    a, b : array_like, shapes (p, n_a) and (p, n_b)
        Row k of one belongs to row k of the other.
    order : int
        r, from 1 to 20. Even orders take a pattern and its reverse for the same.
    values : {"bipolar", "binary"}
        The alphabet of pairs and states.

    References
    ----------
    .. [1] Simpson (1990), Higher-ordered and intraconnected bidirectional associative memories, IEEE Trans. Syst. Man
       Cybern. 20, 637.

    Examples
    --------
    >>> from hopfield import HigherOrderBAM, patterns
    >>> a, b = patterns.random(30, 60, rng=0), patterns.random(30, 40, rng=1)
    >>> net = HigherOrderBAM(a, b, order=3)
    >>> bool((net.recall(a=patterns.flip(a, 0.1, rng=2)).b == b).all())
    True
    """

    layers: tuple[int, int]
    patterns: NDArray[np.int8]

    def __init__(self, a: ArrayLike, b: ArrayLike, order: int = 2, *, values: str = "bipolar") -> None:
        self.values = as_choice(values, "values", ALPHABETS)
        pairs = _as_pairs(a, b, values)
        self.order = as_count(order, "order", minimum=1)
        if self.order > MOST_ORDER:
            raise ValueError(f"`order` must be at most {MOST_ORDER}; got a larger number.")
        self.layers = pairs[0].shape[1], pairs[1].shape[1]
        self.patterns = guarded(_joined_pairs(pairs, values, self.layers))
        self._parts = [LowRank(to_spins(rows, values)) for rows in pairs]
        self._exact = len(pairs[0]) * max(self.layers) ** self.order < EXACT
        self._rounding = 0.0 if self._exact else (len(pairs[0]) + 4 * self.order) * float(np.finfo(float).eps)
        self._tolerance = np.zeros(self.size)  # ties are told where fields are summed

    def __repr__(self) -> str:
        return f"HigherOrderBAM({self.layers[0]} and {self.layers[1]} {self.values} units, order {self.order})"

    def arguments(self) -> dict[str, Any]:
        """Return what the constructor makes the memory again of: for files."""
        a, b = np.hsplit(np.asarray(self.patterns), [self.layers[0]])
        return {"a": a, "b": b, "order": self.order, "values": self.values}

    @property
    def size(self) -> int:
        """The number of units of both layers."""
        return sum(self.layers)

    @property
    def _units(self) -> float:
        return 1.0

    def _has_energy(self) -> bool:
        return False

    def energy(self, states: ArrayLike) -> Any:
        """Raise ValueError: there is none."""
        raise ValueError(NO_ENERGY.format(order=self.order))

    def recall(
        self,
        a: ArrayLike | None = None,
        b: ArrayLike | None = None,
        *,
        max_sweeps: int = 100,
        record: bool = False,
        timeout: float | None = None,
        on_interrupt: str = "raise",
    ) -> Recall:
        """Let the layers recall each other, layer b first, unless only b is given.

        Parameters
        ----------
        a, b : array_like, shapes (n_a,) or (K, n_a), and (n_b,) or (K, n_b)
            Where to start; one may be left out and starts with all units at their lower value, which only ties keep.
        max_sweeps, record, timeout, on_interrupt
            As in :meth:`DiscreteBAM.recall`.

        Returns
        -------
        Recall
            With ``a`` and ``b`` beside ``states``; ``periods`` of cycles.
        """
        rows = layers_joined(a, b, self.layers, self.values)
        options = self._options(0.0, max_sweeps, 0, 1, record)
        order = (0, 1) if a is not None else (1, 0)
        return self._run(lambda run: self._alternate(order, options, run), rows, options.max_sweeps, on_interrupt, timeout)

    def _alternate(self, order: tuple[int, int], options: Options, progress: Any) -> None:
        n_a = self.layers[0]

        def advance(spins: Spins, probes: NDArray[np.int64], sweep: int) -> tuple[Spins, Floats]:
            layers = [spins[:, :n_a], spins[:, n_a:]]
            for source in order:
                target = 1 - source
                sums = self._sums(np.ascontiguousarray(layers[source]), source)
                ties = self._rounding * np.abs(sums).sum(axis=1, keepdims=True)
                layers[target] = decide(self._parts[target].lift(sums), layers[target], 0.0, ties, None)
            return np.concatenate(layers, axis=1), np.zeros(len(spins))

        synchronous(advance, options, progress)

    def _sums(self, states: Spins, source: int) -> Floats:
        """What each pair adds to the other layer's fields, (a_k.a / n_a)^r; not divided while that keeps whole numbers."""
        sums = self._parts[source].project(states)
        return (sums if self._exact else sums / states.shape[1]) ** self.order
