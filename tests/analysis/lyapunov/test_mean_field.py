"""Exponents of infinite random networks: figures of the literature, the equation itself, finite networks."""

import numpy as np
import pytest

from analysis import (
    largest_lyapunov_exponent,
    mean_field_lyapunov,
)


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


def test_mean_field_refuses_activations_without_symmetry():
    with pytest.raises(ValueError, match="must be odd and bounded"):
        mean_field_lyapunov(2.0, "logistic")
    with pytest.raises(ValueError, match="`gain` must be at least 0"):
        mean_field_lyapunov(-1.0)
