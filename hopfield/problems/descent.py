"""Steepest descent in the cube: graded units without a leak, whose rest is in corners.

``dx_i/dt = (x_i - low)(high - x_i) g_i`` with ``g = W x + bias``, in steps along that direction to where E, a parabola on
the line, is least, or nine tenths of the way to the wall: E falls at each step [1]_.

References
----------
.. [1] Talavan & Yanez (2005), A continuous Hopfield network equilibrium points algorithm, Comput. Oper. Res. 32, 2179.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hopfield.couplings import Coupling
from hopfield.graded import GradedHopfield
from neurodynamics.validation import Floats

SHORT_OF_WALL = 0.9
LOOK = 20  # steps between looks at who is decided
DECIDED = 5.0  # gain times state: outputs within 0.7 % of a corner
AT_CORNER = 1e-6  # of the side of the cube
SLACK = 1e-9  # relative: a gradient of this size is zero


class Ends(NamedTuple):
    """Corners (K, N), True for high, and whether the gradient holds each of them there."""

    corners: NDArray[np.bool_]
    settled: NDArray[np.bool_]


def descend(
    w: Coupling, bias: Floats, walls: tuple[float, float], x: Floats, most: int, goes_on: Callable[[], bool]
) -> Ends:
    """Descend from all x (K, N) at once until each is in a corner; x is changed in place."""
    low, high = walls
    active, settled = np.arange(len(x)), np.zeros(len(x), bool)
    for _ in range(most):
        if not (active.size and goes_on()):
            break
        v = x[active]
        gradient = w.product(v) + bias
        direction = (v - low) * (high - v) * gradient
        x[active] = v + _length(w, v, gradient, direction, walls)[:, None] * direction
        arrived = np.minimum(x[active] - low, high - x[active]).max(axis=1) <= AT_CORNER * (high - low)
        active = active[~arrived]
    corners = x > (low + high) / 2
    arrived = np.ones(len(x), bool)
    arrived[active] = False
    settled[arrived] = is_held(w, bias, np.where(corners[arrived], high, low), corners[arrived])
    return Ends(corners, settled)


def follow(network: GradedHopfield, u: Floats, most: int, goes_on: Callable[[], bool]) -> Ends:
    """Follow the flow of leaky units from all u (K, N) at once, in proved steps, until all outputs are decided.

    A corner is settled where the state to which it drives the units, ``u = W V + I`` at R = 1, has its signs.
    """
    step, slope = network.certified_step(), network.gain
    active = np.arange(len(u))
    for k in range(most):
        if not (active.size and goes_on()):
            break
        u[active] -= step * network.landscape.gradient(u[active])
        if k % LOOK == 0:
            active = active[(np.abs(slope * u[active]) < DECIDED).any(axis=1)]
    corners = u > 0
    settled = is_held(network.couplings, network.currents, corners.astype(float), corners)
    settled[active] = False
    return Ends(corners, settled)


def _length(w: Coupling, v: Floats, gradient: Floats, direction: Floats, walls: tuple[float, float]) -> Floats:
    """How far to go from each v (K, N): to the least E on the line, or almost to the wall."""
    slope = np.einsum("ki,ki->k", gradient, direction)  # -dE/ds
    bend = -np.einsum("ki,ki->k", direction, w.product(direction))  # d2E/ds2
    behind = np.where(gradient > 0, v - walls[0], walls[1] - v)
    fastest = (np.abs(gradient) * behind).max(axis=1)  # one over the time to the nearest wall
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.where(bend > 0, slope / bend, np.inf)
        return np.where(fastest > 0, np.minimum(least, SHORT_OF_WALL / fastest), 0.0)


def is_held(w: Coupling, bias: Floats, states: Floats, up: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the gradient points out of the cube, or is zero, at every unit of corners (K, N)."""
    gradient = w.product(states) + bias
    scale = w.field_bounds() + np.abs(bias)
    outward: Floats = np.where(up, gradient, -gradient) + SLACK * scale
    return outward.min(axis=1) >= 0
