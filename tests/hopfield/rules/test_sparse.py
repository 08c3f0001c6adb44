"""The covariance rule against its formula in 0 and 1, and sparse patterns that it holds where Hebb's rule does not."""

import numpy as np
import pytest

from hopfield import DiscreteHopfield, GradedHopfield, covariance, hebbian, patterns


@pytest.mark.parametrize("threshold", [0.3, 0.5])
def test_fields_are_those_of_tsodyks_and_feigelman(threshold, rng):
    v = np.asarray(patterns.biased(8, 50, -0.6, values="binary", rng=rng), float)
    f = v.mean()
    W = (v - f).T @ (v - f) / (f * (1 - f) * 50)
    np.fill_diagonal(W, 0)
    net = DiscreteHopfield.from_patterns(v, "covariance", values="binary", threshold=threshold)
    np.testing.assert_allclose(net.couplings.dense(), W, atol=1e-12)
    want = (v - f) @ W.T - (threshold - f)  # of couplings that see v - f, whose fields are -f and 1 - f
    np.testing.assert_allclose(net.fields(v.astype(int)), want, atol=1e-12)


def test_it_is_hebbs_rule_of_the_same_activity(rng):
    xi = patterns.biased(6, 40, 0.4, rng=rng)
    a, b = covariance(xi, activity=0.4), hebbian(xi, activity=0.4)
    np.testing.assert_allclose(a.dense(), b.dense(), rtol=1e-12)
    np.testing.assert_allclose(a.bias, b.bias, atol=1e-12)


def test_sparse_patterns_are_held(rng):
    xi = patterns.biased(40, 400, -0.9, values="binary", rng=rng)
    held = DiscreteHopfield.from_patterns(xi, "covariance", values="binary").is_stable(xi).mean()
    with pytest.warns(UserWarning, match="mean activity"):
        lost = DiscreteHopfield.from_patterns(xi, "hebbian", values="binary").is_stable(xi).mean()
    assert held > 0.8 > 0.1 > lost


def test_graded_networks_take_the_threshold_as_currents(rng):
    xi = patterns.biased(5, 60, -0.5, rng=rng)
    np.testing.assert_array_equal(GradedHopfield.from_patterns(xi, "covariance").currents, covariance(xi).bias)


def test_wrong_arguments_are_named():
    for options, message in (({"activity": 1.0}, "`activity`"), ({"threshold": 0.0}, "`threshold`")):
        with pytest.raises(ValueError, match=message):
            covariance([[1, -1]], **options)
    with pytest.raises(ValueError, match="must not all be alike"):
        covariance([[1, 1]])
