"""Graded networks and graded BAMs: published minima, an energy that never rises, and couplings that are never formed."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from scipy import sparse, special

from hopfield import GradedBAM, GradedEnergy, GradedHopfield, RecallStatus, load_recall, patterns
from hopfield.couplings import Block, Dense, LowRank, Sparse
from hopfield.graded import descent
from neurodynamics import Activation, AdditiveNetwork, load_network, simulate, simulate_ensemble

ACTIVATIONS = ("tanh", "logistic", "arctangent", "erf")


def symmetric(rng, n):
    a = rng.normal(size=(n, n)) / np.sqrt(n)
    return a + a.T


def network(rng, n=6, activation="tanh", **more):
    return GradedHopfield(
        symmetric(rng, n), rng.normal(size=n), rng.uniform(0.5, 2, n), rng.uniform(0.5, 2, n),
        gain=rng.uniform(0.5, 3, n), biases=rng.normal(size=n), activation=activation, **more,
    )  # fmt: skip


# As a system of the contract -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("n", [1, 6, 130])
def test_it_is_hopfields_equation_and_the_additive_network(activation, n, rng):
    net = network(rng, n, activation)
    u, drive = rng.normal(size=(2, n))
    v = net.activation(net.gain * (u + net.biases))
    expected = (net.weights @ v - u / net.resistances + net.currents + drive) / net.capacitances
    np.testing.assert_allclose(net.rhs(0.0, u, drive), expected, rtol=1e-12, atol=1e-13)
    twin = AdditiveNetwork(
        net.weights, net.biases, net.capacitances, gains=net.gain, leaks=net.leaks, constant_inputs=net.currents,
        activation=activation,
    )  # fmt: skip
    np.testing.assert_array_equal(net.params, twin.params)
    np.testing.assert_array_equal(simulate(net, 3.0, u).final, simulate(twin, 3.0, u).final)
    np.testing.assert_allclose(net.as_system().rhs(0.0, u), net.rhs(0.0, u), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_compiled_energy_is_the_closed_form(activation, rng):
    """Two codes of one formula; with inputs, those count as currents."""
    for more in ({}, {"input_weights": rng.normal(size=(6, 2))}):
        net = network(rng, activation=activation, **more)
        drive = rng.normal(size=net.input_dim)
        sol = simulate(net, 2.0, rng.normal(size=6), inputs=drive)
        currents = net.currents + net.input_weights @ drive
        expected = net.replace(currents=currents).energy(sol.y.T)
        np.testing.assert_allclose(sol.energies, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_flow_goes_downhill_at_the_rate_of_the_identity(activation, rng):
    """dE/dt = -sum C_i V_i' (du_i/dt)^2, against central differences along du/dt (error of second order)."""
    net = network(rng, activation=activation)
    u, h = rng.normal(size=6), 1e-5
    velocity = net.rhs(0.0, u)
    rate = (net.energy(u + h * velocity) - net.energy(u - h * velocity)) / (2 * h)
    assert rate == pytest.approx(net.landscape.rate(u, net.capacitances), rel=1e-6, abs=1e-8)
    slopes = (net.outputs(u + h * velocity) - net.outputs(u - h * velocity)) / (2 * h)
    assert rate == pytest.approx(-(net.capacitances * slopes * velocity).sum(), rel=1e-6, abs=1e-8)
    sol = simulate(net, 20.0, u, rtol=1e-10, atol=1e-12)
    assert sol.max_energy_rise <= 1e-10 * np.abs(sol.energies).max()


