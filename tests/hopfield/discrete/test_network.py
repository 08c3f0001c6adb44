"""Discrete networks against loops, enumeration of all states and Boltzmann's law."""

import itertools

import numpy as np
import pytest
from scipy import sparse, stats

from hopfield import DiscreteHopfield, RecallStatus, hebbian, patterns, pseudo_inverse, storkey
from hopfield.couplings import Dense, LowRank, Sparse
from hopfield.discrete import forms, updates as _updates
from hopfield.discrete.streams import fill_uniforms, shuffle
from hopfield.energy import two_step_energy
from neurodynamics import simulate


def all_states(n, values=(-1, 1)):
    return np.array(list(itertools.product(values, repeat=n)), np.int8)


def relax_by_loops(w, bias, s, order, sweeps=100):
    """Asynchronous updates at T = 0 in a given order; returns the state and the number of sweeps with a flip."""
    s = s.astype(float).copy()
    for sweep in range(sweeps):
        before = s.copy()
        for i in order:
            h = w[i] @ s + bias[i]
            s[i] = s[i] if abs(h) < 1e-12 else np.sign(h)
        if (s == before).all():
            return s, sweep
    return s, sweeps


def integer_couplings(rng, n):
    w = np.triu(rng.integers(-3, 4, size=(n, n)), 1)
    return w + w.T


# Zero temperature -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["integer", "hebb", "real", "sparse"])
def test_given_order_does_what_the_loop_does(kind, rng):
    n = 60
    bias = np.zeros(n)
    if kind == "integer":
        w = Dense(integer_couplings(rng, n), scale=7)
    elif kind == "hebb":
        w = hebbian(patterns.random(4, n, rng=rng))  # an even number of patterns: many fields are exactly zero
    elif kind == "real":
        w = storkey(patterns.random(10, n, rng=rng))
        bias = rng.normal(size=n) / 10
    else:
        thin = sparse.random_array((n, n), density=0.1, rng=rng, data_sampler=lambda size: rng.choice([-1.0, 1.0], size))
        w = Sparse(sparse.triu(thin, 1) + sparse.triu(thin, 1).T)
    probes = patterns.random(30, n, rng=rng)
    order = rng.permutation(n)
    r = DiscreteHopfield(w, bias).recall(probes, order=order)
    for k, probe in enumerate(probes):
        state, sweeps = relax_by_loops(w.dense(), bias, probe, order)
        np.testing.assert_array_equal(r.states[k], state)
        assert r.sweeps[k] == sweeps
    assert (r.status == RecallStatus.FIXED_POINT).all()
    assert (r.periods == 1).all()


def test_every_form_of_the_same_couplings_takes_the_same_path(rng, monkeypatch):
    """Dense, low-rank (single and double precision) and sparse kernels, with the same random orders."""
    xi = patterns.random(20, 150, rng=rng)
    probes = patterns.flip(xi, 0.3, rng=rng)
    w = hebbian(xi)
    numerators = np.rint(w.dense() * 150)
    runs = [DiscreteHopfield(v).recall(probes, rng=5) for v in (w, Dense(numerators, 150), Sparse(numerators, 150))]
    monkeypatch.setattr(forms, "DENSE_BELOW", 10)
    runs.append(DiscreteHopfield(w).recall(probes, rng=5))
    monkeypatch.setattr(forms, "EXACT32", 1.0)
    runs.append(DiscreteHopfield(w).recall(probes, rng=5))
    runs.append(DiscreteHopfield(LowRank(xi, xi.copy(), core=np.ones(20), scale=150, diagonal=0.0)).recall(probes, rng=5))
    for run in runs[1:]:
        np.testing.assert_array_equal(run.states, runs[0].states)
        np.testing.assert_array_equal(run.sweeps, runs[0].sweeps)
        np.testing.assert_array_equal(run.flips, runs[0].flips)
        np.testing.assert_allclose(run.energies, runs[0].energies, rtol=1e-12)


@pytest.mark.parametrize("rule", [storkey, pseudo_inverse])
def test_real_low_rank_couplings_take_the_path_of_the_matrix(rule, rng, monkeypatch):
    xi = patterns.random(20, 150, rng=rng)
    probes = patterns.flip(xi, 0.3, rng=rng)
    w = rule(xi)
    dense = DiscreteHopfield(Dense(w.dense())).recall(probes, rng=5)
    monkeypatch.setattr(forms, "DENSE_BELOW", 10)
    np.testing.assert_array_equal(DiscreteHopfield(w).recall(probes, rng=5).states, dense.states)


