"""Taylor steps of users' equations, against closed forms, mpmath's coefficients, and other methods."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from neurodynamics import DynamicalSystem, Sine, Status, simulate, simulate_ensemble
from neurodynamics.models import fitzhugh_nagumo, hindmarsh_rose, lorenz, morris_lecar, roessler, wilson_cowan


def flow(function, n=1, **more):
    return DynamicalSystem(function, state_dim=n, **more)


def solved(function, span, start, n=1, **more):
    return simulate(flow(function, n), span, start, method="taylor", rtol=1e-13, atol=1e-14, **more)


# y' = f(t, y) whose solution is known; each function, growing and gathered, and quotients and powers
def exponential(t, y, u, p, out):
    out[0] = np.exp(-y[0])  # y = ln(1 + t)


def logarithm(t, y, u, p, out):
    out[0] = -y[0] * math.log(y[0])  # y = exp(exp(-t) ln y0)


def sine(t, y, u, p, out):
    out[0] = np.cos(y[0]) ** 2  # y = arctan t


def gudermannian(t, y, u, p, out):
    out[0] = math.sin(y[0]) / math.tan(y[0])  # cos y: y = 2 arctan tanh (t / 2)


def hyperbolic(t, y, u, p, out):
    out[0] = 1.0 / np.cosh(y[0])  # sinh y = t


def hyperbolic_sine(t, y, u, p, out):
    out[0] = 1.0 / np.sqrt(1.0 + np.sinh(y[0]) ** 2)  # sinh y = t


def tangent(t, y, u, p, out):
    out[0] = 1.0 - np.tanh(np.arctan(np.tan(y[0]))) ** 2  # sinh(2 y) / 4 + y / 2 = t


def logistic(t, y, u, p, out):
    out[0] = 1.0 / (1.0 + np.exp(-3.0 * t))  # an integral


def power(t, y, u, p, out):
    out[0] = y[0] ** 1.5  # y = (1 - t / 2)^-2


def root(t, y, u, p, out):
    out[0] = math.sqrt(y[0])  # y = (1 + t / 2)^2


def whole_powers(t, y, u, p, out):
    out[0] = -(y[0] ** 3)  # y = (1 + 2 t)^-1/2


def negative_power(t, y, u, p, out):
    out[0] = y[0] ** -2  # y = (1 + 3 t)^1/3


def base(t, y, u, p, out):
    out[0] = 2.0 ** y[0]  # y = -log2(1 - t ln 2)


def both(t, y, u, p, out):
    out[0] = y[0] ** y[0] / y[0] ** y[0] * t  # y = y0 + t^2 / 2


EXACT = {
    exponential: (0.0, 3.0, lambda t: math.log(1.0 + t)),
    logarithm: (0.5, 3.0, lambda t: math.exp(math.exp(-t) * math.log(0.5))),
    sine: (0.0, 3.0, math.atan),
    gudermannian: (0.1, 2.0, lambda t: 2.0 * math.atan(math.tanh(0.5 * (t + 2.0 * math.atanh(math.tan(0.05)))))),
    hyperbolic: (0.0, 3.0, math.asinh),
    hyperbolic_sine: (0.0, 3.0, math.asinh),
    tangent: (0.0, 2.0, lambda t: float(mpmath.findroot(lambda y: mpmath.sinh(2 * y) / 4 + y / 2 - t, t))),
    logistic: (0.0, 3.0, lambda t: math.log((1.0 + math.exp(3.0 * t)) / 2.0) / 3.0),
    power: (1.0, 1.0, lambda t: (1.0 - t / 2.0) ** -2),
    root: (1.0, 3.0, lambda t: (1.0 + t / 2.0) ** 2),
    whole_powers: (1.0, 3.0, lambda t: (1.0 + 2.0 * t) ** -0.5),
    negative_power: (1.0, 3.0, lambda t: (1.0 + 3.0 * t) ** (1.0 / 3.0)),
    base: (0.0, 1.0, lambda t: -math.log2(1.0 - t * math.log(2.0))),
    both: (1.0, 2.0, lambda t: 1.0 + t * t / 2.0),
}


@pytest.mark.parametrize("function", EXACT, ids=lambda function: function.__name__)
def test_elementary_functions(function):
    start, end, exact = EXACT[function]
    solution = solved(function, end, [start], t_eval=[end / 3.0, end])
    assert solution.success
    np.testing.assert_allclose(np.ravel(solution.y), [exact(end / 3.0), exact(end)], rtol=2e-12)


MODELS = {
    lorenz: [1.0, 1.0, 1.0],
    roessler: [1.0, 1.0, 1.0],
    fitzhugh_nagumo: [0.5, 0.1],
    hindmarsh_rose: [-1.0, 0.0, 3.0],
    morris_lecar: [-20.0, 0.1],
    wilson_cowan: [0.2, 0.1],
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_agree_with_another_method_in_fewer_steps(model):
    system, start = model(), MODELS[model]
    a = simulate(system, 5.0, start, method="taylor", rtol=1e-12, atol=1e-12)
    b = simulate(system, 5.0, start, method="dop853", rtol=1e-12, atol=1e-12)
    assert a.success
    assert a.steps < b.steps
    np.testing.assert_allclose(a.final, b.final, rtol=1e-8)


def forced(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -params[0] * np.sin(y[0]) - params[1] * y[1] + u[0]


FORCED = DynamicalSystem(forced, state_dim=2, input_dim=1, params={"stiffness": 1.0, "damping": 0.2})


def test_inputs_that_vary_enter_by_their_own_coefficients():
    inputs = [Sine(1.2, 0.3, offset=0.1)]
    a = simulate(FORCED, 20.0, [0.1, 0.0], inputs=inputs, method="taylor", rtol=1e-12, atol=1e-12)
    b = simulate(FORCED, 20.0, [0.1, 0.0], inputs=inputs, method="dop853", rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(a.final, b.final, rtol=1e-8)
    with pytest.raises(ValueError, match="Taylor coefficients are unknown"):
        simulate(FORCED, 20.0, [0.1, 0.0], inputs=lambda t: np.array([t]), method="taylor")


def test_members_and_single_runs_have_the_same_bits():
    params = {"damping": np.array([0.1, 0.2, 0.5])}
    states = np.array([[0.1, 0.0], [1.0, 0.5], [2.0, -1.0]])
    members = simulate_ensemble(FORCED, 10.0, states, params=params, method="taylor", save="final")
    for k, state in enumerate(states):
        alone = simulate(FORCED.with_params({"damping": params["damping"][k]}), 10.0, state, method="taylor")
        np.testing.assert_array_equal(members.y[k], alone.final)


def test_events_and_dense_output_stand_on_the_polynomial():
    def cosine(t, y, u, params, out):
        out[0], out[1] = y[1], -y[0]

    run = simulate(flow(cosine, 2), 10.0, [1.0, 0.0], events=[lambda t, y: y[0]], dense_output=True, method="taylor",
                   rtol=1e-12, atol=1e-12)  # fmt: skip
    np.testing.assert_allclose(run.t_events[0], np.pi * np.array([0.5, 1.5, 2.5]), rtol=1e-11)
    t = np.linspace(0.0, 10.0, 101)
    np.testing.assert_allclose(run.sol(t)[0], np.cos(t), atol=1e-11)


def test_backwards_in_time():
    run = solved(exponential, (3.0, 0.0), [math.log(4.0)])
    np.testing.assert_allclose(run.final, [0.0], atol=1e-12)


def test_large_arguments_of_a_logistic_function_do_not_overflow():
    def step(t, y, u, params, out):
        out[0] = 2.0 / (np.exp(-1000.0 * (t - 1.0)) + 1.0) - y[0]

    run = simulate(flow(step), 2.0, [0.0], method="taylor", rtol=1e-9, atol=1e-9)
    assert run.success
    np.testing.assert_allclose(run.final, [2.0 * (1.0 - math.exp(-1.0))], rtol=1e-5)  # as of a step at t = 1


def test_a_singularity_ends_the_run_with_a_status():
    run = simulate(flow(lambda t, y, u, p, out: out.fill(y[0] ** 2)), 2.0, [1.0], method="taylor")  # infinite at t = 1
    assert run.status in (Status.NON_FINITE, Status.STEP_TOO_SMALL)
    assert abs(run.t[-1] - 1.0) < 1e-3


def test_what_has_no_series_is_refused_with_the_reason():
    with pytest.raises(ValueError, match=r"no Taylor coefficients here: .*branch.*Use 'dop853'"):
        simulate(flow(lambda t, y, u, p, out: out.fill(-abs(y[0]))), 1.0, [1.0], method="taylor")


@pytest.mark.parametrize("order", [7, 16])
def test_coefficients_equal_those_of_mpmath(order):
    """All of the solution of y' = exp(sin y) / (1 + y^2), from its interpolant."""

    def rhs(t, y, u, params, out):
        out[0] = math.exp(math.sin(y[0])) / (1.0 + y[0] * y[0])

    start = 0.3
    with mpmath.workdps(40):
        exact = mpmath.odefun(lambda t, y: mpmath.exp(mpmath.sin(y)) / (1 + y * y), 0, mpmath.mpf(start), tol=1e-30)
        expected = [float(exact(mpmath.mpf(t))) for t in (0.01, 0.05, 0.1)]
    rtol = 1e-6 if order == 7 else 1e-13
    run = simulate(flow(rhs), 0.1, [start], method="taylor", rtol=rtol, atol=rtol, t_eval=[0.01, 0.05, 0.1])
    np.testing.assert_allclose(np.ravel(run.y), expected, rtol=1e-8 if order == 7 else 1e-14)
