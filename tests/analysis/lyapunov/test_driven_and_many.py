"""Inputs, noise, ensembles, maps over parameters, finite times, classification and theory."""

import numpy as np
import pytest

from analysis import (
    classify,
    finite_time_field,
    finite_time_lyapunov,
    largest_lyapunov_exponent,
    lyapunov_ensemble,
    lyapunov_map,
    lyapunov_spectrum,
    mean_field_lyapunov,
)
from ctrnn import CTRNN
from neurodynamics import Kind, PulseTrain, Sampled, Sine, simulate

# Driven systems -------------------------------------------------------------------------------------------------------


def test_a_linear_driven_network_has_the_exponents_of_its_leaks():
    net = CTRNN([[0.0, 1.0], [0.0, 0.0]], time_constants=[1.0, 2.0], activation="linear")
    ls = lyapunov_spectrum(net, [1, 1], duration=200, inputs=[Sine(1.0, 0.3), PulseTrain(1, 0.5, 2.0, 3.0, 80)], rng=0)
    assert np.allclose(ls.exponents, [-0.5, -1.0], atol=1e-7)
    assert ls.echo_state
    assert np.isnan(ls.zero_error)


def test_signals_and_the_same_python_function_agree(rng):
    net = CTRNN(1.2 * rng.normal(size=(4, 4)), activation="tanh", input_weights=rng.normal(size=(4, 1)))
    options = {"duration": 20, "transient": 5, "warm_up": 5, "rng": 1}
    start = rng.normal(size=4)
    signal = lyapunov_spectrum(net, start, inputs=[Sine(1.0, 0.25)], **options)
    function = lyapunov_spectrum(net, start, inputs=lambda t: [np.sin(0.5 * np.pi * t)], **options)
    assert (signal.path, function.path) == ("compiled", "host")
    assert np.allclose(signal.exponents, function.exponents, atol=1e-8)


def test_strong_input_suppresses_chaos(rng):
    """Molgedey, Schuchhardt & Schuster (1992): a driven random network forgets its start."""
    weights = 1.8 * rng.normal(size=(60, 60)) / np.sqrt(60)
    t = np.arange(0.0, 400.0, 0.5)
    net = CTRNN(weights, activation="tanh")
    drive = Sampled(t, 4.0 * rng.normal(size=(60, t.size)))
    driven = largest_lyapunov_exponent(net, duration=250, inputs=drive, rng=0)
    assert driven.exponents[0] < -0.1
    assert driven.echo_state


def test_breakpoints_are_respected():
    """A pulse train read as a smooth signal would cost the error control thousands of rejected steps."""
    net = CTRNN([[0.0]], activation="tanh")
    train = PulseTrain(0.7, 0.1, 5.0, 1.3, 400)
    ls = lyapunov_spectrum(net, [0.0], duration=300, inputs=[train], rng=0)
    assert ls.exponents == pytest.approx([-1.0], abs=1e-8)


def test_frozen_noise_leaves_the_exponents_of_a_linear_network():
    net = CTRNN([[0.0, 0.5], [0.0, 0.0]], time_constants=[1.0, 2.0], activation="linear", noise=0.3)
    ls = lyapunov_spectrum(net, [0, 0], duration=100, dt=0.01, rng=0)
    assert ls.method == "stochastic_heun"
    assert np.allclose(ls.exponents, [-0.5, -1.0], atol=1e-4)  # h^2/6
    assert np.isnan(ls.bias).all()


# Ensembles ------------------------------------------------------------------------------------------------------------


def test_ensembles_do_not_depend_on_workers_and_agree_with_single_runs(known):
    sweep = {"weights[0, 1]": np.linspace(-0.1, 0.1, 7)}
    one, two = (lyapunov_ensemble(known.CHAOTIC, [0, 0, 0], duration=1500, params=sweep, workers=w, rng=0) for w in (1, 2))
    assert np.array_equal(one.exponents, two.exponents)
    single = lyapunov_spectrum(known.CHAOTIC.with_params({"weights[0, 1]": 0.1}), [0, 0, 0], duration=1500, rng=0)
    errors = np.hypot(single.errors, one.standard_errors[-1])
    assert np.all(np.abs(single.exponents - one.exponents[-1]) <= 5 * errors + 1e-4)
    assert np.nanmax(np.abs(one.trace_error)) <= 3e-6