def test_a_tie_keeps_the_state_exactly():
    alone = DiscreteHopfield(np.zeros((3, 3)))
    states = all_states(3)
    np.testing.assert_array_equal(alone.recall(states).states, states)
    np.testing.assert_array_equal(alone.recall(states, update="synchronous").states, states)
    thirds = DiscreteHopfield([[0, 0.1, 0.2, -0.3], [0.1, 0, 0, 0], [0.2, 0, 0, 0], [-0.3, 0, 0, 0]])
    assert (thirds.recall([[1, 1, 1, 1], [-1, 1, 1, 1]], order=[0, 1, 2, 3]).states[:, 0] == [1, -1]).all()  # rounding


def test_ends_are_exactly_the_states_that_no_single_flip_improves(rng):
    n = 10
    net = DiscreteHopfield(integer_couplings(rng, n), bias=rng.integers(-2, 3, size=n))
    states = all_states(n)
    energy = {tuple(s): e for s, e in zip(states, net.energy(states), strict=True)}
    flipped = np.array([[energy[tuple(np.where(np.arange(n) == i, -s, s))] for i in range(n)] for s in states])
    minima = (flipped >= net.energy(states)[:, None]).all(axis=1)
    np.testing.assert_array_equal(net.is_stable(states), minima)
    r = net.recall(states, rng=rng)
    assert net.is_stable(r.states).all()
    np.testing.assert_array_equal(r.sweeps == 0, minima)
    np.testing.assert_allclose(r.energies, [energy[tuple(s)] for s in r.states])


@pytest.mark.parametrize("diagonal", [False, True])
def test_the_energy_never_rises(diagonal, rng):
    """Symmetric W without negative diagonal, asynchronous; a negative diagonal is the control."""
    n = 80
    w = hebbian(patterns.random(30, n, rng=rng), diagonal=diagonal)
    r = DiscreteHopfield(w, rng.normal(size=n)).recall(patterns.random(50, n, rng=rng), record=True)
    assert (r.max_energy_rise == 0).all()
    assert (np.diff(r.trace.energies, axis=1) <= 0).all()
    with pytest.warns(UserWarning, match=r"`couplings\[0, 0\]` = -1 is negative"):
        control = DiscreteHopfield(w.dense() - np.diag(np.diagonal(w.dense()) + 1))
    r = control.recall(patterns.random(50, n, rng=rng), max_sweeps=20)
    assert (r.max_energy_rise > 0).any()


def test_the_largest_rise_is_that_of_the_path(rng):
    """At T > 0 the energy rises; recorded unit by unit through orders of a single flip."""
    n = 6
    w = integer_couplings(rng, n)
    net = DiscreteHopfield(w)
    start = patterns.random(200, n, rng=rng)
    r = net.recall(start, temperature=3.0, max_sweeps=1, rng=1, order="sequential")
    for k in range(200):
        s, rise = start[k].copy(), 0.0
        for i in range(n):
            if r.states[k, i] != s[i]:
                before = net.energy(s)
                s[i] = -s[i]
                rise = max(rise, net.energy(s) - before)
        assert r.max_energy_rise[k] == pytest.approx(rise, abs=1e-12)


# Synchronous ----------------------------------------------------------------------------------------------------------


def test_the_known_two_cycle_is_reported():
    r = DiscreteHopfield([[0, -1], [-1, 0]]).recall([-1, -1], update="synchronous")
    assert r.status.tolist() == [RecallStatus.CYCLE]
    assert r.periods.tolist() == [2]
    assert r.success.all()
    assert "period above 1" in r.messages[0]


