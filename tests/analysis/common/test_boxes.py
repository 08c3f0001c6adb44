"""The box that every trajectory of a bounded network enters."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import fixed_points, phase_box
from ctrnn import CTRNN, Sine, simulate
from neurodynamics import AdditiveNetwork


def test_equilibria_lie_inside_and_trajectories_enter(rng):
    net = CTRNN(rng.normal(scale=4.0, size=(3, 3)), biases=rng.normal(size=3))
    low, high = phase_box(net, inputs=[0.5, 0.0, -0.5], margin=0.0).T
    points = fixed_points(net, inputs=[0.5, 0.0, -0.5]).x
    assert len(points)
    assert (points >= low).all()
    assert (points <= high).all()
    end = simulate(net, 60.0, high + 100.0, inputs=[0.5, 0.0, -0.5]).final
    assert (end <= high + 1e-9).all()


def test_its_sides_are_sums_of_weights_of_one_sign():
    net = CTRNN([[4.0, -1.0], [2.0, -2.0]])
    np.testing.assert_array_equal(phase_box(net, inputs=[1.0, 0.0], margin=0.0), [[0.0, 5.0], [-2.0, 2.0]])
    wider = phase_box(net, margin=0.5)
    np.testing.assert_array_equal(wider, [[-3.5, 6.5], [-4.0, 4.0]])


def test_unbounded_activations_show_where_they_bend():
    net = AdditiveNetwork(np.eye(2), biases=[1.0, 0.0], gains=[1.0, 2.0], activation="softplus")
    np.testing.assert_array_equal(phase_box(net, margin=0.0), [[-6.0, 4.0], [-2.5, 2.5]])


def test_inputs_must_stand_still():
    with pytest.raises(ValueError, match="`inputs` must be constants"):
        phase_box(CTRNN([[1.0]]), inputs=Sine(1.0, 1.0))
