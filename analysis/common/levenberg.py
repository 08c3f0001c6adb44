"""Roots of many starts at once: Levenberg and Marquardt's method, then Newton's.

References
----------
.. [1] Madsen, Nielsen & Tingleff (2004), Methods for Non-Linear Least Squares Problems, 2nd ed., section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.validation import Floats

Equations = Callable[[Floats], tuple[Floats, Floats]]  # states (B, N) -> residuals (B, N), Jacobians (B, N, N)
Curvature = Callable[[Floats, Floats], Floats]  # states, residuals (B, N) -> sum_i r_i (second derivatives of i), (B, N, N)
EPS = float(np.finfo(float).eps)
FIRST_DAMPING = 1e-3  # of the largest diagonal element of J'J
STEPS = 80
NEWTON_STEPS, POLISHING_STEPS = 20, 12
CONVERGED = 1e-7  # relative length of a step after which Newton's method takes over


def levenberg_marquardt(
    equations: Equations,
    starts: Floats,
    *,
    steps: int = STEPS,
    stop: Callable[[], bool],
    curvature: Curvature | None = None,
    converged: float = CONVERGED,
) -> Floats:
    """Return where each of the starts (B, N) is led; NaN where the equations have no value there.

    That is a root, or a minimum of the sum of squares, near which convergence is slow without the curvature.

    Parameters
    ----------
    equations : callable
    starts : array, shape (B, N)
    steps : int
    stop : callable ``() -> bool``
        Asked before each step.
    curvature : callable, optional
        What the second derivatives add to the Hessian J'J of half the sum of squares.
    converged : float
        Relative length of a step after which a point is left alone.
    """
    with np.errstate(all="ignore"):  # far away squares overflow; such steps are refused
        return _descend(equations, starts.copy(), steps, stop, curvature, converged)


def _descend(equations: Equations, x: Floats, steps: int, stop: Callable[[], bool], curvature: Curvature | None,
             converged: float) -> Floats:  # fmt: skip
    r, J = equations(x)
    normal = _normal(J)
    damping = FIRST_DAMPING * np.maximum(normal.diagonal(axis1=1, axis2=2).max(axis=1, initial=0.0), 1e-300)
    factor = np.full(len(x), 2.0)
    alive = np.isfinite(r).all(axis=1) & np.isfinite(J).all(axis=(1, 2))
    x[~alive] = np.nan
    active = np.flatnonzero(alive)
    for _ in range(steps):
        if not active.size or stop():
            break
        slope = np.einsum("bij,bi->bj", J[active], r[active])
        hessian = _normal(J[active])
        if curvature is not None:
            hessian += curvature(x[active], r[active])
        step = solve(hessian + damping[active, None, None] * np.eye(x.shape[1]), -slope)
        trial = x[active] + step
        r_new, J_new = equations(trial)
        fine: Any = np.isfinite(r_new).all(axis=1) & np.isfinite(J_new).all(axis=(1, 2))
        cost = (r[active] ** 2).sum(axis=1)
        cost_new = np.where(fine, (np.where(fine[:, None], r_new, 0.0) ** 2).sum(axis=1), np.inf)
        promised = (step * (damping[active, None] * step - slope)).sum(axis=1)
        gain = np.where(fine, (cost - cost_new) / np.maximum(promised, 1e-300), -1.0)
        better = (promised > 0) & (cost_new < cost)
        moved, stuck = active[better], active[~better]
        x[moved], r[moved], J[moved] = trial[better], r_new[better], J_new[better]
        damping[moved] *= np.maximum(1.0 / 3.0, 1.0 - (2.0 * np.minimum(gain[better], 2.0) - 1.0) ** 3)
        factor[moved] = 2.0
        damping[stuck] *= factor[stuck]
        factor[stuck] = np.minimum(2.0 * factor[stuck], 1e8)
        short = np.abs(step).max(axis=1) <= converged * (converged + np.abs(x[active]).max(axis=1))
        active = active[~(short | (r[active] == 0).all(axis=1) | (damping[active] > 1e200))]
    return x


def newton(equations: Equations, starts: Floats, *, stop: Callable[[], bool]) -> Floats:
    """Return where full Newton steps lead each of the starts (B, N); they know of no units and no curved valleys."""
    x = starts.copy()
    with np.errstate(all="ignore"):
        for _ in range(NEWTON_STEPS):
            r, J = equations(x)
            fine = np.isfinite(r).all(axis=1) & np.isfinite(J).all(axis=(1, 2))
            x[~fine] = np.nan
            if stop() or not fine.any():
                break
            x[fine] -= solve(J[fine], r[fine])
    return x


def polish(equations: Equations, x: Floats, scale: float | Floats = 1.0) -> tuple[Floats, Floats, Floats, Floats]:
    """Take Newton steps to rounding.

    Returns
    -------
    x, residual : array, shape (B, N)
    error : array, shape (B,)
        Estimate of the distance from the root, from the inverse of the Jacobian and rounding.
    J : array, shape (B, N, N)
    """
    r, J = equations(x)
    unit = rounding_of(J, x, scale)  # of each equation: units differ by many orders
    best = (np.abs(r) / unit).max(axis=1, initial=0.0)
    active = np.flatnonzero(best > 0)
    for _ in range(POLISHING_STEPS):
        if not active.size:
            break
        trial = x[active] - solve(J[active], r[active])
        r_new, J_new = equations(trial)
        size = (np.where(np.isfinite(r_new), np.abs(r_new), np.inf) / unit[active]).max(axis=1)
        better = (size < best[active]) & np.isfinite(J_new).all(axis=(1, 2))
        active = active[better]
        x[active], r[active], J[active], best[active] = trial[better], r_new[better], J_new[better], size[better]
    return x, np.abs(r), reach_of(J, np.abs(r) + 0.05 * rounding_of(J, x, scale)), J


def rounding_of(J: Floats, x: Floats, scale: float | Floats = 1.0) -> Floats:
    """Sizes (B, N) of the rounding errors of residuals at x, of equations whose values elsewhere are of a scale, each."""
    size = np.maximum(np.abs(x), 1.0)
    with np.errstate(all="ignore"):
        terms = np.einsum("bij,bj->bi", np.abs(J), size) + scale
    return 4.0 * max(x.shape[1], 1) * EPS * np.maximum(terms, 1e-290)


def reach_of(J: Floats, r: Floats) -> Floats:
    """Return the largest change (B,) of x that residuals of a size (B, N) stand for; inf where nothing resists."""
    if not J.size:
        return np.zeros(len(J))
    known: Any = np.isfinite(J).all(axis=(1, 2))
    J = np.where(known[:, np.newaxis, np.newaxis], J, 0.0)
    rows = np.maximum(np.abs(J).max(axis=2), 1e-300)
    with np.errstate(all="ignore"):
        u, s, v = np.linalg.svd(J / rows[:, :, np.newaxis])
        inverse = np.swapaxes(v, 1, 2) * (1.0 / s)[:, np.newaxis] @ np.swapaxes(u, 1, 2)
        moved = np.einsum("bij,bj->bi", np.abs(inverse), r / rows).max(axis=1)
    return np.where(np.isnan(moved) | ~known, np.inf, moved)


def solve(matrices: Floats, vectors: Floats) -> Floats:
    """Solve systems (B, N, N), singular ones in the sense of least squares."""
    try:
        return np.linalg.solve(matrices, vectors[..., None])[..., 0]
    except np.linalg.LinAlgError:
        out = np.empty_like(vectors)
        for k, (matrix, vector) in enumerate(zip(matrices, vectors, strict=True)):
            try:
                out[k] = np.linalg.solve(matrix, vector)
            except np.linalg.LinAlgError:
                out[k] = np.linalg.lstsq(matrix, vector)[0]
        return out


def _normal(J: Floats) -> Floats:
    return np.swapaxes(J, 1, 2) @ J
