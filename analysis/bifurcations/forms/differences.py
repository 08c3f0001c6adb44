"""Multilinear forms of users' systems: difference quotients of high order, at the step at which they settle."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.validation import Floats

REACH = 6  # points on each side: exact for polynomials of degree 12
STEPS = 0.3 * 10.0 ** -np.arange(0, 3.6, 0.4)  # of the size of the state; the two that agree best are taken
ALIKE = 1e-10  # parts of a direction of length 1 that are one
COARSER = 1.37  # by which the steps of a second opinion differ


def difference_forms(family: Any, z: Floats, coarse: bool = False) -> Callable[..., np.ndarray]:
    """Return the form whose values are the derivatives of F at z in some directions (n,) or (n + m,), real or complex.

    Derivatives along a line are kept: the terms of a normal form ask for the same ones over and over.
    """
    known: dict[tuple[int, bytes], Floats] = {}

    def along(v: Floats, order: int) -> Floats:
        first = v[int(np.argmax(np.abs(v) > ALIKE))]
        v = v if first > 0 else -v
        key = order, (np.round(v / ALIKE) + 0.0).tobytes()
        if key not in known:
            known[key] = _along(family, z, v, order, coarse)
        return known[key] if first > 0 else (-1.0) ** order * known[key]

    def form(*directions: Any) -> np.ndarray:
        terms = [_real_parts(np.append(a, np.zeros(z.size - a.size))) for a in directions]
        total: np.ndarray = np.zeros(family.n)
        for chosen in itertools.product(*terms):
            total = total + math.prod(f for f, _ in chosen) * _polarised([a for _, a in chosen], along, family.n)
        return total

    return form


def _real_parts(a: np.ndarray) -> list[tuple[complex, Floats]]:
    parts = [(1.0, a.real), (1j, a.imag)] if np.iscomplexobj(a) else [(1.0, a)]
    return [(factor, part) for factor, part in parts if part.any()]


def _polarised(directions: list[Floats], along: Callable[[Floats, int], Floats], n: int) -> Floats:
    """``M(a, b, ..) = 1 / (2^(k-1) k!) sum over signs e of e_b .. M(a + e_b b + .., a + e_b b + .., ..)``."""
    lengths = [float(np.linalg.norm(a)) for a in directions]
    units = [a / length for a, length in zip(directions, lengths, strict=True)]
    k, total = len(units), np.zeros(n)
    for signs in itertools.product((1.0, -1.0), repeat=k - 1):
        v = sum((s * a for s, a in zip(signs, units[1:], strict=True)), units[0])
        length = float(np.linalg.norm(v))
        if length > 1e-12:
            total += math.prod(signs) * length**k * along(v / length, k)
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
