"""Environments of gymnasium: populations evaluated in them, and a network as a policy for other people's loops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn import Controller, Genotype, PopulationController
from neurodynamics import DynamicalSystem
from neurodynamics.simulation import motor_weights_of
from neurodynamics.validation import Floats, as_count, as_floats, as_instance, as_number

HUGE = 1e6  # a bound of observations beyond this bounds nothing


@dataclass(frozen=True, eq=False)
class Interface:
    """What a network senses of observations, and what actions its motors are.

    Attributes
    ----------
    sensors, motors : int
    scale : array, shape (sensors,)
        What observations are multiplied by.
    """

    sensors: int
    motors: int
    scale: Floats
    observations: Any
    actions: Any

    @classmethod
    def of(cls, env: Any, scale: ArrayLike | None = None) -> Interface:
        """Return that of an environment with spaces of the kinds Box and Discrete."""
        for name in ("observation_space", "action_space", "reset", "step"):
            if not hasattr(env, name):
                raise TypeError(f"`env` must be an environment of gymnasium, with a `{name}`; got {type(env).__name__}.")
        seen, moved = env.observation_space, env.action_space
        sensors, motors = _size(seen, "observation_space"), _size(moved, "action_space")
        factors = _scale(seen, sensors) if scale is None else as_floats(scale, "scale")
        if factors.shape not in ((), (sensors,)):
            raise ValueError(f"`scale` must be a number or have shape ({sensors},); got {factors.shape}.")
        return cls(sensors, motors, np.broadcast_to(factors, (sensors,)), seen, moved)

    def sense(self, observation: Any) -> Floats:
        """Return sensors (M,); of a Discrete observation, 1 for the one that holds."""
        if hasattr(self.observations, "n"):
            one = np.zeros(self.sensors)
            one[int(observation) - int(getattr(self.observations, "start", 0))] = 1.0
            return one * self.scale
        return np.asarray(observation, dtype=float).ravel() * self.scale

    def act(self, motors: Floats) -> Any:
        """Return the action: the largest motor of a Discrete space; in a Box, from its low at 0 to its high at 1."""
        if hasattr(self.actions, "n"):
            return int(np.argmax(motors)) + int(getattr(self.actions, "start", 0))
        low, high = (np.asarray(end, dtype=float).ravel() for end in (self.actions.low, self.actions.high))
        action = low + (high - low) * np.clip(motors, 0.0, 1.0)
        return action.reshape(self.actions.shape).astype(self.actions.dtype)


def _size(space: Any, name: str) -> int:
    """Return how many numbers a space has; one for each value of a Discrete one."""
    if hasattr(space, "n") and np.ndim(space.n) == 0:
        return int(space.n)
    if not hasattr(space, "low") or not hasattr(space, "high"):
        raise TypeError(f"`env.{name}` must be a Box or a Discrete space; got {type(space).__name__}.")
    if name == "action_space" and not (np.isfinite(space.low).all() and np.isfinite(space.high).all()):
        raise ValueError("`env.action_space` must have finite bounds, between which motors move.")
    return int(np.prod(space.shape, dtype=int))


def _scale(space: Any, size: int) -> Floats:
    """Return factors that bring observations to [-1, 1], where they have bounds."""
    if hasattr(space, "n"):
        return np.ones(size)
    most = np.maximum(np.abs(space.low), np.abs(space.high)).astype(float).ravel()
    return np.where((most < HUGE) & (most > 0.0), 1.0 / np.where(most > 0.0, most, 1.0), 1.0)


class GymTask:
    """A task for `evolve`: the return of networks in an environment of gymnasium, mean of some episodes.

    Needs the package gymnasium where the environment is given by its name: ``pip install "neural-attractors[gym]"``.

    Parameters
    ----------
    env : str or callable
        A name such as ``"CartPole-v1"``, or a function without arguments that returns an environment.
    genotype : Genotype
        That of `evolve`: its template has an input for each sensor and an output for each motor.
    dt : float
        Step of the network.
    substeps : int
        Steps of the network in each step of the environment, with the observation held: the control period is
        ``substeps * dt``, whatever unit of time the environment has.
    episodes : int
        They begin with the seeds ``seed, seed + 1, ..``, the same for all networks.
    max_steps : int
        Of the environment in an episode; it may end before.
    seed : int
    scale : float or array_like, shape (M,), optional
        What observations are multiplied by; by default those with bounds are brought to [-1, 1].

    Notes
    -----
    Each member has an environment of its own; those whose episode is over are not stepped. The motor of a Box action goes
    from its low at 0 to its high at 1, as the outputs of logistic networks do; of a Discrete space the largest of n motors
    is the action.

    Examples
    --------
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import GymTask, RandomSearch, evolve
    >>> class Line:  # an environment with gymnasium's words: stay near 0
    ...     class observation_space: low, high, shape = np.array([-1.0]), np.array([1.0]), (1,)
    ...     class action_space: low, high, shape, dtype = np.array([-1.0]), np.array([1.0]), (1,), float
    ...     def reset(self, seed=None):
    ...         self.x = np.array([0.5])
    ...         return self.x, {}
    ...     def step(self, action):
    ...         self.x = self.x + 0.1 * action
    ...         return self.x, -abs(float(self.x[0])), False, False, {}
    >>> genotype = Genotype(CTRNN([[0.0]], input_weights=[[0.0]]), {"biases": (-4, 4), "input_weights": (-9, 9)})
    >>> task = GymTask(Line, genotype, dt=0.2, max_steps=50)
    >>> evolve(genotype, task, RandomSearch(30), generations=2, rng=1).best.score > -10
    True
    """

    def __init__(
        self, env: str | Callable[[], Any], genotype: Genotype, *, dt: float, substeps: int = 1, episodes: int = 1,
        max_steps: int = 1000, seed: int = 0, scale: ArrayLike | None = None,
    ) -> None:  # fmt: skip
        as_instance(genotype, "genotype", Genotype)
        self.env, self._genotype = env, genotype
        self.dt, self.substeps = as_number(dt, "dt", positive=True), as_count(substeps, "substeps", minimum=1)
        self.episodes = as_count(episodes, "episodes", minimum=1)
        self.max_steps, self.seed = as_count(max_steps, "max_steps", minimum=1), as_count(seed, "seed")
        self._idle = [_make(env)]  # environments that no call is using
        self._interface = Interface.of(self._idle[0], scale)
        self.scale = self._interface.scale
        _check_fit(genotype.template, self._interface)

    def __call__(self, genes: Floats) -> Floats:
        """Return the mean return of genes (B, n) over the episodes, NaN where a network is not finite."""
        template, params, moves = self._genotype.template, self._genotype.decode(genes), self._interface.motors
        networks = PopulationController(template, params, self.dt, self.substeps, motors=moves)
        envs = [self._environment() for _ in genes]
        try:
            return np.mean([self._returns(networks, envs, self.seed + k) for k in range(self.episodes)], axis=0)
        finally:
            self._idle += envs

    def _environment(self) -> Any:
        """Return an environment that no other call is using."""
        try:
            return self._idle.pop()
        except IndexError:
            return _make(self.env)

    def _returns(self, networks: PopulationController, envs: list[Any], seed: int) -> Floats:
        """Return what each member gathers in an episode."""
        networks.reset()
        senses = self._interface.sensors
        seen, gathered = np.zeros((len(envs), networks.template.input_dim)), np.zeros(len(envs))
        for b, env in enumerate(envs):
            seen[b, :senses] = self._interface.sense(env.reset(seed=seed)[0])
        active = np.ones(len(envs), dtype=bool)
        for _ in range(self.max_steps):
            motors = networks.step(seen)
            failed = active & ~np.isfinite(motors).all(axis=1)
            gathered[failed], active = np.nan, active & ~failed
            for b in np.flatnonzero(active).tolist():
                observation, reward, terminated, truncated, _ = envs[b].step(self._interface.act(motors[b]))
                gathered[b] += float(reward)
                active[b] = not (terminated or truncated)
                seen[b, :senses] = self._interface.sense(observation)
            if not active.any():
                break
        return gathered

    def policy(self, network: Any) -> CTRNNPolicy:
        """Return a network as a policy with the clock and the scales of this task."""
        return CTRNNPolicy(network, self._environment(), dt=self.dt, substeps=self.substeps, scale=self.scale)

    def __getstate__(self) -> dict[str, Any]:
        """Other processes make environments of their own."""
        return self.__dict__ | {"_idle": []}


class CTRNNPolicy:
    """A network as a policy: observations in, actions out, for loops that somebody else has written.

    Parameters
    ----------
    network : DynamicalSystem
    env : environment
        Whose spaces tell what observations and actions are.
    dt, substeps, scale
        As for `GymTask`.

    Examples
    --------
    >>> from types import SimpleNamespace as Thing
    >>> from ctrnn import CTRNN
    >>> from neuroevolution import CTRNNPolicy
    >>> box = Thing(low=np.array([-2.0]), high=np.array([2.0]), shape=(1,), dtype=float)
    >>> env = Thing(observation_space=box, action_space=Thing(n=2), reset=None, step=None)
    >>> policy = CTRNNPolicy(CTRNN([[0, 0], [0, 0]], biases=[0, 1], input_weights=[[1], [0]]), env, dt=0.1)
    >>> policy([0.3])
    1
    """

    def __init__(self, network: Any, env: Any, *, dt: float, substeps: int = 1, scale: ArrayLike | None = None) -> None:
        self._interface = Interface.of(env, scale)
        _check_fit(network, self._interface)
        self._controller = Controller(network, dt=dt, substeps=substeps, motors=self._interface.motors)
        self._seen = np.zeros(network.input_dim)

    def __call__(self, observation: Any) -> Any:
        """Return the action after one control period with this observation."""
        self._seen[: self._interface.sensors] = self._interface.sense(observation)
        return self._interface.act(self._controller.step(self._seen))

    def reset(self) -> None:
        """Start anew, as at the beginning of an episode."""
        self._controller.reset()

    def predict(self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = True) -> Any:
        """Return ``(action, None)``, in the words of stable-baselines3; the network keeps its state itself."""
        if episode_start is not None and np.any(episode_start):
            self.reset()
        return self(observation), None


def _make(env: Any) -> Any:
    """Return an environment of a name, or of a function."""
    if callable(env):
        return env()
    if not isinstance(env, str):
        raise TypeError(f"`env` must be the name of an environment or a function that makes one; got {type(env).__name__}.")
    try:
        import gymnasium
    except ImportError as error:
        raise ImportError('`env` by its name needs the package gymnasium: pip install "neural-attractors[gym]"') from error
    try:
        return gymnasium.make(env)
    except gymnasium.error.Error as error:
        raise ValueError(f"`env` must be an environment that gymnasium can make; got {env!r}: {error}") from error


def _check_fit(network: Any, interface: Interface) -> None:
    """Raise where a network has fewer inputs than sensors, or fewer motors than the action needs."""
    as_instance(network, "network", DynamicalSystem)
    motors, _ = motor_weights_of(network)
    if network.input_dim < interface.sensors or motors < interface.motors:
        raise ValueError(
            f"the network must have {interface.sensors} inputs and {interface.motors} motors for this environment; it has "
            f"{network.input_dim} and {motors}."
        )
