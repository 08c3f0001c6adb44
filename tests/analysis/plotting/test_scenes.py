"""Frames and films of bodies."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from analysis import plotting
from ctrnn import CTRNN, evaluate
from neuroevolution import tasks


def balanced(poles=1):
    net = CTRNN([[0]], time_constants=0.05, input_weights=[[2, 4, 40, 10, 0, 0][: 2 + 2 * poles]])
    return evaluate(net, tasks.PoleBalancing(poles, fallen=7.0), duration=0.4, dt=0.01, substeps=2, record=(0, 0)).solution


def test_frames_show_the_body_at_their_moments():
    loop = balanced(2)
    fig = plotting.plot_frames(loop, 3)
    assert [ax.get_title("left") for ax in fig.axes] == ["t = 0", "t = 0.2", "t = 0.4"]
    for ax, k in zip(fig.axes, (0, loop.t.size // 2, -1), strict=True):
        for i, pole in enumerate(ax.lines[1:]):
            (x0, x1), (y0, y1) = pole.get_data()
            angle = loop.state[2 + 2 * i, k]
            np.testing.assert_allclose([x1 - x0, y1 - y0], loop.task.lengths[i] * np.array([np.sin(angle), np.cos(angle)]))
        assert ax.patches[0].get_center()[0] == pytest.approx(loop.state[0, k])


def test_walkers_stand_on_the_ground_in_frames_and_lift_their_feet():
    net = CTRNN(np.zeros((3, 3)), biases=[20, 20, -20])
    loop = evaluate(net, tasks.LeggedWalker(), duration=20, dt=0.1, record=(0, 0)).solution
    first, last = plotting.plot_frames(loop, 2).axes
    assert first.lines[2].get_ydata()[0] > 0
    assert last.lines[2].get_ydata()[0] == 0
    np.testing.assert_array_equal(last.lines[2].get_xdata(), loop.state[5, -1:])


def test_a_film_has_a_frame_for_each_moment(tmp_path):
    film = plotting.animate_behaviour(balanced(), fps=10)
    film.save(tmp_path / "film.gif", writer="pillow", dpi=30)
    with Image.open(tmp_path / "film.gif") as picture:
        assert picture.n_frames == 5
    slow = plotting.animate_behaviour(balanced(), fps=10, speed=0.2)
    slow.save(tmp_path / "film.gif", writer="pillow", dpi=20)
    with Image.open(tmp_path / "film.gif") as picture:
        assert picture.n_frames == 21


def test_what_has_no_scene_is_refused():
    loop = balanced()
    object.__setattr__(loop, "task", None)
    with pytest.raises(ValueError, match="there are scenes of a LeggedWalker and of PoleBalancing"):
        plotting.plot_frames(loop)
    with pytest.raises(ValueError, match="`frames` and `columns` must be integers from 1; got 0 and 2"):
        plotting.plot_frames(balanced(), 0)
    with pytest.raises(ValueError, match="`speed` and `fps` must be positive; got 0 and 25"):
        plotting.animate_behaviour(balanced(), speed=0)
