"""Branch points: where two curves of equilibria cross, or one has a corner; their location and both tangents.

References
----------
.. [1] Govaerts (2000), Numerical Methods for Bifurcations of Dynamical Equilibria, section 8.2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.family import Family
from analysis.bifurcations.singular import Polished
from neurodynamics.validation import Floats

STEP = 1e-3
POLISHING = 12


class Crossing(NamedTuple):
    """What the bordered matrix ``[D b; C 0]`` gives: left vector w, right vectors V (n + 1, 2), the scalars g (2,)."""

    w: Floats
    V: Floats
    g: Floats


class BranchPoint:
    """``F + beta b = 0, g = 0`` in the unknowns (x, p, beta), regular at simple branch points."""

    def __init__(self, family: Family, z: Floats) -> None:
        self.family = family
        left, _, right = np.linalg.svd(family(z)[1])
        self.b, self.C = left[:, -1], right[-2:]

    def crossing(self, D: Floats) -> Crossing:
        """Solve the bordered systems."""
        n = self.family.n
        matrix = np.zeros((n + 2, n + 2))
        matrix[:n, : n + 1], matrix[:n, n + 1], matrix[n:, : n + 1] = D, self.b, self.C
        unit = np.zeros(n + 2)
        unit[n + 1] = 1.0
        left = np.linalg.solve(matrix.T, unit)
        right = np.linalg.solve(matrix, np.eye(n + 2)[:, n:])
        return Crossing(left[:n], right[: n + 1], left[n:])

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Return the residual and its derivative."""
        n, z = self.family.n, u[:-1]
        F, D = self.family(z)
        found = self.crossing(D)
        gradients = [-found.w @ self._moved(z, v) for v in found.V.T]
        top = np.append(D, self.b[:, np.newaxis], axis=1)
        rows = np.vstack([top, *(np.append(each, 0.0) for each in gradients)])
        return np.concatenate([F + u[n + 1] * self.b, found.g]), rows

    def _moved(self, z: Floats, v: Floats) -> Floats:
        h = STEP * max(1.0, float(np.abs(z).max())) / float(np.linalg.norm(v))
        far, near = (self.family(z + s * h * v)[1] - self.family(z - s * h * v)[1] for s in (2.0, 1.0))
        return (8.0 * near - far) / (12.0 * h)


def polish_branch_point(family: Family, z: Floats) -> Polished | None:
    """Locate a branch point near z to rounding; None where there is none."""
    problem, u, last = BranchPoint(family, z), np.append(z, 0.0), np.inf
    size, residual = max(1.0, float(np.abs(z).max())), np.inf
    for _ in range(POLISHING):
        try:
            F, D = problem(u)
        except np.linalg.LinAlgError:
            return None
        step, *_ = np.linalg.lstsq(D, F)
        residual = float(np.abs(F).max())
        length = float(np.linalg.norm(step)) / size
        if not np.isfinite(length) or length > 0.5:
            return None
        if length >= 0.5 * last and last < 1e-7:
            break
        u, last = u - step, length
        if length < 1e-15:
            break
    imperfect = abs(u[-1]) > 1e-7 * size
    return None if last > 1e-6 or imperfect else Polished(u[:-1], last, residual)


def tangents(family: Family, z: Floats) -> list[Floats]:
    """Return the unit tangents of the two curves through a branch point; none where its quadratic form is degenerate."""
    _, D = family(z)
    left, _, right = np.linalg.svd(D)
    w, first, second = left[:, -1], right[-2], right[-1]
    form: Any = family.forms(z)
    a, b, c = (float(w @ form(*pair)) for pair in ((first, first), (first, second), (second, second)))
    size = max(abs(a), abs(b), abs(c))
    root = b * b - a * c
    if size == 0.0 or root <= 1e-10 * size**2:
        return []
    if abs(a) >= abs(c):
        shares = [((-b + s * np.sqrt(root)) / a, 1.0) for s in (1.0, -1.0)]
    else:
        shares = [(1.0, (-b + s * np.sqrt(root)) / c) for s in (1.0, -1.0)]
    out = [alpha * first + beta * second for alpha, beta in shares]
    return [t / np.linalg.norm(t) for t in out]
