"""A worm that bends its way towards the peak of a concentration."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ctrnn import CTRNN, Genotype
from neurodynamics import draw_uniform
from neurodynamics.compiling import kernel
from neuroevolution.embodied import EmbodiedGenotype
from neuroevolution.tasks.history import recall, remember
from neuroevolution.tasks.published import PublishedTask
from neuroevolution.tasks.sketches import BODY, THING, disc, line

CONSTANTS = {
    "speed": 0.022,  # cm / s
    "period": 4.2,  # s, of the sinusoidal locomotion
    "turning": 2.0,  # gain of the neck: 1 to 3
    "window": 2.1,  # s, N: concentrations that are new, 0.1 to 4.2
    "before": 2.1,  # s, M: those before
    "distance": 4.5,  # cm, from the peak at the start
    "flattest": 0.1,  # the steepness of a trial is uniform in this range
    "steepest": 1.0,
}
SPEED, PERIOD, TURNING, WINDOW, BEFORE, DISTANCE, FLATTEST, STEEPEST = range(len(CONSTANTS))
STANDARD = {"duration": 500.0, "dt": 0.01, "substeps": 5, "trials": 10}
X, Y, HEADING, PHASE, STEEPNESS, NEW, OLD, PAST = range(8)
ROOM = 170  # concentrations that are remembered: 8.4 s at 0.05 s


class Klinotaxis(PublishedTask):
    """Move to the peak of a conical concentration by turning while it rises or falls. The score is the mean ``1 - r / 4.5``.

    The worm moves at 0.022 cm/s and turns by ``2 (o[1] - o[0])``, the neurons of ventral and dorsal muscles. It senses with
    an ON cell that the mean concentration over the last 2.1 s exceeds that over the 2.1 s before, with an OFF cell that it
    is less, and the phase ``sin(2 pi t / 4.2 + phi)`` of its locomotion. It starts 4.5 cm from the peak; heading, phase and
    steepness are random. State: x, y, heading, phase, steepness, the two sums, and the concentrations of 170 periods.

    Notes
    -----
    Windows and gain are parameters that the paper evolves with the network, see `genotype`. `with_params` takes ``speed,
    period, turning, window, before, distance, flattest, steepest``. Choices of this program: the network takes steps of
    0.01 s, as in the paper, the body of 0.05 s; there are no reorientations and no noise.

    References
    ----------
    .. [1] Izquierdo & Lockery (2010), Evolution and analysis of minimal neural circuits for klinotaxis in Caenorhabditis
       elegans, J. Neurosci. 30, 12908.

    Examples
    --------
    >>> from ctrnn import evaluate
    >>> from neuroevolution import tasks
    >>> worm = tasks.Klinotaxis()
    >>> genotype = worm.genotype()
    >>> genotype.names[4:]
    ['input_weights[0, 2]', 'window', 'before', 'turning']
    >>> evaluate(genotype.network([0.0] * 8), worm, duration=10, dt=0.01, substeps=5, rng=1).scores.shape
    (1, 1)
    """

    defaults = CONSTANTS
    positive = "period", "distance"
    standard = STANDARD
    state_names = ("x", "y", "heading", "phase", "steepness", "new", "old", *(f"past {k}" for k in range(ROOM)))
    path = ("x", "y")

    def __init__(self) -> None:
        super().__init__(reset=reset_worm, step=step_worm, state_dim=PAST + ROOM, sensors=3, motors=2)

    def genotype(self) -> EmbodiedGenotype:
        """Return the paper's genotype: two neurons, alike but for the sign of the phase, and the body they evolve with.

        Self-connections and biases are -15 to 15, weights of the cells -1500 to 1500, of the phase 0 to 15; tau = 0.1 s.
        Both windows are 0.1 to 4.2 s, the gain of the neck is 1 to 3.
        """
        template = CTRNN(np.zeros((2, 2)), time_constants=0.1, input_weights=np.zeros((2, 3)), mask=np.eye(2, dtype=bool))
        free = {"weights": (-15, 15), "biases": (-15, 15), "input_weights": (-1500, 1500), "input_weights[0, 2]": (0, 15)}
        ties = [("weights[0, 0]", "weights[1, 1]", 1), ("biases[0]", "biases[1]", 1)]
        ties += [(f"input_weights[0, {k}]", f"input_weights[1, {k}]", sign) for k, sign in enumerate((1, 1, -1))]
        body = {"window": (0.1, 4.2), "before": (0.1, 4.2), "turning": (1, 3)}
        return EmbodiedGenotype(Genotype(template, free, ties), self, body)

    def draw(self, ax: Any, state: Any) -> None:
        """Draw the worm, the peak and how far away it was."""
        distance = self.params[DISTANCE]
        disc(ax, 0.0, 0.0, 0.03 * distance, THING)
        line(ax, state[X], state[Y], -0.1 * distance, state[HEADING], color=BODY, linewidth=3.0)
        ax.set(xlim=(-1.2 * distance, 1.2 * distance), ylim=(-1.2 * distance, 1.2 * distance))


@kernel
def steps_of(seconds, dt):
    """How many steps a window has, so that two have room."""
    return min(max(round(seconds / dt), 1), (ROOM - 1) // 2)


@kernel
def taste(k, dt, state, sensors, params):
    """Remember concentration number k, here and now, and sense whether it rises or falls."""
    n, m = steps_of(params[WINDOW], dt), steps_of(params[BEFORE], dt)
    past = state[PAST:]
    remember(past, k, -state[STEEPNESS] * math.hypot(state[X], state[Y]))
    state[NEW] += recall(past, k) - recall(past, k - n)
    state[OLD] += recall(past, k - n) - recall(past, k - n - m)
    change = state[NEW] / n - state[OLD] / m
    sensors[0], sensors[1] = max(change, 0.0), max(-change, 0.0)
    sensors[2] = math.sin(state[PHASE] + 2.0 * math.pi / params[PERIOD] * k * dt)


@kernel
def reset_worm(key, trial, state, sensors, params):
    """At the left of the peak; all concentrations before were that of the start."""
    state[X] = -params[DISTANCE]
    state[HEADING], state[PHASE] = 2.0 * math.pi * draw_uniform(key, 0), 2.0 * math.pi * draw_uniform(key, 1)
    state[STEEPNESS] = params[FLATTEST] + (params[STEEPEST] - params[FLATTEST]) * draw_uniform(key, 2)
    state[PAST] = -state[STEEPNESS] * params[DISTANCE]
    sensors[2] = math.sin(state[PHASE])


@kernel
def step_worm(t, dt, motors, state, sensors, score, params):
    """The worm turns, moves and tastes."""
    state[HEADING] += dt * params[TURNING] * (motors[1] - motors[0])
    state[X] += dt * params[SPEED] * math.cos(state[HEADING])
    state[Y] += dt * params[SPEED] * math.sin(state[HEADING])
    k = round(t / dt) + 1
    taste(k, dt, state, sensors, params)
    score[0] += (1.0 - math.hypot(state[X], state[Y]) / params[DISTANCE] - score[0]) / k
    return 0
