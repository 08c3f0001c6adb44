"""Derivatives of additive networks in any directions, by the series of ``F(z + t a)``.

Along a line all of ``g, b, y, W, ..`` are linear in t, so that ``s = g (y + b)`` is quadratic, ``phi(s)`` follows from the
derivatives of the activation, and the rest are products of series. Derivatives in the states alone are diagonal:
``M(a, b, ..)_i = 1/tau_i sum_j W_ij g_j^k phi^(k)(s_j) a_j b_j ..``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.activations import Activation
from neurodynamics.validation import Floats

SPREAD = 0.2  # of the points from which derivatives of a user's activation are estimated


USUAL, HIGHEST = 3, 5  # orders of derivatives that normal forms need


def additive_forms(family: Any, z: Floats) -> Callable[..., np.ndarray]:
    """Return the form whose values are the derivatives of F at z in some directions (n,) or (n + m,), real or complex."""
    network, n, view, params = family.system, family.n, family.system.layout.view, family.params(z)
    g, tau = view(params, "gains"), view(params, "time_constants")
    derivatives: list[Floats] = []
    W, leaks = view(params, "weights") / tau[:, np.newaxis], view(params, "leaks") / tau

    def form(*directions: Any) -> np.ndarray:
        k = len(directions)
        if any(a.size > n and a[n:].any() for a in directions):
            return _polarised(family, z, [np.append(a, np.zeros(n + family.m - a.size)) for a in directions])
        if k >= len(derivatives):
            series = taylor(network.activation, g * (z[:n] + view(params, "biases")), USUAL if k <= USUAL else HIGHEST)
            derivatives[:] = [math.factorial(j) * each * g**j for j, each in enumerate(series)]
        product = derivatives[k]
        for a in directions:
            product = product * a[:n]
        return W @ product - leaks * directions[0][:n] if k == 1 else W @ product

    return form


def _polarised(family: Any, z: Floats, directions: list[np.ndarray]) -> np.ndarray:
    k, total = len(directions), np.zeros(family.n)
    for signs in itertools.product((1.0, -1.0), repeat=k - 1):
        v = sum((s * a for s, a in zip(signs, directions[1:], strict=True)), directions[0])
        total = total + math.prod(signs) * _series(family, z, v, k)[k]
    return total / 2 ** (k - 1)  # the k! of the derivative and that of the polarisation cancel


def _series(family: Any, z: Floats, a: np.ndarray, order: int) -> list[np.ndarray]:
    """Return the coefficients of F(z + t a)."""
    network, n = family.system, family.n
    params, moved = family.params(z), a[n:] @ family.directions

    def both(name: str) -> list[np.ndarray]:
        return [network.layout.view(vector, name) for vector in (params, moved)]

    y, u = [z[:n], a[:n]], [family.inputs(z), a[n:] @ family.drives]
    (b, db), (g, dg) = both("biases"), both("gains")
    level = [y[0] + b, y[1] + db]
    outputs = _composed(taylor(network.activation, g * level[0], order), g * level[1] + dg * level[0], dg * level[1])
    weights = both("input_weights") if "input_weights" in network.layout.shapes else [np.eye(n), np.zeros((n, n))]
    terms = [[-v for v in _times(both("leaks"), y)], _applied(both("weights"), outputs), both("constant_inputs")]
    if network.input_dim:
        terms.append(_applied(weights, u))
    tau, dtau = both("time_constants")
    out: list[np.ndarray] = []
    for k in range(order + 1):
        total = sum((term[k] for term in terms if k < len(term)), np.zeros(n))
        out.append((total - (dtau * out[k - 1] if k else 0.0)) / tau)
    return out


def _times(a: list[Any], b: list[Any]) -> list[Any]:
    return [a[0] * b[0], a[0] * b[1] + a[1] * b[0], a[1] * b[1]]


def _applied(matrix: list[Any], vectors: list[Any]) -> list[Any]:
    """The series of (W + t dW) v(t)."""
    out = [matrix[0] @ v for v in vectors] + [np.zeros(len(matrix[0]))]
    for k, v in enumerate(vectors):
        out[k + 1] = out[k + 1] + matrix[1] @ v
    return out


def _composed(outer: list[Floats], s1: np.ndarray, s2: np.ndarray) -> list[np.ndarray]:
    """The series of ``sum_k outer[k] (s1 t + s2 t^2)^k``, by Horner's rule."""
    order = len(outer) - 1
    out = [outer[order]] + [np.zeros_like(s1)] * order
    for k in range(order - 1, -1, -1):
        shifted = [np.zeros_like(s1), *out[:-1]]
        again = [np.zeros_like(s1), *shifted[:-1]]
        out = [s1 * p + s2 * q for p, q in zip(shifted, again, strict=True)]
        out[0] = out[0] + outer[k]
    return out


# Activations ---------------------------------------------------------------------------------------------------------


def taylor(activation: Activation, s: Floats, order: int) -> list[Floats]:
    """Return the Taylor coefficients of an activation at s, ``phi^(k) / k!`` for k = 0 .. order."""
    value = activation(s)
    if activation.riccati is not None:
        return _riccati(*activation.riccati, value, order)
    slopes = _SLOPES.get(activation.name, _estimated)(activation, s, order)
    return [value] + [slopes[k] / (k + 1) for k in range(order)]


def _riccati(a: float, b: float, c: float, value: Floats, order: int) -> list[Floats]:
    """``phi' = a + b phi + c phi^2``."""
    out = np.empty((order + 1, *value.shape))
    out[0] = value
    for k in range(order):
        square = (out[: k + 1] * out[k::-1]).sum(axis=0)
        out[k + 1] = ((a if k == 0 else 0.0) + b * out[k] + c * square) / (k + 1)
    return list(out)


def _softplus(activation: Activation, s: Floats, order: int) -> list[Floats]:
    return _riccati(0.0, 1.0, -1.0, activation.slopes(s), order)


def _erf(activation: Activation, s: Floats, order: int) -> list[Floats]:
    """``q' = -2 s q`` of q = 2 exp(-s^2) / sqrt(pi)."""
    q = [activation.slopes(s)]
    for k in range(order):
        q.append(-2.0 * (s * q[k] + (q[k - 1] if k else 0.0)) / (k + 1))
    return q


def _arctangent(activation: Activation, s: Floats, order: int) -> list[Floats]:
    """``q (1 + c^2 s^2) = 1`` with c = pi / 2."""
    c2 = (np.pi / 2) ** 2
    q = [activation.slopes(s)]
    for k in range(1, order + 1):
        q.append(-c2 * (2.0 * s * q[k - 1] + (q[k - 2] if k > 1 else 0.0)) * q[0])
    return q


def _flat(activation: Activation, s: Floats, order: int) -> list[Floats]:
    return [activation.slopes(s)] + [np.zeros_like(s)] * order


def _estimated(activation: Activation, s: Floats, order: int) -> list[Floats]:
    """Of a user's activation: the polynomial through its derivative at Chebyshev's points."""
    nodes = np.cos(np.pi * (np.arange(13) + 0.5) / 13)
    values = activation.slopes(s[:, np.newaxis] + SPREAD * nodes)
    coefficients = np.linalg.solve(np.vander(nodes, increasing=True), values.T)
    return [coefficients[k] / (SPREAD) ** k for k in range(order + 1)]


_SLOPES = {"softplus": _softplus, "erf": _erf, "arctangent": _arctangent, "relu": _flat, "hard_sigmoid": _flat}
