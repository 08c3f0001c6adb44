"""Methods of constant step converge with their order."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from neurodynamics import METHODS, AdditiveNetwork, DynamicalSystem, Sine, simulate
from neurodynamics.schemes import table as methods

ORDERS = {"euler": 1, "exponential_euler": 1, "heun": 2, "midpoint": 2, "rk4": 4}
A_HALVING = 40, 80, 160  # steps: far from where rounding counts (order 4: 1e-9) and from where the next term does


def test_the_table_of_orders_names_every_method_of_constant_step():
    fixed = {name: method for name, method in METHODS.items() if method.family == "fixed" and not method.noisy}
    assert {name: method.order for name, method in fixed.items()} == ORDERS


# Two problems, with solutions that the code under test did not produce


@dataclasses.dataclass(frozen=True)
class Problem:
    system: DynamicalSystem
    y0: list
    end: float
    solution: np.ndarray
    inputs: object = None


def linear_problem():
    """Three linear neurons: y' = A y + c, solved by the exponential of a matrix."""
    weights = np.array([[0.2, 0.5, -0.7], [-0.4, 0.1, 0.6], [0.3, -0.8, 0.4]])
    tau, leaks, constant = np.array([1.0, 0.7, 1.6]), np.array([1.0, 0.5, 0.8]), np.array([0.3, -0.2, 0.5])
    net = AdditiveNetwork(weights, 0.0, tau, leaks=leaks, constant_inputs=constant, activation="linear")
    a = (weights - np.diag(leaks)) / tau[:, None]
    augmented = np.zeros((4, 4))
    augmented[:3, :3], augmented[:3, 3] = a, constant / tau
    y0 = [1.0, -0.5, 0.25]
    return Problem(net, y0, 2.0, (expm(2.0 * augmented) @ [*y0, 1.0])[:3])


def nonlinear_problem():
    """Beer's two-neuron oscillator driven by a sine; the solution by SciPy's DOP853 at its tightest tolerance."""
    weights, biases = np.array([[4.5, 1.0], [-1.0, 4.5]]), np.array([-2.75, -1.75])

    def f(t, y):
        return -y + weights @ (1 / (1 + np.exp(-(y + biases)))) + [0.5 * np.sin(0.6 * np.pi * t), 0.0]

    y0 = [1.0, -0.5]
    solution = solve_ivp(f, (0, 4), y0, method="DOP853", rtol=1e-13, atol=1e-14).y[:, -1]
    return Problem(AdditiveNetwork(weights, biases), y0, 4.0, solution, [Sine(0.5, 0.3), 0.0])


PROBLEMS = {"linear": linear_problem(), "nonlinear": nonlinear_problem()}


def errors(problem, method):
    """The error at the end for each number of steps."""
    found = []
    for steps in A_HALVING:
        options = {"method": method, "dt": problem.end / steps, "inputs": problem.inputs, "save": "final"}
        found.append(np.linalg.norm(simulate(problem.system, problem.end, problem.y0, **options).final - problem.solution))
    return np.array(found)


def order_of(problem, method):
    """The order that two halvings show, extrapolated to vanishing steps: the first error of an order is linear in dt."""
    coarse, fine = np.log2(errors(problem, method)[:-1] / errors(problem, method)[1:])
    return 2 * fine - coarse


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("method", ORDERS)
def test_a_method_converges_with_its_order(method, problem):
    assert order_of(PROBLEMS[problem], method) == pytest.approx(ORDERS[method], abs=0.1)


@pytest.mark.parametrize("method", ORDERS)
def test_an_error_of_one_percent_in_one_coefficient_spoils_the_order(method, monkeypatch):
    """The control of the test above: every coefficient in turn, on either problem."""
    tableau = METHODS[method].tableau
    for name in ("a", "b"):
        for k in np.flatnonzero(getattr(tableau, name)):
            wrong = getattr(tableau, name).copy()
            wrong.flat[k] *= 1.01
            spoiled = dataclasses.replace(METHODS[method], tableau=dataclasses.replace(tableau, **{name: wrong}))
            monkeypatch.setitem(methods.METHODS, method, spoiled)
            misses = [abs(order_of(problem, method) - ORDERS[method]) for problem in PROBLEMS.values()]
            assert max(misses) > 0.1, (name, k)


