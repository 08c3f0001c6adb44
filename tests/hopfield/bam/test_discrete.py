"""Bidirectional memories: Kosko's example, enumeration of all states, Boltzmann's law."""

import itertools

import numpy as np
import pytest
from scipy import stats

from hopfield import DiscreteBAM, RecallStatus, bam_hebbian, patterns
from hopfield.couplings import Block

KOSKO_A = [[1, 0, 1, 0, 1, 0], [1, 1, 1, 0, 0, 0]]
KOSKO_B = [[1, 1, 0, 0], [1, 0, 1, 0]]
KOSKO_M = [[2, 0, 0, -2], [0, -2, 2, 0], [2, 0, 0, -2], [-2, 0, 0, 2], [0, 2, -2, 0], [-2, 0, 0, 2]]


def all_states(n):
    return np.array(list(itertools.product((-1, 1), repeat=n)), np.int8)


def test_koskos_example():
    net = DiscreteBAM.from_pairs(KOSKO_A, KOSKO_B, values="binary")
    assert net.couplings.between.dense().tolist() == KOSKO_M
    for a, b in zip(KOSKO_A, KOSKO_B, strict=True):
        for r in (net.recall(a=a), net.recall(b=b), net.recall(a, b)):
            assert r.a.tolist() == [a]
            assert r.b.tolist() == [b]
    r = net.recall(a=[0, 1, 1, 0, 0, 0])
    assert r.b.tolist() == [KOSKO_B[1]]
    assert r.a.tolist() == [KOSKO_A[1]]
    assert r.status.tolist() == [RecallStatus.FIXED_POINT]


def test_every_matrix_is_bidirectionally_stable_and_does_what_the_loop_does(rng):
    m = rng.integers(-2, 3, size=(5, 6))
    net = DiscreteBAM(m, bias_a=1, bias_b=-1)
    starts = all_states(11)[rng.choice(2**11, 200, replace=False)]
    r = net.recall(starts[:, :5], starts[:, 5:], record=True)
    for k, start in enumerate(starts):
        a, b = start[:5].astype(int), start[5:].astype(int)
        for _ in range(50):
            h = a @ m - 1
            b = np.where(h == 0, b, np.sign(h))
            h = m @ b + 1
            a = np.where(h == 0, a, np.sign(h))
        assert (r.a[k] == a).all()
        assert (r.b[k] == b).all()
        assert r.energies[k] == pytest.approx(-a @ m @ b - a.sum() + b.sum())
    assert (r.status == RecallStatus.FIXED_POINT).all()
    assert (r.max_energy_rise == 0).all()
    assert (np.diff(r.trace.energies, axis=1) <= 0).all()
    assert net.is_stable(r.states).all()


def test_only_b_given_starts_from_b(rng):
    a, b = patterns.random(2, 80, rng=rng), patterns.random(2, 60, rng=rng)
    net = DiscreteBAM.from_pairs(a, b)
    r = net.recall(b=patterns.flip(b, 0.1, rng=rng))
    np.testing.assert_array_equal(r.a, a)
    np.testing.assert_array_equal(r.b, b)
    np.testing.assert_allclose(np.diagonal(r.overlaps), 1)
    assert net.layers == r.layers == (80, 60)


@pytest.mark.parametrize("given", ["a", "b"])
def test_gibbs_sampling_has_boltzmanns_law(given, rng):
    """Layers of 3 and 2 units: chains that start in the law stay in it, whichever layer comes first."""
    m, t, trials = rng.normal(size=(3, 2)), 1.3, 20_000
    net = DiscreteBAM(m, bias_a=0.3, bias_b=-0.2)
    states = all_states(5)
    weights = np.exp(-net.energy(states) / t)
    start = states[rng.choice(32, trials, p=weights / weights.sum())]
    cue = {"a": start[:, :3], "b": start[:, 3:]}
    r = net.recall(**{given: cue[given]}, temperature=t, max_sweeps=4, rng=rng)
    counts = np.array([(r.states == s).all(axis=1).sum() for s in states])
    assert stats.chisquare(counts, trials * weights / weights.sum()).pvalue > 1e-5
    assert (r.status == RecallStatus.SAMPLED).all()


def test_the_binary_memory_is_its_bipolar_twin(rng):
    a, b = patterns.random(3, 40, rng=rng), patterns.random(3, 30, rng=rng)
    cue = patterns.flip(a, 0.2, rng=rng)
    twin = DiscreteBAM.from_pairs(a, b).recall(cue)
    binary = DiscreteBAM.from_pairs(patterns.to_binary(a), patterns.to_binary(b), values="binary")
    r = binary.recall(patterns.to_binary(cue))
    np.testing.assert_array_equal(patterns.to_bipolar(r.states), twin.states)


def test_exact_maps_recall_correlated_pairs_that_correlation_loses():
    a, b = patterns.correlated(6, 50, 0.5, rng=1), patterns.correlated(6, 40, 0.5, rng=2)
    both = np.hstack([a, b])
    exact = DiscreteBAM.from_pairs(a, b, "bam_pseudo_inverse")
    assert exact.is_stable(both).all()
    assert not DiscreteBAM.from_pairs(a, b).is_stable(both).all()
    r = exact.recall(a)
    np.testing.assert_array_equal(r.b, b)
    assert r.energies is None


def test_a_memory_is_a_network_with_block_couplings(rng):
    a, b = patterns.random(3, 9, rng=rng), patterns.random(3, 7, rng=rng)
    net = DiscreteBAM(bam_hebbian(a, b), pairs=(a, b))
    states = patterns.random(10, 16, rng=rng)
    m = a.T.astype(float) @ b
    energy = -np.einsum("ki,ij,kj->k", states[:, :9], m, states[:, 9:])
    np.testing.assert_allclose(net.energy(states), energy)
    assert isinstance(net.couplings, Block)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net: net.recall(), "pass `a`, `b` or both"),
        (lambda net: net.recall(a=[1, 0]), r"`a\[1\]` must be -1 or 1; got 0"),
        (lambda net: net.recall(a=[1, 1, 1]), r"`a` must have shape \(2,\) or \(K, 2\)"),
        (lambda net: net.recall(a=[1, 1], b=[[1, 1, 1]] * 2), "the same number of rows; got 1 and 2"),
        (lambda net: DiscreteBAM.from_pairs([[1, 1]], [[1], [1]]), "the same number of rows"),
        (lambda net: DiscreteBAM.from_pairs([[1, 1]], [[1]], "hebbian"), "`rule` must be one of"),
        (lambda net: DiscreteBAM([[1, 1]], bias_b=[1]), r"`bias_b` must be a number or have shape \(n_b,\)"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call(DiscreteBAM(np.ones((2, 3))))


def test_only_bams_have_layers():
    from hopfield import DiscreteHopfield

    with pytest.raises(AttributeError, match="only the recall of a BAM has layers"):
        _ = DiscreteHopfield(np.zeros((2, 2))).recall([1, 1]).a
