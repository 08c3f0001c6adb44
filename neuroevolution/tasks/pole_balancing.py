"""Poles on a cart."""

from __future__ import annotations

import functools
import math
from typing import Any

from neurodynamics import Task, draw_uniform
from neurodynamics.compiling import kernel
from neurodynamics.validation import as_choice, as_count, as_number
from neuroevolution.tasks.history import remember

GRAVITY = 9.8
CART_MASS = 1.0
POLE_MASSES = (0.1, 0.01)
HALF_LENGTHS = (0.5, 0.05)
FRICTION_OF_CART = 0.0005
FRICTION_OF_HINGE = 0.000002
FORCE = 10.0
TRACK = 2.4
FALLEN = math.radians(36.0)
GRID = 0.05, 0.25, 0.5, 0.75, 0.95  # of each of four states, between its limits below and their opposites
GRID_LIMITS = 2.16, 1.35, math.radians(3.6), math.radians(8.6)
STEPS, LAST, STILL = 1000, 100, 0.75  # of Gruau's fitness: steps in a trial, and those whose motion counts
SPEED = 2.0  # scale of what is sensed of velocities
STANDARD = {"duration": 60.0, "dt": 0.01, "substeps": 2}
FIRST_ANGLES = (math.radians(4.5), 0.0)  # of the standard start


class PoleBalancing(Task):
    """Keep one or two poles upright by pushing their cart along a track. The score is the time balanced.

    A trial is done when the cart leaves the track (2.4 m) or a pole falls (36 degrees). State of the body: position
    and velocity of the cart, then angle and angular velocity of each pole. Time is in seconds. The first output of the
    network, between 0 and 1, is the force: ``10 N (2 o - 1)``. The standard control period is 0.02 s
    (``dt=0.01, substeps=2``); the body takes two RK4 steps in each period.

    Parameters
    ----------
    poles : {1, 2}
        The poles are 1 m and 0.1 m long, 0.1 kg and 0.01 kg.
    velocities : bool
        Whether velocities are sensed. The sensors are position/2.4 and angle/36 degrees, each followed by the velocity/2
        where it is sensed.
    start : {"standard", "random", "grid"}
        The cart at rest in the middle with the long pole at 4.5 degrees and the short one upright; or everything uniform
        within a fifth of its limit (velocities within 0.2); or the 625 starts of the test of generalisation [2]_, one a
        trial: position, velocity, angle and angular velocity of the long pole at 5, 25, 50, 75 and 95 % of the way between
        +-2.16 m, 1.35 m/s, 3.6 and 8.6 degrees. A network generalises that balances 200 of them for 20 s.
    fitness : {"time", "gruau"}
        The time balanced; or Gruau's ``0.1 n / 1000 + 0.9 f`` for n steps, where f is 0 before step 100, then 0.75 over the
        sum of ``|x| + |v| + |angle| + |omega|``, of the long pole, in the last 100 steps: networks that swing score
        little [3]_. Trials then take 1000 steps, 20 s.
    friction : bool
        Whether cart (0.0005) and hinges (0.000002) have friction.

    References
    ----------
    .. [1] Wieland (1991), Evolving neural network controllers for unstable systems, IJCNN-91, II-667.
    .. [2] Gomez & Miikkulainen (1997), Incremental evolution of complex general behavior, Adaptive Behavior 5, 317.
    .. [3] Gruau, Whitley & Pyeatt (1996), A comparison between cellular encoding and direct encoding, GP-96, 81.

    Examples
    --------
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> net = CTRNN([[0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]])  # pushes to where the pole leans
    >>> evaluate(net, tasks.PoleBalancing(1), duration=60, dt=0.01, substeps=2).scores
    array([[60.]])
    """

    behaviour = "poles"

    def __init__(
        self, poles: int = 1, *, velocities: bool = True, start: str = "standard", friction: bool = True,
        track: float = TRACK, fallen: float = FALLEN, fitness: str = "time",
    ) -> None:  # fmt: skip
        if not 1 <= as_count(poles, "poles") <= 2:
            raise ValueError(f"`poles` must be 1 or 2; got {poles}.")
        self.poles, self.velocities, self.friction = int(poles), bool(velocities), bool(friction)
        self.start = as_choice(start, "start", ["standard", "random", "grid"])
        self.fitness = as_choice(fitness, "fitness", ["time", "gruau"])
        self.track = as_number(track, "track", positive=True)
        self.fallen = as_number(fallen, "fallen", positive=True)
        self.lengths = tuple(2 * half for half in HALF_LENGTHS[: self.poles])
        self.standard = STANDARD if self.fitness == "time" else STANDARD | {"duration": 0.02 * STEPS}
        reset, step = _functions(*self._variant)
        size = 2 + 2 * self.poles
        names = ["x", "v", *(f"{what} {pole}" for pole in range(self.poles) for what in ("angle", "omega"))]
        if self.fitness == "gruau":
            names += ["motion", *(f"past motion {k}" for k in range(LAST))]
        super().__init__(
            reset=reset, step=step, state_dim=len(names), sensors=size if self.velocities else 1 + self.poles, motors=1,
            state_names=names,
        )  # fmt: skip

    @property
    def _variant(self) -> tuple[Any, ...]:
        return self.poles, self.velocities, self.start, self.friction, self.track, self.fallen, self.fitness

    def __reduce__(self) -> Any:
        return _again, self._variant

    def __repr__(self) -> str:
        return f"PoleBalancing({self.poles}, velocities={self.velocities}, start={self.start!r})"