def test_exponential_euler_is_exact_for_a_leak_with_a_constant_input():
    """Whatever the step, to the rounding of a few hundred of them."""
    tau, leaks = np.array([0.5, 1.0, 20.0, 1.0]), np.array([1.0, 0.3, 2.0, 0.0])
    net = AdditiveNetwork(
        np.zeros((4, 4)), 0.0, tau, leaks=leaks, constant_inputs=[0.5, -1.0, 2.0, 0.25], activation="linear"
    )
    y0, u = np.array([1.0, -2.0, 3.0, 0.5]), np.array([0.25, 0.5, -0.5, 0.125])
    drive = net.constant_inputs + u

    def exact(t):
        rate = leaks / tau
        grown = np.where(rate > 0, -np.expm1(-rate * t) / np.where(rate > 0, rate, 1), t)
        return y0 * np.exp(-rate * t) + drive / tau * grown

    for dt in (0.05, 0.033):  # the second does not divide the span
        sol = simulate(net, 10, y0, inputs=u, method="exponential_euler", dt=dt)
        np.testing.assert_allclose(sol.y[:, -1], exact(10.0), rtol=1e-13)
        np.testing.assert_allclose(sol.y[:, 57], exact(57 * dt), rtol=1e-13)
        between = simulate(net, 10, y0, inputs=u, method="exponential_euler", dt=dt, t_eval=[0.51 * dt, 3.14159])
        expected = np.column_stack([exact(0.51 * dt), exact(3.14159)])
        np.testing.assert_allclose(between.y, expected, atol=dt**4 / 384 * 10)  # by a cubic; fourth derivatives below 10


@pytest.mark.parametrize("method", ORDERS)
def test_times_between_steps_are_as_good_as_the_steps(method):
    """Interpolated by a cubic: of order 4 at least in the step, so that no method loses its order there."""
    problem = PROBLEMS["nonlinear"]
    times = np.linspace(0, 4, 23)[1:-1] + 0.0137

    def error(dt):
        options = {"method": method, "inputs": problem.inputs, "t_eval": times}
        reference = simulate(problem.system, 4.5, problem.y0, **options | {"method": "dop853", "rtol": 1e-12, "atol": 1e-13})
        return np.abs(simulate(problem.system, 4.5, problem.y0, dt=dt, **options).y - reference.y).max()

    ratio = np.log2(error(0.1) / error(0.05))
    assert ratio > ORDERS[method] - 0.3  # not extrapolated to vanishing steps
    at_steps = errors(problem, method)[0]  # dt = 0.1
    assert error(0.1) < 10 * at_steps


def test_steps_that_do_not_divide_the_span_end_with_a_short_one():
    problem = PROBLEMS["linear"]
    sol = simulate(problem.system, 2.0, problem.y0, method="rk4", dt=0.07)
    np.testing.assert_allclose(sol.t[:-1], 0.07 * np.arange(sol.t.size - 1), rtol=1e-14)
    assert sol.t[-1] == 2.0
    assert sol.steps == 29
    np.testing.assert_allclose(sol.final, problem.solution, atol=2e-6)  # order 4 with dt = 0.07


@pytest.mark.parametrize("dt", [0.1, 0.01, 1 / 3, 0.07, 1e-3])
def test_a_span_of_whole_steps_has_no_short_one(dt, rng):
    """Although the span and dt are rounded."""
    net = AdditiveNetwork(np.zeros((0, 0)))
    for steps in rng.integers(1, 300_000, 20):
        t0 = rng.choice([0.0, 1.0, -5.0])
        sol = simulate(net, (t0, t0 + steps * dt), [], method="euler", dt=dt, save="final")
        assert sol.steps == steps
