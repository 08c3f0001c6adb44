"""Stochastic dynamics as maps whose inputs are random numbers."""

from __future__ import annotations

import numpy as np
import pytest

from hopfield import DiscreteHopfield, noisy_map, transition_matrix
from neurodynamics import Sampled, simulate


@pytest.mark.parametrize("update", ["sequential", "synchronous"])
@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_steps_have_the_transition_matrix(update, values, rng):
    """Pairs of successive states of one long run against the matrix, chi-square at 1e-6."""
    W = rng.normal(size=(3, 3))
    net = DiscreteHopfield((W + W.T) * (1 - np.eye(3)) + np.diag([1.0, 2.0, 0.5]), rng.normal(size=3), values=values)
    steps = 40_000
    numbers = Sampled(np.arange(steps), rng.random((3, steps)))
    y = simulate(noisy_map(net, 4.0, update), steps, [1.0, 1.0, 1.0], inputs=numbers).y
    number = (y > 0).T @ np.array([4, 2, 1])
    seen = np.zeros((8, 8))
    np.add.at(seen, (number[:-1], number[1:]), 1)
    expected = seen.sum(axis=1, keepdims=True) * transition_matrix(net, 4.0, update)
    likely = expected > 5
    assert ((seen - expected)[likely] ** 2 / expected[likely]).sum() < 130  # at most 56 degrees of freedom


def test_the_middle_of_all_numbers_is_the_network_without_noise(rng):
    W = rng.normal(size=(8, 8))
    net = DiscreteHopfield((W + W.T) * (1 - np.eye(8)))
    start = rng.choice([-1.0, 1.0], 8)
    quiet = simulate(noisy_map(net, 0.1), 6, start, inputs=np.full(8, 0.5)).y
    np.testing.assert_array_equal(quiet, simulate(net.as_system(), 6, start).y)