def test_ensembles_hold_failed_members_apart(known):
    found = lyapunov_ensemble(known.HENON, [0.1, 0.1], duration=2000, params={"a": [1.4, 5.0, 0.2]}, rng=0)
    assert list(found.kinds) == [Kind.CHAOS, Kind.DIVERGES, Kind.LIMIT_CYCLE]
    assert np.isnan(found.exponents[1]).all()
    assert (found.status < 0).tolist() == [False, True, False]


def test_a_map_over_two_parameters_has_their_order(known):
    grid = {"weights[0, 1]": [0.5, 1.0, 1.5], "biases[0]": [-3.0, -2.5]}
    found = lyapunov_map(known.OSCILLATOR, grid, k=2, duration=300, y0=[0, 0], rng=0)
    assert found.exponents.shape == (3, 2, 2)
    alone = lyapunov_ensemble(known.OSCILLATOR.with_params({"weights[0, 1]": 1.5, "biases[0]": -3.0}), [0, 0],
                              duration=300, rng=0)  # fmt: skip
    assert np.allclose(found.exponents[2, 0], alone.exponents[0], atol=1e-12)


# Finite times ---------------------------------------------------------------------------------------------------------


def test_finite_time_exponents_are_singular_values_of_the_tangent_map(known, rng):
    """Against differences of the flow map itself."""
    net, start, step = known.CHAOTIC, rng.normal(size=3), 1e-5
    ends = [
        simulate(net, 6.0, start + sign * step * row, rtol=1e-12, atol=1e-13, save="final").y[:, -1]
        for row in np.eye(3)
        for sign in (1, -1)
    ]
    tangent = np.array([(ends[2 * i] - ends[2 * i + 1]) / (2 * step) for i in range(3)]).T
    expected = np.log(np.linalg.svd(tangent, compute_uv=False)) / 6.0
    found = finite_time_lyapunov(net, start, 6.0, rtol=1e-10)
    assert np.allclose(found.exponents, expected, atol=1e-6)


def test_finite_time_exponents_of_many_starts_are_those_of_each(known, rng):
    starts = rng.normal(size=(5, 3))
    many = finite_time_lyapunov(known.CHAOTIC, starts, 10.0)
    each = [finite_time_lyapunov(known.CHAOTIC, start, 10.0).exponents for start in starts]
    assert np.array_equal(many.exponents, each)


def test_long_finite_times_neither_overflow_nor_pretend(known):
    """Backwards in Lorenz' system nothing is left of the smallest singular value: nan, and the largest stays right."""
    found = finite_time_lyapunov(known.LORENZ, [1.0, 2.0, 20.0], 2000.0)
    assert found.exponents[0] == pytest.approx(0.906, abs=0.02)
    assert np.isnan(found.exponents[2])


def test_the_ridge_of_the_field_is_the_separatrix():
    net = CTRNN([[0, -8], [-8, 0]], constant_inputs=4)
    field = finite_time_field(net, 6, [[-5, 5], [-4, 4]], resolution=(21, 17))
    assert field.values.shape == (17, 21)
    ridge = field.x[field.values.argmax(axis=1)]
    assert np.allclose(ridge, field.y, atol=0.51)


