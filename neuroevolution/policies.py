"""What a network senses of an environment of gymnasium and how it acts; a network as a policy for other people's loops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn import Controller
from neurodynamics import DynamicalSystem
from neurodynamics.simulation import motor_weights_of
from neurodynamics.validation import Floats, as_floats, as_instance

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
    if hasattr(space, "n") and getattr(space, "shape", ()) == ():  # MultiBinary has n as well
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
    most = np.maximum(*(np.abs(np.asarray(end, dtype=float)).ravel() for end in (space.low, space.high)))
    return np.where((most < HUGE) & (most > 0.0), 1.0 / np.where(most > 0.0, most, 1.0), 1.0)


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
        check_fit(network, self._interface)
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


def check_fit(network: Any, interface: Interface) -> None:
    """Raise where a network has fewer inputs than sensors, or fewer motors than the action needs."""
    as_instance(network, "network", DynamicalSystem)
    motors, _ = motor_weights_of(network)
    if network.input_dim < interface.sensors or motors < interface.motors:
        raise ValueError(
            f"the network must have {interface.sensors} inputs and {interface.motors} motors for this environment; it has "
            f"{network.input_dim} and {motors}."
        )
