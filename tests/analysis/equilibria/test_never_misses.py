"""No equilibrium that many Newton starts find is absent from a certified list; the short form of a measurement with 200
networks and 10^5 starts each."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erf, expit

from analysis import fixed_points
from ctrnn import CTRNN

ACTIVATIONS = {  # values and derivatives, written down here
    "logistic": (expit, lambda x: expit(x) * expit(-x)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "arctangent": (lambda x: 2 / np.pi * np.arctan(np.pi * x / 2), lambda x: 1 / (1 + (np.pi * x / 2) ** 2)),
    "hard_sigmoid": (lambda x: np.clip(0.5 + x / 4, 0, 1), lambda x: 0.25 * (np.abs(x) < 2)),
    "erf": (erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-x * x)),
    "relu": (lambda x: np.maximum(x, 0), lambda x: 1.0 * (x > 0)),
    "softplus": (lambda x: np.logaddexp(0, x), expit),
}
STARTS, ITERATIONS = 2000, 40


def network(name, n, rng):
    """Random weights, gains, leaks and time constants; weights of unbounded activations small enough to limit growth."""
    scale = 20.0 / n if name not in ("relu", "softplus") else rng.uniform(1.0, 2.0) / n
    weights = rng.uniform(-scale, scale, (n, n))
    gains, leaks, taus = rng.uniform(0.5, 1.5, n), rng.uniform(0.7, 1.3, n), rng.uniform(0.5, 3.0, n)
    return CTRNN(weights, biases=rng.uniform(-3, 3, n), time_constants=taus, gains=gains, leaks=leaks,
                 constant_inputs=rng.uniform(-1, 1, n), activation=name)  # fmt: skip


def newton(net, starts):
    """Return the equilibria that damped Newton iterations of (S, N) states reach."""
    value, derivative = ACTIVATIONS[net.activation.name]
    n, y = net.state_dim, starts
    with np.errstate(all="ignore"):
        for _ in range(ITERATIONS):
            x = net.gains * (y + net.biases)
            f = value(x) @ net.weights.T + net.constant_inputs - net.leaks * y
            jacobian = net.weights * (net.gains * derivative(x))[:, np.newaxis] - np.diag(net.leaks)
            step = np.linalg.solve(jacobian + 1e-14 * np.eye(n), -f[..., np.newaxis])[..., 0]
            y = y + step * np.minimum(1.0, 5.0 / np.abs(step).max(axis=1, keepdims=True))
    residual = np.abs(value(net.gains * (y + net.biases)) @ net.weights.T + net.constant_inputs - net.leaks * y).max(axis=1)
    return np.unique(np.round(y[residual < 1e-9], 6), axis=0)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_no_equilibrium_is_missed(name, n):
    rng = np.random.default_rng([20, n, len(name)])
    net = network(name, n, rng)
    found = fixed_points(net)
    assert found.complete
    assert ((-1.0) ** found.index).sum() == 1
    by_newton = newton(net, rng.uniform(-12, 12, (STARTS, n)))
    assert len(by_newton)
    for y in by_newton:
        assert np.abs(found.x - y).max(axis=1).min() < 1e-5


def test_the_comparison_notices_a_point_that_is_left_out():
    """The control."""
    net = CTRNN(8 * np.eye(2), biases=-4)
    found = fixed_points(net)[:-1]
    distances = [
        np.abs(found.x - y).max(axis=1).min() for y in newton(net, np.random.default_rng(0).uniform(-4, 12, (500, 2)))
    ]
    assert max(distances) > 1
