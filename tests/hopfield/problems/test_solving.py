"""Solvers: optima of small problems, shares of valid tours as published, and ends in time."""

import pickle

import networkx as nx
import numpy as np
import pytest
from punctual import LOADED, PROMPT, PUNCTUAL, at_best, interrupted, timed

from hopfield.measures import wilson
from hopfield.problems import Colouring, MaxCut, Qubo, Queens, TravellingSalesman, solve
from hopfield.recall import RecallStatus


def cities(n, seed):
    return np.random.default_rng(seed).random((n, 2))


@pytest.mark.parametrize("method", ["annealed", "graded"])
@pytest.mark.parametrize("seed", [0, 1])
def test_small_problems_are_solved(method, seed):
    """Among 20 restarts is the optimum, which another way has found."""
    rng = np.random.default_rng(seed)
    for problem in (Qubo(rng.normal(size=(14, 14))), MaxCut(nx.gnp_random_graph(12, 0.5, seed=seed)),
                    Colouring(nx.petersen_graph(), 3), TravellingSalesman.from_points(rng.random((5, 2)))):  # fmt: skip
        found = solve(problem, method, rng=seed)
        assert found.optimal or (isinstance(problem, TravellingSalesman) and found.ratios.min() < 1.1)
        assert (found.status == RecallStatus.FIXED_POINT).all()
        network, stays = problem.network(), found.states
        assert network.is_stable(stays).all()
        np.testing.assert_array_equal(found.costs, problem.costs(stays))


def test_queens_are_placed():
    found = solve(Queens(8), restarts=40, rng=0)
    assert found.cost == 0
    assert found.valid.any()
    squares = found.solution
    for line in (squares[:, 0], squares[:, 1], squares.sum(axis=1), squares[:, 0] - squares[:, 1]):
        assert len(set(line.tolist())) == 8


def test_few_tours_of_1985_are_valid_and_all_of_talavan_and_yanez():
    """Five random sets of ten cities: 10-26 % valid, within the error of 60 trials; 1.3 to 1.8 times the optimum."""
    old, new, ratios = [], [], []
    for seed in range(5):
        points = cities(10, seed)
        old += solve(TravellingSalesman.from_points(points, "hopfield_tank"), "graded", restarts=12, rng=seed).valid.tolist()
        found = solve(TravellingSalesman.from_points(points), "graded", restarts=10, rng=seed)
        new += found.valid.tolist()
        ratios += found.ratios.tolist()
    low, high = wilson(sum(old), len(old))
    assert low < 0.26
    assert high > 0.10
    assert sum(old) < 0.5 * len(old)
    assert all(new)
    assert 1.3 < np.mean(ratios) < 1.8
    assert min(ratios) >= 1 - 1e-12


def test_the_energy_falls_at_each_step_of_a_descent():
    from hopfield.problems.descent import descend

    problem = TravellingSalesman.from_points(cities(6, 0))
    x = 0.5 + 0.01 * np.random.default_rng(0).uniform(-1, 1, (4, 36))
    before = np.full(4, np.inf)
    for _ in range(30):
        energy = -np.einsum("ki,ki->k", problem.couplings.product(x) / 2 + problem.bias, x)
        assert (energy <= before + 1e-12 * np.abs(energy)).all()
        before = energy
        descend(problem.couplings, problem.bias, (0.0, 1.0), x, 1, lambda: True)


def test_results_are_those_of_the_seed_and_outlive_pickle():
    problem = MaxCut(nx.gnp_random_graph(20, 0.3, seed=0))
    first, second, other = (solve(problem, restarts=5, rng=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.states, second.states)
    assert not np.array_equal(first.states, other.states)
    again = pickle.loads(pickle.dumps(first))
    assert repr(again) == repr(first)
    np.testing.assert_array_equal(again.solution, first.solution)


def test_shares_have_intervals_and_reasons_are_words():
    found = solve(Queens(8), restarts=10, sweeps=20, rng=3)
    share, low, high = found.share_valid
    assert low <= share == found.valid.mean() <= high
    np.testing.assert_allclose((low, high), wilson(found.valid.sum(), 10))
    assert found.reason == "no single unit's change leads further down"
    assert solve(Qubo(np.ones((30, 30))), restarts=2, rng=0).optimal is None


def test_temperatures_of_your_own():
    """At zero temperature only, the end is a local minimum of a random start; warm ends are better on average."""
    problem = MaxCut(nx.gnp_random_graph(60, 0.2, seed=1))
    cold = solve(problem, temperatures=[0.0], restarts=40, rng=0)
    assert cold.costs.mean() > solve(problem, restarts=40, rng=0).costs.mean()
    with pytest.raises(ValueError, match="`temperatures` must be zero or positive"):
        solve(problem, temperatures=[-1.0])


def tours(method, **options):
    return solve(TravellingSalesman.from_points(cities(20, 0)), method, restarts=400, sweeps=10**6, rng=0, **options)


@pytest.mark.parametrize("method", ["annealed", "graded"])
def test_time_is_kept(method):
    tours(method, timeout=0.0)  # compiles
    found, seconds = at_best(lambda: timed(lambda: tours(method, timeout=0.3)), 0.3 + PUNCTUAL + LOADED)
    assert seconds < 0.3 + PUNCTUAL + LOADED
    assert (found.status == RecallStatus.TIMEOUT).any()
    assert "`timeout` was used up" in found.reason
    assert found.states.shape == (400, 400)


@pytest.mark.parametrize("method", ["annealed", "graded"])
def test_ctrl_c_hands_back_what_there_is(method):
    tours(method, timeout=0.0)
    stopped, seconds = at_best(lambda: interrupted(lambda: tours(method)), PROMPT + LOADED)
    assert seconds < PROMPT + LOADED
    assert (stopped.result.status == RecallStatus.INTERRUPTED).any()
    assert stopped.result.reason.startswith("interrupted")