def _again(
    poles: int, velocities: bool, start: str, friction: bool, track: float, fallen: float, fitness: str
) -> PoleBalancing:  # fmt: skip
    return PoleBalancing(poles, velocities=velocities, start=start, friction=friction, track=track, fallen=fallen,
                         fitness=fitness)  # fmt: skip


@functools.cache
def _functions(
    poles: int, velocities: bool, start: str, friction: bool, track: float, fallen: float, fitness: str
) -> tuple[Any, Any]:  # fmt: skip
    """Return ``reset`` and ``step`` of a variant."""
    random, grid, gruau, size = start == "random", start == "grid", fitness == "gruau", 2 + 2 * poles
    cart_friction, hinge_friction = (FRICTION_OF_CART, FRICTION_OF_HINGE) if friction else (0.0, 0.0)

    @kernel
    def pull(i, angle, speed):
        """Return the force of pole i on the cart and its effective mass."""
        mass, half = POLE_MASSES[i], HALF_LENGTHS[i]
        hinge = hinge_friction * speed / (mass * half)
        sine, cosine = math.sin(angle), math.cos(angle)
        force = mass * half * speed**2 * sine + 0.75 * mass * cosine * (hinge - GRAVITY * sine)
        return force, mass * (1.0 - 0.75 * cosine**2)

    @kernel
    def angular_acceleration(i, acceleration, angle, speed):
        hinge = hinge_friction * speed / (POLE_MASSES[i] * HALF_LENGTHS[i])
        return -0.75 / HALF_LENGTHS[i] * (acceleration * math.cos(angle) - GRAVITY * math.sin(angle) + hinge)

    @kernel
    def slopes(force, v, a, p, b, q):
        """Accelerations of the cart and of both poles; a, b are the angles, p, q their velocities."""
        total, mass = force, CART_MASS
        if v != 0.0:
            total -= math.copysign(cart_friction, v)
        pulled, effective = pull(0, a, p)
        total += pulled
        mass += effective
        if poles == 2:
            pulled, effective = pull(1, b, q)
            total += pulled
            mass += effective
        acceleration = total / mass
        second = angular_acceleration(1, acceleration, b, q) if poles == 2 else 0.0
        return acceleration, angular_acceleration(0, acceleration, a, p), second

    @kernel
    def runge_kutta(h, force, x, v, a, p, b, q):
        """One step of the classical method."""
        f1, g1, s1 = slopes(force, v, a, p, b, q)
        v2, p2, q2 = v + 0.5 * h * f1, p + 0.5 * h * g1, q + 0.5 * h * s1
        f2, g2, s2 = slopes(force, v2, a + 0.5 * h * p, p2, b + 0.5 * h * q, q2)
        v3, p3, q3 = v + 0.5 * h * f2, p + 0.5 * h * g2, q + 0.5 * h * s2
        f3, g3, s3 = slopes(force, v3, a + 0.5 * h * p2, p3, b + 0.5 * h * q2, q3)
        v4, p4, q4 = v + h * f3, p + h * g3, q + h * s3
        f4, g4, s4 = slopes(force, v4, a + h * p3, p4, b + h * q3, q4)
        w = h / 6.0
        return (x + w * (v + 2 * v2 + 2 * v3 + v4), v + w * (f1 + 2 * f2 + 2 * f3 + f4),
                a + w * (p + 2 * p2 + 2 * p3 + p4), p + w * (g1 + 2 * g2 + 2 * g3 + g4),
                b + w * (q + 2 * q2 + 2 * q3 + q4), q + w * (s1 + 2 * s2 + 2 * s3 + s4))  # fmt: skip

    @kernel
    def sense(state, sensors):
        stride = 2 if velocities else 1
        for i in range(1 + poles):
            sensors[stride * i] = state[2 * i] / (track if i == 0 else fallen)
            if velocities:
                sensors[2 * i + 1] = state[2 * i + 1] / SPEED

    @kernel
    def reset_poles(key, trial, state, sensors):
        for i in range(poles):
            state[2 + 2 * i] = FIRST_ANGLES[i]
        if random:
            for i in range(2 + 2 * poles):
                limit = 1.0 if i % 2 == 1 else track if i == 0 else fallen
                state[i] = 0.2 * limit * (2.0 * draw_uniform(key, i) - 1.0)
        if grid:
            for i in range(4):
                state[i] = (2.0 * GRID[trial // 5 ** (3 - i) % 5] - 1.0) * GRID_LIMITS[i]
        sense(state, sensors)

    @kernel
    def gruaus_fitness(n, state):
        """After n steps; keeps the motion of the last ones, and its sum, behind the state of the body."""
        motion = abs(state[0]) + abs(state[1]) + abs(state[2]) + abs(state[3])
        state[size] += motion - remember(state[size + 1 :], n, motion)
        return 0.1 * n / STEPS + (0.9 * STILL / max(state[size], 1e-9) if n >= LAST else 0.0)

    @kernel
    def step_poles(t, dt, motors, state, sensors, score):
        force = FORCE * min(max(2.0 * motors[0] - 1.0, -1.0), 1.0)
        x, v, a, p = state[0], state[1], state[2], state[3]
        b, q = (state[4], state[5]) if poles == 2 else (0.0, 0.0)
        for _ in range(2):
            x, v, a, p, b, q = runge_kutta(0.5 * dt, force, x, v, a, p, b, q)
        state[0], state[1], state[2], state[3] = x, v, a, p
        if poles == 2:
            state[4], state[5] = b, q
        sense(state, sensors)
        if abs(x) > track or abs(a) > fallen or abs(b) > fallen:
            return 1
        score[0] = gruaus_fitness(round((t + dt) / dt), state) if gruau else t + dt
        return 0

    return reset_poles, step_poles
