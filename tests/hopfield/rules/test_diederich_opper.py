"""Diederich and Opper's rules against the projection in closed form, and their definition as loops."""

import numpy as np
import pytest

from hopfield import diederich_opper_i, diederich_opper_ii, patterns, pseudo_inverse


def test_the_first_rule_is_the_projection_without_its_diagonal(rng):
    """Least squares without a unit's own input: W_ij = P_ij / (1 - P_ii), by Sherman and Morrison."""
    xi = patterns.random(10, 40, rng=rng)
    P = pseudo_inverse(xi).dense()
    want = P / (1 - np.diag(P))[:, None]
    np.fill_diagonal(want, 0)
    found = diederich_opper_i(xi, tolerance=1e-10)
    np.testing.assert_allclose(found.dense(), want, atol=1e-8)
    np.testing.assert_allclose(found.product(xi), xi, atol=1e-9)


def by_loops(xi):
    p, n = xi.shape
    w = np.zeros((n, n))
    for i in range(n):
        for _ in range(1000):
            changed = False
            for k in range(p):
                if xi[k, i] * (w[i] @ xi[k]) < 1 - 1e-12:
                    w[i] += xi[k, i] * xi[k] / n
                    w[i, i] = 0
                    changed = True
            if not changed:
                break
    return w


def test_the_second_rule_is_its_loop(rng):
    xi = patterns.random(12, 20, rng=rng).astype(float)
    found = diederich_opper_ii(xi)
    np.testing.assert_allclose(found.dense(), by_loops(xi), atol=1e-12)
    assert (found.product(xi) * xi >= 1 - 1e-12).all()


def test_what_was_not_reached_is_told():
    xi = patterns.random(60, 20, rng=0)
    with pytest.warns(UserWarning, match="did not reach fields of 1"):
        diederich_opper_i(xi, max_sweeps=50)
    with pytest.warns(UserWarning, match="did not reach fields of 1"):
        diederich_opper_ii(xi, max_sweeps=50)
    with pytest.raises(ValueError, match="`tolerance` must be positive"):
        diederich_opper_i(xi, tolerance=0)
