"""A corridor with a lamp on one side, and a junction later on: turn to where the lamp was."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neurodynamics import draw_uniform
from neurodynamics.compiling import kernel
from neuroevolution.tasks.published import PublishedTask
from neuroevolution.tasks.rays import direction_of, ray_to_wall
from neuroevolution.tasks.sketches import BODY, GROUND, THING, disc
from neuroevolution.tasks.wheels import HEADING, X, Y, turn

HALF_WIDTH, JUNCTION, TOP, ARM = 8.0, 60.0, 76.0, 50.0  # of the corridor; y of junction and wall; length of an arm
LAMP = (15.0, 25.0)  # y of where its light falls
RAYS, VIEW = 5, math.pi
CORNERS = np.array([(-HALF_WIDTH, JUNCTION), (-HALF_WIDTH, 0.0), (HALF_WIDTH, 0.0), (HALF_WIDTH, JUNCTION), (ARM, JUNCTION),
                    (ARM, TOP), (-ARM, TOP), (-ARM, JUNCTION), (-HALF_WIDTH, JUNCTION)])  # fmt: skip
WALLS = np.hstack([0.5 * (CORNERS[1:] + CORNERS[:-1]), 0.5 * (CORNERS[1:] - CORNERS[:-1])])  # middles and half lengths
CONSTANTS = {
    "radius": 3.0,
    "speed": 1.0,  # of a wheel, at most
    "range": 30.0,  # of a ray
    "scatter": 0.1,  # of the first heading
}
RADIUS, SPEED, RANGE, SCATTER = range(len(CONSTANTS))
STANDARD = {"duration": 250.0, "dt": 0.1, "trials": 8}
SIDE = 3


class TMaze(PublishedTask):
    """Turn to the side where a lamp was. The score is 1 at the end of the right arm, 1/4 where the corridor was passed.

    A round robot on two wheels (speeds ``2 o - 1``, left first) drives along a corridor, in which a lamp shines from the
    left (even trials) or the right (odd ones), to a T-junction. Five rays in the half plane before it sense
    ``(30 - length) / 30`` of the walls, two eyes the lamp, while the robot passes it: 1 on its side. Walls stop it. State:
    x, y, heading, and the side of the lamp (-1 left, 1 right). At the end of an arm the trial is done.

    Notes
    -----
    The task is that of [1]_ and [2]_. Choices of this program: all lengths (corridor 16 wide and 60 long, arms 50), the
    body, five rays, and the score, whose last three quarters grow with the way into the right arm. `with_params` takes
    ``radius, speed, range, scatter``, the last of the first heading.

    References
    ----------
    .. [1] Jakobi (1997), Evolutionary robotics and the radical envelope-of-noise hypothesis, Adaptive Behavior 6, 325.
    .. [2] Ziemke & Thieme (2002), Neuromodulation of reactive sensorimotor mappings, Adaptive Behavior 10, 185.

    Examples
    --------
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> straight = CTRNN([[0, 0], [0, 0]], biases=4, input_weights=[[0] * 7] * 2)
    >>> evaluate(straight, tasks.TMaze().with_params({"scatter": 0})).scores[0, :2]
    array([0.25, 0.25])
    """

    defaults = CONSTANTS
    positive = "radius", "range"
    standard = STANDARD
    state_names = ("x", "y", "heading", "side")
    path = ("x", "y")

    def __init__(self) -> None:
        super().__init__(reset=reset_maze, step=step_maze, state_dim=4, sensors=RAYS + 2, motors=2)

    def draw(self, ax: Any, state: Any) -> None:
        """Draw the maze, the lamp and the robot."""
        ax.plot(*CORNERS.T, color=GROUND, linewidth=1.5)
        ax.plot(state[SIDE] * HALF_WIDTH, 0.5 * sum(LAMP), "*", color=THING, markersize=14)
        disc(ax, state[X], state[Y], self.params[RADIUS], BODY, heading=state[HEADING])


@kernel
def feel(state, sensors, params):
    """The walls around, and the lamp."""
    for k in range(RAYS):
        angle = state[HEADING] - direction_of(k, RAYS, VIEW)  # from left to right
        ux, uy, length = math.cos(angle), math.sin(angle), params[RANGE]
        for w in range(WALLS.shape[0]):
            wall = ray_to_wall(state[X], state[Y], ux, uy, WALLS[w, 0], WALLS[w, 1], WALLS[w, 2], WALLS[w, 3])
            length = min(length, wall)
        sensors[k] = (params[RANGE] - length) / params[RANGE]
    lit = LAMP[0] <= state[Y] <= LAMP[1]
    sensors[RAYS] = 1.0 if lit and state[SIDE] < 0.0 else 0.0
    sensors[RAYS + 1] = 1.0 if lit and state[SIDE] > 0.0 else 0.0


@kernel
def is_free(x, y, radius):
    """Whether the robot has room: in the corridor or in the arms, as a square of its size."""
    in_corridor = abs(x) <= HALF_WIDTH - radius and radius <= y <= TOP - radius
    return in_corridor or (abs(x) <= ARM - radius and JUNCTION + radius <= y <= TOP - radius)


@kernel
def reset_maze(key, trial, state, sensors, params):
    """At the near end of the corridor, looking along it."""
    state[Y] = 2.0 * params[RADIUS]
    state[HEADING] = 0.5 * math.pi + params[SCATTER] * (2.0 * draw_uniform(key, 0) - 1.0)
    state[SIDE] = -1.0 if trial % 2 == 0 else 1.0
    feel(state, sensors, params)


@kernel
def step_maze(t, dt, motors, state, sensors, score, params):
    """The robot turns and, where there is room, moves."""
    dx, dy = turn(state, dt, motors[0], motors[1], params[SPEED], params[RADIUS])
    if is_free(state[X] + dx, state[Y] + dy, params[RADIUS]):
        state[X] += dx
        state[Y] += dy
    feel(state, sensors, params)
    end = ARM - 2.0 * params[RADIUS]
    into = state[SIDE] * state[X] / end if state[Y] >= JUNCTION else 0.0
    score[0] = 0.25 * min(state[Y] / JUNCTION, 1.0) + 0.75 * min(max(into, 0.0), 1.0)
    return abs(state[X]) >= end
