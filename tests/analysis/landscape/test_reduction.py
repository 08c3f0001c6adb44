"""Equal neurons are counted once; nothing about the whole network is lost."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import energy_landscape, fixed_points
from analysis.landscape.additive import additive_model
from ctrnn import CTRNN
from hopfield import GradedBAM, GradedHopfield
from hopfield.couplings import LowRank
from neurodynamics import AdditiveNetwork


def networks(rng):
    xi, n = rng.choice([-1, 1], size=(3, 9)), 9
    while any(len(np.unique(part, axis=0)) < 3 for part in (xi, xi[:, :5], xi[:, 5:])):  # repeated patterns warn
        xi = rng.choice([-1, 1], size=(3, 9))
    yield GradedHopfield(LowRank(xi, scale=n), gain=2.5)
    yield GradedHopfield(LowRank(xi, scale=n, diagonal=0.0), gain=3.0)
    yield GradedHopfield(LowRank(xi, scale=n, diagonal=0.0, core=[1.0, 0.7, 1.3]), 0.1 * xi[0], gain=3.0)
    yield GradedHopfield(LowRank(xi, scale=n), gain=3.0, biases=rng.choice([0.0, 0.2], n))
    yield GradedHopfield(LowRank(xi, scale=n), gain=rng.choice([2.0, 3.0], n), resistances=rng.choice([1.0, 1.5], n),
                         capacitances=rng.choice([1.0, 2.0], n))  # fmt: skip
    yield GradedHopfield.from_patterns(xi, "hebbian", gain=12.0, activation="logistic")
    yield GradedBAM.from_pairs(xi[:2, :5], xi[:2, 5:], gain=3.0)
    yield GradedHopfield(xi.T @ xi / n, gain=2.5)
    yield CTRNN(8 * np.eye(4)[[0, 1, 2, 3]], biases=-4.0)


@pytest.mark.parametrize("which", range(9))
def test_all_points_of_the_whole_network(which, rng):
    """The certified equilibria of all N neurons, their indices, and the energy of the system itself."""
    for _ in range(5):  # rarely a draw lies so near a bifurcation that nothing is certified
        net = list(networks(rng))[which]
        land = energy_landscape(net, samples=0)
        dense = AdditiveNetwork(net.weights, net.biases, net.time_constants, gains=net.gains, leaks=net.leaks,
                                constant_inputs=net.constant_inputs, activation=net.activation)  # fmt: skip
        whole = fixed_points(dense, certify=True)
        if land.complete and whole.complete:
            break
    assert land.complete
    assert whole.complete
    assert len(land.x) == len(whole)
    distance = np.abs(land.x[:, None] - whole.x[None]).max(axis=2)
    assert distance.min(axis=1).max() < 1e-9
    assert (land.index == whole.index[distance.argmin(axis=1)]).all()
    if net.has("energy"):
        np.testing.assert_allclose(land.energy, net.energy(land.x), rtol=1e-12, atol=1e-12)
        assert [net.landscape.index(u) for u in land.x] == land.index.tolist()
    assert land.morse_sum == 1


def test_fewer_variables_than_neurons(rng):
    xi = rng.choice([-1, 1], size=(3, 60))
    net = GradedHopfield(LowRank(xi, scale=60, diagonal=0.0), gain=3.0)
    assert energy_landscape(net, samples=0).classes <= 4
    with_currents = net.replace(currents=np.where(xi[0] > 0, 0.1, 0.2))
    assert energy_landscape(with_currents, samples=0).classes <= 8


def test_the_flow_of_the_classes_is_that_of_the_network(rng):
    for net in networks(rng):
        model = additive_model(net, np.zeros(net.input_dim))
        u = rng.normal(size=(4, len(model.count)))
        full = model.expand(u)
        np.testing.assert_allclose(model.expand(model.flow(u)), [net.rhs(0.0, y) for y in full], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(model.full_flow(full), [net.rhs(0.0, y) for y in full], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(model.energy(u), model.full_energy(full), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(model.reduce(full), u, rtol=1e-12, atol=1e-12)


def test_modes_are_eigenvectors_of_the_flow(rng):
    for net in networks(rng):
        model = additive_model(net, np.zeros(net.input_dim))
        u = 0.3 * rng.normal(size=(3, len(model.count)))
        rates, directions = model.modes(u)
        for y, values, direction in zip(u, rates, directions, strict=True):
            jacobian = model.network.jac(0.0, y)
            np.testing.assert_allclose(np.sort(np.linalg.eigvals(jacobian).real), values, atol=1e-8)
            if values[-1] > 0:
                np.testing.assert_allclose(jacobian @ direction, values[-1] * direction, atol=1e-8)


def test_constant_inputs_and_input_weights_move_the_landscape():
    net = GradedHopfield([[0, 1], [1, 0]], gain=3.0, input_weights=[[0.1], [0.2]])
    a = energy_landscape(net, inputs=[2.0], samples=0)
    b = energy_landscape(GradedHopfield([[0, 1], [1, 0]], [0.2, 0.4], gain=3.0), samples=0)
    np.testing.assert_allclose(a.energy, b.energy, atol=1e-14)
    np.testing.assert_allclose(a.x, b.x, atol=1e-12)
    assert a.mirror is None


def test_bounds_are_those_of_all_neurons():
    """Balanced patterns: of the points with the first unit at least 0 and the last one at most 0.2."""
    xi = np.array([[1, 1, -1, -1], [1, -1, 1, -1]])
    net = GradedHopfield(LowRank(xi, scale=4), gain=4.0)
    whole, low, high = energy_landscape(net, samples=0), np.full(4, -9.0), np.full(4, 9.0)
    low[0], high[3] = -0.1, 0.2
    part = energy_landscape(net, bounds=np.column_stack([low, high]), samples=0)
    inside = ((whole.x >= low) & (whole.x <= high)).all(axis=1)
    assert 0 < inside.sum() < len(whole.x)
    np.testing.assert_allclose(np.sort(part.energy), np.sort(whole.energy[inside]), atol=1e-12)
    with pytest.raises(ValueError, match="`bounds` must be"):
        energy_landscape(net, bounds=[[0, 1]])
