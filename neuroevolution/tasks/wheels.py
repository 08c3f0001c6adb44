"""A round body on two wheels, driven by two motors."""

from __future__ import annotations

import math

from neurodynamics.compiling import kernel

X, Y, HEADING = range(3)  # in the state of a body on wheels


@kernel
def turn(state, dt, left, right, speed, radius):
    """Turn by the difference of the wheels, whose motors are between 0 and 1; return the way along the new heading."""
    state[HEADING] += dt * speed * (right - left) / radius
    way = dt * speed * (left + right - 1.0)
    return way * math.cos(state[HEADING]), way * math.sin(state[HEADING])
