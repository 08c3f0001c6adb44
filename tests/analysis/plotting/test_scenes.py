"""Frames and films of bodies."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from analysis import plotting
from ctrnn import CTRNN, Task, evaluate
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


def swing(period):
    """A body that swings and drifts, whatever the network does."""

    def reset(key, trial, state, sensors):
        state[0] = 1.0

    def step(t, dt, motors, state, sensors, score):
        state[0] = np.cos(2 * np.pi * (t + dt) / period)
        state[1] += dt
        return 0

    def draw(ax, state):
        ax.plot([0, state[0]], [0, 1], color="k")

    task = Task(reset=reset, step=step, state_dim=2, sensors=0, motors=0, state_names=["angle", "x"], draw=draw)
    return evaluate(CTRNN([[0.0]]), task, duration=10, dt=0.05, record=(0, 0)).solution


def test_a_task_draws_its_own_body(tmp_path):
    loop = swing(3.0)
    for ax, k in zip(plotting.plot_frames(loop, 3).axes, (0, 100, 200), strict=True):
        assert ax.lines[0].get_xdata()[1] == loop.state[0, k]
        assert len(ax.lines) == 1
        assert ax.get_xlim()[0] < -1
        assert ax.get_xlim()[1] > 1
    plotting.animate_behaviour(loop, fps=1, speed=5).save(tmp_path / "film.gif", writer="pillow", dpi=20)
    with Image.open(tmp_path / "film.gif") as picture:
        assert picture.n_frames == 3
    ax = loop.plot(path=("x", "angle"))
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), loop.state[1])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "angle")
    assert [line.get_label() for line in loop.plot().lines] == ["angle", "x"]
    with pytest.raises(ValueError, match="`path` must be the names of two states, of 'angle', 'x'; got"):
        loop.plot(path=("x", "y"))


def test_frames_do_not_alias_with_what_repeats_itself():
    """Eleven frames of a movement with period 1 at whole times would all be the same; with period 3 they are not."""
    shown = {period: np.array([ax.lines[0].get_xdata()[1] for ax in plotting.plot_frames(swing(period), 11).axes])
             for period in (1.0, 3.0)}  # fmt: skip
    assert np.std(swing(1.0).state[0, ::20]) < 1e-9  # the control: evenly spaced to the end
    assert np.std(shown[1.0]) > 0.35
    np.testing.assert_array_equal(shown[3.0], swing(3.0).state[0, ::20])


def test_what_has_no_scene_is_refused():
    loop = balanced()
    object.__setattr__(loop, "task", None)
    with pytest.raises(ValueError, match="there are scenes of a LeggedWalker, of PoleBalancing, and of tasks with `draw`"):
        plotting.plot_frames(loop)
    with pytest.raises(ValueError, match="`frames` and `columns` must be integers from 1; got 0 and 2"):
        plotting.plot_frames(balanced(), 0)
    with pytest.raises(ValueError, match="`speed` and `fps` must be positive; got 0 and 25"):
        plotting.animate_behaviour(balanced(), speed=0)
