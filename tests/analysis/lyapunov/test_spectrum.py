"""Exponents that are known, and identities that hold exactly."""

import numpy as np
import pytest

from analysis import lyapunov_spectrum
from neurodynamics import Kind


def within(ls, truth, errors=3.0, slack=0.0):
    return bool(np.all(np.abs(ls.exponents - truth) <= errors * ls.errors + slack))


def test_lorenz(known):
    ls = lyapunov_spectrum(known.LORENZ, [1, 2, 3], duration=2000, rng=1)
    assert within(ls, [0.9056, 0.0, -14.5723], slack=1e-4)
    assert abs(ls.trace_error) <= 3e-6
    assert abs(ls.exponents.sum() + 41 / 3) <= 3e-6
    assert ls.kind == Kind.CHAOS
    assert np.isclose(ls.kaplan_yorke_dimension, 2.0621, atol=2e-3)
    assert ls.entropy_rate == pytest.approx(ls.exponents[ls.exponents > 0].sum())


def test_the_zero_exponent_of_lorenz_at_default_settings(known):
    ls = lyapunov_spectrum(known.LORENZ, [1, 2, 3], duration=10_000, rng=1)
    assert ls.zero_error <= 1e-4


def test_roessler(known):
    ls = lyapunov_spectrum(known.ROESSLER, [1, 1, 1], duration=10_000, rng=0)
    assert within(ls, [0.0714, 0.0, -5.3943], slack=1e-4)
    assert abs(ls.trace_error) <= 3e-6
    assert ls.zero_error <= 1e-4


def test_henon(known):
    ls = lyapunov_spectrum(known.HENON, [0.1, 0.1], duration=50_000, rng=0)
    assert within(ls, [0.41922, np.log(0.3) - 0.41922], slack=1e-5)
    assert abs(ls.exponents.sum() - np.log(0.3)) < 1e-12
    assert abs(ls.trace_error) < 1e-12
    assert np.isnan(ls.zero_error)


def test_cat_map_from_the_definition_of_its_matrix(known):
    ls = lyapunov_spectrum(known.CAT, [0.3, 0.4321], duration=500, rng=0)
    expected = np.log((3 + np.sqrt(5)) / 2)
    assert np.allclose(ls.exponents, [expected, -expected], atol=1e-12)


def test_three_neuron_chaos(known):
    ls = lyapunov_spectrum(known.CHAOTIC, duration=30_000, rng=0)
    assert within(ls, [0.0097, 0.0, -0.4660], slack=6e-4)
    assert ls.kind == Kind.CHAOS
    assert abs(ls.trace_error) <= 3e-6
    assert ls.zero_error <= 1e-4
    assert np.isclose(ls.kaplan_yorke_dimension, 2.021, atol=4e-3)  # four of its standard errors, 0.0005 / 0.47


def test_transposed_weights_give_an_equilibrium_with_its_eigenvalues(known):
    net = known.CHAOTIC.replace(weights=known.CHAOTIC.weights.T)
    ls = lyapunov_spectrum(net, rng=0)
    assert np.allclose(ls.exponents, [-0.38726, -0.72283, -0.86220], atol=1e-5)
    assert np.allclose(ls.exponents, np.sort(np.linalg.eigvals(net.jac(0.0, ls.y)).real)[::-1], atol=1e-8)
    assert np.allclose(ls.y, [0.6637596, -2.0585909, 3.7098977], atol=1e-6)
    assert ls.kind == Kind.FIXED_POINT


def test_the_exponent_of_a_cycle_is_its_floquet_exponent(known):
    ls = lyapunov_spectrum(known.OSCILLATOR, [0, 0], duration=10_000, rng=0)
    assert ls.kind == Kind.LIMIT_CYCLE
    assert abs(ls.exponents[1] - known.OSCILLATOR_EXPONENT) < 1e-6  # six digits of the multiplier are known
    assert ls.zero_error < 1e-6


@pytest.mark.parametrize("kind", ["flow", "map"])
def test_growth_rates_of_linear_systems_are_found_without_eigenvalues(known, rng, kind):
    """The variational path alone: a stable linear system on its way to rest, averaged before it gets there."""
    n = 5
    matrix = rng.normal(size=(n, n))
    matrix = 0.5 * (matrix + matrix.T)
    values = np.linalg.eigvalsh(matrix)
    matrix = matrix - (values[-1] + 0.05) * np.eye(n) if kind == "flow" else matrix * (0.98 / np.max(np.abs(values)))
    values = np.linalg.eigvalsh(matrix)
    truth = values[::-1] if kind == "flow" else np.sort(np.log(np.abs(values)))[::-1]
    ls = lyapunov_spectrum(known.linear(matrix, kind), np.ones(n), duration=60 if kind == "flow" else 100, transient=0,
                           warm_up=100, rng=0)  # fmt: skip
    gap = np.min(np.abs(np.diff(truth)))
    tolerance = 1e-6 + np.exp(-2 * 100 * gap)
    if ls.method == "eigenvalues":  # it came to rest: then the averages must still agree
        assert np.allclose(ls.exponents, truth, atol=1e-8)
    else:
        assert np.allclose(ls.exponents, truth, atol=tolerance)