def test_bad_fields_are_refused(known):
    with pytest.raises(ValueError, match="`bounds`"):
        finite_time_field(known.OSCILLATOR, 1, [[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="two different states"):
        finite_time_field(known.OSCILLATOR, 1, [[0, 1], [0, 1]], plane=(0, 0))
    with pytest.raises(ValueError, match="`duration` must be positive"):
        finite_time_lyapunov(known.OSCILLATOR, [0, 0], 0)


# Classification -------------------------------------------------------------------------------------------------------


def test_classify_tells_rest_cycle_torus_and_chaos(known):
    cycle = classify(known.OSCILLATOR, [0, 0], duration=2000, rng=0)
    assert cycle.kind == Kind.LIMIT_CYCLE
    assert cycle.period == pytest.approx(28.9999078994859, abs=1e-4)
    assert classify(known.CHAOTIC, duration=20_000, rng=0).kind == Kind.CHAOS
    assert classify(known.LORENZ, [1, 2, 3], duration=500, rng=0).kind == Kind.CHAOS
    rest = known.CHAOTIC.replace(weights=known.CHAOTIC.weights.T)
    assert classify(rest, duration=200, rng=0).kind == Kind.FIXED_POINT
    pair = CTRNN(np.kron(np.eye(2), known.OSCILLATOR.weights), [-2.75, -1.75] * 2, [1, 1, np.sqrt(2), np.sqrt(2)])
    assert classify(pair, duration=5000, rng=0).kind == Kind.TORUS


def test_weak_chaos_is_left_open_until_it_is_seen(known):
    """Its largest exponent is 0.0097: a short run cannot tell it from zero, and must not call it a torus."""
    kinds = [lyapunov_spectrum(known.CHAOTIC, duration=time, rng=seed).kind for time in (1000, 2000) for seed in range(4)]
    assert set(kinds) <= {Kind.UNDECIDED, Kind.CHAOS}


def test_classify_finds_the_period_of_a_map(known):
    found = classify(known.HENON.with_params({"a": 1.0}), [0.1, 0.1], duration=2000, rng=0)
    assert found.kind == Kind.LIMIT_CYCLE
    assert found.period == 4
    assert classify(known.HENON, [0.1, 0.1], duration=5000, rng=0).kind == Kind.CHAOS


# Theory ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gain", "exponent"), [(1.5, 0.04675), (2.0, 0.11246), (3.0, 0.23546), (0.7, -0.3)])
def test_mean_field_exponents_to_four_digits(gain, exponent):
    assert mean_field_lyapunov(gain).exponent == pytest.approx(exponent, abs=6e-6)


def test_mean_field_autocorrelation_solves_its_equation():
    """Delta'' = Delta - g^2 <phi phi'>, by differences, with the average by another rule (Gauss-Hermite)."""
    theory = mean_field_lyapunov(2.0)
    h, delta = theory.lags[1], theory.autocorrelation
    x, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    for i in (50, 200, 400):
        second = (delta[i - 1] - 2 * delta[i] + delta[i + 1]) / h**2
        common, own = np.sqrt(delta[i]), np.sqrt(theory.variance - delta[i])
        average = weights @ (np.tanh(common * x[:, np.newaxis] + own * x) @ weights) ** 2
        assert second == pytest.approx(delta[i] - 4.0 * average, abs=2e-5)
    assert delta[0] == theory.variance
    assert np.all(np.diff(delta) <= 0)


def test_near_the_transition_the_exponent_is_half_the_distance_squared():
    """Sompolinsky, Crisanti & Sommers (1988): lambda = (g - 1)^2 / 2 to leading order."""
    assert mean_field_lyapunov(1.002).exponent == pytest.approx(0.5 * 0.002**2, rel=0.05)


@pytest.mark.slow
def test_finite_networks_approach_the_theory_from_below(known):
    """g = 2: the mean over networks rises with N, and at N = 400 what is left to the theory is of order 10/N."""
    theory, means, errors = mean_field_lyapunov(2.0).exponent, [], []
    for n, count in ((100, 8), (400, 6)):
        values = []
        for seed in range(count):
            net = known.random_network(np.random.default_rng(seed), n, 2.0)
            ls = largest_lyapunov_exponent(net, duration=150, transient=50, warm_up=20, rtol=1e-5, rng=seed)
            values.append(ls.exponents[0])
        means.append(np.mean(values))
        errors.append(np.std(values, ddof=1) / np.sqrt(count))
    assert means[0] < means[1] + 2 * np.hypot(*errors)
    assert -0.04 - 3 * errors[1] <= means[1] - theory <= 3 * errors[1]
