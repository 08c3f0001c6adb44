"""The eigenstructure method against matrix exponentials, and the network that it was made for."""


import numpy as np
import pytest
from scipy.linalg import expm

from hopfield import eigenstructure, patterns


def flow_of(xi, tau):
    """T and I of Li, Michel and Porod, with projections written out."""
    differences = xi[:-1] - xi[-1]
    inside = np.linalg.pinv(differences) @ differences
    T = inside - tau * (np.eye(xi.shape[1]) - inside)
    return T, xi[-1] - T @ xi[-1]


def test_couplings_are_the_exact_step_of_the_flow(rng):
    xi = patterns.random(4, 12, rng=rng).astype(float)
    T, drift = flow_of(xi, 7.0)
    np.testing.assert_allclose(xi @ T + drift, xi, atol=1e-12)  # each pattern is its own field
    step = expm(0.2 * np.block([[T, drift[:, None]], [np.zeros((1, 13))]]))  # of x' = T x + I, exactly
    w = eigenstructure(xi, tau=7.0, step=0.2)
    np.testing.assert_allclose(w.dense(), step[:12, :12], atol=1e-12)
    np.testing.assert_allclose(w.bias, step[:12, 12], atol=1e-12)


def test_dependent_patterns_are_allowed():
    xi = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [-1, -1, 1, 1], [-1, -1, -1, -1]])
    w = eigenstructure(xi)
    assert (np.sign(w.product(xi) + w.bias) == xi).all()
    with pytest.raises(ValueError, match="two patterns that differ"):
        eigenstructure([[1, -1], [1, -1]])
    with pytest.raises(ValueError, match="`step`"):
        eigenstructure(xi, step=1e5)
