"""Ray sensors: how far away a circle, a wall or a diamond is in a direction."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel


@kernel
def ray_to_circle(x, y, ux, uy, cx, cy, radius):
    """Return the length of a ray from (x, y) along the unit vector (ux, uy) to a circle, infinity where it misses.

    The nearer of the two intersections counts, from within the circle as well.
    """
    along = (cx - x) * ux + (cy - y) * uy
    across = (cx - x) * uy - (cy - y) * ux
    square = radius * radius - across * across
    if square < 0.0:
        return math.inf
    half = math.sqrt(square)
    return min(abs(along - half), along + half) if along + half >= 0.0 else math.inf


@kernel
def ray_to_wall(x, y, ux, uy, mx, my, hx, hy):
    """Return the length of a ray from (x, y) along (ux, uy) to the wall from m - h to m + h, infinity where it misses."""
    det = ux * hy - uy * hx
    if det == 0.0:
        return math.inf
    length = ((mx - x) * hy - (my - y) * hx) / det
    along_wall = ((mx - x) * uy - (my - y) * ux) / det  # from the middle, in half lengths; minus
    return length if length >= 0.0 and abs(along_wall) <= 1.0 else math.inf


@kernel
def ray_to_diamond(x, y, ux, uy, cx, cy, quarter):
    """Return the length of a ray to a square on its corner, whose sides have their middles at c +- quarter."""
    length = math.inf
    for right in (-quarter, quarter):
        for up in (-quarter, quarter):
            length = min(length, ray_to_wall(x, y, ux, uy, cx + right, cy + up, right, -up))
    return length


@kernel
def direction_of(k, rays, view):
    """Return the angle of ray k of a fan, from -view / 2 to view / 2; a fan is its own mirror image to the last bit."""
    return 0.5 * view * ((2 * k - (rays - 1)) / (rays - 1)) if rays > 1 else 0.0
