"""Gradients beside differences, also where parameters are at the ends of their ranges."""

import numpy as np
import pytest

from hopfield import GradedBAM
from learning import gradient, losses
from learning.checking import AHEAD, BEHIND, CENTRAL, slope_along
from recurrent import EchoState, Memristive, loop_projector


@pytest.mark.parametrize("stencil", [CENTRAL, AHEAD, BEHIND])
def test_stencils_are_of_fourth_order(stencil):
    """They are exact for polynomials of degree 4, and not for those of degree 5."""
    for degree in range(6):
        found = sum(weight * side**degree for side, weight in stencil.items())
        assert (abs(found - (degree == 1)) < 1e-13) == (degree < 5)


def test_a_leak_at_its_bound_is_moved_to_one_side():
    net, given = EchoState([[0.5]], [[1.0]], leak=1.0), {"targets": [[0.2]], "times": [5.0], "inputs": [0.3], "check": True}
    found = gradient(net, losses.MeanSquare(), **given)
    assert found.vector[net.layout.positions("leak")] != 0
    assert found.gap < 1e-8
    alone = gradient(net, losses.MeanSquare(), **given, params="leak")
    assert alone.gap < 1e-8


def test_parameters_at_different_ends_are_moved_each_to_its_side():
    """Of a + 2 b + 3 c with a at its upper end and b at its lower one."""
    class Box:
        param_dim, params = 3, np.array([1.0, 0.0, 0.5])

        def with_params(self, params):
            if params[0] > 1 or params[1] < 0:
                raise ValueError("outside.")
            return params

    direction = np.array([0.2, 0.3, -0.5])
    assert slope_along(direction, Box(), lambda p: p @ [1, 2, 3]) == pytest.approx(direction @ [1, 2, 3], abs=1e-9)


def test_parameters_that_may_not_move_are_named():
    net = GradedBAM(np.array([[1.0, -0.5]]))
    given = {"y0": [0.1, 0.2, 0.3], "targets": [[0.0] * 3], "times": [1.0], "dt": 0.1, "check": True}
    found = gradient(net, losses.MeanSquare(), **given)
    assert found.gap < 1e-8
    inside = np.ix_([0], [0]), np.ix_([1, 2], [1, 2])
    assert not any(found.by["weights"][part].any() for part in inside)
    circuit = Memristive(loop_projector([[0, 1], [1, 2], [2, 0]]), [1.0, 2.0, 0.5], alpha=0.3, beta=1.5, xi=2.0)
    with pytest.raises(ValueError, match="Leave such ones out"):
        gradient(circuit, losses.MeanSquare(), **given)
