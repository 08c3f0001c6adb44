"""Rules that look for margins."""

import numpy as np
import pytest
from scipy.optimize import minimize

from hopfield import capacity, patterns
from hopfield.rules import (
    krauth_mezard,
    margins,
    perceptron,
)


def test_perceptron_reaches_its_margin_and_does_what_the_loop_does(rng):
    xi = patterns.random(8, 25, rng=rng)
    w = perceptron(xi, margin=0.7)
    np.testing.assert_allclose(w.dense(), perceptron_by_loops(xi, 0.7), rtol=0, atol=1e-13)
    assert (margins(w, xi) > 0.7).all()
    np.testing.assert_array_equal(np.diagonal(w.dense()), 0)
    assert not w.symmetric


def perceptron_by_loops(xi, margin):
    """In integers, N times the weights, so that the loop decides without rounding."""
    p, n = xi.shape
    w = np.zeros((n, n), int)
    for i in range(n):
        changed = True
        while changed:
            changed = False
            for x in xi.astype(int):
                if x[i] * (w[i] @ x) <= margin * np.sqrt(float(w[i] @ w[i])):
                    w[i] += x[i] * x
                    w[i, i] = 0
                    changed = True
    return w / n


def test_krauth_mezard_comes_as_close_to_the_largest_margin_as_it_says():
    """The largest margin from a quadratic programme, unit by unit."""
    xi = patterns.random(6, 16, rng=11)
    reached = margins(krauth_mezard(xi, tolerance=0.02), xi).min(axis=0)
    best = np.array([largest_margin(np.delete(xi, i, axis=1) * xi[:, [i]]) for i in range(16)])
    assert (reached <= best * (1 + 1e-6)).all()
    assert (reached >= best * 0.98).all()


def largest_margin(z):
    """max_w min_k w.z_k / |w|: minimise |w|^2 with w.z_k >= 1."""
    constraint = {"type": "ineq", "fun": lambda w: z @ w - 1, "jac": lambda w: z.astype(float)}
    start = np.linalg.pinv(z.astype(float)) @ np.ones(len(z))
    found = minimize(lambda w: w @ w, start, jac=lambda w: 2 * w, constraints=constraint, method="SLSQP", tol=1e-14)
    return 1 / np.linalg.norm(found.x)


def test_the_largest_margin_of_random_patterns_is_gardners():
    """N = 400, alpha = 0.5: kappa from the theory inverted, up to corrections of order 1/sqrt(N)."""
    xi = patterns.random(200, 400, rng=5)
    reached = margins(krauth_mezard(xi, tolerance=0.02), xi).min(axis=0).mean()
    assert capacity.gardner(reached / 0.98) == pytest.approx(0.5, rel=0.1)


def test_units_without_a_solution_are_named():
    xi = patterns.random(30, 8, rng=0)
    with pytest.warns(UserWarning, match=r"of 8 units \(first: \d\) did not reach the margin 0 in 50 sweeps"):
        perceptron(xi, max_sweeps=50)
    with pytest.warns(UserWarning, match=r"of 8 units \(first: \d\) did not come within 0.05 of the largest margin"):
        krauth_mezard(xi, max_updates=50)


def test_results_do_not_depend_on_the_number_of_threads():
    xi = patterns.random(20, 50, rng=1)
    for rule in (perceptron, krauth_mezard):
        np.testing.assert_array_equal(rule(xi, workers=1).left, rule(xi, workers=3).left)
