"""Memristors: one against its closed form, the Lyapunov identity inside the box, and what a circuit minimises."""

import numpy as np
import pytest

from neurodynamics import Sine, simulate, simulate_ensemble
from recurrent import Memristive, loop_projector


def energy(net, y, u=None):
    out = np.zeros(1)
    net.function("energy")(0.0, y, np.zeros(net.input_dim) if u is None else u, net.params, out)
    return out[0]


def random_circuit(rng, n=6, **more):
    edges = np.c_[rng.integers(0, 4, n), 1 + rng.integers(0, 4, n)]
    edges[:, 1] = np.where(edges[:, 0] == edges[:, 1], 0, edges[:, 1])
    return Memristive(loop_projector(edges), rng.normal(size=n), **more)


def test_loops_obey_kirchhoff(rng):
    omega = loop_projector([[0, 1], [1, 2], [2, 0], [0, 3], [3, 2]])
    np.testing.assert_allclose(omega @ omega, omega, atol=1e-14)
    assert np.trace(omega) == pytest.approx(2)  # branches - nodes + 1
    np.testing.assert_allclose(omega @ [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], atol=1e-14)


def test_one_device_is_its_closed_form():
    """(1 + xi w) w' = -S/beta: w + xi w^2/2 falls linearly."""
    net = Memristive([[1.0]], 0.4, alpha=0.0, beta=2.0, xi=3.0)
    run = simulate(net, 4.0, [0.9], rtol=1e-11, atol=1e-13)
    left = run.y[0] + 1.5 * run.y[0] ** 2
    np.testing.assert_allclose(left, left[0] - 0.2 * run.t, atol=1e-9)


def test_hysteresis_is_pinched():
    """Current and voltage vanish together, and the way up is not the way down."""
    net = Memristive([[1.0]], alpha=0.0, beta=1.0, xi=5.0)
    omega = 2 * np.pi
    run = simulate(net, 2.0, [0.5], t_eval=np.linspace(0, 2, 401), inputs=[Sine(1.0, 1.0)], rtol=1e-10, atol=1e-12)
    w, voltage = run.y[0], np.sin(omega * run.t)
    expected = -1 + np.sqrt(1 + 10 * (0.5 + 2.5 * 0.25 - (1 - np.cos(omega * run.t)) / omega))  # w + 5 w^2/2 less the flux
    np.testing.assert_allclose(w, expected / 5, atol=1e-8)
    current = voltage / (1 + 5 * w)
    assert np.abs(current[np.abs(voltage) < 1e-9]).max() < 1e-9
    rising, falling = current[20], current[80]  # the same voltage
    assert voltage[20] == pytest.approx(voltage[80])
    assert abs(rising - falling) > 0.01


def test_the_lyapunov_function_falls_inside_the_box(rng):
    """dL/dt = -w'(W + xi W Omega W)w', to rounding."""
    for _ in range(20):
        net = random_circuit(rng, alpha=0.5, beta=1.3, xi=2.0)
        w = rng.uniform(0, 1, 6)
        f, W, omega = net.rhs(0, w), np.diag(w), net.projector
        gradient = -w * (0.5 * w + 0.5 * 2.0 * omega @ (w * w) - omega @ net.sources / 1.3)
        rate = -f @ (W + 2.0 * W @ omega @ W) @ f
        assert gradient @ f == pytest.approx(rate, abs=1e-12)
        assert rate <= 0
        e = 1e-5
        steps = [(energy(net, w + e * v) - energy(net, w - e * v)) / (2 * e) for v in np.eye(6)]
        np.testing.assert_allclose(steps, gradient, atol=1e-8)


def test_the_box_is_kept(rng):
    net = random_circuit(rng, alpha=1.0, beta=0.5)
    starts = rng.uniform(0, 1, (3, 6))
    for options in ({}, {"method": "euler", "dt": 0.1}):
        run = simulate(net, 20.0, starts[0], **options)
        assert run.success
        assert run.y.min() >= 0
        assert run.y.max() <= 1
    assert ((run.final == 0) | (run.final == 1)).any()
    ensemble = simulate_ensemble(net, 20.0, starts, save="final")
    assert ensemble.y.min() >= 0
    assert ensemble.y.max() <= 1


def test_circuits_find_good_binary_minima():
    """At the corners L is a quadratic function of bits; brute force knows the best of 4096."""
    ratios = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        edges = np.array([(i, j) for i in range(6) for j in range(i)])[rng.permutation(15)[:12]]
        net = Memristive(loop_projector(edges), 0.3 * rng.normal(size=12), alpha=0.2, beta=0.5, xi=0.5)
        corners = (np.arange(4096)[:, np.newaxis] >> np.arange(12) & 1).astype(float)
        L = -0.2 / 3 * corners.sum(axis=1) - 0.025 * np.einsum("ki,ij,kj->k", corners, net.projector, corners)
        L += corners @ net.projector @ net.sources
        np.testing.assert_allclose(L[77], energy(net, corners[77]), rtol=1e-12)
        ends = simulate_ensemble(net, 100.0, rng.uniform(0, 1, (20, 12)), save="final").y
        found = min(energy(net, np.round(end)) for end in ends)
        ratios.append((found - L.max()) / (L.min() - L.max()))
    assert np.mean(ratios) > 0.9


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="`projector` must be symmetric"):
        Memristive([[1.0, 0.5], [0.0, 1.0]])
    with pytest.raises(ValueError, match="`beta` must be positive"):
        Memristive([[1.0]], beta=0.0)
    with pytest.raises(ValueError, match="`xi` must be above -1"):
        Memristive([[1.0]], xi=-1.0)
    with pytest.raises(ValueError, match=r"`edges` must be whole numbers of shape \(N, 2\)"):
        loop_projector([0, 1])
    with pytest.raises(ValueError, match="`projector` must be symmetric"):
        Memristive([[1.0]]).with_params({"projector[0, 0]": 0.5})
