"""The graded BAM: two layers of graded units, as a parametrisation of the additive network."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.bam.discrete import _as_block, _as_pairs, _joined_pairs
from hopfield.checks import ALPHABETS, to_spins
from hopfield.couplings import Block, Coupling
from hopfield.graded import MAX_TIME, GradedNetwork, as_starts, descent, for_outputs, rescaled, vectors_of
from hopfield.recall import Recall
from hopfield.rules import learn
from neurodynamics import Activation
from neurodynamics.activations import activation as activation_of
from neurodynamics.validation import Floats, as_choice


class GradedBAM(GradedNetwork):
    """Two layers of graded units that drive each other: a graded network with ``W = [[0, M], [M', 0]]``.

        ``C du_a/dt = M phi(u_b) - u_a / R + I_a,    C du_b/dt = M' phi(u_a) - u_b / R + I_b``

    States of both layers are (a, b) in one row, and so are currents and the other arrays.

    Parameters
    ----------
    between : Coupling or array_like, shape (n_a, n_b), or Block
        M, from layer b to layer a; its transpose leads back, unless a Block has another matrix for that, which has no
        energy.
    currents, capacitances, resistances, gain, biases, noise, input_weights, activation
        As in :class:`GradedHopfield`, of ``n_a + n_b`` units.
    pairs : tuple of array_like, shapes (p, n_a) and (p, n_b), optional
        What the overlaps of results refer to.

    References
    ----------
    .. [1] Kosko (1988), IEEE Trans. Syst. Man Cybern. 18, 49.

    Examples
    --------
    >>> import numpy as np
    >>> from hopfield import GradedBAM
    >>> a = [[1, -1, 1, -1, 1, -1], [1, 1, 1, -1, -1, -1]]
    >>> b = [[1, 1, -1, -1], [1, -1, 1, -1]]
    >>> net = GradedBAM.from_pairs(a, b)
    >>> np.sign(net.recall(a=[-1, 1, 1, -1, -1, -1]).b)
    array([[ 1., -1.,  1., -1.]])
    """

    further_arguments: ClassVar[tuple[str, ...]] = ("patterns", "layers")
    layers: tuple[int, int]

    def __init__(
        self,
        between: Any,
        currents: ArrayLike = 0.0,
        capacitances: ArrayLike = 1.0,
        resistances: ArrayLike = 1.0,
        *,
        gain: ArrayLike = 1.0,
        biases: ArrayLike = 0.0,
        noise: ArrayLike = 0.0,
        input_weights: ArrayLike | None = None,
        activation: str | Activation = "tanh",
        pairs: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> None:
        self.activation = activation_of(activation)
        block = _as_block(between)
        self.layers = block.layers
        vectors = vectors_of(block.size, currents, capacitances, resistances, gain, biases, noise)
        rows = None if pairs is None else _joined_pairs(pairs, "bipolar", block.layers)
        self._set_graded(block, vectors, input_weights, rows)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which weights may differ from 0: those from layer to layer."""
        first = np.arange(sum(self.layers)) < self.layers[0]
        return first[:, np.newaxis] != first

    @classmethod
    def from_pairs(
        cls,
        a: ArrayLike,
        b: ArrayLike,
        rule: Any = "bam_hebbian",
        gain: ArrayLike = 4.0,
        *,
        values: str = "bipolar",
        activation: str | Activation = "tanh",
        **options: Any,
    ) -> Self:
        """Return the memory that a learning rule makes of pairs.

        Parameters
        ----------
        a, b : array_like, shapes (p, n_a) and (p, n_b)
            Row k of one belongs to row k of the other.
        rule : str or callable
            "bam_hebbian", "bam_pseudo_inverse", or a function of two sets of bipolar patterns. Kosko's sum is divided
            by the geometric mean of the sizes of the layers, so that one gain suits layers of any size.
        gain, values, activation
            As in :meth:`GradedHopfield.from_patterns`.
        **options
            Go to the rule.
        """
        rows = [to_spins(part, values) for part in _as_pairs(a, b, as_choice(values, "values", ALPHABETS))]
        block = _as_block(learn(rule, *rows, **options))
        if rule == "bam_hebbian":
            block = Block(rescaled(block.between, 1 / float(np.sqrt(np.prod(block.layers)))))
        coupling, currents = for_outputs(block, activation_of(activation))
        return cls(coupling, currents, gain=gain, activation=activation, pairs=(rows[0], rows[1]))

    def recall(
        self,
        a: ArrayLike | None = None,
        b: ArrayLike | None = None,
        *,
        values: str | None = None,
        method: str | None = None,
        tolerance: float = 1e-8,
        max_time: float = MAX_TIME,
        record: bool = False,
        timeout: float | None = None,
        on_interrupt: str = "raise",
    ) -> Recall:
        """Let the layers recall each other until ``max |du/dt| < tolerance``.

        Parameters
        ----------
        a, b : array_like, shapes (n_a,) or (K, n_a), and (n_b,) or (K, n_b)
            States u to start from; one may be left out and starts at 0. Noisy patterns of +-1 will do.
        values : {"bipolar", "binary"}, optional
            Says that a and b are patterns of this alphabet: those of 0 and 1 start at u = -1 and +1.
        method : str, optional
            "certified": the layers in turn, each to the minimum of E for the other as it is, layer b first unless only
            b is given; no gain is too large for that. Or an adaptive method of integration.
        tolerance, max_time, record, timeout, on_interrupt
            As in :meth:`GradedHopfield.recall`.

        Returns
        -------
        Recall
            With ``a`` and ``b`` beside ``states``.
        """
        if a is None and b is None:
            raise ValueError("recall needs a start: pass `a`, `b` or both.")
        first = 1 if a is not None else 0
        return self._recall(self._join(a, b, values), method, tolerance, max_time, record, timeout, on_interrupt, first)

    def _join(self, a: ArrayLike | None, b: ArrayLike | None, values: str | None) -> Floats:
        given = [
            None if part is None else as_starts(part, name, size, values)
            for part, name, size in zip((a, b), "ab", self.layers, strict=True)
        ]
        counts = [len(part) for part in given if part is not None]
        if counts[0] != counts[-1]:
            raise ValueError(f"`a` and `b` must have the same number of rows; got {counts[0]} and {counts[1]}.")
        zeros = [np.zeros((counts[0], size)) for size in self.layers]
        return np.concatenate([zero if part is None else part for part, zero in zip(given, zeros, strict=True)], axis=1)

    def _scheme(self, first: int) -> descent.Scheme:
        return descent.in_turn(self.layers, first, self.leaks, self.time_constants)

    def _coupling_of(self, weights: Floats) -> Coupling:
        n = self.layers[0]
        between, back = weights[:n, n:], weights[n:, :n]
        return Block(between, None if np.array_equal(between, back.T) else back)

    def _as_coupling(self, weights: Any) -> Coupling:
        return _as_block(weights)

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is not allowed, couplings inside a layer included."""
        super().check_params(vector)
        n, weights = self.layers[0], self.layout.view(vector, "weights")
        if weights[..., :n, :n].any() or weights[..., n:, n:].any():
            raise ValueError("`weights` of a BAM must be 0 inside a layer; use GradedHopfield for others.")
