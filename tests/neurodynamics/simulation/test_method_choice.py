"""The method that a run gets by default, the reason, and the hand-over of stiff runs: single runs and ensembles alike."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from neurodynamics import AdditiveNetwork, DynamicalSystem, Pulse, simulate

VAN_DER_POL_AT_2000 = [1.706167732170469, -0.8928097010248125e-3]  # mu = 1000; IVP test set, release 2.4, problem vdpol


def van_der_pol(t, y, u, params, out):
    out[0] = y[1]
    out[1] = params[0] * (1 - y[0] ** 2) * y[1] - y[0]


@pytest.mark.parametrize("host", [False, True])
def test_a_stiff_problem_of_a_user_is_found_out_and_given_to_an_implicit_method(host):
    sol = simulate(DynamicalSystem(van_der_pol, 2, {"mu": 1000.0}, host=host), 2000, [2.0, 0.0])
    assert sol.success
    assert sol.method == "Radau"
    assert sol.reason.startswith("dop853 found the problem stiff near t = ")
    assert sol.steps < 3000
    np.testing.assert_allclose(sol.final, VAN_DER_POL_AT_2000, rtol=1e-4)


def test_a_method_that_was_asked_for_is_kept():
    sol = simulate(DynamicalSystem(van_der_pol, 2, {"mu": 1000.0}), 1.0, [2.0, 0.0], method="dopri5")
    assert sol.method == "dopri5"
    assert sol.reason == "it was asked for"
    assert sol.success


@pytest.mark.parametrize("activation", ["logistic", "relu"])
def test_time_constants_a_million_apart_get_an_implicit_method(activation):
    """Compared with SciPy's Radau on a formula of our own."""
    weights, biases, tau = np.array([[4.5, 1.0], [-1.0, 4.5]]), np.array([-2.75, -1.75]), np.array([1e-3, 1e3])
    weights = weights if activation == "logistic" else 0.1 * weights
    phi = {"logistic": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0)}[activation]
    exact = integrate.solve_ivp(
        lambda t, y: (-y + weights @ phi(y + biases)) / tau, (0, 3000), [0.1, 0.2], method="Radau", rtol=1e-10, atol=1e-12
    ).y[:, -1]
    net = AdditiveNetwork(weights, biases, tau, activation=activation)
    sol = simulate(net, 3000, [0.1, 0.2])
    assert sol.success
    assert sol.method == "Radau"
    assert "time constants" in sol.reason
    assert sol.steps < 2000
    np.testing.assert_allclose(sol.final, exact, rtol=1e-5, atol=1e-7)


def test_ordinary_networks_get_a_fast_compiled_method_and_a_reason():
    net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75], time_constants=[1.0, 30.0])
    for more in ({}, {"rtol": 1e-3}, {"rtol": 1e-12}, {"inputs": [Pulse(1, 0.1, 1), 0.0]}):
        sol = simulate(net, 50, [0, 0], **more)
        assert sol.path == "compiled"
        assert len(sol.reason) > 10
    short = AdditiveNetwork(np.eye(2), time_constants=[1e-6, 1.0])
    assert simulate(short, 1e-5, [0, 0]).path == "compiled"  # so far apart, and yet few steps
    assert simulate(net, 1, [0, 0], dt=0.01).method == "rk4"
