"""What a network senses and does by the spaces of an environment; whole episodes are in test_environments.py."""

from types import SimpleNamespace

import numpy as np
import pytest

from ctrnn import CTRNN
from neuroevolution import CTRNNPolicy

BOX = SimpleNamespace(low=np.array([-2.0, -np.inf]), high=np.array([2.0, np.inf]), shape=(2,), dtype=np.float64)


def test_a_discrete_observation_is_one_of_many_and_starts_count():
    space = SimpleNamespace(n=2, start=5)
    env = SimpleNamespace(observation_space=SimpleNamespace(n=3, start=1), action_space=space, reset=None, step=None)
    net = CTRNN(np.zeros((2, 2)), input_weights=[[0.0, 9.0, 0.0], [9.0, 0.0, 0.0]])
    policy = CTRNNPolicy(net, env, dt=0.1)
    assert policy(2) == 5
    policy.reset()
    assert policy(1) == 6


def test_what_is_no_space_of_numbers_is_refused():
    odd = SimpleNamespace(observation_space=BOX, action_space=SimpleNamespace(spaces=()), reset=None, step=None)
    with pytest.raises(TypeError, match="Box or a Discrete"):
        CTRNNPolicy(CTRNN(np.zeros((2, 2))), odd, dt=0.1)
    endless = SimpleNamespace(observation_space=BOX, action_space=BOX, reset=None, step=None)
    with pytest.raises(ValueError, match="finite bounds"):
        CTRNNPolicy(CTRNN(np.zeros((2, 2)), input_weights=np.eye(2)), endless, dt=0.1)


def a_policy(observations=BOX):
    rod = SimpleNamespace(low=np.array([-1.0]), high=np.array([1.0]), shape=(1,), dtype=np.float64)
    env = SimpleNamespace(observation_space=observations, action_space=rod, reset=None, step=None)
    net = CTRNN([[3.0, -2.0], [1.0, 0.5]], biases=[-1.0, 0.5], input_weights=[[4.0, 1.0], [-2.0, 3.0]])
    return CTRNNPolicy(net, env, dt=0.1)


def test_environments_side_by_side_have_networks_of_their_own(rng):
    """As policies called one by one, two of which start anew in between."""
    together, alone = a_policy(), [a_policy() for _ in range(3)]
    for seen, starts in zip(rng.normal(size=(8, 3, 2)), ([1] * 3, [0] * 3, [0, 1, 1], *[[0] * 3] * 5), strict=True):
        actions, state = together.predict(seen, episode_start=np.array(starts, bool))
        assert (actions.shape, state) == ((3, 1), None)
        for action, policy, row, start in zip(actions, alone, seen, starts, strict=True):
            assert action == policy.predict(row, episode_start=[bool(start)])[0]
    with pytest.raises(ValueError, match=r"2 environments, after 3: reset\(\) comes first"):
        together.predict(seen[:2])
    assert together.predict(seen[:1], episode_start=True)[0].shape == (1, 1)


@pytest.mark.parametrize("wrong", [[1.0], [1.0, 2.0, 3.0], 0.5, np.zeros((3, 3)), np.zeros((1, 1, 2)), [np.nan, 0.0], "ab"])
def test_observations_of_another_shape_are_named(wrong):
    policy = a_policy()
    for call in (policy, policy.predict):
        with pytest.raises((TypeError, ValueError), match="`observation"):
            call(wrong)
    with pytest.raises(ValueError, match=r"shape of the environment's, \(2,\); got \(1, 2\)"):
        policy([[1.0, 2.0]])
    with pytest.raises(ValueError, match="`episode_start`"):
        policy.predict([1.0, 2.0], episode_start=[True, False])


@pytest.mark.parametrize("wrong", [0, 3, 1.5, [1]])
def test_what_is_none_of_many_is_refused(wrong):
    policy = a_policy(SimpleNamespace(n=2, start=1))
    with pytest.raises(ValueError, match="`observation` must"):
        policy(wrong)
    assert policy.predict([1, 2])[0].shape == (2, 1)
