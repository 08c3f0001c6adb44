"""A body that walks on a single leg."""

from __future__ import annotations

import functools
import math
from typing import Any

from neurodynamics import Task
from neurodynamics.compiling import kernel
from neurodynamics.validation import as_count

LEG = 15.0
BODY_HEIGHT = 12.5  # of the body's middle; pictures use it
FORCE = 0.05
TORQUE = 0.5
ANGLE = math.pi / 6  # limits of the leg, forwards and backwards
VELOCITY = 6.0
ANGULAR_VELOCITY = 1.0
REACH = 20.0  # a foot further away than this holds the body
SENSOR = 5.0 / ANGLE
FOOT_AT_START = LEG * math.sin(ANGLE)
DEPTH_AT_START = LEG * math.cos(ANGLE)
REACH_OF_LEG = (-ANGLE, ANGLE)
STANDARD = {"duration": 220.0, "dt": 0.1}
NAMES = "x", "v", "angle", "omega", "foot_down", "foot_x", "depth", "forward", "backward"
X, V, LEG_ANGLE, OMEGA, FOOT_DOWN, FOOT_X, DEPTH, FORWARD, BACKWARD = range(9)


class LeggedWalker(Task):
    """The single-legged walker: move forwards by planting, pushing with and swinging a leg. The score is x(T)/T.

    State of the body: x, v, angle of the leg (positive forwards), its angular velocity, whether the foot is down, x of
    the foot, and how far below the joint the foot is.

    Parameters
    ----------
    neurons : {3, 2, 1}
        Motor neurons. With three, the foot is down while ``o[0] > 1/2``, ``o[1]`` pushes the body forwards (swings the
        leg backwards) and ``o[2]`` does the opposite. With two, ``o[0]`` is foot and forward force at once, ``o[1]`` the
        backward force. With one, the foot is down while ``o[0] > 1/2`` and pushes forwards with ``2 o[0] - 1``; else the leg
        swings with ``1 - 2 o[0]``, as in Beer's program. There the force that is not named keeps its last value, and the
        state has both forces.
    reflexive : bool
        Whether the motor neurons sense the leg: each has the input ``5 angle / (pi/6)``. Otherwise nothing is sensed.

    Notes
    -----
    The best stride covers 27.5 in 43.8540 units of time, 0.6270805 a unit: the body is pushed for sqrt(600) along the
    reach of the leg, 15; glides 12.5 at the velocity sqrt(1.5) until the foot holds it; and swings the leg forwards for
    sqrt((2 pi/3)/0.025). This bounds endless strides; a run that is cut off, or takes steps of 0.1, can be a little above
    (0.627305 was reached at T = 220). A single stride scores at most 0.1256 at T = 220. The standard run is
    ``duration=220, dt=0.1``.

    One thing differs from the program that Beer has released: the foot holds the body at a distance of more than 20 on
    either side, there behind it only.

    References
    ----------
    .. [1] Beer & Gallagher (1992), Evolving dynamical neural networks for adaptive behavior, Adaptive Behavior 1, 91.
    .. [2] Beer, Chiel & Gallagher (1999), Evolution and analysis of model CPGs for walking: II, J. Comput. Neurosci. 7, 119.

    Examples
    --------
    >>> from ctrnn import evaluate, random_ctrnn
    >>> from neuroevolution import tasks
    >>> evaluate(random_ctrnn(5, rng=2), tasks.LeggedWalker(), duration=220, dt=0.1).success
    array([[ True]])
    """

    behaviour = "walker"  # which picture shows it
    standard = STANDARD
    leg_length = LEG
    body_height = BODY_HEIGHT

    def __init__(self, neurons: int = 3, *, reflexive: bool = False) -> None:
        if not 1 <= as_count(neurons, "neurons") <= 3:
            raise ValueError(f"`neurons` must be 1, 2 or 3; got {neurons}.")
        self.neurons, self.reflexive = int(neurons), bool(reflexive)
        reset, step = _functions(self.neurons, self.reflexive)
        sensors = self.neurons if self.reflexive else 0
        size = 9 if self.neurons == 1 else 7
        super().__init__(
            reset=reset, step=step, state_dim=size, sensors=sensors, motors=self.neurons, state_names=NAMES[:size]
        )  # fmt: skip

    def __reduce__(self) -> Any:
        return _again, (self.neurons, self.reflexive)

    def __repr__(self) -> str:
        return f"LeggedWalker(neurons={self.neurons}, reflexive={self.reflexive})"


def _again(neurons: int, reflexive: bool) -> LeggedWalker:
    return LeggedWalker(neurons, reflexive=reflexive)


@functools.cache
def _functions(neurons: int, reflexive: bool) -> tuple[Any, Any]:
    """Return ``reset`` and ``step`` of a variant."""

    @kernel
    def reset_walker(key, trial, state, sensors):
        state[LEG_ANGLE] = ANGLE
        state[FOOT_X] = FOOT_AT_START
        state[DEPTH] = DEPTH_AT_START
        for i in range(sensors.size):
            sensors[i] = SENSOR * ANGLE

    @kernel
    def step_walker(t, dt, motors, state, sensors, score):
        down = motors[0] > 0.5
        if neurons == 1:
            state[FORWARD if down else BACKWARD] = FORCE * abs(2.0 * motors[0] - 1.0)
            forward, backward = state[FORWARD], state[BACKWARD]
        else:
            forward, backward = FORCE * motors[neurons - 2], FORCE * motors[neurons - 1]
        x, v, angle, omega = state[X], state[V], state[LEG_ANGLE], state[OMEGA]
        f = forward - backward
        if down:
            pushes = -ANGLE <= angle <= ANGLE or (angle < -ANGLE and f < 0.0) or (angle > ANGLE and f > 0.0)
            v = limited(v + dt * (f if pushes else 0.0), VELOCITY)
            x += dt * v
            new_angle = math.atan((state[FOOT_X] - x) / state[DEPTH])
            omega = (new_angle - angle) / dt
            angle = new_angle
        else:
            v = limited(v, VELOCITY)
            x += dt * v
            v = 0.0
            omega = limited(omega + dt * TORQUE * (backward - forward), ANGULAR_VELOCITY)
            angle += dt * omega
            if angle < -ANGLE or angle > ANGLE:
                angle = limited(angle, ANGLE)
                omega = 0.0
            state[FOOT_X] = x + LEG * math.sin(angle)
            state[DEPTH] = LEG * math.cos(angle)
        if abs(x - state[FOOT_X]) > REACH:
            v = 0.0
        state[X], state[V], state[LEG_ANGLE], state[OMEGA], state[FOOT_DOWN] = x, v, angle, omega, 1.0 if down else 0.0
        score[0] = x / (t + dt)
        if reflexive:
            for i in range(sensors.size):
                sensors[i] = SENSOR * angle
        return 0

    return reset_walker, step_walker


@kernel
def limited(value, limit):
    """Return the value, at most `limit` in size."""
    return min(max(value, -limit), limit)
