"""Answers as pictures: nodes where they are, lines between those that the answer joins."""

import networkx as nx
import numpy as np
import pytest
from matplotlib import pyplot as plt

from analysis import plotting
from hopfield.problems import Colouring, MaxCut, Qubo, Queens, TravellingSalesman, solve


@pytest.fixture(autouse=True)
def _no_figures():
    yield
    plt.close("all")


def lines_of(ax):
    return np.array(ax.collections[0].get_segments())


def test_a_tour_visits_the_cities_where_they_are():
    points = np.random.default_rng(0).random((6, 2))
    found = solve(TravellingSalesman.from_points(points), "graded", restarts=4, rng=0)
    ax = found.plot()
    ways = lines_of(ax)
    assert len(ways) == 6
    assert np.linalg.norm(ways[:, 0] - ways[:, 1], axis=1).sum() == pytest.approx(found.cost)
    assert f"least {found.optimum:.4g}" in ax.get_xlabel()
    np.testing.assert_array_equal(ax.collections[1].get_offsets(), points)


SOME = [MaxCut(nx.cycle_graph(6)), Colouring(nx.cycle_graph(5), 3), Queens(5), Qubo(-np.eye(4))]


@pytest.mark.parametrize("problem", SOME, ids=repr)
def test_answers_have_a_picture(problem):
    found = solve(problem, restarts=5, rng=0)
    ax = plotting.plot_solution(found, restart=0)
    picture = problem.picture(found.states[0])
    assert len(lines_of(ax)) == len(picture.edges)
    assert len(ax.collections[1].get_offsets()) == len(picture.places)


def test_the_lines_of_a_cut_are_its_edges():
    found = solve(MaxCut(nx.cycle_graph(6)), restarts=5, rng=0)
    assert len(lines_of(found.plot())) == -found.cost == 6
    with pytest.raises(ValueError, match=r"`restart` must be 0 .. 4; got 5"):
        plotting.plot_solution(found, restart=5)
