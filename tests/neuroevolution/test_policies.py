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