def test_synchronous_periods_are_one_or_two_and_those_of_the_loop(rng):
    n = 12
    w = integer_couplings(rng, n)
    probes = all_states(n)[rng.choice(2**n, 300, replace=False)]
    net = DiscreteHopfield(w)
    r = net.recall(probes, update="synchronous", record=True)
    for k, s in enumerate(probes):
        seen = [s]
        while True:
            h = w @ seen[-1].astype(int)
            new = np.where(h == 0, seen[-1], np.sign(h)).astype(np.int8)
            if any((new == old).all() for old in seen):
                break
            seen.append(new)
        period = len(seen) - next(t for t, old in enumerate(seen) if (new == old).all())
        assert r.periods[k] == period <= 2
        cycle = seen[len(seen) - period :]
        assert any((r.states[k] == state).all() for state in cycle)
    two_step = [
        two_step_energy(w, r.trace.states[..., t], r.trace.states[..., t + 1]) for t in range(r.trace.states.shape[-1] - 1)
    ]
    moving = (r.trace.states[..., 1:] != r.trace.states[..., :-1]).any(axis=1).T  # a finished probe stands still
    falls = np.diff(two_step, axis=0)
    assert (falls[moving[1:] & moving[:-1]] <= 0).all()


def test_a_cyclic_sequence_has_the_period_of_its_length(rng):
    xi = patterns.random(5, 400, rng=rng)
    net = DiscreteHopfield.from_patterns(xi, "sequence")
    r = net.recall(patterns.flip(xi[0], 0.1, rng=rng), update="synchronous", record=True)
    assert r.periods.tolist() == [5]
    assert r.energies is None
    assert r.max_energy_rise is None
    assert (np.abs(r.trace.overlaps[0, [1, 2, 3, 4], [1, 2, 3, 4]] - 1) < 1e-12).all()


def test_simulate_tells_how_a_discrete_network_becomes_a_map():
    with pytest.raises(TypeError, match=r"got DiscreteHopfield. Its `as_system\(\)` is one"):
        simulate(DiscreteHopfield(np.eye(2)), 5, [1, 1])


def test_asymmetric_couplings_that_never_settle_use_their_budget(rng):
    net = DiscreteHopfield([[0, 1], [-1, 0]])
    r = net.recall([1, 1], max_sweeps=7)
    assert r.status.tolist() == [RecallStatus.BUDGET]
    assert not r.success.any()
    assert "`max_sweeps`" in r.messages[0]
    assert net.recall([1, 1], update="synchronous").periods.tolist() == [4]


# Above zero -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("update", ["asynchronous", "synchronous"])
@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_one_update_has_glaubers_probabilities(update, values, rng):
    """Units without couplings: one sweep sets each independently, P = 1 / (1 + exp(-dE / T))."""
    bias, t, trials = np.array([0.0, 0.3, -1.0, 40.0, -40.0]), 0.7, 20_000
    net = DiscreteHopfield(np.zeros((5, 5)), bias, values=values)
    start = np.full((trials, 5), 1, np.int8)
    r = net.recall(start, update=update, temperature=t, max_sweeps=1, rng=rng)
    step = 2 if values == "bipolar" else 1
    expected = 1 / (1 + np.exp(-step * bias / t))
    share = (r.states == 1).mean(axis=0)
    assert (np.abs(share - expected) <= 4.5 * np.sqrt(expected * (1 - expected) / trials) + 1e-12).all()
    assert (r.status == RecallStatus.SAMPLED).all()


@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_the_stationary_law_is_boltzmanns(values, rng):
    """Chains that start in the law stay in it: 2^6 states, chi-squared over 20 000 chains after five sweeps."""
    n, trials = 6, 20_000
    net = DiscreteHopfield(integer_couplings(rng, n), bias=0.5, values=values)
    states = all_states(n, (-1, 1) if values == "bipolar" else (0, 1))
    t = net.energy(states).std()
    weights = np.exp(-(net.energy(states) - net.energy(states).min()) / t)
    start = states[rng.choice(len(states), trials, p=weights / weights.sum())]
    r = net.recall(start, temperature=t, max_sweeps=5, rng=rng)
    assert (r.states != start).any(axis=1).mean() > 0.05
    counts = np.array([(r.states == s).all(axis=1).sum() for s in states])
    expected = trials * weights / weights.sum()
    few = expected < 5
    counts, expected = np.append(counts[~few], counts[few].sum()), np.append(expected[~few], expected[few].sum())
    if expected[-1] == 0:
        counts, expected = counts[:-1], expected[:-1]
    assert stats.chisquare(counts, expected).pvalue > 1e-5


