"""Quadratic problems of one unit."""

import numpy as np

from hopfield.problems import Colouring, MaxCut, Qubo, Queens


def test_one_unit_and_no_edges():
    assert Qubo([[2.0]]).optimum() == 0
    assert Qubo([[-2.0]]).optimum() == -2
    assert MaxCut([[0.0]]).optimum() == 0
    assert Colouring(np.zeros((3, 3)), 1).optimum() == 0
    assert Qubo.from_problem(Queens(1)).optimum() == 0
    assert Queens(1).optimum() == 0
