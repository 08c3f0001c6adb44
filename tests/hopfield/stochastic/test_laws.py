"""Laws by enumeration: stationary where they must be, and those of what `recall` does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hopfield import (
    DenseMemory,
    DiscreteBAM,
    DiscreteHopfield,
    all_states,
    patterns,
    sample,
    stationary_law,
    transition_matrix,
)

EXACT = 1e-12  # of total variation


def total_variation(p, q):
    return float(np.abs(p - q).sum() / 2)


def network(rng, values, n=6):
    W = rng.normal(size=(n, n))
    W = W + W.T + 3 * np.eye(n)
    return DiscreteHopfield(np.where(np.eye(n), np.abs(W), W), rng.normal(size=n), values=values)


@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_boltzmanns_law_is_that_of_the_energy_and_glauber_keeps_it(values, rng):
    net, T = network(rng, values), 1.3
    low = -1 if values == "bipolar" else 0
    states = np.array(list(itertools.product([low, 1], repeat=6)))
    np.testing.assert_array_equal(all_states(net), states)
    W, b = net.couplings.dense(), net.bias
    weights = np.exp([(s @ W @ s / 2 + b @ s) / T for s in states])
    law = stationary_law(net, T)
    assert total_variation(law, weights / weights.sum()) < EXACT
    for update in ("unit", "sequential"):
        K = transition_matrix(net, T, update)
        np.testing.assert_allclose(K.sum(axis=1), 1, rtol=1e-14)
        assert total_variation(law @ K, law) < EXACT
    assert total_variation(law @ transition_matrix(net, T, "synchronous"), law) > 1e-3  # the control: Little's is another


@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_littles_dynamics_keeps_perettos_law_in_detailed_balance(values, rng):
    net = network(rng, values)
    law, K = stationary_law(net, 0.9, "synchronous"), transition_matrix(net, 0.9, "synchronous")
    flow = law[:, np.newaxis] * K
    np.testing.assert_allclose(flow, flow.T, rtol=1e-11)
    assert total_variation(law, stationary_law(net, 0.9)) > 1e-3


@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_gibbs_sampling_of_a_bam_of_5_and_4_units_keeps_boltzmanns_law(values, rng):
    bam = DiscreteBAM(rng.normal(size=(5, 4)), rng.normal(size=5), rng.normal(size=4), values=values)
    M, states = bam.couplings.between.dense(), all_states(bam)
    a, b = states[:, :5].astype(float), states[:, 5:].astype(float)
    weights = np.exp(((a @ M * b).sum(1) + a @ bam.bias[:5] + b @ bam.bias[5:]) / 0.8)
    law = stationary_law(bam, 0.8)
    assert total_variation(law, weights / weights.sum()) < EXACT
    assert total_variation(law @ transition_matrix(bam, 0.8, "layers"), law) < EXACT


def test_without_symmetry_the_law_is_the_null_vector_and_breaks_detailed_balance(rng):
    W = rng.normal(size=(4, 4)) * (1 - np.eye(4))
    net = DiscreteHopfield(W)
    for update, kind in (("asynchronous", "unit"), ("synchronous", "synchronous")):
        law, K = stationary_law(net, 1.0, update), transition_matrix(net, 1.0, kind)
        assert total_variation(law @ K, law) < EXACT
        flow = law[:, np.newaxis] * K
        assert np.abs(flow - flow.T).max() > 1e-4
        longer = np.linalg.matrix_power(K, 2**12)[0]
        assert total_variation(longer, law) < 1e-9


@pytest.mark.parametrize("update", ["asynchronous", "synchronous"])
def test_a_sweep_of_recall_has_the_law_of_the_matrix(update, rng):
    """Sequential order: the matrix of all units in turn; chi-square of 40000 ends at 1e-6."""
    net, T, n = network(rng, "bipolar", 4), 2.0, 4
    start = patterns.random(1, n, rng=rng)
    ends = net.recall(np.repeat(start, 40_000, axis=0), update=update, order="sequential", temperature=T, max_sweeps=1,
                      rng=rng).states  # fmt: skip
    number = np.asarray(ends > 0) @ (1 << np.arange(n)[::-1])
    row = np.flatnonzero((all_states(net) == start).all(axis=1))[0]
    law = transition_matrix(net, T, "sequential" if update == "asynchronous" else update)[row]
    expected, seen = 40_000 * law, np.bincount(number, minlength=2**n)
    likely = expected > 10
    assert ((seen - expected)[likely] ** 2 / expected[likely]).sum() < 60  # 15 degrees of freedom: 60 at 2e-7


def test_what_has_no_such_law_is_refused(rng):
    net = network(rng, "bipolar")
    for call, message in [
        (lambda: stationary_law(net, 0.0), "`temperature` must be positive"),
        (lambda: stationary_law(net, 1.0, "random"), "`update` must be one of"),
        (lambda: transition_matrix(net, 1.0, "layers"), "for a network with two layers"),
        (lambda: transition_matrix(DiscreteHopfield(np.zeros((12, 12))), 1.0), "at most 11 units"),
        (lambda: all_states(DiscreteHopfield(np.zeros((21, 21)))), "at most 20 units"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()


def test_one_unit_and_extreme_temperatures():
    unit = DiscreteHopfield([[0.0]], bias=[0.7])
    np.testing.assert_allclose(stationary_law(unit, 0.5), [1 / (1 + np.exp(2.8)), 1 / (1 + np.exp(-2.8))], rtol=1e-14)
    np.testing.assert_array_equal(stationary_law(unit, 1e-300), [0, 1])
    np.testing.assert_allclose(stationary_law(unit, 1e300), [0.5, 0.5])


def test_dense_memories_have_no_law_of_parallel_updates_and_say_so():
    net = DenseMemory([[1, -1, 1, 1], [1, 1, -1, 1]], degree=3)
    for make in (stationary_law, transition_matrix):
        with pytest.raises(ValueError, match=r"`update` 'synchronous'.*DenseMemory has a law only where one unit moves"):
            make(net, 1.0, "synchronous")
    with pytest.raises(ValueError, match="asynchronous"):
        sample(net, 1.0, 5, update="synchronous", rng=0)
    law, step = stationary_law(net, 0.7), transition_matrix(net, 0.7, "unit")
    np.testing.assert_allclose(law @ step, law, atol=1e-14)