@pytest.mark.parametrize("form", ["dense", "low rank", "sparse"])
@pytest.mark.parametrize("values", ["bipolar", "binary"])
def test_units_coupled_to_themselves_sample_boltzmanns_law(values, form, rng, monkeypatch):
    """The mean energy against enumeration; Glauber's rule with the whole field, W_ii included, is the control."""
    monkeypatch.setattr(forms, "DENSE_BELOW", 0)
    w = pseudo_inverse(patterns.random(3, 8, rng=2))
    assert w.diagonal().min() > 0.1
    w = {"dense": Dense(w.dense()), "sparse": Sparse(w.dense()), "low rank": w}[form]
    t, bias = 0.5 if values == "bipolar" else 0.2, 0.1
    net, trials = DiscreteHopfield(w, bias, values=values), 8000
    states = all_states(8, (-1, 1) if values == "bipolar" else (0, 1))
    energies = -np.einsum("ki,ij,kj->k", states, w.dense(), states) / 2 - bias * states.sum(axis=1)
    weights = np.exp(-(energies - energies.min()) / t)
    mean = weights @ energies / weights.sum()
    error = np.sqrt((weights @ energies**2 / weights.sum() - mean**2) / trials)
    start = states[rng.choice(len(states), trials, p=weights / weights.sum())]
    r = net.recall(start, temperature=t, max_sweeps=15, rng=rng)
    assert abs(r.energies.mean() - mean) < 5 * error
    without = net.recall(start, update="synchronous", temperature=t, max_sweeps=15, rng=rng)
    assert abs(without.energies.mean() - mean) > 5 * error


def test_strong_clamps_leave_the_other_units_free():
    """Held by fields of 1e14, 40 of 100 units do what fields of 100 do: rounding of theirs is no tie of the others."""
    xi = patterns.random(5, 100, rng=0)
    held = np.where(np.arange(100) < 40, 1e14 * xi[0], 0.0)
    start = patterns.random(20, 100, rng=7)
    for rule in ("pseudo_inverse", "hebbian"):
        for update in ("asynchronous", "synchronous"):
            runs = [
                DiscreteHopfield.from_patterns(xi, rule, bias=bias).recall(start, update=update, rng=1)
                for bias in (held, held / 1e12)
            ]
            np.testing.assert_array_equal(runs[0].states, runs[1].states)
            assert (runs[0].overlaps[:, 0] == 1).mean() > 0.8
    binary = DiscreteHopfield.from_patterns(patterns.to_binary(xi), "storkey", values="binary")
    clamped = DiscreteHopfield(binary.couplings, binary.bias + held / 2, values="binary", patterns=patterns.to_binary(xi))
    assert (clamped.recall(patterns.to_binary(start), rng=1).overlaps[:, 0] == 1).mean() > 0.8
    net = DiscreteHopfield.from_patterns(xi, "pseudo_inverse", bias=held)
    expected = net.recall(start[0], order="sequential").states[0]
    np.testing.assert_array_equal(simulate(net.as_system(), 9, start[0].astype(float)).final, expected)


def test_small_fields_beside_a_strong_clamp_are_not_rounded():
    """Half a unit of the smallest field decides, in the row beside one that is held by 1e14 of them."""
    w = np.zeros((3, 3))
    net = DiscreteHopfield(w, [1e14, 0.25, -0.25])
    assert net.recall([[-1, -1, 1]], rng=0).states.tolist() == [[1, 1, -1]]
    assert DiscreteHopfield([[0, 1], [1, 0]], bias=1e18).recall([-1, -1]).states.tolist() == [[1, 1]]


# Two alphabets --------------------------------------------------------------------------------------------------------


def test_the_binary_network_is_its_bipolar_twin(rng):
    xi = patterns.random(8, 70, rng=rng)
    probes = patterns.flip(xi, 0.25, rng=rng)
    twin = DiscreteHopfield.from_patterns(xi)
    binary = DiscreteHopfield.from_patterns(patterns.to_binary(xi), values="binary")
    for options in ({}, {"update": "synchronous"}, {"temperature": 0.4, "max_sweeps": 5}):
        factor = 0.25 if "temperature" in options else 1  # 0/1 units see half the field and half the jump
        r = twin.recall(probes, rng=3, **options)
        if "temperature" in options:
            options = options | {"temperature": options["temperature"] * factor}
        b = binary.recall(patterns.to_binary(probes), rng=3, **options)
        np.testing.assert_array_equal(patterns.to_bipolar(b.states), r.states)
        np.testing.assert_array_equal(b.overlaps, r.overlaps)
        np.testing.assert_allclose(b.max_energy_rise, r.max_energy_rise / 4, rtol=1e-9, atol=1e-12)


