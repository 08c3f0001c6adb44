"""Sequences are walked through exactly at low load, with the overlaps of the theory at high load, and have no energy."""

import numpy as np
import pytest

from hopfield import GradedHopfield, SequenceMemory, capacity, load_memory, patterns, sequence, simulate

P, N = 6, 400
XI = patterns.random(P, N, rng=0)


@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_a_cycle_is_walked_through_exactly(values):
    xi = XI if values == "bipolar" else patterns.to_binary(XI)
    net = SequenceMemory.from_patterns(xi, values=values)
    r = net.recall(xi, record=True)
    assert r.periods.tolist() == [P] * P
    assert r.success.all()
    for start in range(P):
        for t in range(r.trace.states.shape[2]):
            np.testing.assert_array_equal(r.trace.states[start, :, t], xi[(start + t) % P])
        np.testing.assert_array_equal(net.along(r.trace.overlaps[start : start + 1], start), 1.0)


def test_noise_is_gone_after_one_step():
    r = SequenceMemory.from_patterns(XI).recall(patterns.flip(XI[2], 0.2, rng=1), max_sweeps=4, record=True)
    np.testing.assert_array_equal(r.trace.states[0, :, 1:].T, XI[[3, 4, 5, 0]])


def test_an_open_sequence_ends_with_its_last_pattern_where_that_is_held():
    net = SequenceMemory.from_patterns(XI, cyclic=False, hold=True)
    r = net.recall(XI[0], record=True)
    assert r.periods.tolist() == [1]
    np.testing.assert_array_equal(r.trace.states[0, :, :P].T, XI)
    np.testing.assert_array_equal(r.states[0], XI[-1])
    ends = SequenceMemory.from_patterns(XI, cyclic=False)
    assert not ends.is_stable(XI).any()
    full = sum(np.outer(XI[min(k + 1, P - 1)].astype(float), XI[k]) for k in range(P)) / N
    np.testing.assert_allclose(sequence(XI, cyclic=False, hold=True, diagonal=True).dense(), full, atol=1e-15)


def test_a_long_cycle_is_seen_to_close():
    xi = patterns.random(150, 2000, rng=3)
    assert SequenceMemory.from_patterns(xi).recall(xi[7]).periods.tolist() == [150]


@pytest.mark.parametrize(("load", "tolerance"), [(0.1, 3e-4), (0.2, 1.5e-3)])
def test_overlaps_at_high_load_are_those_of_the_theory(load, tolerance):
    """During, Coolen & Sherrington. At N = 2000 networks differ by 1e-4 and 2e-4; corrections are O(1/N)."""
    measured = []
    for seed in range(2):
        xi = patterns.random(round(load * 2000), 2000, rng=seed)
        net = SequenceMemory.from_patterns(xi)
        starts = range(0, len(xi), len(xi) // 10)
        r = net.recall(xi[list(starts)], max_sweeps=25, record=True)
        measured += [net.along(r.trace.overlaps[k : k + 1], start)[0, 15:].mean() for k, start in enumerate(starts)]
    assert np.mean(measured) == pytest.approx(capacity.overlap(load, kind="sequence"), abs=tolerance)


def test_above_the_critical_load_the_sequence_is_lost():
    xi = patterns.random(680, 2000, rng=4)
    assert len(xi) / 2000 > 1.2 * capacity.critical_load("sequence")
    net = SequenceMemory.from_patterns(xi)
    r = net.recall(xi[0], max_sweeps=25, record=True)
    assert abs(net.along(r.trace.overlaps)[0, -1]) < 0.5


def test_there_is_no_energy_and_the_error_says_why():
    net = SequenceMemory.from_patterns(XI)
    r = net.recall(XI[0], record=True)
    assert r.energies is None
    assert r.max_energy_rise is None
    assert r.trace.energies is None
    with pytest.raises(ValueError, match=r"has no energy: W\[i, j\] leads from each pattern to the next"):
        net.energy(XI[0])
    with pytest.raises(ValueError, match="`hold` needs cyclic=False"):
        SequenceMemory.from_patterns(XI, hold=True)
    with pytest.raises(ValueError, match=r"`overlaps` must have shape \(K, p, T\)"):
        net.along(r.overlaps)


@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_two_patterns_alternate_and_have_an_energy(values):
    """xi_2 xi_1' + xi_1 xi_2' is symmetric."""
    xi = patterns.random(2, 100, values=values, rng=0)
    net = SequenceMemory.from_patterns(xi, values=values)
    r = net.recall(patterns.flip(xi[0], 0.1, values=values, rng=1), record=True)
    assert r.periods.tolist() == [2]
    np.testing.assert_array_equal(net.along(r.trace.overlaps)[0, 1:], 1.0)
    s = 2.0 * xi - 1 if values == "binary" else xi.astype(float)
    w = (np.outer(s[0], s[1]) + np.outer(s[1], s[0])) / 100
    np.fill_diagonal(w, 0.0)
    states = r.states[0].astype(float)
    expected = -states @ w @ states / 2 - net.bias @ states
    np.testing.assert_allclose(r.energies, [expected])


def test_each_row_of_a_trace_is_that_of_its_own_run():
    """A probe whose cycle has closed goes on around it while others still run."""
    xi = patterns.random(10, 200, rng=0)
    net = SequenceMemory.from_patterns(xi)
    probes = np.stack([xi[0], patterns.flip(xi[0], 0.45, rng=3)])
    both = net.recall(probes, record=True)
    length = both.trace.states.shape[-1]
    for k, probe in enumerate(probes):
        alone = net.recall(probe, record=True).trace.states[0]
        period = net.recall(probe).periods[0]
        while alone.shape[-1] < length:
            alone = np.concatenate([alone, alone[:, [-period]]], axis=1)
        np.testing.assert_array_equal(both.trace.states[k], alone)
    assert net.along(both.trace.overlaps)[0].tolist() == [1.0] * length


def test_it_is_a_map_of_the_contract():
    sol = simulate(SequenceMemory.from_patterns(XI).as_system(), P, XI[0])
    np.testing.assert_array_equal(sol.y.T, XI[[0, 1, 2, 3, 4, 5, 0]])


def test_asynchronous_updates_do_not_follow():
    """The next pattern acts on the present one while that is still there."""
    r = SequenceMemory.from_patterns(XI).recall(XI[0], update="asynchronous", max_sweeps=30, rng=0)
    assert r.status.tolist() == [-2]
    assert r.overlaps.max() < 0.9


def test_a_graded_one_runs_as_a_flow_without_an_energy():
    net = GradedHopfield.from_patterns(XI, "sequence")
    assert not net.has("energy")
    m = np.array([net.overlaps(u)[0] for u in simulate(net, 8.0, XI[0].astype(float), t_eval=[0.0, 1.0, 8.0]).y.T])
    assert m[0].argmax() == 0
    assert m[1, 1] > 0.3  # the next one grows
    with pytest.raises(ValueError, match="an energy needs symmetric `couplings`"):
        net.energy(XI[0])


def test_it_comes_back_from_a_file(tmp_path):
    net = SequenceMemory.from_patterns(XI)
    net.save(tmp_path / "net.npz")
    again = load_memory(tmp_path / "net.npz")
    assert type(again) is SequenceMemory
    np.testing.assert_array_equal(again.recall(XI).states, net.recall(XI).states)
