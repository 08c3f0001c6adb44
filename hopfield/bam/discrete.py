"""Kosko's bidirectional associative memory: two layers that recall each other."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import ALPHABETS, Spins, as_patterns, as_states, to_spins
from hopfield.couplings import Block
from hopfield.discrete import DiscreteNetwork, Options, decide, draws_for, synchronous
from hopfield.recall import Recall
from hopfield.rules import learn
from neurodynamics.validation import Floats, as_choice, as_vector


class DiscreteBAM(DiscreteNetwork):
    """Two layers of two-valued units in turn: ``b = sgn(a M + bias_b)``, then ``a = sgn(b M' + bias_a)``; ties keep.

    Every M is bidirectionally stable: ``E = -a.Mb - bias_a.a - bias_b.b`` never rises and each recall ends in a fixed
    point [1]_. States of both layers are (a, b) in one row.

    Parameters
    ----------
    between : Coupling or array_like, shape (n_a, n_b), or Block
        M, from layer b to layer a; its transpose leads back, unless a Block has another matrix for that, which may
        recall more and has no energy.
    bias_a, bias_b : float or array_like
        Constant fields.
    values : {"bipolar", "binary"}
        Whether units are -1 and +1, or 0 and 1.
    pairs : tuple of array_like, shapes (p, n_a) and (p, n_b), optional
        What the overlaps of results refer to.

    References
    ----------
    .. [1] Kosko (1988), IEEE Trans. Syst. Man Cybern. 18, 49.

    Examples
    --------
    >>> import numpy as np
    >>> from hopfield import DiscreteBAM
    >>> a = [[1, 0, 1, 0, 1, 0], [1, 1, 1, 0, 0, 0]]
    >>> b = [[1, 1, 0, 0], [1, 0, 1, 0]]
    >>> net = DiscreteBAM.from_pairs(a, b, values="binary")
    >>> net.recall(a=[0, 1, 1, 0, 0, 0]).b
    array([[1, 0, 1, 0]], dtype=int8)
    """

    couplings: Block
    layers: tuple[int, int]

    def __init__(
        self,
        between: Any,
        bias_a: ArrayLike = 0.0,
        bias_b: ArrayLike = 0.0,
        *,
        values: str = "bipolar",
        pairs: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> None:
        block = _as_block(between)
        n_a, n_b = self.layers = block.layers
        bias = np.concatenate([as_vector(bias_a, "bias_a", n_a, "n_a"), as_vector(bias_b, "bias_b", n_b, "n_b")])
        as_choice(values, "values", ALPHABETS)
        rows = None if pairs is None else _joined_pairs(pairs, values, block.layers)
        self._set(block, bias, values, rows)

    @classmethod
    def from_pairs(
        cls,
        a: ArrayLike,
        b: ArrayLike,
        rule: Any = "bam_hebbian",
        *,
        values: str = "bipolar",
        bias_a: ArrayLike | None = None,
        bias_b: ArrayLike | None = None,
        **options: Any,
    ) -> Self:
        """Return the memory that a learning rule makes of pairs.

        Parameters
        ----------
        a, b : array_like, shapes (p, n_a) and (p, n_b)
            Row k of one belongs to row k of the other.
        rule : str or callable
            "bam_hebbian" (Kosko's sum of outer products), "bam_pseudo_inverse", or a function of two sets of bipolar
            patterns.
        values : {"bipolar", "binary"}
            The alphabet of pairs and states. Rules always see +-1.
        bias_a, bias_b : float or array_like, optional
            By default those of the rule, 0 for most, and for 0/1 the thresholds with which the memory does what its +-1
            twin does.
        **options
            Go to the rule.
        """
        pairs = _as_pairs(a, b, as_choice(values, "values", ALPHABETS))
        block = _as_block(learn(rule, *(to_spins(rows, values) for rows in pairs), **options))
        fields = np.zeros(block.size) if block.bias is None else block.bias
        fields = fields if values == "bipolar" else (fields - block.product(np.ones(block.size))) / 2
        balance = block.split(fields)
        bias_a = balance[0] if bias_a is None else bias_a
        bias_b = balance[1] if bias_b is None else bias_b
        return cls(block, bias_a, bias_b, values=values, pairs=pairs)

    def __repr__(self) -> str:
        return f"DiscreteBAM({self.layers[0]} and {self.layers[1]} {self.values} units, {self.couplings!r})"

    def recall(
        self,
        a: ArrayLike | None = None,
        b: ArrayLike | None = None,
        *,
        temperature: ArrayLike = 0.0,
        max_sweeps: int = 100,
        rng: Any = None,
        record: bool = False,
        timeout: float | None = None,
        on_interrupt: str = "raise",
    ) -> Recall:
        """Let the layers recall each other, layer b first, unless only b is given.

        Parameters
        ----------
        a, b : array_like, shapes (n_a,) or (K, n_a), and (n_b,) or (K, n_b)
            Where to start; one may be left out and starts with all units at their lower value, which only ties keep.
        temperature : float or array_like, shape (sweeps,)
            0: until nothing changes. Above: ``max_sweeps`` sweeps of Gibbs sampling, layer by layer, whose stationary
            law is ``exp(-E / T)``; one a sweep: annealing.
        max_sweeps : int
            Where to stop at the latest; a sweep updates both layers.
        rng : Generator, int or None
            Randomness; each probe has a stream of its own.
        record : bool
            Whether to keep the states after each sweep, in ``Recall.trace``.
        timeout : float, optional
            Seconds; what was reached until then is returned.
        on_interrupt : {"raise", "return"}
            Ctrl-C raises ``Interrupted`` with the partial ``result``, or returns that.

        Returns
        -------
        Recall
            With ``a`` and ``b`` beside ``states``.
        """
        rows = layers_joined(a, b, self.layers, self.values)
        options = self._options(temperature, max_sweeps, rng, 1, record)
        first = "b" if a is not None else "a"
        return self._run(lambda run: self._alternate(first, options, run), rows, options.max_sweeps, on_interrupt, timeout)

    def _alternate(self, first: str, options: Options, progress: Any) -> None:
        block = self.couplings
        drive_a, drive_b = block.split(self._drive)
        ties_a, ties_b = block.split(options.tolerance)

        def advance(spins: Spins, probes: NDArray[np.int64], sweep: int) -> tuple[Spins, Floats]:
            a, b = block.split(spins)
            draws = draws_for(spins, options, probes, sweep)
            draws_a, draws_b = (None, None) if draws is None else block.split(draws)
            if first == "b":
                b, from_b = _follow(block.back, a, b, drive_b, ties_b, draws_b, sweep)
                energies = from_b - a @ drive_a
                a, _ = _follow(block.between, b, a, drive_a, ties_a, draws_a, sweep)
            else:
                a, from_a = _follow(block.between, b, a, drive_a, ties_a, draws_a, sweep)
                energies = from_a - b @ drive_b
                b, _ = _follow(block.back, a, b, drive_b, ties_b, draws_b, sweep)
            return np.concatenate([a, b], axis=1), energies

        def _follow(coupling, source, target, drive, ties, draws, sweep):  # type: ignore[no-untyped-def]
            """The target's next spins, and the part of the energy before that knows the target."""
            fields = coupling.scaled_product(np.ascontiguousarray(source)) + drive
            return decide(fields, target, options.beta(sweep), ties, draws), -np.einsum("ki,ki->k", fields, target)

        synchronous(advance, options, progress)


def layers_joined(
    a: ArrayLike | None, b: ArrayLike | None, layers: tuple[int, int], values: str
) -> NDArray[np.int8]:
    """Return states of both layers in rows (K, n_a + n_b); what was left out has all units at their lower value."""
    if a is None and b is None:
        raise ValueError("recall needs a start: pass `a`, `b` or both.")
    given = [
        None if part is None else as_states(part, name, values, size, choice=False)
        for part, name, size in zip((a, b), "ab", layers, strict=True)
    ]
    count = max(len(part) for part in given if part is not None)
    low = ALPHABETS[values][0]
    parts = [
        np.full((count, size), low, np.int8) if part is None else part
        for part, size in zip(given, layers, strict=True)
    ]
    if len(parts[0]) != len(parts[1]):
        raise ValueError(f"`a` and `b` must have the same number of rows; got {len(parts[0])} and {len(parts[1])}.")
    return np.concatenate(parts, axis=1)


def _as_block(couplings: Any) -> Block:
    return couplings if isinstance(couplings, Block) else Block(couplings)


def _joined_pairs(pairs: Any, values: str, layers: tuple[int, int]) -> NDArray[np.int8]:
    """Return pairs in rows (p, n_a + n_b)."""
    if not isinstance(pairs, tuple | list) or len(pairs) != 2:
        raise ValueError(f"`pairs` must be two sets of patterns, (p, n_a) and (p, n_b); got {pairs!r:.60}.")
    a, b = (as_patterns(part, f"pairs[{k}]", values) for k, part in enumerate(pairs))
    if len(a) != len(b) or (a.shape[1], b.shape[1]) != layers:
        raise ValueError(
            f"`pairs` must have shapes (p, {layers[0]}) and (p, {layers[1]}), as `between` has; got {a.shape} and {b.shape}."
        )
    return np.concatenate([a, b], axis=1)


def _as_pairs(a: ArrayLike, b: ArrayLike, values: str) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    a, b = as_patterns(a, "a", values), as_patterns(b, "b", values)
    if len(a) != len(b):
        raise ValueError(f"`a` and `b` must have the same number of rows, one pair each; got {len(a)} and {len(b)}.")
    return a, b
