"""Fixed points by their stability, exponents with their errors; the records are stand-ins with the fields that count."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from analysis import plotting
from ctrnn import CTRNN

X = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0], [9.0, 10.0, 11.0]])
POINTS = SimpleNamespace(x=X, index=np.array([0, 1, 2, 3]), system=CTRNN(np.zeros((3, 3))))


def by_label(ax):
    return {line.get_label(): np.transpose(line.get_data()) for line in ax.lines}


def test_fixed_points_are_marked_by_their_index():
    ax = plotting.plot_fixed_points(POINTS, neurons=(0, 2))
    marked = by_label(ax)
    np.testing.assert_array_equal(marked["attracting fixed point"], X[[0]][:, [0, 2]])
    np.testing.assert_array_equal(marked["saddle fixed point"], X[[1, 2]][:, [0, 2]])
    np.testing.assert_array_equal(marked["repelling fixed point"], X[[3]][:, [0, 2]])
    assert ax.get_ylabel() == "state y of neuron 2"


def test_fixed_points_of_one_neuron():
    single = SimpleNamespace(x=X[:2, :1], index=np.array([0, 1]), system=CTRNN([[8.0]], -4.0))
    ax = plotting.plot_fixed_points(single)
    np.testing.assert_array_equal(by_label(ax)["repelling fixed point"], [[3.0, 1.0]])
    assert ax.get_ylabel() == "unstable directions"
    with pytest.raises(ValueError, match="must name 1"):
        plotting.plot_fixed_points(single, neurons=(0, 0))


def test_phase_planes_take_fixed_points():
    net = CTRNN(8 * np.eye(2), biases=-4.0)
    ax = plotting.plot_phase_plane(net, equilibria=SimpleNamespace(x=np.array([[4.0, 4.0]])))
    np.testing.assert_array_equal(by_label(ax)["repelling equilibrium"], [[4.0, 4.0]])
