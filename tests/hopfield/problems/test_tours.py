"""Tours: their lengths, the energy of the formula, and which corners of the cube are stable."""

import itertools

import networkx as nx
import numpy as np
import pytest

from hopfield.problems import TourWeights, TravellingSalesman


def every_state(n, values):
    return np.array(list(itertools.product(values, repeat=n)), dtype=np.int8)


def test_tours_cost_their_length_and_have_the_energy_of_hopfield_and_tank():
    d = np.random.default_rng(3).integers(1, 9, (5, 5)).astype(float)
    d = np.triu(d, 1) + np.triu(d, 1).T
    problem = TravellingSalesman(d, TourWeights(3.0, 4.0, 2.0, 0.5, 6.0))
    lengths = []
    for order in itertools.permutations(range(5)):
        state = np.zeros((5, 5), int)
        state[list(order), range(5)] = 1
        lengths.append(sum(d[order[i], order[i - 1]] for i in range(5)))
        assert problem.costs(state.ravel())[0] == lengths[-1]
        assert problem.solution(state.ravel()).tolist() == list(order)
        assert problem.energy(state.ravel())[0] == pytest.approx(0.5 * lengths[-1] + 2.0 / 2 * (5 - 6) ** 2)
    assert problem.optimum() == min(lengths)
    assert problem.costs(np.ones(25, int))[0] == np.inf
    assert (problem.solution(np.ones(25, int)) == -1).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_stable_corners_of_talavan_and_yanez_are_the_valid_tours(seed):
    """All 2^16 corners for four cities: no gradient points into the cube."""
    problem = TravellingSalesman.from_points(np.random.default_rng(seed).random((4, 2)))
    corners = every_state(16, (0, 1))
    gradient = problem.couplings.product(corners.astype(float)) + problem.bias
    stable = (np.where(corners == 1, gradient, -gradient) > 0).all(axis=1)
    np.testing.assert_array_equal(stable, problem.valid(corners))
    assert stable.sum() == 24


def test_graphs_of_networkx_are_complete_tours():
    graph = nx.complete_graph(["a", "b", "c", "d"])
    for u, v in graph.edges:
        graph.edges[u, v]["km"] = 1.0 + (u == "a")
    assert TravellingSalesman.from_graph(graph, weight="km").optimum() == 6.0
    graph.remove_edge("a", "c")
    with pytest.raises(ValueError, match="no edge between 'c' and 'a'"):
        TravellingSalesman.from_graph(graph)
