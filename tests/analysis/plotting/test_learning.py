"""Pictures of learning show the numbers of their records."""

from __future__ import annotations

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis import plotting
from analysis.plotting.palette import PALE
from ctrnn import CTRNN
from learning import Trial, gradient_flow, loss_landscape, losses, train
from recurrent import FullyRecurrent

TRIAL = Trial([[0.2]], times=[5.0])


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_legends_are_within_the_figure_whether_it_makes_room_or_not(layout):
    fit = train(CTRNN([[0.0]]), TRIAL, losses.MeanSquare(), dt=0.5, steps=6, keep=3)
    figure, panels = plt.subplots(1, 2, figsize=(9, 4), layout=layout)
    plotting.plot_learned_fixed_points(fit, ax=panels[1])
    figure.canvas.draw()
    box, frame = panels[1].get_legend().get_window_extent(), panels[1].get_window_extent()
    assert box.x1 <= figure.bbox.x1
    assert (box.x1 < frame.x1) == (layout is None)
    plt.close(figure)


def test_growth_is_drawn_in_powers_of_ten_with_a_line_for_each_exponent():
    flow = gradient_flow(FullyRecurrent([[0.5, 0.1], [0.0, 0.2]]), Trial(t_span=20, y0=[0.1, 0.1]), rng=0)
    *lines, vector, _ = flow.plot().lines
    assert len(lines) == 2
    assert vector.get_ydata() == pytest.approx(flow.growth / np.log(10))
    assert [line.get_ydata()[0] for line in lines] == pytest.approx(flow.exponents * 20 / np.log(10))


@pytest.mark.parametrize("points", [2, 5])
def test_a_landscape_is_drawn_with_a_cross_where_the_system_is(points):
    net = CTRNN([[1.0]])
    found = loss_landscape(net, TRIAL, losses.MeanSquare(), params=["weights", "biases"], points=points, dt=0.1, rng=0)
    ax = found.plot()
    assert ax.lines[-1].get_xydata().tolist() == [[0.0, 0.0]]
    assert len(ax.collections) == 1
    assert ax.get_title() == ""


def test_a_landscape_is_grey_where_its_loss_is_not_known():
    found = loss_landscape(CTRNN([[1.0]]), TRIAL, losses.MeanSquare(), params=["time_constants", "biases"],
                           directions=[[1, 0], [0, 1]], extent=2.0, points=3, dt=0.1)  # fmt: skip
    ax = found.plot()
    assert matplotlib.colors.to_hex(ax.get_facecolor()).upper() == PALE
    assert ax.get_title() == "grey: `time_constants[0]` must be positive; got -1"


def test_the_loss_is_drawn_over_the_steps():
    fit = train(CTRNN([[1.0]]), TRIAL, losses.MeanSquare(), params="biases", dt=0.1, steps=5)
    line = fit.plot().lines[0]
    assert (line.get_ydata() == fit.history["loss"]).all()