def test_energy_and_fields_of_binary_states_are_the_definition(rng):
    w, bias = integer_couplings(rng, 7), rng.normal(size=7)
    net = DiscreteHopfield(w, bias, values="binary")
    s = all_states(7, (0, 1))
    np.testing.assert_allclose(net.energy(s), -np.einsum("ki,ij,kj->k", s, w, s) / 2 - s @ bias, atol=1e-12)
    np.testing.assert_allclose(net.fields(s), s @ w + bias, atol=1e-12)
    assert net.energy(s[3]) == pytest.approx(net.energy(s)[3])
    assert net.is_stable(s[3]) is bool(net.is_stable(s)[3])


# Runs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"temperature": 0.5, "max_sweeps": 4}, {"update": "synchronous"}])
def test_results_do_not_depend_on_threads_slabs_or_recording(options, rng, monkeypatch):
    xi = patterns.random(15, 120, rng=rng)
    net = DiscreteHopfield.from_patterns(xi, "storkey")
    probes = patterns.flip(np.repeat(xi, 3, axis=0), 0.3, rng=rng)
    runs = [net.recall(probes, rng=9, workers=1, **options), net.recall(probes, rng=9, workers=3, **options)]
    runs.append(net.recall(probes, rng=9, record=True, **options))
    monkeypatch.setattr(_updates, "SLAB_BYTES", 8 * 120 * 7)
    runs.append(net.recall(probes, rng=9, workers=2, **options))
    for run in runs[1:]:
        for name in ("states", "sweeps", "flips", "status", "energies", "max_energy_rise"):
            np.testing.assert_array_equal(getattr(run, name), getattr(runs[0], name))


def test_a_record_holds_every_sweep(rng):
    xi = patterns.random(6, 100, rng=rng)
    net = DiscreteHopfield.from_patterns(xi)
    probes = patterns.flip(xi, 0.3, rng=rng)
    r = net.recall(probes, rng=2, record=True)
    assert r.trace.states.shape == (6, 100, r.sweeps.max() + 1)
    np.testing.assert_array_equal(r.trace.states[..., 0], probes)
    np.testing.assert_array_equal(r.trace.states[..., -1], r.states)
    one_sweep = net.recall(probes, rng=2, max_sweeps=1)
    np.testing.assert_array_equal(r.trace.states[..., 1], one_sweep.states)
    np.testing.assert_array_equal(r.trace.energies[:, -1], r.energies)
    np.testing.assert_array_equal(r.trace.overlaps[..., -1], r.overlaps)


def test_real_fields_are_refreshed_against_rounding(rng):
    """Thousands of flips at a high temperature, then T = 0 from there: ends are stable for freshly computed fields."""
    n = 50
    w = rng.normal(size=(n, n))
    net = DiscreteHopfield(w + w.T - np.diag(np.diagonal(w + w.T)))
    hot = net.recall(patterns.random(20, n, rng=rng), temperature=100.0, max_sweeps=500, rng=rng)
    assert (hot.flips > 5000).all()
    np.testing.assert_allclose(hot.energies, net.energy(hot.states))
    assert net.is_stable(net.recall(hot.states, rng=rng).states).all()


def test_an_empty_batch_gives_an_empty_result():
    r = DiscreteHopfield(np.zeros((3, 3))).recall(np.empty((0, 3)))
    assert r.states.shape == (0, 3)
    assert len(r) == 0


def test_random_orders_are_permutations_and_every_unit_comes_first_equally_often():
    n, trials = 7, 14_000
    words = np.random.default_rng(0).integers(0, 2**32, size=(trials, 8), dtype=np.uint32)
    order = np.empty(n, np.int64)
    first = np.zeros((n, n))
    for row in words:
        shuffle(row, order)
        assert sorted(order) == list(range(n))
        first[np.arange(n), order] += 1
    assert (stats.chisquare(first, axis=1).pvalue > 1e-5).all()


