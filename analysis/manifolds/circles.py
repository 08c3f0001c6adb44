"""From one geodesic circle of a manifold to the next: trajectories that begin on it meet half-planes across it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from neurodynamics.validation import Floats

STEPS = 5  # Runge-Kutta steps over the distance between two circles
LONGEST = 30.0  # distances that a trajectory may take
WINDOW = 60  # points of the circle upstream at which one may begin
BISECTIONS = 30
CLOSE = 1e-4  # of the distance: how well it is met; all points are on the manifold
OUT = 3.0  # times the distance of base and begin: a trajectory so far away does not come back nearer


def tangents(circle: Floats) -> Floats:
    """Return unit tangents (K, N) of a closed curve through points, by parabolas through three of them."""
    ahead, behind = np.roll(circle, -1, axis=0) - circle, circle - np.roll(circle, 1, axis=0)
    a, b = (np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-300) for each in (ahead, behind))
    along = ahead / a * b + behind / b * a
    return along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-300)


def on_curve(circle: Floats, place: Floats, slopes: Floats | None = None) -> Floats:
    """Return points (K, N) of a closed polygon at places: 2.5 is between points 2 and 3. With unit tangents: of cubics."""
    k = np.floor(place).astype(int) % len(circle)
    x = (place - np.floor(place))[:, np.newaxis]
    a, b = circle[k], circle[(k + 1) % len(circle)]
    if slopes is None:
        return a * (1.0 - x) + b * x
    length = np.linalg.norm(b - a, axis=1, keepdims=True)
    return _cubic(a, b, length * slopes[k], length * slopes[(k + 1) % len(circle)], x)


def next_points(field: Callable[[Floats], Floats], circle: Floats, place: Floats, distance: float) -> Floats:
    """Return points of the manifold at a distance from those at places of a circle, (K, N); nan where none was found.

    Each lies in the half-plane across the circle there. A trajectory that begins upstream on the circle crosses this plane;
    the farther away it begins, the farther out, until the distance is right (Krauskopf & Osinga).

    Parameters
    ----------
    field : callable
        Unit vectors along trajectories, away from the saddle, at states (K, N).
    """
    whole = tangents(circle)
    base, t = on_curve(circle, place, whole), on_curve(whole, place)
    t /= np.linalg.norm(t, axis=1, keepdims=True)
    side = np.where((field(base) * t).sum(axis=1) > 0, -1.0, 1.0)  # upstream, in numbers of points

    def passage(rows: np.ndarray, away: Floats) -> tuple[Floats, Floats]:
        begin = on_curve(circle, place[rows] + side[rows] * away, whole)
        return _passage(field, begin, base[rows], t[rows], side[rows], distance)

    low, high, far_low, far_high = np.zeros((4, len(place)))
    out, left = np.full_like(base, np.nan), np.arange(len(place))
    for offset in range(1, min(WINDOW, len(circle) // 3) + 1):
        away = np.abs(_neighbour(place[left], side[left], offset) - place[left])
        far, _ = passage(left, away)
        beyond = far >= distance
        high[left[beyond]], far_high[left[beyond]] = away[beyond], far[beyond]
        low[left[~beyond]], far_low[left[~beyond]] = away[~beyond], far[~beyond]
        left = left[~beyond]
        if not left.size:
            break
    left = np.flatnonzero(high > 0)
    for k in range(BISECTIONS):
        with np.errstate(invalid="ignore"):
            share = (distance - far_low[left]) / (far_high[left] - far_low[left])
        share = np.where(np.isfinite(far_high[left]) & (k % 3 < 2), np.clip(share, 0.01, 0.99), 0.5)
        middle = low[left] + share * (high - low)[left]
        far, where = passage(left, middle)
        inside = far < distance
        low[left[inside]], far_low[left[inside]] = middle[inside], far[inside]
        high[left[~inside]], far_high[left[~inside]] = middle[~inside], far[~inside]
        done = np.abs(far - distance) <= CLOSE * distance
        out[left[done]] = where[done]
        left = left[~done]
        if not left.size:
            break
    if left.size:  # the trajectory through the base itself runs within the half-plane
        begin = on_curve(circle, place[left] + side[left] * high[left], whole)
        out[left] = _at_distance(field, begin, base[left], distance)
    return out


def _neighbour(place: Floats, side: Floats, offset: int) -> Floats:
    """Return the place of the offset-th point of the polygon on that side of a place."""
    return np.where(side > 0, np.floor(place) + offset, np.ceil(place) - offset)


def _step(field: Callable[[Floats], Floats], y: Floats, h: float) -> Floats:
    a = field(y)
    b = field(y + 0.5 * h * a)
    c = field(y + 0.5 * h * b)
    return y + h / 6.0 * (a + 2.0 * b + 2.0 * c + field(y + h * c))


def _passage(field: Callable[[Floats], Floats], y: Floats, base: Floats, t: Floats, side: Floats,
             distance: float) -> tuple[Floats, Floats]:  # fmt: skip
    """Return how far from the base trajectories cross the planes through it across t, and where; inf if they do not."""
    far, where = np.full(len(y), np.inf), np.full_like(y, np.nan)
    h = distance / STEPS
    before = side * ((y - base) * t).sum(axis=1)
    limit = OUT * np.maximum(distance, np.linalg.norm(y - base, axis=1))
    going = np.arange(len(y))
    for _ in range(int(LONGEST * STEPS)):
        if not going.size:
            break
        after = _step(field, y, h)
        now = side[going] * ((after - base[going]) * t[going]).sum(axis=1)
        over = (now <= 0) & (before > 0)
        if over.any():
            rows = going[over]
            share = (before[over] / (before[over] - now[over]))[:, np.newaxis]
            a, b = y[over], after[over]
            da, db = h * field(a), h * field(b)
            point = _cubic(a, b, da, db, share)
            for _ in range(3):  # Newton's method on the cubic through the step
                value = ((point - base[rows]) * t[rows]).sum(axis=1, keepdims=True)
                slope = (_cubic_slope(a, b, da, db, share) * t[rows]).sum(axis=1, keepdims=True)
                share = np.clip(share - value / np.where(slope == 0, np.inf, slope), 0.0, 1.0)
                point = _cubic(a, b, da, db, share)
            where[rows], far[rows] = point, np.linalg.norm(point - base[rows], axis=1)
        keep = ~over & (np.linalg.norm(after - base[going], axis=1) < limit[going])
        y, before, going = after[keep], now[keep], going[keep]
    return far, where


def _cubic(a: Floats, b: Floats, da: Floats, db: Floats, x: Floats) -> Floats:
    return a + x * (da + x * ((3 * (b - a) - 2 * da - db) + x * (da + db - 2 * (b - a))))


def _cubic_slope(a: Floats, b: Floats, da: Floats, db: Floats, x: Floats) -> Floats:
    return da + x * (2 * (3 * (b - a) - 2 * da - db) + 3 * x * (da + db - 2 * (b - a)))


def _at_distance(field: Callable[[Floats], Floats], y: Floats, base: Floats, distance: float) -> Floats:
    """Return where trajectories that begin beside the base are so far from it first."""
    out = np.full_like(y, np.nan)
    h = distance / STEPS
    before = np.linalg.norm(y - base, axis=1)
    for _ in range(int(LONGEST * STEPS)):
        after = _step(field, y, h)
        now = np.linalg.norm(after - base, axis=1)
        over = np.flatnonzero((now >= distance) & (before < distance) & np.isnan(out[:, 0]))
        for k in over:
            low, high = 0.0, 1.0
            a, b = y[k : k + 1], after[k : k + 1]
            da, db = h * field(a), h * field(b)
            for _ in range(BISECTIONS):
                middle = 0.5 * (low + high)
                out[k] = _cubic(a, b, da, db, np.array(middle))[0]
                low, high = (middle, high) if np.linalg.norm(out[k] - base[k]) < distance else (low, middle)
        y, before = after, now
        if not np.isnan(out[:, 0]).any():
            break
    return out