def test_energies_of_a_user_activation(rng):
    """With tanh written by a user."""
    own = Activation.from_functions(
        "my_tanh", value=lambda x: np.tanh(x), derivative=lambda x: 1 - np.tanh(x) ** 2,
        potential=lambda x: np.log(np.cosh(x)), range=(-1, 1), max_slope=1.0, monotone=True,
    )  # fmt: skip
    net, u = network(rng), rng.normal(size=(3, 6))
    mine = net.replace(activation=own)
    assert mine.has("energy")
    np.testing.assert_allclose(mine.energy(u), net.energy(u), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(mine.recall(u).energies, net.recall(u).energies, rtol=1e-9)


def test_parameters_change_by_name_and_by_argument(rng):
    net = network(rng, 3)
    assert net.with_params({"weights[0, 1]": 5.0}).weights[0, 1] == 5.0
    assert not net.with_params({"weights[0, 1]": 5.0}).has("energy")  # no longer symmetric
    assert net.with_params({"constant_inputs": 1.0}).has("energy")
    other = net.replace(resistances=2.0, currents=[1, 2, 3], weights=np.eye(3))
    np.testing.assert_array_equal(other.resistances, 2.0)
    np.testing.assert_array_equal(other.currents, [1, 2, 3])
    np.testing.assert_array_equal(other.capacitances, net.capacitances)
    np.testing.assert_array_equal(other.couplings.dense(), np.eye(3))
    np.testing.assert_array_equal(net.replace().params, net.params)
    with pytest.raises(TypeError, match="unknown argument 'resistance'"):
        net.replace(resistance=1.0)


def test_networks_are_copied_and_saved(tmp_path, rng):
    hopfield = GradedHopfield.from_patterns(patterns.random(2, 10, rng=rng))
    bam = GradedBAM.from_pairs(patterns.random(2, 5, rng=rng), patterns.random(2, 3, rng=rng))
    for net in (hopfield, bam):
        net.save(tmp_path / "net.npz")
        for again in (copy.copy(net), pickle.loads(pickle.dumps(net)), load_network(tmp_path / "net.npz")):
            assert type(again) is type(net)
            np.testing.assert_array_equal(again.params, net.params)
            np.testing.assert_array_equal(again.patterns, net.patterns)
            assert tuple(again.layers or ()) == tuple(net.layers or ())
            assert again.energy(np.ones(net.state_dim)) == pytest.approx(net.energy(np.ones(net.state_dim)))


def test_ensembles_take_the_networks(rng):
    net, starts = network(rng), rng.normal(size=(3, 6))
    ends = simulate_ensemble(net, 5.0, starts, params={"constant_inputs[0]": [0.0, 1.0, 2.0]}, save="final").y
    one = simulate(net.with_params({"constant_inputs[0]": 1.0}), 5.0, starts[1], save="final")
    np.testing.assert_array_equal(ends[1], one.final)


# Recall --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["certified", "dopri5", "dop853", "taylor", "LSODA"])
def test_minima_of_hopfield_1984(method):
    """Figure 3: two neurons, T = 1, g = (2/pi) atan(pi 1.4 u / 2); and with tanh."""
    for activation, v, e in (("arctangent", 0.57287298, -0.05300983), ("tanh", 0.8145285312, -0.1144208035)):
        if method == "taylor" and activation == "arctangent":
            continue  # no recurrence
        net = GradedHopfield([[0, 1], [1, 0]], gain=1.4, activation=activation)
        r = net.recall([[0.3, 0.1], [-0.2, -0.1], [0.5, -0.5], [0.0, 0.0]], method=method, tolerance=1e-9)
        assert r.status.tolist() == [RecallStatus.FIXED_POINT] * 2 + [RecallStatus.SADDLE] * 2
        ends = net.outputs(r.states.T).T
        np.testing.assert_allclose(ends[:2], [[v, v], [-v, -v]], rtol=0, atol=1e-8)
        np.testing.assert_allclose(r.energies[:2], e, rtol=0, atol=1e-8)
        assert r.max_energy_rise.max() < 1e-9
        assert (r.residuals < 1e-9).all()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("rule", ["pseudo_inverse", "hebbian", "storkey"])
def test_patterns_are_recalled_from_noise(rule, activation, rng):
    """Far below capacity at 15 % of wrong units; every output ends on its pattern's side."""
    xi = patterns.random(4, 120, rng=7)
    net = GradedHopfield.from_patterns(xi, rule, activation=activation)
    r = net.recall(patterns.flip(xi, 0.15, rng=8))
    assert (r.status == RecallStatus.FIXED_POINT).all()
    np.testing.assert_array_equal(np.sign(r.states), xi)
    assert r.overlaps.diagonal().min() > 0.8
    np.testing.assert_allclose(r.energies, net.energy(r.states), rtol=1e-12)
    follow = net.recall(patterns.flip(xi, 0.15, rng=8), method="dop853")
    np.testing.assert_allclose(follow.states, r.states, atol=1e-6)


def test_binary_probes_start_where_their_bipolar_twins_do(rng):
    """A unit that is off starts at u = -1 and not, as a 0 would, undecided."""
    xi, other = patterns.random(3, 40, rng=rng), patterns.random(3, 20, rng=rng)
    probes = patterns.flip(xi, 0.2, rng=rng)
    net = GradedHopfield.from_patterns(patterns.to_binary(xi), values="binary", activation="logistic")
    r = net.recall(patterns.to_binary(probes), values="binary")
    np.testing.assert_array_equal(r.states, net.recall(probes).states)
    np.testing.assert_array_equal(r.states, net.recall(probes, values="bipolar").states)
    np.testing.assert_array_equal(r.states > 0, patterns.to_binary(xi))
    bam = GradedBAM.from_pairs(xi, other)
    again = bam.recall(a=patterns.to_binary(probes), values="binary")
    np.testing.assert_array_equal(again.states, bam.recall(a=probes).states)
    with pytest.raises(ValueError, match=r"`probes\[\d+\]` must be 0 or 1; got -1. They look bipolar"):
        net.recall(probes[0], values="binary")
    with pytest.raises(ValueError, match="`a` and `b` must have the same number of rows; got 3 and 2"):
        bam.recall(probes, other[:2])


def test_logistic_outputs_and_tanh_outputs_are_one_network(rng):
    """tanh(x) = 2 s(2x) - 1: with twice the gain the states move alike."""
    xi, u = patterns.random(3, 40, rng=rng), rng.normal(size=40)
    one = GradedHopfield.from_patterns(xi, gain=2.0)
    two = GradedHopfield.from_patterns(xi, gain=4.0, activation="logistic")
    np.testing.assert_allclose(two.rhs(0.0, u), one.rhs(0.0, u), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(two.overlaps(u), one.overlaps(u), atol=1e-12)
    first, second = rng.normal(size=(2, 40))
    difference = two.energy(first) - two.energy(second)
    assert 2 * difference == pytest.approx(one.energy(first) - one.energy(second), rel=1e-9, abs=1e-10)


KINDS = ("hebb", "hebb, diagonal", "gaussian", "antagonists", "bam")


def one_network(kind, rng):
    n = int(rng.integers(4, 16))
    more = {"capacitances": rng.uniform(0.5, 2, n), "resistances": rng.uniform(0.5, 2, n), "currents": rng.normal(size=n)}
    more |= {"gain": rng.choice([0.5, 2.0, 8.0, 20.0]), "activation": str(rng.choice(ACTIVATIONS))}
    if kind == "bam":
        n_a = int(rng.integers(1, n))
        return GradedBAM(rng.normal(size=(n_a, n - n_a)), **more)
    xi = rng.choice([-1, 1], size=(max(1, n // 3), n))
    w = {
        "hebb": LowRank(xi, scale=n / 4, diagonal=0.0),
        "hebb, diagonal": LowRank(xi, scale=n / 4),
        "gaussian": Dense(symmetric(rng, n)),
        "antagonists": Dense(-np.ones((n, n))),
    }[kind]
    return GradedHopfield(w, **more)


def largest_rise(net, u, h, steps=80):
    """The largest relative rise of E in explicit Euler steps of the flow."""
    states = [u]
    for _ in range(steps):
        states.append(states[-1] + h * net.rhs(0.0, states[-1]))
    energies = net.energy(np.array(states))
    return (np.diff(energies) / np.maximum(np.abs(energies[1:]), 1.0)).max()


@pytest.mark.parametrize("kind", KINDS)
def test_certified_steps_never_raise_the_energy(kind, rng):
    """Of 60 random networks none; five times the step is the control, where the test does see rises."""
    control = 0
    for _ in range(60):
        net = one_network(kind, rng)
        u = rng.normal(size=net.state_dim)
        h = net.certified_step()
        assert largest_rise(net, u, h) <= 1e-12
        control += largest_rise(net, u, 5 * h) > 1e-9
        if kind == "bam":
            n_a = net.layers[0]
            r = net.recall(u[:n_a], u[n_a:], max_time=80.0)
            assert r.max_energy_rise[0] <= 1e-12 * max(1.0, abs(r.energies[0]))
    assert control > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_certified_steps_never_raise_the_energy_of_ten_thousand_networks(kind, rng):
    """2000 of each kind."""
    for _ in range(2000):
        net = one_network(kind, rng)
        assert largest_rise(net, rng.normal(size=net.state_dim), net.certified_step(), steps=20) <= 1e-12


def test_large_networks_are_recalled_without_their_matrix(rng):
    """N = 20 000, which as a matrix would take 3.2 GB; the flow of the contract, without the matrix, agrees."""
    xi = patterns.random(20, 20_000, rng=rng)
    net = GradedHopfield.from_patterns(xi, "hebbian")
    r = net.recall(patterns.flip(xi[:2], 0.2, rng=rng))
    assert (r.status == RecallStatus.FIXED_POINT).all()
    assert (r.overlaps.diagonal() > 0.99).all()
    assert (r.residuals < 1e-8).all()
    flow = net.as_system()
    assert np.abs(flow.rhs(0.0, r.states[0])).max() == pytest.approx(r.residuals[0], rel=1e-3)
    assert simulate(flow, 0.5, r.states[0]).max_energy_rise < 1e-9 * abs(r.energies[0])
    with pytest.raises(ValueError, match=r"20000 units are not written out: that takes 3\.2 GB"):
        simulate(net, 1.0, r.states[0])


def test_products_tell_that_a_large_fixed_point_attracts(rng):
    """The bound from products, beside the index from eigenvalues, at a minimum and at a saddle."""
    xi = patterns.random(5, 1200, rng=rng)
    net = GradedHopfield.from_patterns(xi, "hebbian")
    r = net.recall([xi[0], np.zeros(1200)])
    assert r.status.tolist() == [RecallStatus.FIXED_POINT, RecallStatus.SADDLE]
    slopes = [net.gain * (1 - np.tanh(net.gain * u) ** 2) for u in r.states]
    assert descent.surely_below_one(net.couplings, np.array(slopes)).tolist() == [True, False]
    assert [net.landscape.index(u) for u in r.states] == [0, 5]


def test_budgets_and_traces_are_told(rng):
    net = GradedHopfield.from_patterns(patterns.random(3, 50, rng=rng))
    probe = rng.normal(size=50)
    short = net.recall(probe, max_time=2.0)
    assert short.status.tolist() == [RecallStatus.BUDGET]
    assert "max_time" in short.messages[0]
    assert 1.0 < short.times[0] <= 2.0
    full = net.recall(probe, record=True)
    assert full.trace.states.shape == (1, 50, full.sweeps[0] + 1)
    np.testing.assert_array_equal(full.trace.states[0, :, -1], full.states[0])
    assert np.diff(full.trace.energies).max() == full.max_energy_rise[0]
    assert net.recall(full.states).max_energy_rise[0] == 0.0  # no step was made


def test_recalls_are_saved(tmp_path, rng):
    r = network(rng).recall(rng.normal(size=(2, 6)))
    r.save(tmp_path / "recall.npz")
    again = load_recall(tmp_path / "recall.npz")
    for name in ("states", "status", "times", "residuals", "energies"):
        np.testing.assert_array_equal(getattr(again, name), getattr(r, name))


def test_asymmetric_couplings_have_states_and_no_energy(rng):
    net = GradedHopfield([[0.0, 0.5], [-0.5, 0.0]])
    r = net.recall([[1.0, 0.0]])
    assert r.energies is None
    assert r.max_energy_rise is None
    assert r.status.tolist() == [RecallStatus.FIXED_POINT]
    cycle = GradedHopfield([[2.0, 2.0], [-2.0, 2.0]])
    assert cycle.recall([[1.0, 0.0], [0.0, 0.0]], max_time=50).status.tolist() == [RecallStatus.BUDGET, RecallStatus.SADDLE]
    assert not net.has("energy")
    sol = simulate(net, 1.0, [1.0, 0.0])
    for call in (lambda: net.energy([0, 0]), lambda: net.recall([1, 0], method="certified"), lambda: sol.energies):
        with pytest.raises(ValueError, match="an energy needs symmetric `couplings`"):
            call()


# Two layers ----------------------------------------------------------------------------------------------------------


# Bad input -----------------------------------------------------------------------------------------------------------

PAIR = [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GradedHopfield([[1, 2, 3]]), "square matrix"),
        (lambda: GradedHopfield(PAIR, capacitances=[1, 0]), r"`capacitances\[1\]` must be positive; got 0"),
        (lambda: GradedHopfield(PAIR, resistances=-1), r"`resistances\[0\]` must be positive"),
        (lambda: GradedHopfield(PAIR, currents=[1, 2, 3]), "currents"),
        (lambda: GradedHopfield(PAIR, currents=np.nan), "`currents` must be finite"),
        (lambda: GradedHopfield(PAIR, noise=-1), "`noise` must be zero or positive"),
        (lambda: GradedHopfield(PAIR, patterns=[[1, 1, 1]]), r"`patterns` must have shape \(p, 2\)"),
        (lambda: GradedHopfield(PAIR, gain=-1).energy([0, 0]), "`gains.*` must be positive"),
        (lambda: GradedHopfield(PAIR).recall([1, 2, 3]), r"`probes` must have shape \(N,\) = \(2,\)"),
        (lambda: GradedHopfield(PAIR).recall([1, np.nan]), r"`probes\[1\]` must be finite"),
        (lambda: GradedHopfield(PAIR).recall([1, 2], method="euler"), "`method` must be one of 'certified'"),
        (lambda: GradedHopfield(PAIR).recall([1, 2], method="dop853", record=True), "`record` needs method='certified'"),
        (lambda: GradedHopfield(PAIR).recall([1, 2], tolerance=0), "`tolerance` must be positive"),
        (lambda: GradedHopfield(PAIR).overlaps([1, 2]), "knows no patterns"),
        (lambda: GradedHopfield.from_patterns([[1, 1], [1, 1]]), "of rank 1"),
        (lambda: GradedHopfield.from_patterns([[1, 0]]), "must be -1 or 1"),
        (lambda: GradedHopfield.from_patterns([[1, -1]], activation="relu"), "outputs between two values"),
        (lambda: GradedBAM([[1.0]]).recall(), "recall needs a start"),
        (lambda: GradedBAM([[1.0]]).recall(a=[1, 2]), r"`a` must have shape \(N,\) = \(1,\)"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_sparse_couplings_and_negative_diagonals_are_allowed(rng):
    ring = np.roll(np.eye(6), 1, axis=0)
    net = GradedHopfield(Sparse(ring + ring.T - 3 * np.eye(6)), gain=2.0)
    r = net.recall(rng.normal(size=(4, 6)))
    assert r.max_energy_rise.max() <= 1e-12
    values = GradedEnergy(net.weights, gains=2.0).value(r.states)
    np.testing.assert_allclose(r.energies, values, rtol=1e-12, atol=1e-14)


# Kinds of rest and stiff networks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [Dense, Sparse, lambda w: Block(w[:20, 20:])])
def test_a_cholesky_factor_tells_what_eigenvalues_tell(form, rng):
    for _ in range(20):
        w = rng.normal(size=(60, 60))
        coupling = form(w + w.T)
        slopes = rng.uniform(0, 1, 60) * 10.0 ** rng.uniform(-2, -0.5)
        root = np.sqrt(slopes)
        largest = np.linalg.eigvalsh(root[:, None] * coupling.dense() * root)[-1]
        assert coupling.none_above_one(slopes) == (largest <= 1)
    exactly_one = Dense(np.ones((4, 4)))
    assert exactly_one.none_above_one(np.full(4, 0.25))
    assert not exactly_one.none_above_one(np.full(4, 0.25 + 1e-12))


def test_large_sparse_networks_are_judged_by_products(monkeypatch, rng):
    """Lanczos and Arnoldi beside dense eigenvalues, at the ends of symmetric and of asymmetric networks."""
    n = 300
    thin = sparse.random_array((n, n), density=4 / n, rng=rng, data_sampler=lambda size: rng.normal(size=size))
    for w in (thin + thin.T, thin):
        net = GradedHopfield(w, currents=rng.normal(size=n), gain=1.2)
        method = None if net.has("energy") else "dop853"
        ends = net.recall(np.concatenate([rng.normal(size=(2, n)), np.zeros((1, n))]), method=method, max_time=60.0)
        monkeypatch.setattr("hopfield.couplings.SMALL", 100)
        monkeypatch.setattr("hopfield.graded.descent.SMALL", 100)
        looked = list(descent.stabilities(net, ends.states))
        slopes = net.gain * (1 - np.tanh(net.gain * ends.states) ** 2)
        rates = [np.linalg.eigvals(w.toarray() * d - np.eye(n)).real.max() for d in slopes]
        assert looked == [rate <= 0 for rate in rates]


def test_a_stiff_network_is_handed_over_and_its_energy_still_falls(rng):
    """36 units that inhibit each other, gain 50: certified steps alone are far too short (the control runs out of time)."""
    w = np.full((36, 36), -500.0)
    np.fill_diagonal(w, 0.0)
    net = GradedHopfield(w, currents=rng.uniform(0, 1, 36), gain=50.0, activation="logistic")
    start = rng.normal(size=36)
    r = net.recall(start)
    assert r.status.tolist() == [RecallStatus.FIXED_POINT]
    u = r.states[0]
    v = special.expit(50 * u)
    np.testing.assert_allclose(u, w @ v + net.currents, atol=1e-6)
    assert r.max_energy_rise[0] <= 1e-12 * abs(r.energies[0])
    assert net.certified_step() < 1e-4
    control = net.recall(start, method="certified", timeout=0.2)
    assert control.status.tolist() == [RecallStatus.TIMEOUT]


def test_a_state_that_is_no_number_is_no_rest():
    net = GradedHopfield([[5.0]], activation="relu")
    r = net.recall([1.0], method="dop853", max_time=500.0)
    assert not r.success.any()


@pytest.mark.parametrize("method", [None, "dop853", "taylor", "LSODA", "certified"])
def test_recall_of_a_noisy_network_is_that_of_the_same_without_noise(method):
    w, slow = [[0.0, 1.0], [1.0, 0.0]], [[1.0, 1.0]]  # marginal: certified steps hand over
    with pytest.warns(UserWarning, match="follows the flow without its `noise`"):
        noisy = GradedHopfield(w, noise=0.3).recall(slow, method=method, max_time=5000.0)
    np.testing.assert_array_equal(noisy.states, GradedHopfield(w).recall(slow, method=method, max_time=5000.0).states)
