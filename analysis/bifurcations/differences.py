"""Multilinear forms of users' systems: difference quotients of high order, at the step at which they settle."""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np

from neurodynamics.validation import Floats

REACH = 6  # points on each side: exact for polynomials of degree 12
STEPS = 0.3 * 10.0 ** -np.arange(0, 3.6, 0.4)  # of the size of the state; the two that agree best are taken
COARSER = 1.37  # by which the steps of a second opinion differ


def difference_form(family: Any, z: Floats, directions: list[np.ndarray], coarse: bool = False) -> np.ndarray:
    """Return the derivative of F of order k at z in k directions (n + m,), real or complex."""
    terms = [_real_parts(a) for a in directions]
    total: np.ndarray = np.zeros(family.n)
    for chosen in itertools.product(*terms):
        factor = math.prod(f for f, _ in chosen)
        total = total + factor * _polarised(family, z, [a for _, a in chosen], coarse)
    return total


def _real_parts(a: np.ndarray) -> list[tuple[complex, Floats]]:
    parts = [(1.0, a.real), (1j, a.imag)] if np.iscomplexobj(a) else [(1.0, a)]
    return [(factor, part) for factor, part in parts if part.any()]


def _polarised(family: Any, z: Floats, directions: list[Floats], coarse: bool) -> Floats:
    """``M(a, b, ..) = 1 / (2^(k-1) k!) sum over signs e of e_b .. M(a + e_b b + .., a + e_b b + .., ..)``."""
    lengths = [float(np.linalg.norm(a)) for a in directions]
    units = [a / length for a, length in zip(directions, lengths, strict=True)]
    k, total = len(units), np.zeros(family.n)
    for signs in itertools.product((1.0, -1.0), repeat=k - 1):
        v = sum((s * a for s, a in zip(signs, units[1:], strict=True)), units[0])
        length = float(np.linalg.norm(v))
        if length > 1e-12:
            total += math.prod(signs) * length**k * _along(family, z, v / length, k, coarse)
    return total * math.prod(lengths) / (2 ** (k - 1) * math.factorial(k))


def _along(family: Any, z: Floats, v: Floats, order: int, coarse: bool) -> Floats:
    """Return the derivative of F(z + t v) of some order at t = 0."""
    size = max(1.0, float(np.abs(z * v).max())) * (COARSER if coarse else 1.0)
    offsets, weights = np.arange(-REACH, REACH + 1), _weights(order)
    steps = STEPS * size
    points = z + np.multiply.outer(np.multiply.outer(steps, offsets), v).reshape(-1, z.size)
    with np.errstate(all="ignore"):
        values = family.residuals(points).reshape(len(steps), len(offsets), -1)
        found = np.einsum("o,soi->si", weights, values) / steps[:, np.newaxis] ** order
        apart = np.abs(np.diff(found, axis=0)).max(axis=1)
    if not np.isfinite(apart).any():
        return np.full(family.n, np.nan)
    return found[int(np.nanargmin(apart))]


@functools.cache
def _weights(order: int) -> Floats:
    """Weights of the values at -REACH .. REACH for a derivative, in units of the spacing."""
    offsets = np.arange(-REACH, REACH + 1)
    matrix = np.vander(offsets / REACH, increasing=True).T
    unit = np.zeros(len(offsets))
    unit[order] = math.factorial(order) / float(REACH) ** order
    return np.linalg.solve(matrix, unit)
