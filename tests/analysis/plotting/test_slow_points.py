"""Slow points, drawn."""

from __future__ import annotations

import pytest

from analysis import fixed_points, slow_points
from analysis.plotting import plot_slow_points
from ctrnn import CTRNN


@pytest.mark.parametrize("net", [CTRNN([[6.0]], biases=-3.416), CTRNN([[6.0, 1], [0, 6]], biases=-3.416)])
def test_points_are_drawn_at_their_states(net):
    found = slow_points(net, 40, rng=1)
    ax = plot_slow_points(found)
    fixed = next(line for line in ax.lines if line.get_label() == "fixed point")
    assert sorted(fixed.get_xdata()) == sorted(found.x[found.fixed, 0])
    assert ax.get_xlabel()


def test_fixed_points_draw_themselves():
    assert fixed_points(CTRNN([[6.0]], biases=-3.0)).plot().get_xlabel()
