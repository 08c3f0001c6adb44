"""Linearly implicit steps: their order, their interpolant, and stiff problems, against other methods and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from neurodynamics import AdditiveNetwork, DynamicalSystem, Pulse, Status, simulate, simulate_ensemble


def driven(t, y, u, params, out):
    out[0] = -y[0] + np.sin(3.0 * t) + y[1]
    out[1] = -y[1] * y[0] * np.cos(t) + u[0]


def van_der_pol(t, y, u, params, out):
    out[0] = y[1]
    out[1] = params[0] * (1.0 - y[0] ** 2) * y[1] - y[0]


def robertson(t, y, u, params, out):
    out[0] = -0.04 * y[0] + 1e4 * y[1] * y[2]
    out[2] = 3e7 * y[1] ** 2
    out[1] = -out[0] - out[2]


DRIVEN = DynamicalSystem(driven, 2, input_dim=1)
T = np.linspace(0.0, 5.0, 101)
REFERENCE = solve_ivp(lambda t, y: [-y[0] + np.sin(3 * t) + y[1], -y[1] * y[0] * np.cos(t)], (0, 5), [1.0, 0.5], t_eval=T,
                      method="DOP853", rtol=1e-13, atol=1e-14).y  # fmt: skip


def error_with(step):
    loose = {"rtol": 1e3, "atol": 1e3}  # every step is accepted
    run = simulate(DRIVEN, 5.0, [1.0, 0.5], method="rodas4", first_step=step, max_step=step, **loose)
    return np.abs(run.final - REFERENCE[:, -1]).max()


def test_steps_are_of_order_four():
    errors = np.array([error_with(step) for step in (0.2, 0.1, 0.05)])
    assert 0.5 * np.log2(errors[0] / errors[2]) > 3.8  # over two halvings


@pytest.mark.parametrize("tolerance", [1e-5, 1e-8])
def test_dense_output_is_as_good_as_the_steps(tolerance):
    run = simulate(DRIVEN, 5.0, [1.0, 0.5], method="rodas4", rtol=tolerance, atol=tolerance, dense_output=True)
    assert np.abs(run.sol(T) - REFERENCE).max() < 10 * tolerance


def test_a_linear_network_decays_as_the_exponential_of_its_matrix():
    """Rates of 1e-3, 1 and 1e6: the fast ones are over, and the steps do not follow them."""
    weights, tau = np.array([[0.0, 0.5, 0.1], [0.2, 0.0, 0.3], [0.1, 0.4, 0.0]]), np.array([1e3, 1.0, 1e-6])
    net = AdditiveNetwork(weights, 0.0, tau, activation="linear")
    run = simulate(net, 500.0, [1.0, -1.0, 2.0], method="rodas4", rtol=1e-8, atol=1e-10, save="final")
    matrix = (weights - np.eye(3)) / tau[:, np.newaxis]
    np.testing.assert_allclose(run.final, expm(500.0 * matrix) @ [1.0, -1.0, 2.0], rtol=1e-7)
    assert run.steps < 2000


def test_robertson_s_reactions():
    """Oracle: the reference solution of Hairer & Wanner's test set at t = 1e11."""
    options = {"method": "rodas4", "rtol": 1e-8, "atol": 1e-16, "save": "final"}
    run = simulate(DynamicalSystem(robertson, 3), 1e11, [1.0, 0.0, 0.0], **options)
    expected = [0.2083340149701255e-07, 0.8333360770334713e-13, 0.9999999791665050]
    np.testing.assert_allclose(run.final, expected, rtol=1e-5)


def test_an_ensemble_takes_the_steps_of_its_members():
    system = DynamicalSystem(van_der_pol, 2, params=[1000.0])
    starts = np.array([[2.0, 0.0], [0.5, 1.0]])
    options = {"method": "rodas4", "rtol": 1e-6, "atol": 1e-9, "save": "final"}
    together = simulate_ensemble(system, 100.0, starts, **options)
    alone = [simulate(system, 100.0, y0, **options).final for y0 in starts]
    np.testing.assert_array_equal(together.y, alone)


def test_uncompiled_runs_take_the_same_steps():
    options = {"method": "rodas4", "t_eval": [0.5, 1.0]}
    compiled = simulate(DRIVEN, 1.0, [1.0, 0.5], inputs=[0.2], **options)
    host = simulate(DRIVEN, 1.0, [1.0, 0.5], inputs=lambda t: np.array([0.2]), **options)
    np.testing.assert_allclose(host.y, compiled.y, rtol=1e-9)


def test_pulses_are_seen_and_backwards_is_the_way_back():
    pulsed = simulate(DRIVEN, 2.0, [0.0, 0.0], inputs=[Pulse(t0=1.0, width=1e-6, amplitude=1e6)], method="rodas4")
    without = simulate(DRIVEN, 2.0, [0.0, 0.0], method="rodas4")
    assert pulsed.final[1] - without.final[1] > 0.1
    there = simulate(DRIVEN, 2.0, [1.0, 0.5], method="rodas4", rtol=1e-9, atol=1e-11)
    back = simulate(DRIVEN, (2.0, 0.0), there.final, method="rodas4", rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(back.final, [1.0, 0.5], rtol=1e-7)


def blow_up(t, y, u, params, out):
    out[0] = y[0] ** 2


def test_a_solution_that_ends_is_told():
    run = simulate(DynamicalSystem(blow_up, 1), 2.0, [1.0], method="rodas4")
    assert run.status in (Status.STEP_TOO_SMALL, Status.NON_FINITE)
    assert run.t[-1] == pytest.approx(1.0, abs=1e-3)
