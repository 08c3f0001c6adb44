"""Paths of least action against quasi-potentials in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import solve_continuous_lyapunov

from analysis import fixed_points, minimum_action_path
from analysis.noise.action import Action
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Status, models, simulate

A = np.array([[-1.0, -3.0], [2.0, -1.5]])


def linear(t, y, u, params, out):
    out[0] = -y[0] - 3 * y[1]
    out[1] = 2 * y[0] - 1.5 * y[1]


def valley(t, y, u, params, out):
    """b = -grad U + rot J grad U, U = (x^2 - 1)^2 / 4 + 3/2 (y - 0.8 (1 - x^2))^2: the valley is bent."""
    w = y[1] - 0.8 * (1 - y[0] ** 2)
    gx, gy = y[0] ** 3 - y[0] + 4.8 * w * y[0], 3 * w
    out[0] = -gx - params[0] * gy
    out[1] = -gy + params[0] * gx


def three_wells(t, y, u, params, out):
    """b = -grad U, U = sum_i (y_i^2 - 1)^2 / 4 + (y_0 - y_1)^2 / 4 + (y_1 - y_2)^2 / 4."""
    out[0] = y[0] - y[0] ** 3 - 0.5 * (y[0] - y[1])
    out[1] = y[1] - y[1] ** 3 - 0.5 * (y[1] - y[0]) - 0.5 * (y[1] - y[2])
    out[2] = y[2] - y[2] ** 3 - 0.5 * (y[2] - y[1])


def noisy_rhs(t, y, u, params, out):
    out[0] = -y[0]


def by_state(t, y, u, params, out):
    out[0] = 1.0 + y[0] ** 2


def constant(t, y, u, params, out):
    out[0] = params[0]


LINEAR, VALLEY = DynamicalSystem(linear, 2), DynamicalSystem(valley, 2, {"rot": 0.0})
MIN, SADDLE, OTHER = [-1.0, 0.0], [0.0, 0.8], [1.0, 0.0]


@pytest.mark.parametrize("noise", [1.0, (0.5, 2.0)])
def test_linear_systems_have_a_quadratic_quasi_potential(noise):
    S = solve_continuous_lyapunov(A, -np.diag(np.ones(2) * np.square(noise)))
    end = np.array([1.0, 0.5])
    found = minimum_action_path(LINEAR, [0, 0], end, noise=noise, points=48)
    exact = end @ np.linalg.solve(S, end) / 2
    assert found.success
    assert abs(found.action - exact) < found.error < 0.03 * exact  # second order, from 12 segments on


@pytest.mark.parametrize("rot", [0.0, 1.5])
def test_over_a_saddle_it_is_twice_the_potential_also_with_a_flow_across(rot):
    system = VALLEY.with_params({"rot": rot})
    found = minimum_action_path(system, MIN, OTHER, points=48)  # from the saddle on it costs nothing
    assert abs(found.action - 0.5) < found.error < 1e-2  # V = 2 (1/4 - 0)


def test_the_way_down_costs_nothing():
    found = minimum_action_path(VALLEY, SADDLE, OTHER, points=48)
    assert 0.0 <= found.action < 1e-6


def test_the_error_falls_with_the_square_of_the_spacing():
    off = [minimum_action_path(VALLEY, MIN, SADDLE, points=points).action - 0.5 for points in (48, 96)]
    assert off[0] / off[1] == pytest.approx(4.0, rel=0.1)


def test_in_a_gradient_system_it_climbs_the_trajectory_that_falls_from_the_saddle():
    found = minimum_action_path(VALLEY, MIN, SADDLE, points=48)
    down = simulate(VALLEY, (0, 40), [-1e-6, 0.8], t_eval=np.linspace(0, 40, 20_001)).y.T
    gap = np.linalg.norm(found.path[:, np.newaxis] - down, axis=2).min(axis=1)
    assert gap.max() < 4e-3  # spacing 0.03 squared, and what the starts leave


def test_three_states():
    points = fixed_points(DynamicalSystem(three_wells, 3), rng=0)
    saddles = points.x[(points.eigenvalues.real > 0).sum(axis=1) == 1]
    x = saddles[0]

    def U(y):
        return ((y**2 - 1) ** 2).sum() / 4 + (np.diff(y) ** 2).sum() / 4

    low = simulate(points.system, (0, 60), x + 1e-4 * np.array([1.0, 1.1, 0.9])).y[:, -1]
    found = minimum_action_path(points.system, low, x, points=48)
    assert abs(found.action - 2 * (U(x) - U(low))) < found.error + 1e-7


def test_one_neuron_is_an_integral():
    net = CTRNN([[6.0]], biases=[-3.0])
    low, middle, _ = np.sort(fixed_points(net).x[:, 0])
    exact = quad(lambda y: -2 * net.rhs(0, [y])[0], low, middle)[0]
    found = minimum_action_path(net, [low], [middle], points=48)
    assert abs(found.action - exact) < found.error < 0.02 * exact


def test_a_pair_of_neurons_is_refined_to_the_same_action_in_both_directions():
    net = CTRNN([[0.0, -8.0], [-8.0, 0.0]], constant_inputs=4)
    points = fixed_points(net).x
    one, two = points[np.argmax(points[:, 0])], points[np.argmin(points[:, 0])]
    saddle = points[np.argmin(np.abs(points[:, 0] - points[:, 1]))]
    coarse, fine = (minimum_action_path(net, one, saddle, points=count) for count in (48, 96))
    assert abs(coarse.action - fine.action) < coarse.error
    assert abs(minimum_action_path(net, two, saddle, points=48).action - coarse.action) < 1e-6 * coarse.action  # symmetry
    across = minimum_action_path(net, one, two, points=48)
    assert abs(across.action - fine.action) < across.error
    half = np.searchsorted(np.linspace(0, 1, len(across.path)), 0.5)
    assert across.action - across.actions[half] < 1e-3 * across.action


def test_the_gradient_is_that_of_the_action():
    action = Action(models.lorenz(), np.zeros(0), np.array([1.0, 2.0, 0.5]))
    nodes = np.random.default_rng(0).normal(size=(5, 3))
    _, gradient = action.with_gradient(nodes)
    for at in np.ndindex(*nodes.shape):
        step = np.zeros_like(nodes)
        step[at] = 1e-5
        slope = (action.with_gradient(nodes + step)[0] - action.with_gradient(nodes - step)[0]) / 2e-5
        assert gradient[at] == pytest.approx(slope, rel=1e-6, abs=1e-6)  # differences: 1e-10 / 1e-5 and step^2


def test_the_noise_of_the_system_is_taken():
    system = DynamicalSystem(noisy_rhs, 1, {"g": 2.0}, diffusion=constant)
    assert minimum_action_path(system, [0], [1], points=48).action == pytest.approx(0.25)  # y^2 / g^2
    assert minimum_action_path(system, [0], [1], noise=1.0, points=48).action == pytest.approx(1.0)


def test_it_refuses_noise_that_is_zero_or_depends_on_the_state():
    with pytest.raises(ValueError, match="`system` must have noise on every state; the amplitude of state 0 is 0"):
        minimum_action_path(DynamicalSystem(noisy_rhs, 1, {"g": 0.0}, diffusion=constant), [0], [1])
    with pytest.raises(ValueError, match=r"`noise` must be given: the system's `diffusion` depends on the state"):
        minimum_action_path(DynamicalSystem(noisy_rhs, 1, diffusion=by_state), [0], [1])
    with pytest.raises(ValueError, match=r"`noise\[1\]` must be positive"):
        minimum_action_path(LINEAR, [0, 0], [1, 1], noise=[1, 0])


def test_it_refuses_maps_resets_and_a_way_to_where_it_is():
    with pytest.raises(ValueError, match="must be a flow"):
        minimum_action_path(models.henon(), [0, 0], [1, 1])
    with pytest.raises(ValueError, match="`end` must be another state"):
        minimum_action_path(LINEAR, [1, 1], [1, 1])


def test_no_time():
    found = minimum_action_path(LINEAR, [0, 0], [1, 1], timeout=0.0)
    assert found.status is Status.TIMEOUT
    assert not found.success
    assert np.isnan(found.error)
