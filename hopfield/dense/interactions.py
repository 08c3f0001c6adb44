"""What a dense memory of two-valued units makes of its overlaps, from which energy, fields and changes of energy follow.

With z_k = xi_k . s:

    degree n:     E = -N sum_k (z_k / N)^n            half the change of E by unit i:  sum_k xi_ki G(z_k - xi_ki s_i)
    exponential:  E = -ln sum_k exp(z_k)              1/2 ln (sum_k exp(r_k + xi_ki) / sum_k exp(r_k - xi_ki))

where G(r) = N [((r + 1) / N)^n - ((r - 1) / N)^n] / 2 and r_k = z_k - xi_ki s_i: what the other units contribute.
"""

from __future__ import annotations

from math import comb
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from hopfield.checks import Spins
from hopfield.couplings import EXACT
from hopfield.dense.relax import relax_exponential, relax_polynomial
from hopfield.discrete import Form
from neurodynamics.validation import Floats

EPS = float(np.finfo(float).eps)


class Interaction(Protocol):
    """A function F of the overlaps; fields come in units of 1 / scale."""

    scale: float
    rounding: float  # of a field, relative to the sum of its absolute terms; 0 where fields are exact

    def energy(self, z: Floats) -> Floats:
        """E for rows of overlaps (K, p)."""

    def slopes(self, z: Floats) -> Floats:
        """What each pattern contributes to the fields ``-dE/ds``, up to a positive factor for each row."""

    def form(self, columns: NDArray[np.int8], start: Any) -> Form:
        """The compiled asynchronous updates, for patterns with the entries of a unit side by side."""


class Polynomial:
    """F(z) = z^n, in units in which a pattern's own is N."""

    def __init__(self, degree: int, size: int, count: int) -> None:
        self.degree, self.size = degree, size
        self.exact = count * degree * size ** (degree - 1) < EXACT  # the largest field, as a whole number
        self.scale = float(size) ** (degree - 1) if self.exact else 1.0
        self.rounding = 0.0 if self.exact else (count + 4 * degree) * EPS

    def energy(self, z: Floats) -> Floats:
        """E for rows of overlaps (K, p)."""
        return -self.size * ((z / self.size) ** self.degree).sum(axis=1)

    def slopes(self, z: Floats) -> Floats:
        """The slopes n z^(n-1), scaled as fields are."""
        unit = 1.0 if self.exact else 1.0 / self.size
        return self.degree * (z * unit) ** (self.degree - 1)

    def half_changes(self) -> Floats:
        """G(r) for r = -N - 1 .. N + 1, in units of 1 / scale: odd terms of the binomial formula, all of one sign."""
        n, N = self.degree, float(self.size)
        r = np.arange(-self.size - 1, self.size + 2, dtype=float) / (1.0 if self.exact else N)
        step = 1.0 if self.exact else 1.0 / N
        total = np.zeros_like(r)
        for j in range(1, n + 1, 2):
            total += comb(n, j) * step ** (j - 1) * r ** (n - j)
        return total

    def form(self, columns: NDArray[np.int8], start: Any) -> Form:
        """Fields by table."""
        return Form(relax_polynomial, (columns, self.half_changes(), self.rounding), start, True)


class Exponential:
    """F(z) = exp(z); its energy is the logarithm of the sum, which has the same minima and does not overflow."""

    scale = 1.0

    def __init__(self, count: int) -> None:
        self.rounding = (count + 8) * EPS

    def energy(self, z: Floats) -> Floats:
        """E for rows of overlaps (K, p)."""
        return -logsumexp(z, axis=1)

    def slopes(self, z: Floats) -> Floats:
        """The softmax."""
        weights = np.exp(z - z.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def form(self, columns: NDArray[np.int8], start: Any) -> Form:
        """Fields by a table of exp(-k)."""
        return Form(relax_exponential, (columns, np.exp(-np.arange(750.0)), self.rounding), start, True)


def starts(z: Floats) -> NDArray[np.int64]:
    """Overlaps as the kernels keep them."""
    return np.rint(z).astype(np.int64)


def columns_of(patterns: Spins) -> NDArray[np.int8]:
    """The patterns with the p entries of a unit side by side, flat."""
    return np.ascontiguousarray(patterns.T).reshape(-1)
