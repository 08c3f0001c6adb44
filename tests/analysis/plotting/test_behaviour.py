"""Pictures of bodies: where they were, and what stood on the ground."""

from __future__ import annotations

import numpy as np

from ctrnn import CTRNN, evaluate
from neuroevolution import tasks


def test_the_walker_is_seen_from_the_side():
    """The best single stride: the foot is down all the time, and the body moves on."""
    net = CTRNN(np.zeros((3, 3)), biases=[20, 20, -20])
    loop = evaluate(net, tasks.LeggedWalker(), duration=50, dt=0.1, record=(0, 0)).solution
    ax = loop.plot()
    (body,) = [line for line in ax.lines if line.get_label() == "body"]
    np.testing.assert_array_equal(body.get_xdata(), loop.state[0])
    down = next(legs for legs in ax.collections if legs.get_label() == "foot down")
    feet = np.array([leg[1] for leg in down.get_segments()])
    assert np.ptp(feet[1:], axis=0).max() < 1e-12
    assert ax.get_xlabel() == "distance x"


def test_poles_over_time():
    net = CTRNN([[0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]])
    loop = evaluate(net, tasks.PoleBalancing(1), duration=1, dt=0.01, substeps=2, record=(0, 0)).solution
    ax = loop.plot()
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), loop.state[2])
    assert ax.lines[1].get_label() == "angle of pole 0 (rad)"
    assert ax.get_xlabel() == "time t (s)"


def test_other_bodies_show_their_states():
    loop = evaluate(CTRNN(np.zeros((3, 3))), tasks.LeggedWalker(), duration=1, dt=0.1, record=(0, 0)).solution
    object.__setattr__(loop, "task", None)
    ax = loop.plot()
    assert len(ax.lines) == len(loop.state)
    np.testing.assert_array_equal(ax.lines[3].get_ydata(), loop.state[3])
