"""Minimum probability flow against a minimisation over the whole matrix."""

import numpy as np
import pytest
from scipy.optimize import minimize

from hopfield import hebbian, minimum_probability_flow, patterns
from hopfield.rules import margins


def over_matrices(xi, decay):
    """The same sum over all symmetric matrices, each entry a variable."""
    p, n = xi.shape
    pairs = np.triu_indices(n, 1)

    def flow(entries):
        w = np.zeros((n, n))
        w[pairs] = entries
        w += w.T
        rates = np.exp(-xi * (xi @ w))
        slope = -(xi * rates).T @ xi / p
        return rates.sum() / p + decay * entries @ entries, (slope + slope.T)[pairs] + 2 * decay * entries

    found = minimize(flow, np.zeros(len(pairs[0])), jac=True, method="L-BFGS-B",
                     options={"gtol": 1e-10, "ftol": 0, "maxiter": 5000, "maxfun": 10**6})  # fmt: skip
    w = np.zeros((n, n))
    w[pairs] = found.x
    return w + w.T


def test_couplings_are_the_minimum_over_all_matrices(rng):
    xi = patterns.random(6, 14, rng=rng).astype(float)
    found = minimum_probability_flow(xi, decay=0.01, tolerance=1e-10)
    assert found.symmetric
    np.testing.assert_allclose(found.dense(), over_matrices(xi, 0.01), atol=1e-6)


def test_it_holds_what_hebbs_rule_does_not(rng):
    xi = patterns.random(50, 100, rng=rng)
    assert (margins(minimum_probability_flow(xi), xi) > 0).all()
    assert (margins(hebbian(xi), xi) < 0).any()


def test_too_few_steps_are_told():
    with pytest.warns(UserWarning, match="after 2 steps; raise `max_steps`"):
        minimum_probability_flow(patterns.random(5, 20, rng=0), max_steps=2)
    with pytest.raises(ValueError, match="`decay` must be positive"):
        minimum_probability_flow([[1, -1]], decay=0)
    assert minimum_probability_flow([[1]]).dense().tolist() == [[0.0]]
