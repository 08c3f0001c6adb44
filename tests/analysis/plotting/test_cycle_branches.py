"""Branches of cycles, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import cycle_branch, fixed_point_branch
from ctrnn import CTRNN


def test_the_range_of_the_cycles_is_drawn_with_its_special_points():
    net, bounds = CTRNN([[11, -10], [7, -1]], biases=[-3.8, -5.55]), (-6, 2)
    start = fixed_point_branch(net, "biases[0]", bounds).points["H1"]
    branch = cycle_branch(net, "biases[0]", bounds, start=start)
    ax = branch.plot()
    assert {text.get_text() for text in ax.texts} == {"LPC1", "HOM1"}
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"stable cycle", "unstable cycle"}
    drawn = np.concatenate([line.get_ydata() for line in ax.lines])
    assert [drawn.min(), drawn.max()] == pytest.approx([branch.minimum[:, 0].min(), branch.maximum[:, 0].max()])
    assert branch.plot_period().get_ylabel() == "period T"
