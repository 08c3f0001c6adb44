"""Circuits whose behaviour is published or follows from a formula, simulated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize

from neurodynamics import AdditiveNetwork, DynamicalSystem, simulate, simulate_ensemble

TIGHT = {"rtol": 1e-12, "atol": 1e-13}


def logistic(x):
    return 1 / (1 + np.exp(-x))


# Beer's two-neuron oscillator -------------------------------------------------------------------------------------

WEIGHTS, BIASES = np.array([[4.5, 1.0], [-1.0, 4.5]]), np.array([-2.75, -1.75])
START = [-0.084000643, -0.408035109]


@pytest.fixture(scope="module")
def oscillator():
    return AdditiveNetwork(WEIGHTS, BIASES)


def test_the_oscillator_has_its_equilibrium_and_eigenvalues(oscillator):
    np.testing.assert_allclose(oscillator.rhs(0, [2.75, 1.75]), 0, atol=1e-15)
    eigenvalues = np.linalg.eigvals(oscillator.jac(0, [2.75, 1.75]))
    np.testing.assert_allclose(np.sort_complex(eigenvalues), [0.125 - 0.25j, 0.125 + 0.25j], atol=1e-14)


def test_euler_reproduces_beers_values(oscillator):
    """The published outputs have seven digits; a loop of our own tells the rest."""
    sol = simulate(oscillator, 250, START, method="euler", dt=0.01)
    np.testing.assert_allclose(sol.outputs[:, 5000], [0.7937701, 0.4131848], atol=1e-7)
    np.testing.assert_allclose(sol.outputs[:, 25000], [0.8027476, 0.6339193], atol=1e-7)
    y = np.array(START)
    for _ in range(25000):
        y = y + 0.01 * (-y + WEIGHTS @ logistic(y + BIASES))
    np.testing.assert_allclose(sol.final, y, atol=1e-10)


@pytest.mark.parametrize("method", ["taylor", "dopri5", "dop853", "DOP853", "LSODA"])
def test_adaptive_methods_reproduce_the_exact_solution_of_the_oscillator(oscillator, method):
    sol = simulate(oscillator, 250, START, method=method, rtol=1e-11, atol=1e-12, t_eval=[50, 250])
    exact = np.array([[0.79341202, 0.80352623], [0.41263861, 0.62953135]])
    np.testing.assert_allclose(sol.outputs, exact, atol=1e-8)


def test_the_cycle_of_the_oscillator_has_its_period_and_range(oscillator):
    """The other multiplier is 0.002, so a few turns are enough."""
    settled = simulate(oscillator, 400, [0, 0], save="final", **TIGHT).final
    sol = simulate(oscillator, 70, settled, method="dop853", dense_output=True, **TIGHT)
    times = np.linspace(0, 70, 7001)
    above = sol.sol(times)[0] - 2.75
    rising = times[:-1][(above[:-1] < 0) & (above[1:] >= 0)]
    crossings = [optimize.brentq(lambda t: sol.sol(t)[0] - 2.75, t, t + 0.01, xtol=1e-13) for t in rising]
    assert np.diff(crossings)[0] == pytest.approx(28.9999078994859, abs=1e-9)
    outputs = oscillator.outputs(sol.sol(times))
    assert outputs.min() == pytest.approx(0.18905638, abs=1e-7)  # a point every 0.01 misses the extreme by 1e-8 at most
    assert outputs.max() == pytest.approx(0.81094362, abs=1e-7)


# Chaos, and which way round the weights are --------------------------------------------------------------------------

CHAOTIC = np.array([[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]])


def three_neurons(weights):
    return AdditiveNetwork(weights, [-4.108, -2.787, -1.114], [1.0, 2.5, 1.0])


def test_the_transposed_chaotic_circuit_settles():
    net = three_neurons(CHAOTIC.T)
    y = simulate(net, 200, [1, 1, 1], **TIGHT).final
    np.testing.assert_allclose(y, [0.6637596, -2.0585909, 3.7098977], atol=1e-6)
    found = np.sort(np.linalg.eigvals(net.jac(0, y)).real)[::-1]
    np.testing.assert_allclose(found, [-0.38726, -0.72283, -0.86220], atol=1e-5)


def test_the_chaotic_circuit_does_not_settle():
    """Neighbours part at a rate near 0.0097: by a factor between 100 and 1e6 in 1000 units of time."""
    net = three_neurons(CHAOTIC)
    start = simulate(net, 500, [1, 1, 1], **TIGHT).final
    apart = start + np.array([1e-9, 0, 0])
    one, other = (simulate(net, 1000, y0, **TIGHT, t_eval=np.arange(800, 1001.0)).y for y0 in (start, apart))
    assert one.std(axis=1).min() > 0.1
    assert 1e-7 < np.abs(one - other).max() < 1e-3


# One neuron -----------------------------------------------------------------------------------------------------------


def test_the_euler_map_of_one_neuron_has_a_cycle_that_its_flow_has_not():
    net = AdditiveNetwork([[-10.0]])
    equilibrium = optimize.brentq(lambda y: -y - 10 * logistic(y), -10, 0, xtol=1e-14)
    assert equilibrium == pytest.approx(-1.6335062, abs=1e-7)
    np.testing.assert_allclose(simulate(net, 40, [0.0], **TIGHT).final, equilibrium, rtol=1e-10)
    with pytest.warns(UserWarning, match="`dt` = 1 is above a tenth"):
        coarse = simulate(net, 200, [0.0], method="euler", dt=1.0)
    np.testing.assert_allclose(np.sort(coarse.y[0, -2:]), [-4.7950451, -0.0820279], atol=1e-7)
    multiplier = np.prod([1 + net.jac(0, y)[0, 0] for y in coarse.y.T[-2:]])
    assert multiplier == pytest.approx(0.203, abs=1e-3)


def test_the_cycle_of_the_euler_map_is_born_at_its_step():
    """At h / tau = 0.8450685 the derivative of the map at the equilibrium is -1; the map as a system of its own."""

    def euler_map(k, y, u, params, out):
        out[0] = y[0] + params[0] * (-y[0] - 10 / (1 + np.exp(-y[0])))

    system = DynamicalSystem(euler_map, 1, {"step": 1.0}, kind="map")
    for step, cycles in ((0.8440685, False), (0.8460685, True), (1.0, True)):
        last = simulate(system.with_params({"step": step}), 20_000, [0.0]).y[0, -2:]
        assert (abs(last[0] - last[1]) > 0.05) == cycles
    np.testing.assert_allclose(np.sort(last), [-4.7950451, -0.0820279], atol=1e-7)


@pytest.mark.parametrize("weight", [4.5, 6.0, 10.0])
def test_one_neuron_jumps_at_its_folds(weight):
    """Between them it stays on its branch. The passage near a fold takes pi / sqrt(distance) units of time."""
    root = np.sqrt(weight * (weight - 4))
    half = 2 * np.log((np.sqrt(weight) + np.sqrt(weight - 4)) / 2)
    left, right = half - (weight + root) / 2, -half - (weight - root) / 2
    if weight == 6:
        assert (left, right) == pytest.approx((-3.41509291064406, -2.58490708935594), abs=1e-14)
    net = AdditiveNetwork([[weight]])

    def rests_high(start, drive):
        return logistic(simulate(net, 3000, [start], inputs=[drive], save="final").final[0]) > 0.5

    assert not rests_high(-20.0, right - 1e-4)
    assert rests_high(-20.0, right + 1e-4)
    assert rests_high(20.0, left + 1e-4)
    assert not rests_high(20.0, left - 1e-4)


# Many attractors -------------------------------------------------------------------------------------------------------


def test_decoupled_bistable_units_keep_their_orthant(rng):
    net = AdditiveNetwork(8 * np.eye(5), -4.0)
    high = optimize.brentq(lambda y: -y + 8 * logistic(y - 4), 5, 8, xtol=1e-14)
    starts = rng.uniform(0, 8, (200, 5))
    final = simulate_ensemble(net, 100, starts, save="final", **TIGHT).y
    far = np.abs(starts - 4) > 1e-12
    np.testing.assert_allclose(final[far], np.where(starts > 4, high, 8 - high)[far], atol=1e-9)


def test_the_winner_of_two_equal_neurons_is_who_starts_ahead(rng):
    """They inhibit each other; the separatrix is the diagonal."""
    net = AdditiveNetwork([[0, -8], [-8, 0]])
    starts = rng.uniform(-4, 6, (300, 2))
    final = simulate_ensemble(net, 200, starts, inputs=[4.0, 4.0], save="final", **TIGHT).y
    np.testing.assert_array_equal(final[:, 0] > final[:, 1], starts[:, 0] > starts[:, 1])
    winners, losers = final.max(axis=1), final.min(axis=1)
    assert np.ptp(winners) < 1e-8
    assert np.ptp(losers) < 1e-8
    assert winners[0] > losers[0] + 1
    alike = simulate(net, 50, [1.0, 1.0], inputs=[4.0, 4.0], **TIGHT)
    np.testing.assert_array_equal(alike.y[0], alike.y[1])


def test_a_centre_crossing_network_rests_with_half_its_output(rng):
    n = 7
    weights, tau = rng.uniform(-16, 16, (n, n)), rng.uniform(0.5, 3, n)
    biases = -weights.sum(axis=1) / 2
    net = AdditiveNetwork(weights, biases, tau)
    np.testing.assert_allclose(net.outputs(-biases), 0.5)
    np.testing.assert_allclose(net.rhs(0, -biases), 0, atol=1e-12)
    np.testing.assert_allclose(net.jac(0, -biases), (weights / 4 - np.eye(n)) / tau[:, None], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n", [3, 5, 9])
def test_an_odd_ring_begins_to_oscillate_at_its_hopf_point(n):
    critical = 1 / np.cos(np.pi / n)
    ring = np.roll(np.eye(n), 1, axis=0)  # from i - 1 to i
    net = AdditiveNetwork(-critical * ring, activation="tanh")
    eigenvalues = np.linalg.eigvals(net.jac(0, np.zeros(n)))
    leading = eigenvalues[np.argsort(eigenvalues.real)][-2:]
    np.testing.assert_allclose(leading.real, 0, atol=1e-12)
    np.testing.assert_allclose(np.abs(leading.imag), np.tan(np.pi / n), rtol=1e-12)
    start = 0.3 * np.cos(np.pi * (n - 1) / n * np.arange(n))
    for factor, lives in ((0.95, False), (1.05, True)):
        late = simulate(net.replace(weights=-factor * critical * ring), 400, start, t_eval=np.linspace(350, 400, 200)).y
        assert (np.ptp(late[0]) > 0.1) == lives


# Other authors' forms of the same network ----------------------------------------------------------------------------


def both(net, other, y0, transformed, t=6.0):
    """The states of two systems that are one in other variables."""
    times = np.linspace(0, t, 13)
    mine = simulate(net, t, transformed(np.asarray(y0)), t_eval=times, **TIGHT).y
    theirs = integrate.solve_ivp(other, (0, t), y0, t_eval=times, method="DOP853", rtol=1e-12, atol=1e-13).y
    np.testing.assert_allclose(mine, np.array([transformed(y) for y in theirs.T]).T, atol=1e-9)


def test_neat_pythons_network_is_an_additive_one_in_its_net_inputs(rng):
    """For equal time constants: tau y' = -y + f(b + r W y) with u = b + r W y is tau u' = -u + r W f(u) + b."""
    w, b, r = rng.normal(size=(3, 3)), rng.normal(size=3), rng.uniform(0.5, 2, 3)
    net = AdditiveNetwork(r[:, None] * w, 0.0, 0.7, constant_inputs=b)
    both(net, lambda t, y: (-y + logistic(b + r * (w @ y))) / 0.7, rng.normal(size=3), lambda y: b + r * (w @ y))


def test_a_tanh_network_is_a_logistic_one(rng):
    """tanh(x) = 2 s(2x) - 1: in u = 2x the weights are 4 J and the constant input -2 J 1."""
    j = rng.normal(size=(3, 3))
    net = AdditiveNetwork(4 * j, constant_inputs=-2 * j.sum(axis=1))
    both(net, lambda t, x: -x + j @ np.tanh(x), rng.normal(size=3), lambda x: 2 * x)


def test_gains_fold_into_weights_biases_and_inputs(rng):
    w, theta, g, drive = rng.normal(size=(3, 3)), rng.normal(size=3), rng.uniform(0.5, 2, 3), rng.normal(size=3)
    folded = AdditiveNetwork(g[:, None] * w, g * theta, constant_inputs=g * drive)
    both(folded, lambda t, y: -y + w @ logistic(g * (y + theta)) + drive, rng.normal(size=3), lambda y: g * y)