def test_draws_are_uniform_and_belong_to_probe_and_sweep():
    key = np.uint64(77)
    out, again = np.empty((400, 30)), np.empty((2, 30))
    fill_uniforms(key, np.arange(400), 3, out)
    fill_uniforms(key, np.array([17, 5]), 3, again)
    np.testing.assert_array_equal(again, out[[17, 5]])
    fill_uniforms(key, np.array([17, 5]), 4, again)
    assert (again != out[[17, 5]]).all()
    assert stats.kstest(out.ravel(), "uniform").pvalue > 1e-5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net: net.recall([1, 0, 1]), r"`probes\[1\]` must be -1 or 1; got 0. They look binary"),
        (lambda net: net.recall([[1, 1, 1], [1, 1, 3]]), r"`probes\[1, 2\]` must be -1 or 1; got 3"),
        (lambda net: net.recall([1, 1]), r"`probes` must have shape \(3,\) or \(K, 3\); got \(2,\)"),
        (lambda net: net.recall([1, 1, np.nan]), "got nan"),
        (lambda net: net.recall([1, 1, 1], temperature=-1), "`temperature` must be at least 0; got -1"),
        (lambda net: net.recall([1, 1, 1], order=[0, 1, 1]), "each of the units 0 .. 2 once"),
        (lambda net: net.recall([1, 1, 1], order="rndom"), "Did you mean 'random'"),
        (lambda net: net.recall([1, 1, 1], update="sync"), "`update` must be one of 'asynchronous'"),
        (lambda net: net.recall([1, 1, 1], max_sweeps=0), "`max_sweeps` must be at least 1"),
        (lambda net: net.recall([1, 1, 1], workers=0), "`workers` must be at least 1"),
        (lambda net: net.overlaps([1, 1, 1]), "knows no patterns"),
        (lambda net: DiscreteHopfield(np.zeros((2, 3))), "must be a square matrix"),
        (lambda net: DiscreteHopfield(np.eye(3), values="spins"), "`values` must be one of"),
        (lambda net: DiscreteHopfield(np.eye(3), patterns=[[1, 1]]), r"`patterns` must have shape \(p, 3\)"),
        (lambda net: DiscreteHopfield(np.eye(3), [1, 2]), "`bias` must be a number or have shape"),
        (lambda net: DiscreteHopfield.from_patterns([[1, 0]]), "They look binary: pass values"),
        (lambda net: DiscreteHopfield.from_patterns([[1, -1]], values="binary"), "They look bipolar: pass values"),
        (lambda net: DiscreteHopfield([[0, 1], [2, 0]]).energy([1, 1]), "needs symmetric `couplings`"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call(DiscreteHopfield(np.zeros((3, 3))))


# What users meet at the surface -----------------------------------------------------------------------------------------


def test_sparse_patterns_are_recalled_with_the_default_threshold(rng):
    """Tsodyks and Feigelman, f = 0.05: thresholds of 1/2 - f; without them (the control) nothing is kept."""
    f, n = 0.05, 1000
    xi = patterns.biased(40, n, 2 * f - 1, values="binary", rng=rng)
    net = DiscreteHopfield.from_patterns(xi, values="binary", activity=2 * f - 1)
    rows = net.couplings.product(np.ones(n))
    np.testing.assert_allclose(net.bias, f - 0.5 - f * rows, atol=1e-12)  # W (V - f) + f - 1/2
    assert (net.recall(xi, rng=rng).states == xi).mean() > 0.999
    control = DiscreteHopfield(net.couplings, -rows / 2, values="binary")
    assert (control.recall(xi, rng=rng).states == xi).mean() < 0.9
    twin = DiscreteHopfield.from_patterns(2 * xi - 1, activity=2 * f - 1)
    np.testing.assert_array_equal(twin.recall(2 * xi - 1, rng=1).states, 2 * net.recall(xi, rng=1).states - 1)


def test_very_sparse_patterns_are_exact_fixed_points_as_with_thresholds_by_hand():
    """f = 0.02: Tsodyks' 1/2 - f keeps all; thresholds of the +-1 network that are not centred (the control) do not."""
    f, n = 0.02, 1500
    xi = patterns.biased(80, n, 2 * f - 1, values="binary", rng=2)
    couplings = (xi - f).T @ (xi - f) / (n * f * (1 - f))
    np.fill_diagonal(couplings, 0)
    assert ((xi @ couplings > 0.5 - f) == (xi == 1)).all(axis=1).mean() > 0.9
    assert ((xi @ couplings - couplings.sum(axis=1) / 2 > 0.5 - f) == (xi == 1)).all(axis=1).mean() < 0.5
    net = DiscreteHopfield.from_patterns(xi, values="binary", activity=2 * f - 1)
    twin = DiscreteHopfield.from_patterns(2 * xi - 1, activity=2 * f - 1)
    assert net.is_stable(xi).mean() > 0.9
    assert twin.is_stable(2 * xi - 1).mean() > 0.9


def test_rules_of_users_get_floats(rng):
    """Sums of 200 products of int8 would overflow."""
    xi = patterns.random(200, 40, rng=rng)
    net = DiscreteHopfield.from_patterns(xi, lambda rows: rows.T @ rows / 40)
    np.testing.assert_allclose(net.couplings.dense(), hebbian(xi, diagonal=True).dense())


def test_advice_names_only_what_is_there():
    zeros = np.zeros((2, 4))
    for call in (lambda: hebbian(zeros), lambda: DiscreteHopfield(np.eye(4)).recall(zeros)):
        with pytest.raises(ValueError, match=r"They look binary: convert with patterns\.to_bipolar"):
            call()
    with pytest.raises(ValueError, match=r'They look binary: pass values="binary", or convert'):
        DiscreteHopfield.from_patterns(zeros)
    with pytest.warns(UserWarning, match="inhibits itself"):
        net = DiscreteHopfield([[-1]])
    assert "negative on the diagonal" in net.recall([1]).messages[0]


# Change by change ------------------------------------------------------------------------------------------------------


def one_by_one(w, state, order):
    """Hopfield's own words: in turn, each unit that does not agree with its field changes."""
    states, moved = [np.array(state, int)], True
    while moved:
        moved = False
        for i in order:
            if states[-1][i] * (w[i] @ states[-1]) < 0:
                states.append(np.where(np.arange(len(state)) == i, -states[-1], states[-1]))
                moved = True
    return np.array(states).T


def test_changes_are_those_of_a_loop_over_units(rng):
    net = DiscreteHopfield.from_patterns(patterns.random(6, 60, rng=rng))
    probes = patterns.random(4, 60, rng=rng)
    order = rng.permutation(60)
    r = net.recall(probes, order=order, record="changes")
    for k, probe in enumerate(np.asarray(probes)):
        expected = one_by_one(np.rint(60 * net.couplings.dense()).astype(int), probe, order)  # ties are exact
        np.testing.assert_array_equal(r.trace.states[k, :, : expected.shape[1]], expected)
        assert r.flips[k] == expected.shape[1] - 1
        assert (r.trace.states[k, :, expected.shape[1] :] == expected[:, -1:]).all()


@pytest.mark.parametrize("workers", [1, 2])
def test_each_change_in_random_order_is_of_one_unit_and_downhill(rng, workers):
    net = DiscreteHopfield.from_patterns(patterns.random(6, 60, rng=rng))
    probes = patterns.random(4, 60, rng=rng)
    r, by_sweeps = (net.recall(probes, rng=5, workers=workers, record=record) for record in ("changes", True))
    assert r.trace.step == "change"
    assert by_sweeps.trace.step == "sweep"
    np.testing.assert_array_equal(r.states, by_sweeps.states)
    moved = (np.diff(r.trace.states.astype(int), axis=2) != 0).sum(axis=1)
    for k, flips in enumerate(r.flips):
        np.testing.assert_array_equal(moved[k], np.arange(moved.shape[1]) < flips)
        assert (np.diff(r.trace.energies[k, : flips + 1]) < 0).all()
        seen = {state.tobytes() for state in np.ascontiguousarray(np.asarray(r.trace.states[k].T))}
        assert {state.tobytes() for state in np.ascontiguousarray(np.asarray(by_sweeps.trace.states[k].T))} <= seen


def test_changes_need_one_unit_at_a_time():
    net = DiscreteHopfield.from_patterns(patterns.random(2, 20, rng=0))
    with pytest.raises(ValueError, match="`record` 'changes' needs asynchronous updates"):
        net.recall(net.patterns, update="synchronous", record="changes")
    with pytest.raises(ValueError, match="`record` must be one of 'changes'"):
        net.recall(net.patterns, record="sweeps")
