"""Graded bidirectional memories: networks of blocks that recall as the discrete ones do."""

from __future__ import annotations

import numpy as np
import pytest

from hopfield import DiscreteBAM, GradedBAM, patterns
from hopfield.couplings import Block

ACTIVATIONS = ("tanh", "logistic", "arctangent", "erf")


def test_a_bam_is_a_network_of_blocks(rng):
    m = rng.normal(size=(3, 2))
    net = GradedBAM(m, gain=2.0)
    np.testing.assert_array_equal(net.weights, np.block([[np.zeros((3, 3)), m], [m.T, np.zeros((2, 2))]]))
    assert isinstance(net.with_params({"time_constants": 2.0}).couplings, Block)
    with pytest.raises(ValueError, match="must be 0 inside a layer"):
        net.with_params({"weights[0, 1]": 1.0})
    np.testing.assert_array_equal(net.replace(weights=2 * m).weights, 2 * net.weights)


def test_graded_and_discrete_bams_recall_the_same():
    """Kosko's example."""
    a, b = [[1, 0, 1, 0, 1, 0], [1, 1, 1, 0, 0, 0]], [[1, 1, 0, 0], [1, 0, 1, 0]]
    graded = GradedBAM.from_pairs(a, b, values="binary", gain=20.0)
    discrete = DiscreteBAM.from_pairs(a, b, values="binary")
    noisy = np.array([0, 1, 1, 0, 0, 0])
    r = graded.recall(a=2 * noisy - 1)
    np.testing.assert_array_equal(r.b > 0, discrete.recall(a=noisy).b)
    np.testing.assert_array_equal(r.b > 0, [b[1]])
    by_flow = graded.recall(a=2 * noisy - 1, method="dop853")
    np.testing.assert_allclose(by_flow.states, r.states, atol=1e-7)
    back = graded.recall(b=2 * np.array(b[0]) - 1)
    np.testing.assert_array_equal(back.a > 0, [a[0]])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_layers_in_turn_go_to_minima_of_the_energy(activation, rng):
    a, b = patterns.random(3, 60, rng=3), patterns.random(3, 40, rng=4)
    net = GradedBAM.from_pairs(a, b, activation=activation)
    r = net.recall(a=patterns.flip(a, 0.1, rng=5), record=True)
    np.testing.assert_array_equal(np.sign(r.b), b)
    assert np.diff(r.trace.energies).max() <= 1e-12 * np.abs(r.energies).max()
    assert np.abs(net.landscape.gradient(r.states)).max() < 1e-8


def test_a_bam_with_two_matrices_recalls_without_energy(rng):
    a, b = patterns.random(4, 30, rng=1), patterns.random(4, 20, rng=2)
    net = GradedBAM.from_pairs(a, b, "bam_pseudo_inverse", gain=6.0)
    r = net.recall(a=a)
    assert r.energies is None
    np.testing.assert_array_equal(np.sign(r.b), b)
