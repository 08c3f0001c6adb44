"""Layers that listen to themselves: equal to each other to the last bit, and with the exponents that theory gives."""

import numpy as np
import pytest

from analysis import finite_time_lyapunov, lyapunov_spectrum
from neurodynamics import Sampled, simulate
from recurrent import RMLP, Elman, FullyRecurrent, IndRNN


def states(net, inputs, y0=None):
    run = simulate(net, inputs.shape[1] - 1, np.zeros(net.state_dim) if y0 is None else y0,
                   inputs=Sampled(np.arange(inputs.shape[1]), inputs, kind="hold"))  # fmt: skip
    return run.y


def test_elman_is_a_fully_recurrent_network_bit_for_bit(rng):
    W, U, b, V, d, x = (rng.normal(size=s) for s in ((4, 4), (4, 2), 4, (3, 4), 3, (2, 30)))
    elman = Elman(W, U, V, b, d)
    full = FullyRecurrent(W, U, b, mask=np.ones((4, 4)), activation="logistic")
    y = states(elman, x)
    np.testing.assert_array_equal(y, states(full, x))
    np.testing.assert_allclose(elman.outputs(y), 1 / (1 + np.exp(-(V @ y + d[:, np.newaxis]))), rtol=1e-13)


def test_indrnn_is_a_masked_network_bit_for_bit(rng):
    w, U, b, x = (rng.normal(size=s) for s in (5, (5, 2), 5, (2, 30)))
    dense = np.diag(w) + np.where(np.eye(5) > 0, 0, rng.normal(size=(5, 5)))
    full = FullyRecurrent(dense, U, b, mask=np.eye(5))
    np.testing.assert_array_equal(states(IndRNN(w, U, b, activation="tanh"), x), states(full, x))


def test_layers_on_layers_are_a_masked_network_bit_for_bit(rng):
    sizes, x = (3, 4, 2), rng.normal(size=(2, 30))
    layers = [(rng.normal(size=(n, n)), rng.normal(size=(n, below)), rng.normal(size=n))
              for n, below in zip(sizes, (2, 3, 4), strict=True)]  # fmt: skip
    net = RMLP.of(layers)
    h = [np.zeros(n) for n in sizes]  # layer by layer, from what was there a step ago
    for k in range(29):
        below = [x[:, k], *h[:-1]]
        h = [np.tanh(W @ own + F @ under + b) for (W, F, b), own, under in zip(layers, h, below, strict=True)]
    y = states(net, x)
    np.testing.assert_allclose(y[:, -1], np.concatenate(h), rtol=1e-10)
    np.testing.assert_array_equal(y, states(FullyRecurrent(net.weights, net.input_weights, net.biases), x))
    J = net.jac(0, y[:, 3], x[:, 3])
    assert not J[:3, 3:].any()
    assert not J[3:7, 7:].any()


def test_the_head_of_a_chain_of_layers_has_its_own_exponents(rng):
    """The Jacobian is block triangular, so the spectrum of all holds that of the first layer."""
    layers = [(0.9 * rng.normal(size=(2, 2)), np.zeros((2, 0)), [0.1, -0.2]), ([[0.3]], [[0.5, 0.2]], [0.0])]
    whole = lyapunov_spectrum(RMLP.of(layers), duration=3000, rng=0, y0=[0.1, 0.2, 0.3])
    head = lyapunov_spectrum(FullyRecurrent(layers[0][0], None, layers[0][2]), duration=3000, rng=0, y0=[0.1, 0.2])
    for exponent in head.exponents:
        assert np.abs(whole.exponents - exponent).min() < 0.02


def test_exponents_of_an_indrnn_are_mean_logarithms_of_slopes(rng):
    """To rounding over a finite time, and in the long run within the standard errors."""
    w, U, b = np.array([0.9, -1.4, 0.3]), rng.uniform(-1, 1, size=(3, 1)), np.array([0.1, 0.0, -0.3])
    x = rng.normal(size=(1, 4001))
    net, signal = IndRNN(w, U, b, activation="tanh"), Sampled(np.arange(4001), x, kind="hold")
    y = states(net, x)[:, :-1]
    z = w[:, np.newaxis] * y + U @ x[:, :-1] + b[:, np.newaxis]
    logs = np.log(np.abs(w[:, np.newaxis]) / np.cosh(z) ** 2)
    short = finite_time_lyapunov(net, np.zeros(3), 8, inputs=signal).exponents
    np.testing.assert_allclose(np.ravel(short), np.sort(logs[:, :8].mean(axis=1))[::-1], rtol=1e-12)
    long = lyapunov_spectrum(net, np.zeros(3), duration=3900, inputs=signal)
    expected = np.sort(logs.mean(axis=1))[::-1]
    assert (np.abs(long.exponents - expected) < 6 * long.standard_errors).all()


def test_random_networks_are_chaotic_above_gain_one_and_rest_below():
    weights = np.random.default_rng(1).normal(size=(150, 150)) / np.sqrt(150)
    calm = lyapunov_spectrum(FullyRecurrent(0.7 * weights), k=1, rng=0)
    radius = np.abs(np.linalg.eigvals(0.7 * weights)).max()
    assert calm.exponents[0] == pytest.approx(np.log(radius), abs=0.02)
    wild = lyapunov_spectrum(FullyRecurrent(2.0 * weights), k=1, duration=400, rng=0)
    assert wild.exponents[0] > 5 * wild.standard_errors[0] > 0


def test_shapes_are_checked_by_name():
    with pytest.raises(ValueError, match=r"`weights` must be a square matrix.*\(2, 3\)"):
        FullyRecurrent(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"`input_weights` must have shape \(N, M\)"):
        Elman(np.eye(2), np.ones((3, 1)), np.ones((1, 2)))
    with pytest.raises(ValueError, match=r"`output_weights` must have shape \(K, N\)"):
        Elman(np.eye(2), np.ones((2, 1)), np.ones((1, 3)))
    net = FullyRecurrent(np.ones((2, 2)), mask=np.eye(2))
    with pytest.raises(ValueError, match=r"`weights\[0, 1\]` must be 0: the mask has no connection from 1 to 0"):
        net.with_params({"weights[0, 1]": 1.0})
    with pytest.raises(ValueError, match="layers"):
        RMLP.of([])
