"""Points at which equations hold to rounding while their Jacobian is singular: degenerate roots, families, or no roots.

A root is isolated where the residual grows on both sides of it along the null direction. Where a neighbour on either side
satisfies the equations as well, the points belong to a family (a line, a ring, a sheet of roots), or to a tail along which
the equations only tend to zero: such points are joined to sets with their directions, and are not counted. So are rings of
many neurons, along which the equations hold to ALMOST: the points where they hold exactly depend on the last digits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analysis.equilibria.certified import Unresolved
from neurodynamics.validation import Floats

Equations = Callable[[Floats], tuple[Floats, Floats]]
Tolerance = Callable[[Floats, Floats], Floats]  # Jacobians, states -> what residuals may be by rounding, each
NULL = 1e-6  # of the largest singular value: below, a direction in which nothing resists
ASIDE = 1e-2  # of the size of the state: where neighbours are looked for
ALMOST = 1e-8  # of the Jacobian times the way to a neighbour: a residual that nothing along a family exceeds
STEPS, RCOND = 8, 1e-6  # of Newton's method, the shortest way
MOST, NEIGHBOURS, ROUNDS = 128, 4, 8  # points that are looked at, and joined to so many others each, and groups then
EPS = float(np.finfo(float).eps)
FAR = 1e150
LAST_DIGITS = (-4, -2, 2, 4)  # states so many rounding units away have the same residuals, but for rounding
STAYS = 0.5  # of the way: how far a neighbour must be left from where it was sought


def sort_flat_points(equations: Equations, tolerance: Tolerance, x: Floats) -> tuple[np.ndarray, list[Unresolved]]:
    """Return which of the points (K, N) are isolated roots, and the sets that the others belong to."""
    some = np.linspace(0, len(x) - 1, min(MOST, len(x))).astype(int)
    y = x[some]
    _, J = equations(y)
    null = _null_directions(J)
    joined = _goes_on(equations, tolerance, y, null)
    isolated = np.ones(len(x), dtype=bool)
    if joined.any():
        nearest = _nearest(y, x)[1]
        isolated = ~joined[nearest]
    rows = np.flatnonzero(joined)
    groups = _groups(equations, tolerance, y[rows])
    sets = [_set(equations, y[rows[groups == g]], null[rows[groups == g][0]]) for g in range(groups.max(initial=-1) + 1)]
    return isolated, sets


def _nearest(points: Floats, x: Floats, k: int = 1) -> tuple[Floats, np.ndarray]:
    """Return distances and places of the k nearest of the points; squares of what is very far out are numbers as well."""
    return cKDTree(np.clip(points, -FAR, FAR)).query(np.clip(x, -FAR, FAR), k=k)  # type: ignore[no-any-return]


def lies_on(equations: Equations, tolerance: Tolerance, x: Floats, sets: list[Unresolved]) -> np.ndarray:
    """Whether each of the roots (K, N) is on a family, or an end or a corner of one: a step towards it is a root as well."""
    out = _goes_on(equations, tolerance, x, _null_directions(equations(x)[1]))
    for each in sets:
        step = ASIDE * (each.point - x)
        length = np.linalg.norm(step, axis=1)
        out |= (length > 0) & _stays(equations, tolerance, x + step, STAYS * length)
    return out


def _goes_on(equations: Equations, tolerance: Tolerance, y: Floats, null: list[Floats]) -> np.ndarray:
    """Whether there are roots beside each of the points (K, N), along the direction in which least resists."""
    step = ASIDE * (1.0 + np.abs(y).max(axis=1, initial=0.0))
    first = np.array([rows[-1] for rows in null]).reshape(y.shape)
    sides = [_stays(equations, tolerance, y + side * step[:, np.newaxis] * first, STAYS * step) for side in (1, -1)]
    return np.asarray(sides[0] | sides[1])


def _null_directions(J: Floats) -> list[Floats]:
    """Return for each Jacobian its null directions (d, N), the flattest last; at least one."""
    _, values, rows = np.linalg.svd(J)
    small = values <= NULL * np.maximum(values[:, :1], 1e-300)
    small[:, -1] = True
    return [right[flat] for right, flat in zip(rows, small, strict=True)]


def _stays(equations: Equations, tolerance: Tolerance, guess: Floats, reach: Floats) -> np.ndarray:
    """Whether there is a root within reach of each guess, by the shortest way."""
    y = guess.copy()
    for _ in range(STEPS):
        r, J = equations(y)
        fine = np.isfinite(r).all(axis=1) & np.isfinite(J).all(axis=(1, 2))
        with np.errstate(invalid="ignore"):  # where residuals are rounding, a step of theirs would lead anywhere
            fine &= (np.abs(r) > np.maximum(tolerance(J, y), _scatter(equations, y))).any(axis=1)
        size = np.abs(J[fine]).max(axis=(1, 2), initial=0.0)
        size[size == 0.0] = 1.0  # scaled, so that Jacobians of the size of the smallest numbers have an inverse
        inverse = np.linalg.pinv(J[fine] / size[:, np.newaxis, np.newaxis], rcond=RCOND)
        with np.errstate(over="ignore"):
            y[fine] -= np.einsum("kij,kj->ki", inverse, r[fine] / size[:, np.newaxis])
    r, J = equations(y)
    with np.errstate(invalid="ignore"):
        almost = ALMOST * np.abs(J).max(axis=2, initial=0.0) * reach[:, np.newaxis]
        small = np.maximum(tolerance(J, y), np.maximum(almost, _scatter(equations, y)))
        holds = (np.abs(r) <= small).all(axis=1)
        return np.asarray(holds & (np.linalg.norm(y - guess, axis=1) <= reach))


def _scatter(equations: Equations, y: Floats) -> Floats:
    """What rounding makes of residuals (K, N) by itself: how far they are from those at states a few last digits away.

    Terms that cancel leave no trace in Jacobians: of ln(1 + exp(x)) - x, at 100, the digits of 100 are lost.
    """
    r = equations(y)[0]
    with np.errstate(invalid="ignore"):
        apart = np.max([np.abs(equations(y * (1.0 + k * EPS))[0] - r) for k in LAST_DIGITS], axis=0)
    return np.where(np.isfinite(apart), apart, 0.0)


def _groups(equations: Equations, tolerance: Tolerance, y: Floats) -> np.ndarray:
    """Number the families: two neighbours are of one where there are roots between them."""
    if len(y) < 2:
        return np.zeros(len(y), dtype=int)
    near = _nearest(y, y, min(NEIGHBOURS + 1, len(y)))[1]
    new = np.column_stack([np.repeat(np.arange(len(y)), near.shape[1] - 1), near[:, 1:].ravel()])
    linked = np.empty((0, 2), dtype=int)
    for _ in range(ROUNDS):
        gap = np.linalg.norm(y[new[:, 0]] - y[new[:, 1]], axis=1)
        middle = 0.5 * (y[new[:, 0]] + y[new[:, 1]])
        holds = (gap < 1e-12) | _stays(equations, tolerance, middle, STAYS * gap)
        linked = np.concatenate([linked, new[holds]])
        graph = coo_matrix((np.ones(len(linked)), (linked[:, 0], linked[:, 1])), shape=(len(y), len(y)))
        count, group = connected_components(graph, directed=False)
        if count == 1 or not holds.any():
            break
        new = np.array([_shortest_link(y, group == g) for g in range(count)])
    return group


def _shortest_link(y: Floats, own: np.ndarray) -> tuple[int, int]:
    """Return the nearest pair of a group and the others."""
    inside, outside = np.flatnonzero(own), np.flatnonzero(~own)
    distance, nearest = _nearest(y[outside], y[inside])
    k = int(np.argmin(distance))
    return int(inside[k]), int(outside[nearest[k]])


def _set(equations: Equations, y: Floats, directions: Floats) -> Unresolved:
    low, high = y.min(axis=0), y.max(axis=0)
    residual = float(np.abs(equations(y[:1])[0]).max())
    return Unresolved(low, high, np.stack([low, high])[np.newaxis], y[0], residual, directions, "degenerate")
