"""Groups of neurons with time constants of their own."""

import numpy as np
import pytest

from ctrnn import Groups, random_ctrnn, simulate


def logistic(x):
    return 1 / (1 + np.exp(-x))


def test_a_network_of_several_timescales_is_a_ctrnn(rng):
    """Yamashita & Tani's update ``u <- (1 - 1/tau) u + (1/tau) sum_j w_ij s(u_j)`` is Euler's with dt = 1."""
    layers = Groups(io=3, fast=4, slow=2)
    mask = layers.mask({"io": ["io", "fast"], "fast": ["io", "fast", "slow"], "slow": ["fast", "slow"]})
    tau = layers.expand({"io": 2, "fast": 5, "slow": 70})
    net = random_ctrnn(layers.size, rng, weights=(-1, 1), biases=0.0, time_constants=tau, mask=mask)
    u = rng.normal(size=9)
    with pytest.warns(UserWarning, match="above a tenth"):
        steps = simulate(net, 20, u, method="euler", dt=1.0)
    for k in range(20):
        u = (1 - 1 / tau) * u + (mask * net.weights) @ logistic(u) / tau
        np.testing.assert_allclose(steps.y[:, k + 1], u, atol=1e-13)
    assert not net.weights[layers["io"], layers["slow"]].any()
    assert not net.weights[layers["slow"], layers["io"]].any()
    assert net.weights[layers["fast"]].all()


def test_groups_lie_one_after_the_other():
    layers = Groups(a=2, b=0, c=3)
    assert [layers[name] for name in "abc"] == [slice(0, 2), slice(2, 2), slice(2, 5)]
    assert layers.expand(a=1, b=9, c=[2, 3, 4]).tolist() == [1, 1, 2, 3, 4]
    assert layers.of(np.arange(10).reshape(5, 2), "c").tolist() == [[4, 5], [6, 7], [8, 9]]


def test_groups_say_what_is_wrong():
    layers = Groups(fast=2, slow=3)
    with pytest.raises(ValueError, match=r"got 'slwo'. Did you mean 'slow'\?"):
        layers.expand(fast=1, slwo=2)
    with pytest.raises(ValueError, match="`values` has nothing for 'slow'"):
        layers.expand(fast=1)
    with pytest.raises(ValueError, match=r"`slow` must be a number or have shape \(size of 'slow',\) = \(3,\)"):
        layers.expand(fast=1, slow=[1, 2])
    with pytest.raises(ValueError, match="at least one group"):
        Groups()
    with pytest.raises(ValueError, match=r"one row for each of the 5 neurons; got shape \(4,\)"):
        layers.of([1, 2, 3, 4], "fast")
