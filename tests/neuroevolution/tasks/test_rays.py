"""Rays against brute force: walking along them until something is met."""

from __future__ import annotations

import numpy as np
import pytest

from neuroevolution.tasks.rays import direction_of, ray_to_circle, ray_to_wall

STEPS = np.linspace(0, 30, 30_001)


def test_rays_meet_circles_where_they_enter_them(rng):
    met = 0
    for _ in range(100):
        angle, (x, y), (cx, cy) = rng.uniform(0, 7), *rng.uniform(-5, 5, (2, 2))
        radius = rng.uniform(0.5, 3)
        ux, uy = np.cos(angle), np.sin(angle)
        length = ray_to_circle.py_func(x, y, ux, uy, cx, cy, radius)
        inside = np.hypot(x + STEPS * ux - cx, y + STEPS * uy - cy) < radius
        if inside[0]:  # the nearer of two intersections, one of which is behind
            back = np.hypot(x - STEPS * ux - cx, y - STEPS * uy - cy) < radius
            assert length == pytest.approx(min(STEPS[~inside][0], STEPS[~back][0]), abs=2e-3)
        elif inside.any():
            met += 1
            assert length == pytest.approx(STEPS[inside][0], abs=2e-3)
        else:
            assert length == np.inf
    assert met > 5


def test_rays_meet_walls_where_they_cross_them(rng):
    met = 0
    for _ in range(100):
        angle, (x, y), middle, half = rng.uniform(0, 7), *rng.uniform(-5, 5, (2, 2)), rng.uniform(-3, 3, 2)
        ux, uy = np.cos(angle), np.sin(angle)
        length = ray_to_wall.py_func(x, y, ux, uy, *middle, *half)
        from_middle = np.array([x + STEPS * ux - middle[0], y + STEPS * uy - middle[1]])
        side = np.sign(from_middle[0] * half[1] - from_middle[1] * half[0])
        crossed = np.flatnonzero(np.diff(side))
        hits = [k for k in crossed if abs(from_middle[:, k] @ half) <= half @ half]
        if any(abs(abs(from_middle[:, k] @ half) - half @ half) < 0.02 for k in crossed):
            continue  # at an end of the wall, where steps are too long
        if hits:
            met += 1
            assert length == pytest.approx(STEPS[hits[0]], abs=2e-3)
        else:
            assert length == np.inf
    assert met > 5
    assert ray_to_wall.py_func(0.0, 0.0, 1.0, 0.0, 5.0, 0.0, 1.0, 0.0) == np.inf  # along it


def test_fans_are_their_own_mirror_images():
    for rays in (1, 2, 5, 7):
        fan = [direction_of.py_func(k, rays, np.pi / 6) for k in range(rays)]
        assert fan == [-angle for angle in fan[::-1]]
        assert fan == pytest.approx(np.linspace(-np.pi / 12, np.pi / 12, rays) if rays > 1 else [0.0])
