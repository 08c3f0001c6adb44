"""Trajectories in the plane and in space."""

from __future__ import annotations

import numpy as np

from analysis import plotting
from ctrnn import CTRNN, simulate

CHAOS = CTRNN(
    [[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]],
    biases=[-4.108, -2.787, -1.114],
    time_constants=[1, 2.5, 1],
)


SOLUTION = simulate(CHAOS, (0, 50), [1, 1, 1])


def test_two_neurons_in_a_plane():
    ax = plotting.plot_trajectory(SOLUTION, neurons=(2, 0), what="outputs", after=10)
    late = SOLUTION.outputs[:, SOLUTION.t >= 10]
    np.testing.assert_array_equal(ax.lines[0].get_data(), late[[2, 0]])
    assert ax.get_xlabel() == "output o of neuron 2"
    np.testing.assert_array_equal(np.ravel(ax.lines[1].get_data()), late[[2, 0], 0])


def test_three_neurons_in_space():
    ax = plotting.plot_trajectory(SOLUTION)
    assert ax.name == "3d"
    np.testing.assert_array_equal(ax.lines[0].get_data_3d(), SOLUTION.y)
    assert ax.get_zlabel() == "state y of neuron 2"
    ax.figure.canvas.draw()
