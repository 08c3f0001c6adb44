"""Additive networks with delays: their equation, the limit without delays, Jacobians, files."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import DelayedSystem, Sine, delayed, linearise, load, simulate

RNG = np.random.default_rng(3)
W, TAU = RNG.normal(size=(3, 3)), RNG.uniform(0.2, 2.0, (3, 3))
W[2, 0], TAU[0, 1] = 0.0, 0.0  # no connection; no delay
V = RNG.normal(size=(3, 2))
NET = CTRNN(2 * W, RNG.normal(size=3), [1.0, 0.5, 2.0], gains=[1.0, 1.5, 0.7], input_weights=V, activation="tanh")
DELAYED = delayed(NET, TAU)


def by_hand(net: CTRNN, tau: np.ndarray) -> DelayedSystem:
    """The equation of the docstring, with a past state for each pair of neurons."""
    n = net.state_dim
    weights, biases, gains, leaks, times = net.weights, net.biases, net.gains, net.leaks, net.time_constants
    constants, reaches = net.constant_inputs, net.input_weights

    def rhs(t, y, z, u, params, out):
        for i in range(n):
            out[i] = -leaks[i] * y[i] + constants[i]
            for j in range(n):
                x = z[i * n + j] if tau[i, j] > 0.0 else y[j]
                out[i] += weights[i, j] * np.tanh(gains[j] * (x + biases[j]))
            for k in range(u.size):
                out[i] += reaches[i, k] * u[k]
            out[i] /= times[i]

    pairs = [(j, float(tau[i, j]) or 1.0) for i in range(n) for j in range(n)]
    return DelayedSystem(rhs, n, pairs, input_dim=reaches.shape[1])


def test_the_equation():
    options = {"inputs": [Sine(1.0, 0.7), 0.3], "rtol": 1e-10, "atol": 1e-12}
    ours, plain = (simulate(system, 10, [0.1, -0.4, 0.9], **options) for system in (DELAYED, by_hand(NET, TAU)))
    np.testing.assert_allclose(ours.final, plain.final, atol=1e-9)
    np.testing.assert_array_equal(ours.outputs, NET.outputs(ours.y))
    assert len(DELAYED.past) == 7  # nine connections but the absent one and that without delay


def test_equal_delays_are_looked_up_once():
    same = delayed(NET, 0.8)
    assert len(same.past) == 3
    ends = [simulate(system, 5, [0.1, -0.4, 0.9], rtol=1e-10).final for system in (same, by_hand(NET, np.full((3, 3), 0.8)))]
    np.testing.assert_allclose(*ends, atol=1e-8)


def test_short_delays_are_the_network():
    end = simulate(NET, 3, [0.1, -0.4, 0.9], rtol=1e-11, atol=1e-12).final
    apart = [np.abs(simulate(delayed(NET, tau), 3, [0.1, -0.4, 0.9]).final - end).max() for tau in (0.02, 0.002)]
    assert 8 < apart[0] / apart[1] < 12  # the limit is of first order
    assert DELAYED.undelayed is NET


def test_derivatives_by_past_states_are_exact():
    u = RNG.normal(size=DELAYED.opened.input_dim)
    at = linearise(DELAYED.opened, [0.1, -0.4, 0.9], u)
    assert at.exact
    step = 1e-5
    for k in range(u.size):
        d = step * np.eye(u.size)[k]
        difference = (DELAYED.opened.rhs(0, at.y, u + d) - DELAYED.opened.rhs(0, at.y, u - d)) / (2 * step)
        np.testing.assert_allclose(at.dfdinputs()[:, k], difference, atol=1e-9)


def test_copies_parameters_and_files(tmp_path):
    DELAYED.save(tmp_path / "net.npz")
    for other in (pickle.loads(pickle.dumps(DELAYED)), load(tmp_path / "net.npz")):
        np.testing.assert_array_equal(other.connection_delays, TAU)
        np.testing.assert_array_equal(simulate(other, 2, [0.1] * 3).final, simulate(DELAYED, 2, [0.1] * 3).final)
    changed = DELAYED.with_params({"weights[2, 0]": 5.0})
    assert changed.network.weights[2, 0] == 5.0
    assert len(changed.past) == 8
    assert changed.replace(delays=1.5).connection_delays.tolist() == [[1.5] * 3] * 3
    assert DELAYED.with_delays(0.5).with_events(lambda t, y: y[0]).replace(biases=0.0).event_dim == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: delayed(NET, -1.0), "must be finite and not negative"),
        (lambda: delayed(NET, [1.0, 2.0, 3.0]), "or have shape"),
        (lambda: delayed(NET, 0.0), "positive for at least one"),
        (lambda: delayed(NET.replace(noise=0.1), 1.0), "no noise"),
        (lambda: delayed(NET.with_events(lambda t, y: y[0]), 1.0), "no events"),
    ],
)
def test_what_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
    with pytest.raises(TypeError, match="additive network without delays"):
        delayed(DELAYED, 1.0)
