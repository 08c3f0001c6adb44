"""Cuts and colourings, counted on the graph."""

import itertools

import networkx as nx
import numpy as np

from hopfield.problems import Colouring, MaxCut


def every_state(n, values):
    return np.array(list(itertools.product(values, repeat=n)), dtype=np.int8)


def test_a_cut_is_the_weight_between_the_sides():
    graph = nx.gnp_random_graph(9, 0.5, seed=1)
    for k, (u, v) in enumerate(graph.edges):
        graph.edges[u, v]["weight"] = (-1.0) ** k * (k + 1)
    problem, sides = MaxCut(graph), every_state(9, (-1, 1))[::7]
    expected = [nx.cut_size(graph, [i for i in graph if s[i] > 0], weight="weight") for s in sides]
    np.testing.assert_allclose(problem.cut(sides), expected, atol=1e-12)


def test_minima_of_a_colouring_give_each_node_one_colour():
    """All states from which no single unit's change leads down."""
    problem = Colouring(nx.complete_graph(4), 3)
    states = every_state(12, (0, 1))
    stable = states[problem.network().is_stable(states)]
    assert len(stable) > 0
    assert np.isfinite(problem.costs(stable)).all()
    assert problem.costs(stable).min() == problem.optimum() == 1  # of K4 with three colours
