"""Landscapes and paths, drawn."""

from __future__ import annotations

import numpy as np


def test_the_landscape_shows_minima_in_their_colours(letters):
    from analysis.plotting import attractor_color

    ax = letters.plot()
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    assert [line.get_color() for line in marks] == [attractor_color(k) for k in range(len(letters.minima))]


def test_the_path_is_drawn_over_its_length(letters):
    path = letters.path(0, 1)
    line = path.plot().lines[0]
    np.testing.assert_array_equal(line.get_ydata(), path.energy)
