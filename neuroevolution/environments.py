"""Tasks in environments of gymnasium: each member of a population has one of its own, alone or in a vector."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn import Genotype, PopulationController
from neurodynamics.extras import extra_package
from neurodynamics.validation import Floats, as_choice, as_count, as_instance, as_number
from neuroevolution.descriptions import describe_genotype
from neuroevolution.policies import CTRNNPolicy, Interface, check_fit
from neuroevolution.search import check_genes


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
    vector : {"sync", "async"}, optional
        Run the environments as one vector environment of gymnasium, those of "async" in processes of their own, which pays
        where their steps are slow. Scores are the same to the last bit.
    scale : float or array_like, shape (M,), optional
        What observations are multiplied by; by default those with bounds are brought to [-1, 1].

    Notes
    -----
    Each member has an environment of its own. Where its episode is over it begins the next one, with a network that starts
    anew, while the others go on. The motor of a Box action goes
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
        max_steps: int = 1000, seed: int = 0, scale: ArrayLike | None = None, vector: str | None = None,
    ) -> None:  # fmt: skip
        as_instance(genotype, "genotype", Genotype)
        self.env, self._genotype = env, genotype
        self.dt, self.substeps = as_number(dt, "dt", positive=True), as_count(substeps, "substeps", minimum=1)
        self.episodes = as_count(episodes, "episodes", minimum=1)
        self.max_steps, self.seed = as_count(max_steps, "max_steps", minimum=1), as_count(seed, "seed")
        self._vector = None if vector is None else as_choice(vector, "vector", ("sync", "async"))
        self._idle: list[Any] = []  # groups of environments that no call is using
        one = _make(env)
        self._interface = Interface.of(one, scale)
        getattr(one, "close", lambda: None)()
        self.scale = self._interface.scale
        check_fit(genotype.template, self._interface)

    def __call__(self, genes: Floats) -> Floats:
        """Return the mean return of genes (B, n) over the episodes, NaN where a network is not finite."""
        genes = check_genes(genes, self._genotype.size)
        template, params, moves = self._genotype.template, self._genotype.decode(genes), self._interface.motors
        networks = PopulationController(template, params, self.dt, self.substeps, motors=moves)
        envs = self._environments(len(genes))
        try:
            found = self._returns(networks, envs, len(genes)).mean(axis=0)
        except BaseException:
            envs.close()
            raise
        self._idle.append(envs)
        return found

    def check_genotype(self, genotype: Genotype) -> None:
        """Raise where genes of another genotype would be given: they become networks of this task's own."""
        if describe_genotype(as_instance(genotype, "genotype", Genotype)) != describe_genotype(self._genotype):
            raise ValueError("`genotype` must be that of the task, GymTask(env, genotype, ..).")

    def _environments(self, count: int) -> Any:
        """Return a group of environments that no other call is using."""
        while self._idle:
            envs = self._idle.pop()
            if envs.fit(count):
                return envs
            envs.close()
        return _Singles(self.env, count) if self._vector is None else _Vector(self.env, count, self._vector)

    def _returns(self, networks: PopulationController, envs: Any, count: int) -> Floats:
        """Return what each member gathers, shape (episodes, B)."""
        face, every = self._interface, np.arange(count)
        gathered, episode, steps = np.zeros((self.episodes, count)), np.zeros(count, int), np.zeros(count, int)
        seen = np.zeros((count, networks.template.input_dim))

        def begin(members: Any) -> None:
            for b, observation in zip(members, envs.reset(members, self.seed + episode[members]), strict=True):
                seen[b, : face.sensors] = face.sense(observation)

        begin(every)
        while (going := episode < self.episodes).any():
            motors = networks.step(seen)
            failed = going & ~np.isfinite(motors).all(axis=1)
            gathered[0, failed], episode[failed] = np.nan, self.episodes
            members = np.flatnonzero(episode < self.episodes)
            stepped = envs.step(members, map(face.act, motors[members]))
            for b, (observation, reward, over) in zip(members, stepped, strict=True):
                gathered[episode[b], b] += float(reward)
                seen[b, : face.sensors] = face.sense(observation)
                steps[b] += 1
                if over or steps[b] == self.max_steps:
                    episode[b], steps[b] = episode[b] + 1, 0
            again = members[(steps[members] == 0) & (episode[members] < self.episodes)]
            if len(again):
                networks.reset(mask=np.isin(every, again))
                begin(again)
        return gathered

    def policy(self, network: Any) -> CTRNNPolicy:
        """Return a network as a policy with the clock and the scales of this task."""
        return CTRNNPolicy(network, _make(self.env), dt=self.dt, substeps=self.substeps, scale=self.scale)

    def __getstate__(self) -> dict[str, Any]:
        """Other processes make environments of their own."""
        return self.__dict__ | {"_idle": []}


