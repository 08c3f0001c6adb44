"""Rules against their published recurrences, written out."""

import numpy as np
import pytest

from learning import Adam, Descent, RMSProp, Rprop
from learning.optimisers import as_optimiser


def steps_of(rule, gradients, rate=0.1):
    memory = rule.begin(gradients.shape[1])
    return np.array([rule.change(g, rate, memory) for g in gradients])


def test_rules_are_their_recurrences(rng):
    g, rate = rng.normal(size=(6, 3)), 0.1
    v = m = np.zeros(3)
    adam, momentum, nesterov, rms = [], [], [], []
    s, w = np.zeros(3), np.zeros(3)
    for k, each in enumerate(g, 1):
        m, v = 0.9 * m + 0.1 * each, 0.999 * v + 0.001 * each**2
        adam.append(-rate * (m / (1 - 0.9**k)) / (np.sqrt(v / (1 - 0.999**k)) + 1e-8))
        w = 0.7 * w - rate * each
        momentum.append(w)
        nesterov.append(0.7 * w - rate * each)
        s = 0.99 * s + 0.01 * each**2
        rms.append(-rate * each / (np.sqrt(s) + 1e-8))
    for rule, expected in (
        (Adam(), adam),
        (Descent(0.7), momentum),
        (Descent(0.7, nesterov=True), nesterov),
        (RMSProp(), rms),
    ):
        np.testing.assert_allclose(steps_of(rule, g), expected, rtol=1e-12)


def test_rprop_heeds_signs_only(rng):
    signs = np.array([[1.0], [1.0], [-1.0], [-1.0], [-1.0]])
    expected = [-0.1, -0.12, 0.0, 0.06, 0.072]  # the rate, grows, turns (no step), begins again with half the length
    np.testing.assert_allclose(steps_of(Rprop(), signs * rng.uniform(0.1, 9.0, (5, 1)))[:, 0], expected, rtol=1e-12)


def test_a_bowl_is_descended_by_every_rule():
    for rule, rate in ((Adam(), 0.3), (Descent(0.5), 0.05), (RMSProp(0.9), 0.02), (Rprop(), 0.1)):
        x, memory = np.array([3.0, -2.0]), rule.begin(2)
        for _ in range(300):
            x = x + rule.change(2 * np.array([1.0, 5.0]) * x, rate, memory)
        assert np.abs(x).max() < 0.05, rule


def test_wrong_rules_are_named():
    for make, word in (
        (lambda: Adam(beta_1=1.0), "beta_1"),
        (lambda: Descent(-0.1), "momentum"),
        (lambda: RMSProp(rho=2), "rho"),
        (lambda: Rprop(smallest=2.0, largest=1.0), "largest"),
        (lambda: as_optimiser("adma"), "'adam'"),
        (lambda: as_optimiser(3), "optimiser"),
    ):
        with pytest.raises((ValueError, TypeError), match=word):
            make()
