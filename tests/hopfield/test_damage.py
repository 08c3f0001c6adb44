"""Damage: what is cut and what is added, counted; retrieval beside the mean-field theory."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from hopfield import DiscreteHopfield, capacity, damage_curve, hebbian, patterns
from hopfield.damage import clipped, critical_damage, cut, variance, with_noise

XI = patterns.random(20, 100, rng=0)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_share_of_the_connections_is_cut_and_the_others_stay(symmetric, share):
    whole = hebbian(XI, diagonal=True)
    w, before = cut(whole, share, symmetric=symmetric, rng=1).dense(), whole.dense()
    off = ~np.eye(100, dtype=bool) & (before != 0)
    pairs = off.sum() / (2 if symmetric else 1)
    assert (w[off] == 0).sum() == round(share * pairs) * (2 if symmetric else 1)
    np.testing.assert_array_equal(w[w != 0], before[w != 0])
    np.testing.assert_array_equal(np.diag(w), np.diag(before))
    assert np.array_equal(w, w.T) == (symmetric or share in (0.0, 1.0))
    assert cut(whole, share, rng=1).exact  # integers over a common scale, still


def test_noise_has_the_spread_that_was_asked_for():
    before = hebbian(XI).dense()
    for symmetric in (True, False):
        added = with_noise(before, 0.5, symmetric=symmetric, rng=2).dense() - before
        off = added[~np.eye(100, dtype=bool)]
        rms = np.sqrt(np.mean(before[~np.eye(100, dtype=bool)] ** 2))
        assert off.std() == pytest.approx(0.5 * rms, rel=4 / np.sqrt(2 * 9900 / 2))
        assert not np.diag(added).any()
        np.testing.assert_array_equal(added, added.T) if symmetric else None


def test_clipped_weights_are_signs():
    w = clipped(hebbian(XI)).dense()
    sizes = np.unique(np.abs(w).round(12))
    assert len(sizes) == 2
    assert sizes[0] == 0
    np.testing.assert_array_equal(np.sign(w), np.sign(hebbian(XI).dense()))
    np.testing.assert_array_equal(clipped(np.eye(3)).dense(), np.eye(3))


def _mean_sign(m, width):
    """<sgn(m + width z)> over a normal z, by quadrature."""
    return quad(lambda z: np.sign(m + width * z) * np.exp(-z * z / 2), -8, 8, points=[-m / width])[0] / np.sqrt(2 * np.pi)


def test_the_theory_solves_its_equations():
    """m = erf y and the rest by quadrature; clipped synapses hold 0.102 N (Sompolinsky 1987), strong damage 2 / (pi D)."""
    alpha, extra = 0.05, 1.0
    m = capacity.overlap(alpha, damage=extra)

    def overlap_at(c):
        width = np.sqrt(alpha * (1 / (1 - c) ** 2 + extra))
        return brentq(lambda m: m - _mean_sign(m, width), 0.5, 1.0), width

    def excess(c):
        m, width = overlap_at(c)
        return c - np.sqrt(2 / np.pi) / width * np.exp(-m * m / (2 * width * width))

    assert overlap_at(brentq(excess, 1e-6, 0.3))[0] == pytest.approx(m, abs=1e-9)
    assert capacity.critical_load(damage=np.pi / 2 - 1) == pytest.approx(0.102, abs=5e-4)
    assert capacity.critical_load(damage=1e6) == pytest.approx(2 / (np.pi * 1e6), rel=0.05)
    assert capacity.critical_load("dilute", damage=1.0) == pytest.approx(1 / np.pi)
    assert capacity.critical_load(damage=variance("cut", critical_damage(0.05))) == pytest.approx(0.05, rel=1e-9)
    assert variance("noise", critical_damage(0.1, "noise")) == pytest.approx(variance("cut", critical_damage(0.1)))
    assert critical_damage(0.2) == 0
    with pytest.raises(ValueError, match="`damage` must be 0 at a `temperature` above 0"):
        capacity.overlap(0.05, 0.1, damage=0.5)


@pytest.mark.parametrize(("kind", "amounts"), [("cut", [0.0, 0.3, 0.5]), ("noise", [0.5, 1.0]), ("clip", [0.0])])
def test_retrieval_is_that_of_the_theory(kind, amounts):
    """N = 1000, load 0.05: within four standard errors over probes and networks, and the O(1/N) of a finite size."""
    net = DiscreteHopfield.from_patterns(patterns.random(50, 1000, rng=3))
    curve = damage_curve(net, amounts, kind=kind, symmetric=False, networks=2, rng=4)
    expected = np.array([capacity.overlap(0.05, damage=variance(kind, a)) for a in amounts])
    error = np.sqrt((1 - expected) * 2 / 1000 / curve.trials)  # of the number of wrong units
    assert (np.abs(curve.overlaps - expected) <= 4 * error + 2 / 1000).all()
    assert (curve.retrieved == 1).all()


def test_nothing_is_left_beyond_the_critical_damage():
    net = DiscreteHopfield.from_patterns(patterns.random(50, 1000, rng=3))
    top = critical_damage(0.05)
    curve = damage_curve(net, [top - 0.15, top + 0.15], symmetric=False, networks=2, probes=25, rng=5)
    assert curve.retrieved.tolist() == [1.0, 0.0]
    assert (curve.low <= curve.retrieved).all()
    assert (curve.retrieved <= curve.high).all()
    amounts, theory = curve.theory
    assert theory[0] > 0.999
    assert theory[amounts > top].max() == 0


def test_time_ends_a_curve_early():
    net = DiscreteHopfield.from_patterns(XI)
    curve = damage_curve(net, np.linspace(0, 1, 400), networks=50, rng=0, timeout=0.2)
    assert len(curve.amounts) == len(curve.overlaps) < 400
    with pytest.raises(ValueError, match="`share` must lie between 0 and 1"):
        cut(np.eye(3), 1.5)
    with pytest.raises(ValueError, match="`amounts` must be"):
        damage_curve(net, [1.5])


def test_one_unit_has_no_connections():
    for damaged in (cut([[1.0]], 0.5), with_noise([[1.0]], 0.5), clipped([[1.0]])):
        np.testing.assert_array_equal(damaged.dense(), [[1.0]])
