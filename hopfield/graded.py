"""Hopfield's graded network and the graded BAM, as parametrisations of the additive network."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from hopfield import _descent
from hopfield._checks import ALPHABETS, as_patterns, to_spins
from hopfield._coupling import Coupling
from hopfield._graded import GradedNetwork, for_outputs, leaks_of, rescaled
from hopfield.bam import _as_block, _as_pairs
from hopfield.couplings import Block, as_coupling
from hopfield.recall import Recall
from hopfield.rules import learn
from neurodynamics import Activation
from neurodynamics.activations import activation as activation_of
from neurodynamics.validation import Floats, as_choice, as_floats

MAX_TIME = 1000.0


class GradedHopfield(GradedNetwork):
    """Hopfield's network of graded units.

        ``C_i du_i/dt = sum_j W_ij V_j - u_i / R_i + I_i,    V_i = phi(gain_i (u_i + b_i))``

    With symmetric W the flow goes downhill in
    ``E = -V.WV/2 - I.V + sum_i (1/R_i) integral of u_i dV_i``, and ends in fixed points [1]_.

    Parameters
    ----------
    weights : Coupling or array_like, shape (N, N)
        ``W[i, j]`` from unit j to unit i. Couplings of patterns are written out only when a function needs the matrix.
    currents : float or array_like, shape (N,)
        I.
    capacitances, resistances : float or array_like, shape (N,)
        C and R, positive; ``C R`` is the time constant.
    gain : float or array_like, shape (N,)
        The factor inside phi. Hopfield's ``g = (2/pi) atan(pi lambda u / 2)`` is "arctangent" with this gain.
    biases : float or array_like, shape (N,)
        b, mostly 0.
    noise : float or array_like, shape (N,)
        Amplitude of white noise on du.
    input_weights : array_like, shape (N, M), optional
        Without them each unit has an input of its own.
    activation : str or Activation
        "tanh", "logistic", "arctangent", "erf", .., or your own; the energy needs its ``potential``.
    patterns : array_like, shape (p, N), optional
        Patterns of +-1 that the overlaps of results refer to.

    References
    ----------
    .. [1] Hopfield (1984), PNAS 81, 3088.

    Examples
    --------
    Two units that support each other have two minima, and a saddle between them.

    >>> from hopfield import GradedHopfield
    >>> net = GradedHopfield([[0, 1], [1, 0]], gain=1.4, activation="arctangent")
    >>> r = net.recall([[0.1, 0.0], [0.0, 0.0]])
    >>> r
    Recall(2 probes of 2 units: 1 fixed_point, 1 saddle)
    >>> net.outputs(r.states[0]).round(6)
    array([0.572873, 0.572873])
    """

    def __init__(
        self,
        weights: Any,
        currents: ArrayLike = 0.0,
        capacitances: ArrayLike = 1.0,
        resistances: ArrayLike = 1.0,
        *,
        gain: ArrayLike = 1.0,
        biases: ArrayLike = 0.0,
        noise: ArrayLike = 0.0,
        input_weights: ArrayLike | None = None,
        activation: str | Activation = "tanh",
        patterns: ArrayLike | None = None,
    ) -> None:
        self.activation = activation_of(activation)
        coupling = as_coupling(weights, "weights")
        vectors = _vectors(coupling.shape[0], currents, capacitances, resistances, gain, biases, noise)
        self._set_graded(coupling, vectors, input_weights, patterns)

    @classmethod
    def from_patterns(
        cls,
        patterns: ArrayLike,
        rule: Any = "pseudo_inverse",
        gain: ArrayLike = 4.0,
        *,
        values: str = "bipolar",
        activation: str | Activation = "tanh",
        **options: Any,
    ) -> Self:
        """Return the network that a learning rule makes of patterns.

        With an activation between other values than -1 and 1, such as the logistic function, couplings and currents
        are those with which the fields are the same for outputs at the two ends.

        Parameters
        ----------
        patterns : array_like, shape (p, N)
            A pattern in each row.
        rule : str or callable
            A name in ``rules.RULES``, or a function from bipolar patterns to couplings.
        gain : float or array_like, shape (N,)
            Large: outputs are close to two values, and there are many minima. 1 / gain is like a temperature.
        values : {"bipolar", "binary"}
            The alphabet of the patterns.
        activation : str or Activation
            With a bounded range.
        **options
            Go to the rule.

        Examples
        --------
        >>> from hopfield import GradedHopfield, patterns
        >>> xi = patterns.random(5, 100, rng=0)
        >>> net = GradedHopfield.from_patterns(xi)
        >>> r = net.recall(patterns.flip(xi, 0.2, rng=1))
        >>> (r.overlaps.diagonal() > 0.99).all(), (r.max_energy_rise < 1e-12).all()
        (np.True_, np.True_)
        """
        rows = to_spins(as_patterns(patterns, values=as_choice(values, "values", ALPHABETS)), values)
        coupling, currents = for_outputs(learn(rule, rows, **options), activation_of(activation))
        return cls(coupling, currents, gain=gain, activation=activation, patterns=rows)

    def recall(
        self,
        probes: ArrayLike,
        *,
        method: str | None = None,
        tolerance: float = 1e-8,
        max_time: float = MAX_TIME,
        record: bool = False,
        on_interrupt: str = "raise",
    ) -> Recall:
        """Let the network relax from each probe until ``max |du/dt| < tolerance``.

        Parameters
        ----------
        probes : array_like, shape (N,) or (K, N)
            States u to start from; noisy patterns will do.
        method : str, optional
            "certified": constant steps of which none can raise the energy, of the largest length for which that is
            proved; all probes at once, and nothing of size N x N is needed. Or an adaptive method of integration
            ("dopri5", "dop853", "taylor", "LSODA", ..), which follows the flow to ten digits and reports whether the
            energy rose. By default "certified" where there is an energy, else "dop853".
        tolerance : float
            Of ``|du_i/dt|``.
        max_time : float
            Where to stop at the latest, in the units of the capacitances.
        record : bool
            Whether to keep every step of "certified", in ``Recall.trace``.
        on_interrupt : {"raise", "return"}
            Ctrl-C raises ``Interrupted`` with the partial ``result``, or returns that.

        Returns
        -------
        Recall
            ``states`` are u; ``net.outputs(states.T)`` are V. A probe at rest is at a fixed point that attracts, or at
            a saddle. ``max_energy_rise`` is the largest step of the energy, from step to step; not above rounding
            where it always fell.
        """
        return self._recall(self._rows(probes), method, tolerance, max_time, record, on_interrupt)


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
        vectors = _vectors(block.size, currents, capacitances, resistances, gain, biases, noise)
        rows = None if pairs is None else np.concatenate(_as_pairs(*pairs, "bipolar"), axis=1)
        self._set_graded(block, vectors, input_weights, rows)

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
        method: str | None = None,
        tolerance: float = 1e-8,
        max_time: float = MAX_TIME,
        record: bool = False,
        on_interrupt: str = "raise",
    ) -> Recall:
        """Let the layers recall each other until ``max |du/dt| < tolerance``.

        Parameters
        ----------
        a, b : array_like, shapes (n_a,) or (K, n_a), and (n_b,) or (K, n_b)
            States to start from; one may be left out and starts at 0.
        method : str, optional
            "certified": the layers in turn, each to the minimum of E for the other as it is, layer b first unless only
            b is given; no gain is too large for that. Or an adaptive method of integration.
        tolerance, max_time, record, on_interrupt
            As in :meth:`GradedHopfield.recall`.

        Returns
        -------
        Recall
            With ``a`` and ``b`` beside ``states``.
        """
        if a is None and b is None:
            raise ValueError("recall needs a start: pass `a`, `b` or both.")
        first = 1 if a is not None else 0
        return self._recall(self._join(a, b), method, tolerance, max_time, record, on_interrupt, first)

    def _join(self, a: ArrayLike | None, b: ArrayLike | None) -> Floats:
        given = [None if part is None else np.atleast_2d(as_floats(part, name)) for part, name in ((a, "a"), (b, "b"))]
        count = next(len(part) for part in given if part is not None)
        for part, name, size in zip(given, "ab", self.layers, strict=True):
            if part is not None and part.shape != (count, size):
                raise ValueError(f"`{name}` must have shape ({size},) or (K, {size}), K the same in both; got {part.shape}.")
        zeros = [np.zeros((count, size)) for size in self.layers]
        return np.concatenate([zero if part is None else part for part, zero in zip(given, zeros, strict=True)], axis=1)

    def _scheme(self, first: int) -> _descent.Scheme:
        return _descent.in_turn(self.layers, first, self.leaks, self.time_constants)

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


def _vectors(
    n: int, currents: ArrayLike, capacitances: ArrayLike, resistances: ArrayLike, gain: ArrayLike, biases: ArrayLike,
    noise: ArrayLike,
) -> dict[str, ArrayLike]:  # fmt: skip
    return {
        "time_constants": capacitances,
        "leaks": leaks_of(resistances, n),
        "biases": biases,
        "gains": gain,
        "constant_inputs": currents,
        "noise": noise,
    }
