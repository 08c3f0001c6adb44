"""Environments with gymnasium's words: populations against single controllers, in a loop written out."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from ctrnn import CTRNN, Controller, Genotype, MotorCTRNN
from neuroevolution import BeerGA, GymTask, evolve

BOX = SimpleNamespace(low=np.array([-2.0, -np.inf]), high=np.array([2.0, np.inf]), shape=(2,), dtype=np.float64)


class Cart:
    """A mass that is pushed to the left or to the right; an episode ends beyond 2."""

    observation_space, action_space = BOX, SimpleNamespace(n=2, start=0)

    def reset(self, *, seed=None):
        self.x, self.v = np.random.default_rng(seed).uniform(-1, 1), 0.0
        self.over = False
        return np.array([self.x, self.v]), {}

    def step(self, action):
        assert not self.over  # only those that go on are stepped
        self.v += 0.1 * (2 * action - 1)
        self.x += 0.1 * self.v
        self.over = abs(self.x) > 2
        return np.array([self.x, self.v]), 1.0, self.over, False, {}


class Rod(Cart):
    action_space = SimpleNamespace(low=np.array([[-3.0]]), high=np.array([[1.0]]), shape=(1, 1), dtype=np.float32)

    def step(self, action):
        assert action.shape == (1, 1)
        assert action.dtype == np.float32
        assert (action >= -3).all()
        assert (action <= 1).all()
        return np.array([self.x, self.v]), float(action[0, 0]), False, False, {}


GENOTYPE = Genotype(CTRNN(np.zeros((3, 3)), input_weights=np.zeros((3, 2))),
                    {"weights": (-8, 8), "biases": (-4, 4), "input_weights": (-8, 8)})  # fmt: skip


def by_hand(genes, seeds, steps):
    """One network in one environment after the other."""
    net, returns = GENOTYPE.network(genes), []
    for seed in seeds:
        controller, env, total = Controller(net, dt=0.05, substeps=2, motors=2), Cart(), 0.0
        seen, _ = env.reset(seed=seed)
        for _ in range(steps):
            motors = controller.step(np.array([seen[0] / 2.0, seen[1]]))
            seen, reward, over, _, _ = env.step(int(motors[1] > motors[0]))
            total += reward
            if over:
                break
        returns.append(total)
    return np.mean(returns)


def test_a_population_gathers_what_single_networks_do(rng):
    task = GymTask(Cart, GENOTYPE, dt=0.05, substeps=2, episodes=3, max_steps=60, seed=4)
    genes = GENOTYPE.random(12, rng)
    returns = task(genes)
    assert returns.tolist() == [by_hand(row, (4, 5, 6), 60) for row in genes]
    assert len(set(returns.tolist())) > 3
    assert (task(genes) == returns).all()


def test_calls_side_by_side_and_copies_have_environments_of_their_own(rng):
    task, genes = GymTask(Cart, GENOTYPE, dt=0.05, substeps=2, max_steps=40), GENOTYPE.random(24, rng)
    alone = task(genes)
    with ThreadPoolExecutor(4) as pool:
        together = np.concatenate(list(pool.map(task, np.split(genes, 4))))
    assert (together == alone).all()
    assert (pickle.loads(pickle.dumps(task))(genes) == alone).all()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_vectors_of_environments_gather_what_single_ones_do(kind, rng):
    genotype = Genotype(CTRNN(np.zeros((3, 3)), input_weights=np.zeros((3, 4))),
                        {"weights": (-8, 8), "biases": (-4, 4), "input_weights": (-8, 8)})  # fmt: skip
    genes = genotype.random(6, rng)
    singles, vector = (
        GymTask("CartPole-v1", genotype, dt=0.05, episodes=3, max_steps=25, seed=4, vector=each) for each in (None, kind)
    )
    for members in (slice(None), slice(3, 6)):  # the second time in an environment that is too long
        assert (vector(genes[members]) == singles(genes[members])).all()
    assert len(set(singles(genes).tolist())) > 2
    assert pickle.loads(pickle.dumps(vector))(genes[3:]).tolist() == singles(genes[3:]).tolist()


def test_an_environment_that_raises_is_not_used_again(rng):
    class Fragile(Cart):
        made = 0

        def __init__(self):
            Fragile.made += 1

        def step(self, action):
            if Fragile.made < 9:
                raise RuntimeError("broken")
            return super().step(action)

    task = GymTask(Fragile, GENOTYPE, dt=0.05, max_steps=5)
    with pytest.raises(RuntimeError, match="broken"):
        task(GENOTYPE.random(4, rng))
    Fragile.made = 9
    assert np.isfinite(task(GENOTYPE.random(4, rng))).all()


def test_networks_learn_to_stay(tmp_path):
    task = GymTask(Cart, GENOTYPE, dt=0.05, substeps=2, max_steps=80)
    run = evolve(GENOTYPE, task, BeerGA(20), generations=15, rng=1, checkpoint=tmp_path / "a")
    assert run.best.score == 80
    again = evolve(GENOTYPE, GymTask(Cart, GENOTYPE, dt=0.05, substeps=2, max_steps=80), BeerGA(20), generations=15, rng=1,
                   checkpoint=tmp_path / "a")  # fmt: skip
    assert again.best.score == 80
    other = GymTask(Cart, GENOTYPE, dt=0.1, max_steps=80)
    with pytest.raises(ValueError, match="`task`"):
        evolve(GENOTYPE, other, BeerGA(20), generations=15, checkpoint=tmp_path / "a")


def test_actions_of_a_box_go_from_low_to_high():
    net = MotorCTRNN([[0.0]], biases=0.0, motor_weights=[[1.5]], input_weights=[[0.0, 0.0]])
    genotype = Genotype(net, {"biases": (-50, 50)})
    returns = GymTask(Rod, genotype, dt=0.1, max_steps=1)(np.array([[-1.0], [0.0], [1.0]]))
    assert returns == pytest.approx([-3.0, -3 + 4 * 0.75, 1.0])


def test_a_policy_is_a_controller_between_the_scales():
    genes = GENOTYPE.random(1, 3)[0]
    task = GymTask(Cart, GENOTYPE, dt=0.05, substeps=2)
    policy, env, total = task.policy(GENOTYPE.network(genes)), Cart(), 0.0
    for _ in range(2):  # the second time after a reset
        policy.reset()
        (seen, _), total = env.reset(seed=4), 0.0
        for _ in range(60):
            seen, reward, over, _, _ = env.step(policy(seen))
            total += reward
            if over:
                break
        assert total == by_hand(genes, (4,), 60)
    action, state = policy.predict([0.1, 0.0], episode_start=[True])
    assert state is None
    policy.reset()
    assert policy([0.1, 0.0]) == action


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="2 inputs and 2 motors"):
        GymTask(Cart, Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)}), dt=0.1)
    with pytest.raises(TypeError, match="`env` must be an environment of gymnasium, with a `observation_space`"):
        GymTask(lambda: 3, GENOTYPE, dt=0.1)
    with pytest.raises(TypeError, match="`env` must be the name"):
        GymTask(3, GENOTYPE, dt=0.1)
    with pytest.raises(ValueError, match="`vector` must be"):
        GymTask(Cart, GENOTYPE, dt=0.1, vector="threads")
    with pytest.raises(ValueError, match="`scale`"):
        GymTask(Cart, GENOTYPE, dt=0.1, scale=[1.0, 2.0, 3.0])


def test_without_the_package_the_pip_line_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(ImportError, match=r'pip install "neural-attractors\[gym\]"'):
        GymTask("CartPole-v1", GENOTYPE, dt=0.1)


def test_genes_of_another_genotype_are_refused():
    other = Genotype(GENOTYPE.template, {"weights": (-8, 8), "biases": (-4, 4), "input_weights": (-9, 9)})
    with pytest.raises(ValueError, match="`genotype` must be that of the task"):
        evolve(other, GymTask(Cart, GENOTYPE, dt=0.1), BeerGA(4), generations=1)


def test_many_binary_values_are_no_discrete_one():
    class Switches(Cart):
        action_space = SimpleNamespace(n=2, shape=(2,))

    with pytest.raises(TypeError, match=r"`env\.action_space` must be a Box or a Discrete space"):
        GymTask(Switches, GENOTYPE, dt=0.1)