class _Singles:
    """Environments, one a member."""

    def __init__(self, env: Any, count: int) -> None:
        self.make, self.envs = functools.partial(_make, env), list[Any]()
        self.fit(count)

    def fit(self, count: int) -> bool:
        """Make room for so many members."""
        self.envs += [self.make() for _ in range(count - len(self.envs))]
        return True

    def reset(self, members: Any, seeds: Any) -> list[Any]:
        """Begin episodes, and return what is seen."""
        return [self.envs[b].reset(seed=int(seed))[0] for b, seed in zip(members, seeds, strict=True)]

    def step(self, members: Any, actions: Any) -> Any:
        """Yield what is seen, the reward, and whether the episode is over."""
        for b, action in zip(members, actions, strict=True):
            observation, reward, terminated, truncated, _ = self.envs[b].step(action)
            yield observation, reward, terminated or truncated

    def close(self) -> None:
        """Let them go."""
        for env in self.envs:
            getattr(env, "close", lambda: None)()


class _Vector:
    """A vector environment, at least as long as the population; who has nothing to do repeats its first episode."""

    def __init__(self, env: Any, count: int, kind: str) -> None:
        vector = _gymnasium().vector
        kinds = {"sync": vector.SyncVectorEnv, "async": vector.AsyncVectorEnv}
        self.envs = kinds[kind]([functools.partial(_make, env)] * count, autoreset_mode=vector.AutoresetMode.DISABLED)
        self.seeds, self.over = np.zeros(count, dtype=int), np.ones(count, dtype=bool)
        self.actions = self.envs.action_space.sample()

    def fit(self, count: int) -> bool:
        """Whether there is room for so many members."""
        return count <= self.envs.num_envs

    def reset(self, members: Any, seeds: Any) -> Any:
        """Begin episodes, and return what is seen."""
        self.seeds[members] = seeds
        mask = np.isin(np.arange(len(self.over)), members)
        self.over &= ~mask
        return self.envs.reset(seed=self.seeds.tolist(), options={"reset_mask": mask})[0][members]

    def step(self, members: Any, actions: Any) -> Any:
        """Yield what is seen, the reward, and whether the episode is over."""
        for b, action in zip(members, actions, strict=True):
            self.actions[b] = action
        if self.over.any():
            self.reset(np.flatnonzero(self.over), self.seeds[self.over])
        seen, rewards, terminated, truncated, _ = self.envs.step(self.actions)
        self.over = terminated | truncated
        return zip(seen[members], rewards[members], self.over[members], strict=True)

    def close(self) -> None:
        """Let it go, processes included."""
        self.envs.close()


def _make(env: Any) -> Any:
    """Return an environment of a name, or of a function."""
    if callable(env):
        return env()
    if not isinstance(env, str):
        raise TypeError(f"`env` must be the name of an environment or a function that makes one; got {type(env).__name__}.")
    gymnasium = _gymnasium()
    try:
        return gymnasium.make(env)
    except gymnasium.error.Error as error:
        raise ValueError(f"`env` must be an environment that gymnasium can make; got {env!r}: {error}") from error


def _gymnasium() -> Any:
    return extra_package("gymnasium", "gym", "`env` by its name needs the package gymnasium")
