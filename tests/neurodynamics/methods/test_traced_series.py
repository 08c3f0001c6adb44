"""Taylor steps of users' equations, against closed forms, mpmath's coefficients, and other methods."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from analysis import limit_cycle
from neurodynamics import DynamicalSystem, Sine, Status, simulate, simulate_ensemble
from neurodynamics.models import fitzhugh_nagumo, hindmarsh_rose, lorenz, morris_lecar, roessler, wilson_cowan


def flow(function, n=1, **more):
    return DynamicalSystem(function, state_dim=n, **more)


def solved(function, span, start, n=1, **more):
    return simulate(flow(function, n), span, start, method="taylor", rtol=1e-13, atol=1e-14, **more)


def elementary(t, y, u, p, out):
    """Equations whose solutions are known: each function, quotients and powers."""
    out[0] = np.exp(-y[0])
    out[1] = -y[1] * math.log(y[1])
    out[2] = np.cos(y[2]) ** 2
    out[3] = math.sin(y[3]) / math.tan(y[3])
    out[4] = 1.0 / np.cosh(y[4])
    out[5] = 1.0 / np.sqrt(1.0 + np.sinh(y[5]) ** 2)
    out[6] = 1.0 - np.tanh(np.arctan(np.tan(y[6]))) ** 2
    out[7] = 1.0 / (1.0 + np.exp(-3.0 * t))
    out[8] = y[8] ** 1.5
    out[9] = math.sqrt(y[9])
    out[10] = -(y[10] ** 3)
    out[11] = y[11] ** -2
    out[12] = 2.0 ** y[12]
    out[13] = y[13] ** y[13] / y[13] ** y[13] * t


SOLUTIONS = (
    (0.0, lambda t: math.log(1.0 + t)),
    (0.5, lambda t: math.exp(math.exp(-t) * math.log(0.5))),
    (0.0, math.atan),
    (0.1, lambda t: 2.0 * math.atan(math.tanh(0.5 * (t + 2.0 * math.atanh(math.tan(0.05)))))),  # y' = cos y
    (0.0, math.asinh),
    (0.0, math.asinh),
    (0.0, lambda t: float(mpmath.findroot(lambda y: mpmath.sinh(2 * y) / 4 + y / 2 - t, t))),
    (0.0, lambda t: math.log((1.0 + math.exp(3.0 * t)) / 2.0) / 3.0),
    (1.0, lambda t: (1.0 - t / 2.0) ** -2),
    (1.0, lambda t: (1.0 + t / 2.0) ** 2),
    (1.0, lambda t: (1.0 + 2.0 * t) ** -0.5),
    (1.0, lambda t: (1.0 + 3.0 * t) ** (1.0 / 3.0)),
    (0.0, lambda t: -math.log2(1.0 - t * math.log(2.0))),
    (1.0, lambda t: 1.0 + t * t / 2.0),
)


def test_elementary_functions():
    solution = solved(elementary, 1.2, [start for start, _ in SOLUTIONS], len(SOLUTIONS), t_eval=[0.4, 1.2])
    assert solution.success
    for y, (_, exact) in zip(solution.y, SOLUTIONS, strict=True):
        np.testing.assert_allclose(y, [exact(0.4), exact(1.2)], rtol=2e-12)


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


def test_one_function_serves_systems_of_several_sizes():
    def ring(t, y, u, p, out):
        for i in range(y.size):
            out[i] = y[i - 1] * y[i - 1] - y[i]

    systems = [flow(ring, n) for n in (3, 5)]  # both alive: they share the compiled function
    for system in systems:
        start = np.linspace(0.1, 0.9, system.state_dim)
        taylor, other = (simulate(system, 2.0, start, method=m, rtol=1e-10, atol=1e-12).final for m in ("taylor", "dop853"))
        np.testing.assert_allclose(taylor, other, rtol=1e-8)


def test_events_and_dense_output_stand_on_the_polynomial():
    def cosine(t, y, u, params, out):
        out[0], out[1] = y[1], -y[0]

    run = simulate(flow(cosine, 2), 10.0, [1.0, 0.0], events=[lambda t, y: y[0]], dense_output=True, method="taylor",
                   rtol=1e-12, atol=1e-12)  # fmt: skip
    np.testing.assert_allclose(run.t_events[0], np.pi * np.array([0.5, 1.5, 2.5]), rtol=1e-11)
    t = np.linspace(0.0, 10.0, 101)
    np.testing.assert_allclose(run.sol(t)[0], np.cos(t), atol=1e-11)


def test_backwards_in_time():
    options = {"method": "taylor", "rtol": 1e-13, "atol": 1e-13}
    there = simulate(lorenz(), 0.5, [1.0, 1.0, 1.0], **options)
    back = simulate(lorenz(), (0.5, 0.0), there.final, **options)
    np.testing.assert_allclose(back.final, [1.0, 1.0, 1.0], rtol=1e-8)


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


def test_what_has_changed_outside_is_not_the_old_value_in_silence():
    light = [3.0]

    def make():
        rate = light[0]
        return flow(lambda t, y, u, p, out: out.fill(-rate * y[0]))

    np.testing.assert_allclose(simulate(make(), 1.0, [1.0], method="taylor").final, math.exp(-3.0), rtol=1e-5)
    light[0] = 5.0
    np.testing.assert_allclose(simulate(make(), 1.0, [1.0], method="taylor").final, math.exp(-5.0), rtol=1e-5)
    gain = np.array([1.0])
    system = flow(lambda t, y, u, p, out: out.fill(-gain[0] * y[0]))
    simulate(system, 1.0, [1.0], method="taylor")
    gain[0] = 2.0
    with pytest.raises(ValueError, match="has changed"):
        simulate(system, 1.0, [1.0], method="taylor")


def test_a_nested_function_against_mpmath():

    def rhs(t, y, u, params, out):
        out[0] = math.exp(math.sin(y[0])) / (1.0 + y[0] * y[0])

    start = 0.3
    with mpmath.workdps(40):
        exact = mpmath.odefun(lambda t, y: mpmath.exp(mpmath.sin(y)) / (1 + y * y), 0, mpmath.mpf(start), tol=1e-30)
        expected = [float(exact(mpmath.mpf(t))) for t in (0.01, 0.05, 0.1)]
    run = simulate(flow(rhs), 0.1, [start], method="taylor", rtol=1e-13, atol=1e-13, t_eval=[0.01, 0.05, 0.1])
    np.testing.assert_allclose(np.ravel(run.y), expected, rtol=1e-14)


def test_equations_that_are_no_numbers_at_the_start_fail_at_once():
    def undefined(t, y, u, params, out):
        out[0] = np.sqrt(-1.0 - y[0] * y[0])

    run = simulate(DynamicalSystem(undefined, 1), 10.0, [0.1], method="taylor")
    assert run.status == Status.NON_FINITE
    assert run.t[-1] == 0.0
    with pytest.raises(ValueError, match="reaches no cycle"):
        limit_cycle(DynamicalSystem(undefined, 1), [0.1])
