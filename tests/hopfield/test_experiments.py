"""Curves of recall and of capacity: the cues they say, and the overlaps of the theory."""

import numpy as np
import pytest
from scipy import sparse

from hopfield import DiscreteBAM, DiscreteHopfield, capacity, capacity_curve, patterns, recall_curve
from hopfield.couplings import Sparse
from hopfield.measures import wilson


def test_recall_curves_have_the_cues_they_say_and_count_what_comes_back():
    net = DiscreteHopfield.from_patterns(patterns.random(10, 300, rng=0))
    curve = recall_curve(net, [0.1, 0.5, 0.9], trials=60, rng=1)
    assert curve.recalled[-1] == 1
    assert curve.recalled[0] < 0.5
    assert (curve.low <= curve.recalled).all()
    assert (curve.recalled <= curve.high).all()
    np.testing.assert_allclose(np.transpose(wilson(np.rint(curve.recalled * 60), 60)), np.stack([curve.low, curve.high], 1))
    stays = DiscreteHopfield(np.zeros((300, 300)), patterns=net.patterns)  # nothing moves: the end is the cue
    curve = recall_curve(stays, [0.1, 0.5, 0.9], trials=10, rng=1)
    np.testing.assert_allclose(curve.final, [0.1, 0.5, 0.9], atol=1e-12)
    np.testing.assert_allclose(curve.final_error, 0, atol=1e-12)


def test_the_diagonal_decides_the_capacity_test():
    """N = 1000: at 0.12 at least 97 % keep m > 0.9, at 0.2 under 15 %; with the diagonal all of them at both loads."""
    curve = capacity_curve("hebbian", 1000, [0.12, 0.2], networks=3, probes=60, rng=0)
    assert curve.retrieved[0] >= 0.97
    assert curve.retrieved[1] < 0.15
    assert curve.trials.tolist() == [180, 180]
    kept = capacity_curve("hebbian", 1000, [0.12, 0.2], networks=1, probes=60, rng=0, rule_options={"diagonal": True})
    assert (kept.retrieved == 1).all()


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.12])
def test_overlaps_of_large_networks_are_those_of_the_theory(alpha):
    """N = 10^4, within three standard errors; never at the critical load itself."""
    curve = capacity_curve("hebbian", 10_000, [alpha], networks=6, probes=15, rng=3)
    assert abs(curve.overlaps[0] - capacity.overlap(alpha)) <= 3 * curve.overlap_errors[0]
    assert curve.overlap_errors[0] < (1e-4 if alpha < 0.11 else 5e-4)


def test_warm_networks_have_the_overlap_of_the_theory():
    """T = 0.3, alpha = 0.05, N = 2000: the mean over sweeps and probes, four errors and the O(1/N) of a finite size."""
    net = DiscreteHopfield.from_patterns(patterns.random(100, 2000, rng=5))
    r = net.recall(net.patterns[:40], temperature=0.3, max_sweeps=60, record=True, rng=6)
    m = r.trace.overlaps[np.arange(40), np.arange(40), 30:].mean(axis=1)
    theory = capacity.overlap(0.05, 0.3)
    assert abs(m.mean() - theory) <= 4 * m.std() / np.sqrt(40) + 2 / 2000


@pytest.mark.parametrize("alpha", [0.08, 0.12])
def test_bams_have_the_overlap_of_the_theory(alpha):
    """Two layers of 2000; three standard errors from network to network, and the O(1/N) of a finite size."""
    p, ends = round(2000 * alpha), []
    for seed in range(4):
        a, b = patterns.random(p, 2000, rng=2 * seed), patterns.random(p, 2000, rng=2 * seed + 1)
        r = DiscreteBAM.from_pairs(a, b).recall(a=a[:40], b=b[:40])
        ends.append(r.overlaps[np.arange(40), np.arange(40)].mean())
    error = np.std(ends, ddof=1) / 2
    assert abs(np.mean(ends) - capacity.overlap(alpha, kind="bam")) <= 3 * error + 1 / 2000


def test_diluted_networks_have_the_overlap_of_the_theory(rng):
    """Each of 10 000 units hears 60 others, chosen one-sidedly: the theory is for endless dilution, up to O(1/60)."""
    n, c, p = 10_000, 60, 12
    xi = patterns.random(p, n, rng=rng)
    heard = rng.integers(0, n, size=(n, c))
    weights = np.einsum("kic,ki->ic", xi[:, heard].astype(np.float32), xi.astype(np.float32))
    w = sparse.csr_array((weights.ravel().astype(float), heard.ravel(), np.arange(0, n * c + 1, c)), shape=(n, n))
    net = DiscreteHopfield(Sparse(w, scale=c), patterns=xi)
    m = net.recall(xi[:3], update="synchronous", max_sweeps=25).overlaps[range(3), range(3)].mean()
    assert m == pytest.approx(capacity.overlap(p / c, kind="dilute"), abs=1 / c)


def test_single_units_fail_as_often_as_the_theory_says(rng):
    n, p = 2000, 300
    xi = patterns.random(p, n, rng=rng)
    net = DiscreteHopfield.from_patterns(xi)
    share = (xi * net.fields(xi) < 0).mean()
    expected = capacity.single_bit_error(n, p)
    assert abs(share - expected) <= 4.5 * np.sqrt(2 * expected / (n * p)) + 0.02 * expected  # O(1/N) of the tail
