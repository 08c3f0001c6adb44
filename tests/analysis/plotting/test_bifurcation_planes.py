"""Curves, sets and charts over two parameters, drawn."""

from __future__ import annotations

import numpy as np

from analysis import bifurcation_chart
from ctrnn import CTRNN


def test_charts_and_sets_have_labels_that_do_not_cover_each_other():
    chart = bifurcation_chart(CTRNN([[11, -10], [7, -1]]), ("biases[0]", "biases[1]"), [(-8, 6), (-10, 3)], resolution=20)
    for ax in (chart.plot(), chart.sets.plot()):
        ax.figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in ax.texts]
        assert len(boxes) > 2
        assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("biases[0]", "biases[1]")


def test_colours_of_a_chart_are_its_counts():
    """Without connections one equilibrium attracts everywhere; two neurons that excite themselves have up to four."""
    names, bounds = ("biases[0]", "biases[1]"), [(-6, -2), (-6, -2)]
    for weights, most in ((np.zeros((2, 2)), 1), ([[8, -1], [-1, 8]], 4)):
        chart = bifurcation_chart(CTRNN(weights), names, bounds, resolution=8)
        (mesh,) = [each for each in chart.plot().collections if each.get_array() is not None]
        np.testing.assert_array_equal(np.ravel(mesh.get_array()), np.ravel(chart.attractors))
        assert chart.attractors.max() == most
