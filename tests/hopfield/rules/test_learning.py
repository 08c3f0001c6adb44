"""Margins of what was learned."""

import numpy as np
import pytest

from hopfield import DiscreteHopfield, patterns
from hopfield.rules import (
    hebbian,
    margins,
)


def test_margins_are_those_of_the_definition(rng):
    xi = patterns.random(5, 30, rng=rng)
    w = hebbian(xi).dense()
    expected = [[x[i] * (w[i] @ x) / np.linalg.norm(w[i]) for i in range(30)] for x in xi.astype(float)]
    np.testing.assert_allclose(margins(hebbian(xi), xi), expected, rtol=1e-12)
    np.testing.assert_array_equal(margins(np.zeros((3, 3)), [[1, 1, -1]]), 0)


def test_shares_of_stable_patterns_are_the_known_ones():
    """N = 200, p = 40: Hebb 0.12, with its diagonal 0.55, Storkey and pseudo-inverse 1; 25 networks, 3 errors."""
    known = {
        "hebbian": (0.12, {}),
        "hebbian, diagonal": (0.55, {"diagonal": True}),
        "storkey": (1.0, {}),
        "pseudo_inverse": (1.0, {}),
    }
    rng = np.random.default_rng(7)
    shares = {name: [] for name in known}
    for _ in range(25):
        xi = patterns.random(40, 200, rng=rng)
        for name, (_, options) in known.items():
            net = DiscreteHopfield.from_patterns(xi, name.partition(",")[0], **options)
            shares[name].append(net.is_stable(xi).mean())
    for name, (share, _) in known.items():
        error = np.std(shares[name]) / 5
        assert abs(np.mean(shares[name]) - share) <= 3 * error + 0.01, (name, np.mean(shares[name]), error)


def test_how_many_digits_stay():
    """Ten class prototypes of scikit-learn's digits: Hebb keeps none, Storkey four, the pseudo-inverse all."""
    pytest.importorskip("sklearn")
    xi = patterns.digit_prototypes()
    nets = [DiscreteHopfield.from_patterns(xi, rule) for rule in ("hebbian", "storkey", "pseudo_inverse")]
    stable = [net.is_stable(xi).sum() for net in nets]
    assert stable == [0, 4, 10]
