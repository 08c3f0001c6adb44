"""Two agents on a ring that look for each other, and not for what only moves or looks like them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neurodynamics import draw_uniform
from neurodynamics.compiling import kernel
from neuroevolution.tasks.published import PublishedTask
from neuroevolution.tasks.sketches import BODY, GROUND, THING, disc

CONSTANTS = {
    "ring": 600.0,
    "gain": 2.0,  # of the motors
    "shadow": 48.0,  # how far a shadow is from its owner
    "fixed 0": 450.0,  # what only agent 0 can meet
    "fixed 1": 150.0,
    "with shadows": 1.0,
    "with fixed": 1.0,
    "transient": 400.0,  # before distances count
    "close": 2.0,  # as near as can be
}
RING, GAIN, SHADOW, FIXED_0, FIXED_1, WITH_SHADOWS, WITH_FIXED, TRANSIENT, CLOSE = range(len(CONSTANTS))
STANDARD = {"duration": 800.0, "dt": 0.1, "trials": 10}
TIME, APART = 2, 3  # behind the positions of both


class PerceptualCrossing(PublishedTask):
    """Two clones face each other on a ring of 600 and are to stay together: the score is ``1 - (d - 2) / 298``.

    Each moves by ``2 (o[1] - o[0])``, in opposite directions, and senses ``1 / (1 + exp(8 (r - 1)))`` with r the distance to
    the nearest of the other agent, its shadow, which is always 48 further on, and an object of the agent's own, at 450 or
    150. d is the mean distance after a transient of 400. State: both positions, and the time and distances that count.

    Notes
    -----
    ``task.with_params({"with shadows": 0})`` leaves the shadows out, ``"with fixed"`` the objects. Choices of this program:
    random positions at the start, 10 trials, and ``dt=0.1``.

    References
    ----------
    .. [1] Di Paolo, Rohde & Iizuka (2008), Sensitivity to social contingency or stability of interaction?, New Ideas in
       Psychology 26, 278.
    .. [2] Izquierdo, Severino & Merritt (2022), Perpetual crossers without sensory delay, ALIFE 2022: these constants.

    Examples
    --------
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> net = CTRNN([[4.0, -1], [1, 4]], biases=[-2, -2.2], input_weights=[[3.0], [-3]])
    >>> loop = evaluate(net, tasks.PerceptualCrossing(), duration=100, dt=0.1, rng=1, record=(0, 0)).solution
    >>> loop.y.shape, loop.agent(1).network.system.state_dim
    ((4, 1001), 2)
    """

    defaults = CONSTANTS
    positive = "ring", "close"
    standard = STANDARD
    state_names = ("agent 0", "agent 1", "time", "apart")
    shown = ("agent 0", "agent 1")

    def __init__(self) -> None:
        super().__init__(reset=reset_crossing, step=step_crossing, state_dim=4, sensors=1, motors=2, agents=2)

    def draw(self, ax: Any, state: Any) -> None:
        """Draw both agents on the ring, their shadows and the objects."""
        ring = self.params[RING]
        radius = ring / (2 * np.pi)
        around = np.linspace(0, 2 * np.pi, 181)
        ax.plot(radius * np.cos(around), radius * np.sin(around), color=GROUND, linewidth=1.0)
        for agent, color, out in ((0, BODY, 0.96), (1, THING, 1.04)):
            places = np.array([state[agent], state[agent] + self.params[SHADOW], self.params[FIXED_0 + agent]])
            angle = 2 * np.pi * places / ring
            x, y = out * radius * np.cos(angle), out * radius * np.sin(angle)
            disc(ax, x[0], y[0], 0.06 * radius, color)
            ax.plot(x[1], y[1], "o", markerfacecolor="none", color=color)  # the shadow
            ax.plot(x[2], y[2], "s", color=color)  # what this agent can meet
        ax.set(xlim=(-1.2 * radius, 1.2 * radius), ylim=(-1.2 * radius, 1.2 * radius))


@kernel
def between(a, b, ring):
    """Return the distance on the ring."""
    straight = abs(a - b)
    return min(straight, ring - straight)


@kernel
def around_ring(x, ring):
    """Return the place on the ring, from 0 on."""
    return x - ring if x >= ring else x + ring if x < 0.0 else x


@kernel
def meet(state, sensors, params):
    """What both agents sense."""
    ring = params[RING]
    for a in range(2):
        here, other = state[a], state[1 - a]
        nearest = between(here, other, ring)
        if params[WITH_SHADOWS] != 0.0:
            nearest = min(nearest, between(here, around_ring(other + params[SHADOW], ring), ring))
        if params[WITH_FIXED] != 0.0:
            nearest = min(nearest, between(here, params[FIXED_0 + a], ring))
        sensors[a] = 1.0 / (1.0 + math.exp(8.0 * (nearest - 1.0)))


@kernel
def reset_crossing(key, trial, state, sensors, params):
    """Both anywhere."""
    for a in range(2):
        state[a] = params[RING] * draw_uniform(key, a)
    meet(state, sensors, params)


@kernel
def step_crossing(t, dt, motors, state, sensors, score, params):
    """Both move, in opposite directions."""
    ring = params[RING]
    for a in range(2):
        speed = params[GAIN] * (motors[2 + a] - motors[a])
        state[a] = around_ring(state[a] + (dt * speed if a == 0 else -dt * speed), ring)
    meet(state, sensors, params)
    if t > params[TRANSIENT]:
        state[TIME] += dt
        state[APART] += dt * max(between(state[0], state[1], ring), params[CLOSE])
        score[0] = 1.0 - (state[APART] / state[TIME] - params[CLOSE]) / (0.5 * ring - params[CLOSE])
    return 0
