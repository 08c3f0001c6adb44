"""Samples against exact laws, and annealing against enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import chi2

from hopfield import (
    DiscreteBAM,
    DiscreteHopfield,
    RecallStatus,
    all_states,
    anneal,
    cooling,
    patterns,
    sample,
    stationary_law,
)
from neurodynamics import Interrupted


def symmetric(rng, n):
    W = rng.normal(size=(n, n))
    return (W + W.T) * (1 - np.eye(n))


def chi_square_is_likely(counts, law):
    """States that are expected less than ten times count as one."""
    expected = law * counts.sum()
    rare = expected < 10
    seen = np.append(counts[~rare], counts[rare].sum())
    wanted = np.append(expected[~rare], expected[rare].sum())
    keep = wanted > 0
    value = ((seen - wanted)[keep] ** 2 / wanted[keep]).sum()
    return chi2.sf(value, keep.sum() - 1) > 1e-6


@pytest.mark.parametrize("update", ["asynchronous", "synchronous"])
@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_chains_have_the_stationary_law(update, values, rng):
    """The last sweep of 20000 chains, which are independent; the other dynamics' law is the control."""
    net = DiscreteHopfield(symmetric(rng, 5), rng.normal(size=5), values=values)
    T = 1.5 if values == "binary" else 5.0  # fields of 0/1 are half as large, and so are jumps
    found = sample(net, T, 1, chains=20_000, burn_in=60, update=update, rng=rng)
    assert found.status is RecallStatus.SAMPLED
    assert chi_square_is_likely(found.counts(), stationary_law(net, T, update))
    other = "synchronous" if update == "asynchronous" else "asynchronous"
    assert not chi_square_is_likely(found.counts(), stationary_law(net, T, other))


def test_gibbs_samples_of_a_bam_have_boltzmanns_law(rng):
    bam = DiscreteBAM(rng.normal(size=(5, 4)))
    found = sample(bam, 1.5, 1, chains=20_000, burn_in=60, rng=rng)
    assert chi_square_is_likely(found.counts(), stationary_law(bam, 1.5))


def test_samples_say_whether_chains_agree(rng):
    """Curie and Weiss's magnet: above its critical temperature chains mix, and below they stay on the side they chose."""
    n = 64
    magnet = DiscreteHopfield((np.ones((n, n)) - np.eye(n)) / n, bias=0.02)
    hot = sample(magnet, 2.0, 200, chains=20, rng=rng)
    cold = sample(magnet, 0.3, 200, chains=20, burn_in=20, rng=rng)
    assert hot.shrink_factor < 1.05
    assert cold.shrink_factor > 1.5
    assert hot.states.shape == (20, n, 200)
    np.testing.assert_allclose(hot.correlations.diagonal(), 1)
    assert np.isnan(sample(magnet, 1.0, 5, chains=1, rng=rng).shrink_factor)
    np.testing.assert_allclose(hot.energies[3, 7], magnet.energy(hot.states[3, :, 7]))


def test_dense_low_rank_and_sparse_chains_draw_the_same(rng):
    """One kernel, three forms of couplings: with the same numbers the same flips."""
    xi = patterns.random(3, 24, rng=rng)
    net = DiscreteHopfield.from_patterns(xi)
    probes = patterns.random(40, 24, rng=rng)
    ends = net.recall(probes, temperature=0.6, max_sweeps=20, rng=5).states
    thin = DiscreteHopfield(sparse.csr_array(net.couplings.dense()))
    assert (thin.recall(probes, temperature=0.6, max_sweeps=20, rng=5).states == ends).all()
    few = net.recall(probes[:7], temperature=0.6, max_sweeps=20, rng=5, workers=1).states
    assert (few == ends[:7]).all()


def test_annealing_finds_the_least_energy_and_a_quench_does_not(rng):
    net = DiscreteHopfield(symmetric(rng, 16), values="binary")
    least = net.energy(all_states(net)).min()
    cooled = anneal(net, cooling(5.0, 0.2, 300), 30, rng=rng)
    assert cooled.energies.min() == pytest.approx(least, rel=1e-12)
    assert (cooled.status == RecallStatus.FIXED_POINT).all()
    assert cooled.energies.mean() < anneal(net, [1e6], 300, rng=rng).energies.mean()


def test_a_schedule_is_a_temperature_for_each_sweep(rng):
    """Units that see nothing but a field: magnetisations are tanh(b / T) after each sweep, whatever came before."""
    net = DiscreteHopfield(np.zeros((1000, 1000)), bias=1.0)
    run = anneal(net, [0.5, 2.0, 8.0, 0.0], 20, record=True, rng=rng)
    means = np.asarray(run.trace.states, float).mean(axis=(0, 1))[1:]
    np.testing.assert_allclose(means, [np.tanh(2), np.tanh(0.5), np.tanh(0.125), 1], atol=5 / np.sqrt(20_000))
    again = net.recall(np.ones(1000), temperature=[0.5, 2.0, 8.0], update="synchronous", record=True, rng=rng)
    assert again.trace.states.shape == (1, 1000, 4)
    assert (again.status == RecallStatus.SAMPLED).all()


def test_schedules():
    np.testing.assert_allclose(cooling(8, 1, 4), [8, 4, 2, 1])
    np.testing.assert_allclose(cooling(3, 0, 4, "linear"), [3, 2, 1, 0])
    slow = cooling(2.0, 0.5, 100, "logarithmic")
    assert (slow[0], slow[-1]) == (2.0, pytest.approx(0.5))
    ratios = np.diff(1 / slow) / np.diff(np.log1p(np.arange(100)))
    np.testing.assert_allclose(ratios, ratios[0])
    assert cooling(2.0, 1.0, 1) == 2.0
    with pytest.raises(ValueError, match="`last` must be positive for a geometric schedule"):
        cooling(1.0, 0.0, 5)


def test_time_that_is_up_leaves_what_there_is(rng):
    net = DiscreteHopfield(symmetric(rng, 300))
    for call in (
        lambda: sample(net, 1.0, 10_000, burn_in=10, rng=rng, timeout=0.3),
        lambda: anneal(net, cooling(2, 0.1, 10**7), 100, rng=rng, timeout=0.3),
    ):
        found = call()
        assert np.all(np.asarray(found.status) == RecallStatus.TIMEOUT)
        assert found.states.shape[1] == 300


def test_ctrl_c_has_what_there_is(rng, monkeypatch):
    net = DiscreteHopfield(symmetric(rng, 4))
    part = anneal(net, [1.0], 2, rng=rng)
    object.__setattr__(part, "status", np.full(2, RecallStatus.INTERRUPTED, np.int8))
    monkeypatch.setattr(DiscreteHopfield, "recall", lambda self, states, **options: part)
    with pytest.raises(Interrupted) as stopped:
        anneal(net, [1.0], 2, rng=rng)
    assert stopped.value.result is part
    assert anneal(net, [1.0], 2, rng=rng, on_interrupt="return") is part


def test_temperatures_that_are_none_are_refused(rng):
    net = DiscreteHopfield(np.zeros((2, 2)))
    for value, message in [([], "one a sweep; got an array of shape"), ([1.0, -1.0], r"`temperatures\[1\]` must be 0"),
                           ([[1.0]], "shape"), ([np.nan], "finite")]:  # fmt: skip
        with pytest.raises(ValueError, match=message):
            anneal(net, value, 2)