def test_zero_diagonal_networks_have_exponents_that_sum_to_minus_n(known, rng):
    for n in (10, 60):
        ls = lyapunov_spectrum(known.random_network(rng, n, 3.0), duration=100, transient=30, warm_up=10, rng=rng)
        assert abs(ls.exponents.sum() + n) <= 1e-6 * n
        assert abs(ls.trace_error) <= 1e-6 * n


def test_exponents_sum_to_the_mean_trace(known, rng):
    net = known.random_network(rng, 12, 2.5, gains=rng.uniform(0.8, 1.2, 12), time_constants=rng.uniform(0.5, 2, 12))
    net = net.replace(weights=net.weights + np.diag(rng.normal(size=12)))
    ls = lyapunov_spectrum(net, duration=300, transient=50, warm_up=20, rng=rng)
    assert abs(ls.trace_error) <= 1e-6 * 12


def test_time_reversal_negates_the_spectrum(known):
    """The reversed flow, started on the repelling set, has the exponents with opposite signs over the same stretch."""
    matrix = np.array([[-0.3, 1.0], [0.0, -0.9]])
    forwards = lyapunov_spectrum(known.linear(matrix), [1, 1], duration=40, transient=0, warm_up=40, rng=0)
    backwards = lyapunov_spectrum(known.linear(-matrix), [1e-3, 1e-3], duration=40, transient=0, warm_up=0, rng=0)
    assert np.allclose(forwards.exponents, [-0.3, -0.9], atol=1e-7)
    assert backwards.exponents.sum() == pytest.approx(1.2, abs=1e-6)


def test_rates_of_a_diagonal_map_are_averages_of_logarithms_exactly():
    """IndRNN-like: units that see themselves only, y -> tanh(u y + b)."""
    from neurodynamics import DynamicalSystem

    strength, bias = np.array([1.8, -2.5, 0.9]), np.array([0.1, 0.3, -0.2])

    def rhs(t, y, u, params, out):
        for i in range(3):
            out[i] = np.tanh(params[i] * y[i] + params[3 + i])

    def jac(t, y, u, params, out):
        for i in range(3):
            for j in range(3):
                out[i, j] = 0.0
            out[i, i] = params[i] * (1.0 - np.tanh(params[i] * y[i] + params[3 + i]) ** 2)

    net = DynamicalSystem(rhs, 3, params=np.concatenate([strength, bias]), jac=jac, kind="map")
    ls = lyapunov_spectrum(net, [0.1, 0.2, 0.3], duration=400, transient=200, warm_up=100, window="flat", rng=0)
    y = np.array([0.1, 0.2, 0.3])
    rates = np.zeros(3)
    for k in range(700):
        slope = strength * (1 - np.tanh(strength * y + bias) ** 2)
        rates += np.log(np.abs(slope)) / 400 if k >= 300 else 0.0
        y = np.tanh(strength * y + bias)
    assert np.allclose(ls.exponents, np.sort(rates)[::-1], atol=1e-12)


@pytest.mark.slow
def test_the_truth_lies_within_two_errors(known):
    """Coverage over 40 seeds; T = 400 for Lorenz (0.90563 +- 0.00005)."""
    inside = 0
    for seed in range(40):
        ls = lyapunov_spectrum(known.LORENZ, duration=400, transient=30, warm_up=10, rng=seed)
        inside += abs(ls.exponents[0] - 0.90563) <= 2 * ls.errors[0]
    assert inside >= 34, inside


def test_a_coarse_euler_step_is_seen_in_the_record(known):
    """Euler with dt = 0.1 misses the sum of the exponents by 5 % (B9); the bias says so before anyone is misled."""
    net = known.random_network(np.random.default_rng(1), 30, 2.0)
    coarse = lyapunov_spectrum(net, duration=200, transient=50, warm_up=20, method="euler", dt=0.1, rng=0)
    fine = lyapunov_spectrum(net, duration=200, transient=50, warm_up=20, rng=0)
    assert abs(coarse.trace_error) > 0.02 * 30
    assert coarse.bias.sum() == pytest.approx(coarse.trace_error, rel=0.1)
    assert np.max(np.abs(fine.bias)) < 1e-5
