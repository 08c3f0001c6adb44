"""Compiled steps are those of the general predictor-corrector."""

import numpy as np

from analysis import fixed_point_branch
from analysis.bifurcations import equilibria
from analysis.bifurcations.ordinary_steps import solve_in_place
from ctrnn import CTRNN


def test_compiled_steps_are_those_of_any_curve(systems, monkeypatch):
    net = CTRNN(systems.W4, biases=[-3, -7.25])
    quick = fixed_point_branch(net, "biases[0]", (-8, 8), start=[5, 5])
    monkeypatch.setattr(equilibria.Equilibria, "ahead", lambda problem, walk, room: [])
    slow = fixed_point_branch(net, "biases[0]", (-8, 8), start=[5, 5])
    assert quick.points.labels == slow.points.labels
    np.testing.assert_allclose([p.value for p in quick.points], [p.value for p in slow.points], rtol=1e-13)
    assert abs(len(quick) - len(slow)) <= 2
    assert quick.error.max() <= 1e-9


def test_elimination_solves_what_numpy_solves(rng):
    for n in (1, 2, 5, 20):
        A, b = rng.normal(size=(n, n)), rng.normal(size=(n, 2))
        x = b.copy()
        assert solve_in_place(A.copy(), x)
        np.testing.assert_allclose(x, np.linalg.solve(A, b), rtol=1e-8, atol=1e-9)
    assert not solve_in_place(np.zeros((2, 2)), np.ones((2, 2)))
