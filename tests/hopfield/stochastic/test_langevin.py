"""Langevin flows: derivatives, the law that they sample, and the life of the object."""

from __future__ import annotations

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from hopfield import GradedBAM, GradedHopfield, Langevin, load, simulate, simulate_ensemble

ACTIVATIONS = ("tanh", "logistic", "erf", "arctangent")


def random_flow(rng, activation, T=0.3):
    W = rng.normal(size=(3, 3))
    net = GradedHopfield(
        W + W.T, rng.normal(size=3), rng.uniform(0.5, 2, 3), rng.uniform(0.5, 2, 3), gain=rng.uniform(0.5, 3, 3),
        biases=0.3 * rng.normal(size=3), activation=activation,
    )  # fmt: skip
    low, high = net.activation.range
    return Langevin(net, T), low + (high - low) * rng.uniform(0.1, 0.9, 3)


def difference(function, V, h=1e-6):
    return np.stack([(function(V + h * e) - function(V - h * e)) / (2 * h) for e in np.eye(len(V))], axis=-1)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_drift_and_noise_are_those_of_the_formula(activation, rng):
    flow, V = random_flow(rng, activation)
    net, T = flow.network, flow.temperature
    u = flow.states_of(V)
    np.testing.assert_allclose(net.outputs(u), V, rtol=1e-14)

    def mobility(V):
        slopes = np.diag(difference(net.outputs, flow.states_of(V)))
        return slopes / net.capacitances

    slope = np.diag(difference(mobility, V, 1e-4))
    wanted = -mobility(V) * net.landscape.gradient(u) + T * slope
    np.testing.assert_allclose(flow.rhs(0, V), wanted, rtol=1e-5, atol=1e-6)
    g = np.empty(3)
    flow.function("diffusion")(0.0, V, np.zeros(3), flow.params, g)
    np.testing.assert_allclose(g, np.sqrt(2 * T * mobility(V)), rtol=1e-8)
    np.testing.assert_allclose(flow.jac(0, V), difference(lambda V: flow.rhs(0, V), V), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(flow.log_density(V), -net.energy(u) / T, rtol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_drift_goes_down_the_energy_of_the_contract(activation, rng):
    flow, V = random_flow(rng, activation)
    energy = lambda V: simulate(flow, 1e-9, V, dt=1e-9, rng=0).energies[:1][0]  # noqa: E731
    g = np.empty(3)
    flow.function("diffusion")(0.0, V, np.zeros(3), flow.params, g)
    D = g**2 / (2 * flow.temperature)
    np.testing.assert_allclose(flow.rhs(0, V), -D * difference(energy, V), rtol=1e-5, atol=1e-6)


def test_without_noise_it_is_the_flow_of_the_network(rng):
    flow, V = random_flow(rng, "tanh", T=0.0)
    net = flow.network
    u = flow.states_of(V)
    there = difference(net.outputs, u) @ net.rhs(0, u)
    np.testing.assert_allclose(flow.rhs(0, V), there, rtol=1e-8)


def test_two_wells_are_filled_as_boltzmanns_law_says():
    """Histogram against quadrature: chi-square at 1e-6 of 3000 members; plain noise on u is the control, and fails."""
    net, T, members = GradedHopfield([[1.0]], gain=2.0), 0.06, 3000
    flow = Langevin(net, T)
    starts = np.linspace(-0.95, 0.95, members)[:, np.newaxis]
    ends = simulate_ensemble(flow, 40.0, starts, dt=0.02, rng=3, save="final").y[:, 0]
    edges = np.linspace(-1, 1, 25)
    weights = np.array([quad(lambda v: np.exp(flow.log_density([v])), a, b)[0] for a, b in pairwise(edges)])
    expected = members * weights / weights.sum()

    def unlikely(ends):
        seen = np.histogram(ends, edges)[0]
        return chi2.sf(((seen - expected) ** 2 / expected).sum(), len(expected) - 1)

    assert unlikely(ends) > 1e-6
    noisy = net.replace(noise=np.sqrt(2 * T))
    u = simulate_ensemble(noisy, 40.0, starts, dt=0.02, rng=3, save="final").y
    assert unlikely(noisy.outputs(u.T)[0]) < 1e-6


def test_two_units_have_the_correlation_of_their_density():
    net = GradedHopfield([[0.0, 0.5], [0.5, 0.0]], gain=1.5)
    flow = Langevin(net, 0.2)
    grid = (np.arange(100) + 0.5) / 50 - 1
    V = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    weights = np.exp(flow.log_density(V))
    wanted = (weights * V[:, 0] * V[:, 1]).sum() / weights.sum()
    ends = simulate_ensemble(flow, 12.0, np.zeros((4000, 2)), dt=0.02, rng=1, save="final").y
    products = ends[:, 0] * ends[:, 1]
    assert products.mean() == pytest.approx(wanted, abs=5 * products.std() / np.sqrt(4000))


def test_a_bam_and_inputs(rng):
    flow = Langevin(GradedBAM(rng.normal(size=(2, 1)), gain=2.0), 0.1)
    V, u = np.array([0.2, -0.3, 0.4]), np.array([0.5, 0.0, -0.2])
    moved = flow.with_params({"constant_inputs": u})
    np.testing.assert_allclose(flow.rhs(0, V, u), moved.rhs(0, V), rtol=1e-14)
    weighted = Langevin(GradedHopfield([[1.0]], gain=2.0, input_weights=[[2.0]]), 0.1)
    shifted = weighted.with_params({"constant_inputs": 1.0})
    assert weighted.rhs(0, [0.3], [0.5])[0] == pytest.approx(shifted.rhs(0, [0.3], [0.0])[0])


def test_states_keep_their_range_and_ends_are_no_trap():
    flow = Langevin(GradedHopfield([[1.0]], gain=2.0), 1.0)
    run = simulate(flow, 20.0, [1.0], dt=0.05, rng=2)
    assert run.success
    assert np.abs(run.y).max() <= 1
    assert np.abs(run.y[0, -200:]).min() < 0.9
    assert np.isfinite(run.energies).all()


def test_copies_files_and_parameters(tmp_path):
    flow = Langevin(GradedHopfield([[0, 1], [1, 0]], gain=3.0), 0.1)
    V = [0.1, 0.7]
    flow.save(tmp_path / "flow.npz")
    again = load(tmp_path / "flow.npz")
    for other in (pickle.loads(pickle.dumps(flow)), copy.deepcopy(flow), again):
        assert isinstance(other, Langevin)
        np.testing.assert_array_equal(other.rhs(0, V), flow.rhs(0, V))
    warm = flow.with_params({"temperature": 0.4, "gains": 2.0})
    assert (warm.temperature, warm.network.gain[0]) == (0.4, 2.0)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(warm)).rhs(0, V), warm.rhs(0, V))


def test_what_has_no_law_is_refused():
    W = np.array([[0.0, 1.0], [1.0, 0.0]])
    for make, message in [
        (lambda: Langevin(GradedHopfield([[0, 1], [2, 0]]), 0.1), "symmetric"),
        (lambda: Langevin(GradedHopfield(W, activation="relu"), 0.1), "one of the activations tanh, logistic"),
        (lambda: Langevin(GradedHopfield(W, noise=0.1), 0.1), "must have no `noise` of its own"),
        (lambda: Langevin(GradedHopfield(W), -0.1), "`temperature` must be at least 0"),
        (lambda: Langevin(GradedHopfield(W), 0.1).with_params({"temperature": -1.0}), "`temperature` must be 0 or positive"),
    ]:
        with pytest.raises(ValueError, match=message):
            make()
