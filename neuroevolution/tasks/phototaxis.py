"""A vehicle with two eyes that drives to a light, also when its eyes change places."""

from __future__ import annotations

import math
from typing import Any

from neurodynamics import draw_uniform
from neurodynamics.compiling import kernel
from neuroevolution.tasks.published import PublishedTask
from neuroevolution.tasks.sketches import BODY, THING, disc
from neuroevolution.tasks.wheels import HEADING, X, Y, turn

CONSTANTS = {
    "radius": 4.0,
    "speed": 1.0,  # of a wheel, at most
    "eye": math.pi / 3,  # angle of an eye to the heading
    "nearest": 40.0,  # where a light can be
    "farthest": 60.0,
    "intensity": 1000.0,
    "brightest": 10.0,  # what an eye can sense
    "inverts at": 1e12,  # when the eyes change places
}
RADIUS, SPEED, EYE, NEAREST, FARTHEST, INTENSITY, BRIGHTEST, INVERTS_AT = range(len(CONSTANTS))
STANDARD = {"duration": 200.0, "dt": 0.1, "trials": 8}
LIGHT_X, LIGHT_Y, AT_START = 3, 4, 5


class Phototaxis(PublishedTask):
    """Drive to a light. The score is ``1 - d / d0``, how much nearer the light is at the end, at least 0.

    Braitenberg's vehicle: two wheels, at speeds ``2 o - 1`` (left first), and two eyes at 60 degrees to the left and right,
    which sense ``1000 / d^2``, at most 10, of a light in the half plane before them. With ``inverts at`` the eyes change
    places at that time, as do those of Di Paolo's robots. State: x, y, heading; the light; its distance at the start.

    Notes
    -----
    Radius, angle of the eyes, and lights at 10 to 15 radii are those of [2]_; speed and duration, one light a trial, and
    that nothing is noisy, are choices of this program. `with_params` takes ``radius, speed, eye, nearest, farthest,
    intensity, brightest, "inverts at"``.

    References
    ----------
    .. [1] Braitenberg (1984), Vehicles: Experiments in Synthetic Psychology, MIT Press.
    .. [2] Di Paolo (2000), Homeostatic adaptation to inversion of the visual field, SAB 6, 440.

    Examples
    --------
    Each eye drives the wheel on the other side:

    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> crossed = CTRNN([[0, 0], [0, 0]], biases=[0.9, 0.4], input_weights=[[0, 3], [3, 0]])
    >>> bool((evaluate(crossed, tasks.Phototaxis(), rng=1).scores > 0.7).all())
    True
    """

    defaults = CONSTANTS
    positive = "radius", "nearest"
    standard = STANDARD
    state_names = ("x", "y", "heading", "light x", "light y", "distance at start")
    path = ("x", "y")

    def __init__(self) -> None:
        super().__init__(reset=reset_light, step=step_to_light, state_dim=6, sensors=2, motors=2)

    def draw(self, ax: Any, state: Any) -> None:
        """Draw the vehicle and the light."""
        ax.plot(*state[[LIGHT_X, LIGHT_Y]], "*", color=THING, markersize=14)
        disc(ax, state[X], state[Y], self.params[RADIUS], BODY, heading=state[HEADING])


@kernel
def see(t, state, sensors, params):
    """What the left and the right eye sense."""
    for side in range(2):
        angle = state[HEADING] + (params[EYE] if side == 0 else -params[EYE])
        ux, uy = math.cos(angle), math.sin(angle)
        dx = state[LIGHT_X] - (state[X] + params[RADIUS] * ux)
        dy = state[LIGHT_Y] - (state[Y] + params[RADIUS] * uy)
        square, before = dx * dx + dy * dy, dx * ux + dy * uy > 0.0
        bright = params[BRIGHTEST]
        if params[INTENSITY] < bright * square:
            bright = params[INTENSITY] / square
        sensors[1 - side if t >= params[INVERTS_AT] else side] = bright if before else 0.0


@kernel
def reset_light(key, trial, state, sensors, params):
    """A vehicle that looks along x, and a light anywhere around it."""
    distance = params[NEAREST] + (params[FARTHEST] - params[NEAREST]) * draw_uniform(key, 0)
    angle = 2.0 * math.pi * draw_uniform(key, 1)
    state[LIGHT_X], state[LIGHT_Y] = distance * math.cos(angle), distance * math.sin(angle)
    state[AT_START] = distance
    see(0.0, state, sensors, params)


@kernel
def step_to_light(t, dt, motors, state, sensors, score, params):
    """The vehicle turns and moves."""
    dx, dy = turn(state, dt, motors[0], motors[1], params[SPEED], params[RADIUS])
    state[X] += dx
    state[Y] += dy
    see(t + dt, state, sensors, params)
    score[0] = max(0.0, 1.0 - math.hypot(state[LIGHT_X] - state[X], state[LIGHT_Y] - state[Y]) / state[AT_START])
    return 0
