"""Objects that fall towards an agent, which catches some and avoids others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ctrnn import CTRNN, Genotype, Groups
from neurodynamics import draw_normal, draw_uniform
from neurodynamics.compiling import host_version, kernel
from neurodynamics.validation import as_count, as_flag, require_room
from neuroevolution.tasks.published import PublishedTask
from neuroevolution.tasks.rays import direction_of, ray_to_circle, ray_to_diamond, ray_to_wall
from neuroevolution.tasks.sketches import BODY, GROUND, THING, disc, line

RAYS = 7
CIRCLE, LINE, CIRCLES_AND_LINES, DIAMOND, CIRCLES_AND_DIAMONDS = range(5)
CONSTANTS = {
    "body": 30.0,  # diameter of the agent
    "view": math.pi / 6,  # of all rays
    "range": 220.0,  # of a ray, from the perimeter of the body
    "sensor_gain": 10.0,
    "motor_gain": 5.0,
    "world": 200.0,  # where the agent is stopped, on either side
    "size": 30.0,  # of the object: diameter, length of the line, or side of the diamond
    "height": 275.0,  # where it begins
    "speed": 3.0,
    "shape": CIRCLES_AND_LINES,
    "offset": 0.0,  # where it begins, to the right of the agent
    "spread": 50.0,
    "offsets": 12.0,  # from offset - spread to offset + spread, in the order of the trials
    "scatter": 0.0,  # of a random offset
    "drift": 0.0,  # the largest horizontal speed, random
    "faster": 0.0,  # the largest speed beyond `speed`, random
    "clip": 45.0,  # distance that counts as missed
    "noise": 0.0,  # standard deviation of what is added to each sensor, anew in each period
}
(
    DIAMETER, VIEW, RANGE, SENSOR_GAIN, MOTOR_GAIN, WORLD, SIZE, HEIGHT, SPEED, WHICH, OFFSET, SPREAD, OFFSETS, SCATTER,
    DRIFT, FASTER, CLIP, NOISE,
) = range(len(CONSTANTS))  # fmt: skip
X, OBJECT_X, OBJECT_Y, SHAPE, VX, VY = range(6)
DRAWS = 3  # random numbers of `reset_object`
STANDARD = {"duration": 86.7, "dt": 0.1, "trials": 24}
OBLIQUE = CONSTANTS | {"shape": CIRCLE, "spread": 0.0, "scatter": 70.0, "size": 26.0, "drift": 2.0, "faster": 1.0}


class CategoricalPerception(PublishedTask):
    """Catch circles and avoid lines, or diamonds, that fall from above; the score of a trial is 1 at best, 0 at worst.

    The agent moves along a line, by ``5 (o[0] - o[1])``. Seven rays from its perimeter sense ``10 (220 - length) / 220``. An
    object falls from 275 at speed 3 until it is 15 above the agent; d, the horizontal distance then, at most 45, gives
    ``1 - d / 45`` for a circle and ``d / 45`` for a line. Trials alternate between both, with offsets evenly spaced from -50
    to 50: 24 trials are all. Standard options: ``duration=86.7, dt=0.1, trials=24``. State of the body: x, the object's x
    and y, its shape (0 circle, 1 line, 3 diamond) and velocity.

    Parameters
    ----------
    rays : int
    noisy : bool
        Whether rays sense with normal noise, of the standard deviation ``noise``; such a task is no map (`as_map`).

    Notes
    -----
    `with_params`, and ``task_params`` of `evaluate`, take the constants by name: body, view, range, sensor_gain, motor_gain,
    world, size, height, speed, shape (0 circles, 1 lines, 2 both in turn, 3 diamonds, 4 circles and diamonds in turn),
    offset, spread, offsets (their number), scatter (of random offsets), drift and faster (of random velocities), clip,
    noise (a choice of this program).
    Constants are those of the paper, but lines in place of diamonds, as in later work of the same author; with ``shape=4``
    there are diamonds, squares on a corner, whose side of `size` is a choice of this program.

    References
    ----------
    .. [1] Beer (2003), The dynamics of active categorical perception in an evolved model agent, Adaptive Behavior 11, 209.

    Examples
    --------
    >>> from ctrnn import evaluate
    >>> from neuroevolution import tasks
    >>> task = tasks.CategoricalPerception()
    >>> genotype = task.genotype()
    >>> genotype.size
    47
    >>> net = genotype.network(genotype.random(1, rng=1)[0])
    >>> evaluate(net, task, duration=86.7, dt=0.1, trials=24).scores.shape
    (1, 24)
    """

    defaults = CONSTANTS
    positive = "range", "clip", "offsets"
    standard = STANDARD
    state_names = ("x", "object x", "object y", "shape", "object vx", "object vy")
    shown = ("x", "object x")

    def __init__(self, rays: int = RAYS, *, noisy: bool = False) -> None:
        self.rays, self.noisy = as_count(rays, "rays", minimum=1), as_flag(noisy, "noisy")
        reset, step = (reset_noisily, step_noisily) if self.noisy else (reset_object, step_object)
        super().__init__(reset=reset, step=step, state_dim=6, sensors=self.rays, motors=2)

    def check_params(self, vector: Any) -> None:
        """Raise ValueError where a constant is not what it must be."""
        super().check_params(vector)
        noise = np.asarray(vector[..., NOISE])
        if (noise < 0.0).any() or (noise.any() and not self.noisy):
            word = "at least 0" if self.noisy else f"0 but for the noisy task, {type(self).__name__}(noisy=True)"
            raise ValueError(f"`noise` must be {word}; got {noise.ravel()[np.argmax(np.abs(noise))]:g}.")

    def genotype(self, interneurons: int = 5) -> Genotype:
        """Return the genotype of the paper's bilaterally symmetric networks, of 47 genes with five interneurons.

        Neurons are two motors, the interneurons, which are fully connected, and a neuron for each ray; these share time
        constant, bias and gain. Time constants are 1 to 30, gains of sensors 1 to 5, weights and biases -16 to 16.
        """
        require_room(as_count(interneurons, "interneurons") ** 2, "interneurons")
        groups = Groups(motors=2, interneurons=interneurons, sensors=self.sensors)
        mask = groups.mask({"motors": "interneurons", "interneurons": ["interneurons", "sensors"]})
        senses = np.zeros((groups.size, self.sensors))
        senses[groups["sensors"]] = np.eye(self.sensors)
        template = CTRNN(np.zeros((groups.size, groups.size)), input_weights=senses, mask=mask)
        first, *others = range(*groups["sensors"].indices(groups.size))
        names = ("biases", "time_constants", "gains")
        shared = [(f"{name}[{first}]", f"{name}[{k}]", 1) for name in names for k in others]
        free = {"weights": (-16, 16), "biases": (-16, 16), "time_constants": (1, 30), f"gains[{first}]": (1, 5)}
        return Genotype(template, free, shared, symmetry=groups)

    def draw(self, ax: Any, state: Any) -> None:
        """Draw the agent with its rays, and the object."""
        x, object_x, object_y, shape = state[:4]
        body, size, limit = (self.params[place] for place in (DIAMETER, SIZE, WORLD))
        for k in range(self.sensors):
            angle = direction_of.py_func(k, self.sensors, self.params[VIEW])
            length = host_version(length_of_ray)(angle, state, self.params)
            start_x, start_y = x + 0.5 * body * np.sin(angle), 0.5 * body * np.cos(angle)
            line(ax, start_x, start_y, length, 0.5 * np.pi - angle, color=GROUND, linewidth=0.6)
        disc(ax, x, 0.0, 0.5 * body, BODY)
        if shape == CIRCLE:
            disc(ax, object_x, object_y, 0.5 * size, THING)
        elif shape == DIAMOND:
            h = math.sqrt(0.5) * size
            ax.fill(object_x + h * np.array([-1, 0, 1, 0]), object_y + h * np.array([0, -1, 0, 1]), color=THING, alpha=0.5)
        else:
            line(ax, object_x - 0.5 * size, object_y, size, 0.0, color=THING, linewidth=3.0)
        ax.set(xlim=(-limit, limit), ylim=(-0.6 * body, self.params[HEIGHT] + 0.6 * size))


class VisualOrientation(CategoricalPerception):
    """Catch circles that fall obliquely, from offsets up to 70 on either side. The score of a trial is ``1 - d / 45``.

    Body, sensors and network are those of `CategoricalPerception`; the object has a diameter of 26, falls at 3 to 4 and
    drifts by up to 2 sidewards, all uniformly random: these are choices of this program, as are the 20 trials.

    Parameters
    ----------
    rays : int
    noisy : bool
        As for `CategoricalPerception`.

    References
    ----------
    .. [1] Beer (1996), Toward the evolution of dynamical neural networks for minimally cognitive behavior, SAB 4, 421.

    Examples
    --------
    >>> from neuroevolution import tasks
    >>> straight = tasks.VisualOrientation().with_params({"drift": 0, "faster": 0})
    >>> straight.sensors, straight.motors
    (7, 2)
    """

    defaults = OBLIQUE
    standard = STANDARD | {"trials": 20}


@kernel
def length_of_ray(angle, state, params):
    """How far the object is from the perimeter in this direction, at most the range."""
    ux, uy, radius, half = math.sin(angle), math.cos(angle), 0.5 * params[DIAMETER], 0.5 * params[SIZE]
    x, y = state[X] + radius * ux, radius * uy
    if state[SHAPE] == CIRCLE:
        return min(params[RANGE], ray_to_circle(x, y, ux, uy, state[OBJECT_X], state[OBJECT_Y], half))
    if state[SHAPE] == DIAMOND:
        quarter = math.sqrt(0.125) * params[SIZE]
        return min(params[RANGE], ray_to_diamond(x, y, ux, uy, state[OBJECT_X], state[OBJECT_Y], quarter))
    return min(params[RANGE], ray_to_wall(x, y, ux, uy, state[OBJECT_X], state[OBJECT_Y], half, 0.0))


@kernel
def look(state, sensors, params):
    """What all rays sense."""
    for k in range(sensors.size):
        length = length_of_ray(direction_of(k, sensors.size, params[VIEW]), state, params)
        sensors[k] = params[SENSOR_GAIN] * (params[RANGE] - length) / params[RANGE]


@kernel
def reset_object(key, trial, state, sensors, params):
    """The object of this trial, high above an agent in the middle."""
    both = params[WHICH] == CIRCLES_AND_LINES or params[WHICH] == CIRCLES_AND_DIAMONDS
    state[SHAPE] = params[WHICH] if not both else CIRCLE if trial % 2 == 0 else params[WHICH] - 1  # the other one
    number, count = trial // 2 if both else trial, int(params[OFFSETS])
    place = (2 * (number % count) - (count - 1)) / (count - 1) if count > 1 else 0.0
    state[OBJECT_X] = params[OFFSET] + params[SPREAD] * place + params[SCATTER] * (2.0 * draw_uniform(key, 0) - 1.0)
    state[OBJECT_Y] = params[HEIGHT]
    state[VX] = params[DRIFT] * (2.0 * draw_uniform(key, 1) - 1.0)
    state[VY] = -params[SPEED] - params[FASTER] * draw_uniform(key, 2)
    look(state, sensors, params)


@kernel
def step_object(t, dt, motors, state, sensors, score, params):
    """The agent moves, then the object, until it has arrived."""
    x = state[X] + dt * params[MOTOR_GAIN] * (motors[0] - motors[1])
    state[X] = min(max(x, -params[WORLD]), params[WORLD])
    state[OBJECT_X] += dt * state[VX]
    state[OBJECT_Y] += dt * state[VY]
    look(state, sensors, params)
    distance = min(abs(state[X] - state[OBJECT_X]) / params[CLIP], 1.0)
    score[0] = 1.0 - distance if state[SHAPE] == CIRCLE else distance
    return state[OBJECT_Y] <= 0.5 * params[DIAMETER]


@kernel
def blur(key, first, sensors, params):
    """Add noise to what is sensed."""
    for k in range(sensors.size):
        sensors[k] += params[NOISE] * draw_normal(key, first + k)


@kernel
def reset_noisily(key, trial, state, sensors, params):
    """As `reset_object`, seen with noise."""
    reset_object(key, trial, state, sensors, params)
    blur(key, DRAWS, sensors, params)


@kernel
def step_noisily(t, dt, motors, state, sensors, score, params, key):
    """As `step_object`, seen with noise."""
    done = step_object(t, dt, motors, state, sensors, score, params)
    blur(key, 0, sensors, params)
    return done
