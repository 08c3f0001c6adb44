"""States beyond a reset, of an integrate-and-fire neuron whose threshold is 1 and of a wall to the left."""

import numpy as np
import pytest

from analysis import fixed_points, slow_points
from analysis.common import beyond_reset
from neurodynamics import DynamicalSystem


def leak(t, y, u, params, out):
    out[0] = params[0] - y[0]


def threshold(t, y, u, params, out):
    out[0] = y[0] - 1.0


def to_rest(event, t, y, u, params, out):
    out[0] = 0.0


def neuron(drive, directions):
    return DynamicalSystem(leak, 1, [drive], events=threshold, event_directions=directions, reset=to_rest)


@pytest.mark.parametrize("directions", [None, [1]])
def test_states_above_the_threshold_are_beyond_it(directions):
    beyond = beyond_reset(neuron(1.5, directions), np.array([[0.2], [1.2], [-3.0]]), np.zeros(0))
    assert beyond.tolist() == [False, True, False]


@pytest.mark.parametrize("directions", [None, [1]])
def test_rest_beyond_the_threshold_is_left_out(directions):
    """V = 1.5 attracts, and no neuron that starts below 1 gets there; V = 0.5 is reached."""
    found = fixed_points(neuron(1.5, directions), rng=0)
    assert not len(found)
    assert "beyond a reset" in found.reason
    assert not len(slow_points(neuron(1.5, directions), rng=0))
    np.testing.assert_allclose(fixed_points(neuron(0.5, directions), rng=0).x, [[0.5]])
