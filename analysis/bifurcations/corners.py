"""Corners of networks with piecewise activations: where a unit's slope jumps, and how the curve goes on beyond.

Between corners nothing special can be missed by smooth tests; at a corner the curve turns, stability may jump, and no normal
form exists.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.bifurcations.continuation import Corrected
from analysis.bifurcations.family import Family
from neurodynamics.validation import Floats

PLACES: dict[str, tuple[float, ...]] = {"relu": (0.0,), "hard_sigmoid": (-2.0, 2.0)}
BEYOND = 1e-7  # relative: how far beyond a corner the derivative is taken
NEAR = 1e-5  # relative distance of the curve's last point from a corner


def has_corners(family: Family) -> bool:
    """Whether the corners of the activation are known."""
    return not family.smooth and family.system.activation.name in PLACES


def distances(family: Family, u: Floats) -> Floats:
    """Return net inputs less the places of the corners, (units times corners,)."""
    params, view = family.params(u), family.system.layout.view
    s = view(params, "gains") * (u[: family.n] + view(params, "biases"))
    return np.concatenate([s - place for place in PLACES[family.system.activation.name]])


def turn(problem: Any, point: Corrected) -> Corrected | None:
    """Return a point of the curve beyond the corner that lies ahead, or None where there is none."""
    family = problem.family
    if not has_corners(family):
        return None
    scale = problem.scale(point.u)
    now, ahead = (distances(family, point.u + step * point.t) for step in (0.0, BEYOND))
    slopes = (ahead - now) / BEYOND
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(slopes != 0.0, -now / slopes, np.inf)
    steps = np.where(steps >= -BEYOND, steps, np.inf)
    k = int(np.argmin(steps))
    if not steps[k] <= NEAR:
        return None
    corner = point.u + max(0.0, float(steps[k])) * point.t
    _, D = problem(corner + BEYOND * point.t)
    t = np.linalg.svd(D * scale)[2][-1] * scale
    t /= np.linalg.norm(t / scale)
    across = distances(family, corner + BEYOND * t)[k] - distances(family, corner)[k]
    t *= 1.0 if across * slopes[k] > 0.0 else -1.0
    for length in (1e-6, 1e-5, 1e-4):
        found = problem.correct(corner + length * t, t / scale**2, 1e-9, point)
        if found is not None and distances(family, found.u)[k] * slopes[k] > 0.0:
            return found
    return None
