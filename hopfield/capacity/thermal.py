"""Retrieval at temperatures above zero: the mean-field equations, solved along the width of the noise.

With ``a = beta m`` and ``b = beta sqrt(alpha r)`` the equation for m reads ``<tanh(a + b z)> = T a``: one unknown at a
given b, and then the load follows. It grows from 0 with b, up to the critical load, where the branch turns.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from hopfield.capacity.solve import peak, root
from neurodynamics.lazily import cached_property

SMALLEST_FIELD = 1e-7  # an overlap below it, in units of the temperature, counts as none
WIDEST_NOISE = 0.85  # sqrt(alpha r) of a retrieved pattern is at most sqrt(2/pi) at T = 0, and less above


def averages(a: float, b: float) -> tuple[float, float]:
    """<tanh(a + b z)> and <sech^2(a + b z)> over a normal z, to rounding, by the trapezoidal rule.

    For wide noise the integral is by parts over w = a + b z, ``1 - int sech^2(w) P(z > (w - a)/b) dw`` and so on, where
    the integrand is as narrow as sech^2 whatever b is.
    """
    if b < 1:
        z = np.linspace(-9, 9, 721)
        weights = np.exp(-z * z / 2) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
        t = np.tanh(a + b * z)
        return float(weights @ t), float(weights @ (1 - t * t))
    w = np.linspace(-20, 20, 1601)
    bell = (w[1] - w[0]) / np.cosh(w) ** 2
    z = (w - a) / b
    return float(1 - bell @ ndtr(z)), float(bell @ np.exp(-z * z / 2) / (b * np.sqrt(2 * np.pi)))


@dataclass(frozen=True)
class Retrieval:
    """Retrieval at a temperature: load and overlap along the branch of growing noise."""

    kind: str
    temperature: float

    def point(self, b: float) -> tuple[float, float]:
        """(load, overlap) at noise width b; zeros where the noise is too wide for an overlap."""
        t = self.temperature

        def excess(a: float) -> float:
            return averages(a, b)[0] - t * a

        if excess(SMALLEST_FIELD) <= 0:
            return 0.0, 0.0
        a = root(excess, SMALLEST_FIELD, 1 / t + 1)
        m, bell = averages(a, b)
        noise = 1.0 if self.kind == "dilute" else (1 - bell) / (1 - bell / t) ** 2
        return (b * t) ** 2 / noise, m

    @cached_property
    def largest(self) -> tuple[float, float]:
        """(noise width, load) where the load is largest."""
        t = self.temperature
        if t >= 1:
            return 0.0, 0.0
        if self.kind == "dilute":  # the overlap falls to zero where <sech^2(b z)> = T
            b = root(lambda b: averages(0.0, b)[1] - t, 0.0, 2 / t)
            return b, (b * t) ** 2
        grid = np.geomspace(1e-4, WIDEST_NOISE, 60) / t
        k = int(np.argmax([self.point(b)[0] for b in grid]))
        around = grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)]
        return peak(lambda b: self.point(b)[0], *around, precision=1e-10)

    def overlap(self, load: float) -> float:
        """Return the overlap with the recalled pattern at a load; 0 beyond the capacity."""
        b_peak, largest = self.largest
        if load >= largest:
            return 0.0
        b = root(lambda b: self.point(b)[0] - load, 0.0, b_peak)
        return self.point(b)[1]


@functools.lru_cache(maxsize=64)
def retrieval(kind: str, temperature: float) -> Retrieval:
    """Return the theory of retrieval at a temperature above 0."""
    if kind not in ("hebb", "dilute"):
        raise ValueError(f"a temperature above 0 is known for kind 'hebb' and 'dilute' only; got {kind!r}.")
    return Retrieval(kind, temperature)
