"""Hopfield's network of two-valued units."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import ALPHABETS, Spins, as_patterns, to_spins
from hopfield.couplings import SYMMETRY, as_coupling
from hopfield.discrete.base import DiscreteNetwork
from hopfield.discrete.forms import Form, asynchronous_form
from hopfield.discrete.map import SWEEPS, as_map
from hopfield.discrete.one_layer import OneLayer
from hopfield.discrete.updates import Options, asynchronous, decide, draws_for, synchronous
from hopfield.rules import learn
from neurodynamics import DynamicalSystem
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_choice


class DiscreteHopfield(OneLayer, DiscreteNetwork):
    """Two-valued units that follow the sign of their field, ``h = W s + bias``.

    At T = 0: ``s_i <- sgn(h_i)``, and a tie, h_i = 0, keeps s_i. At T > 0, one unit after the other (Glauber): by the
    change dE of the energy that s_i makes, ``P(upper value) = 1 / (1 + exp(dE / T))``, so that ``exp(-E / T)`` is the
    stationary law. For +-1, ``dE = -2 (h_i - W_ii s_i)``; for 0/1, ``dE = -(h_i - W_ii s_i + W_ii / 2)``: without the
    part of the field that the unit gives itself. Synchronous updates at T > 0 (Little) draw each unit from its whole
    field, ``dE = -2 h_i`` and ``-h_i``, and have another law.

    Parameters
    ----------
    couplings : Coupling, array_like or sparse array, shape (N, N)
        ``W[i, j]`` from unit j to unit i.
    bias : float or array_like, shape (N,), optional
        A constant field, minus the threshold.
    values : {"bipolar", "binary"}
        Whether units are -1 and +1, or 0 and 1.
    patterns : array_like, shape (p, N), optional
        What the overlaps of results refer to.

    Notes
    -----
    With symmetric W and no negative ``W[i, i]``, asynchronous updates at T = 0 never raise
    ``E = -s.Ws/2 - bias.s`` and end in a fixed point; synchronous updates end in a fixed point or a cycle of period 2
    [1]_. Integer couplings (patterns of +-1 under Hebb's rule) make fields exact integers, so a tie is a tie. With
    others, fields that rounding alone can explain count as ties.

    References
    ----------
    .. [1] Hopfield (1982), PNAS 79, 2554; Goles-Chacc, Fogelman-Soulie & Pellegrin (1985), Discrete Appl. Math. 12, 261.

    Examples
    --------
    >>> import numpy as np
    >>> from hopfield import DiscreteHopfield
    >>> xi = np.array([[1, 1, 1, 1, -1, -1, -1, -1], [1, -1, 1, -1, 1, -1, 1, -1]])
    >>> net = DiscreteHopfield.from_patterns(xi)
    >>> noisy = xi[0] * [1, 1, 1, -1, 1, 1, 1, 1]
    >>> r = net.recall(noisy, rng=0)
    >>> r
    Recall(1 probes of 8 units: 1 fixed_point)
    >>> r.overlaps
    array([[1., 0.]])
    """

    def __init__(
        self,
        couplings: Any,
        bias: ArrayLike = 0.0,
        *,
        values: str = "bipolar",
        patterns: ArrayLike | None = None,
    ) -> None:
        self._set(as_coupling(couplings), bias, values, patterns)
        diagonal = self.couplings.diagonal()
        negative = diagonal < 0
        if negative.any():
            negative &= diagonal < -SYMMETRY * self.couplings.field_bounds()
        if negative.any():
            i = int(np.where(negative, diagonal, 0.0).argmin())
            warnings.warn(
                f"`couplings[{i}, {i}]` = {diagonal[i]:g} is negative: a unit that inhibits itself can raise the energy "
                "and never settle.",
                stacklevel=2,
            )

    @classmethod
    def from_patterns(
        cls,
        patterns: ArrayLike,
        rule: Any = "hebbian",
        *,
        values: str = "bipolar",
        bias: ArrayLike | None = None,
        **options: Any,
    ) -> Self:
        """Return the network that a learning rule makes of patterns.

        Parameters
        ----------
        patterns : array_like, shape (p, N)
            A pattern in each row.
        rule : str or callable
            A name in ``rules.RULES``, or a function from bipolar patterns to couplings.
        values : {"bipolar", "binary"}
            The alphabet of patterns and states. Rules always see +-1.
        bias : float or array_like, optional
            By default that of the rule, 0 for most, and for 0/1 the thresholds with which the network does what its +-1
            twin does, ``(bias - W 1) / 2``. Hopfield's own 0/1 network of 1982 has 0.
        **options
            Go to the rule.
        """
        rows = as_patterns(patterns, values=as_choice(values, "values", ("bipolar", "binary")))
        couplings = learn(rule, to_spins(rows, values), **options)
        if bias is None:
            bias = 0.0 if couplings.bias is None else couplings.bias
            bias = bias if values == "bipolar" else (bias - couplings.product(np.ones(couplings.size))) / 2
        return cls(couplings, bias, values=values, patterns=rows)

    def __repr__(self) -> str:
        return f"DiscreteHopfield({self.size} {self.values} units, {self.couplings!r})"

    def as_system(self, update: str = "sequential") -> DynamicalSystem:
        """Return the network at T = 0 as a map of the contract, one sweep a step, for ``simulate`` and the analyses.

        Its matrix is written out, as numerators over a common ``scale``: fields of integers stay exact.

        Parameters
        ----------
        update : {"sequential", "synchronous"}
            Units one by one from 0 to N - 1, or all at once.

        Examples
        --------
        >>> from hopfield import DiscreteHopfield
        >>> from neurodynamics import simulate
        >>> net = DiscreteHopfield([[0, 1], [1, 0]])
        >>> simulate(net.as_system("synchronous"), 3, [1, -1]).y
        array([[ 1., -1.,  1., -1.],
               [-1.,  1., -1.,  1.]])
        """
        w, half = self.couplings, 1.0 if self.values == "bipolar" else 0.5  # fields of 0/1 are half those of spins
        return as_map(
            as_choice(update, "update", SWEEPS),
            w.scaled_dense(),
            self.bias * w.scale,
            float(ALPHABETS[self.values][0]),
            self._tolerance * half,
            w.scale,
            w.symmetric,
        )

    @cached_property
    def _form(self) -> Form:
        return asynchronous_form(self.couplings, self._drive)

    def _asynchronous(self, options: Options, progress: Any) -> None:
        asynchronous(self._form, self.couplings.diagonal() * self.couplings.scale, options, progress)

    def _synchronous(self, options: Options, progress: Any) -> None:
        def advance(spins: Spins, probes: NDArray[np.int64], sweep: int) -> tuple[Spins, Floats]:
            fields = self.couplings.scaled_product(spins) + self._drive
            energies = -np.einsum("ki,ki->k", fields + self._drive, spins) / 2
            draws = draws_for(spins, options, probes, sweep)
            return decide(fields, spins, options.beta(sweep), options.tolerance, draws), energies

        synchronous(advance, options, progress)
