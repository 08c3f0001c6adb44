"""Every problem: its networks have its energy, and its optimum is the least cost of all states."""

import itertools

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from hopfield.problems import Colouring, MaxCut, Qubo, Queens, TravellingSalesman


def every_state(n, values):
    return np.array(list(itertools.product(values, repeat=n)), dtype=np.int8)


def all_problems():
    rng = np.random.default_rng(0)
    return [
        Qubo(rng.normal(size=(6, 6)), offset=0.5),
        Qubo(sparse.random_array((8, 8), density=0.1, rng=1)),
        MaxCut(nx.cycle_graph(5)),
        Colouring(nx.path_graph(3), 2),
        Queens(3),
        TravellingSalesman.from_points(rng.random((3, 2))),
        TravellingSalesman.from_points(rng.random((3, 2)), "hopfield_tank"),
    ]


@pytest.mark.parametrize("problem", all_problems(), ids=repr)
def test_networks_and_quadratic_forms_have_the_same_energy(problem):
    """All states: E of the problem, of its networks at large gain, as x.Qx, as a dict, and as spins."""
    low, high = (0, 1) if problem.values == "binary" else (-1, 1)
    states = every_state(problem.size, (low, high))
    energies = problem.energy(states)
    if not isinstance(problem, TravellingSalesman):  # whose network has no C
        np.testing.assert_allclose(problem.network().energy(states) + problem.offset, energies, rtol=1e-12, atol=1e-9)
    scale = np.abs(energies).max()
    x = ((states - low) // (high - low)).astype(float)
    q = Qubo.from_problem(problem)
    np.testing.assert_allclose(np.einsum("ki,ki->k", x, (q.matrix() @ x.T).T) + q.offset, energies, atol=1e-12 * scale)
    entries = Qubo(q.to_dict() | {(problem.size - 1,) * 2: q.to_dict().get((problem.size - 1,) * 2, 0.0)}, q.offset)
    np.testing.assert_allclose(entries.energy(x.astype(int)), energies, atol=1e-12 * scale)
    j, h, offset = q.to_ising()
    s = 2 * x - 1
    ising = np.einsum("ki,ki->k", s, (j @ s.T).T) + s @ h + offset
    np.testing.assert_allclose(ising, energies, atol=1e-12 * scale)
    np.testing.assert_allclose(Qubo.from_ising(j, h, offset).energy(x.astype(int)), energies, atol=1e-12 * scale)


@pytest.mark.parametrize("problem", all_problems(), ids=repr)
def test_the_optimum_is_the_least_cost_of_all_states(problem):
    values = (0, 1) if problem.values == "binary" else (-1, 1)
    costs = problem.costs(every_state(problem.size, values))
    assert problem.optimum() == pytest.approx(costs.min(), abs=1e-12)


def test_large_problems_say_that_they_do_not_know():
    for problem in (Qubo(np.ones((25, 25))), MaxCut(nx.cycle_graph(25)), Colouring(nx.cycle_graph(15), 3),
                    TravellingSalesman.from_points(np.random.default_rng(0).random((15, 2)))):  # fmt: skip
        assert problem.optimum() is None


@pytest.mark.parametrize(("call", "words"), [
    (lambda: MaxCut(nx.DiGraph([(0, 1)])), "`graph` must be undirected"),
    (lambda: MaxCut([[1, 0], [0, 0]]), r"`graph\[0, 0\]` must be 0"),
    (lambda: Colouring([[0, 1]], 2), "`graph` must be a square"),
    (lambda: Colouring([[0, 1], [1, 0]], 0), "`colours` must be at least 1"),
    (lambda: Qubo({}), "`matrix` must hold at least one"),
    (lambda: Qubo({(0, -1): 1.0}), "`matrix` must have unit numbers from 0"),
    (lambda: Qubo({0: 1.0}), "`matrix` must have pairs"),
    (lambda: Qubo({(0, 1): np.nan}), r"`matrix\[\(0, 1\)\]` must be finite"),
    (lambda: Qubo([[1, 2]]), "`matrix` must be square"),
    (lambda: Queens(0), "`count` must be at least 1"),
    (lambda: Queens(10**9), "`count` queens must fit into memory"),
    (lambda: Queens(4).costs([0, 1]), "`states` must have shape"),
    (lambda: TravellingSalesman([[0, 1, 1], [1, 0, 1], [1, 1, 0]], "hopfield"), "`parameters` must be one of"),
    (lambda: TravellingSalesman.from_points([1, 2, 3]), "`points` must have shape"),
])  # fmt: skip
def test_bad_problems_are_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
