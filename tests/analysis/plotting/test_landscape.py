"""Landscapes and paths, drawn."""

from __future__ import annotations

import numpy as np

from analysis import energy_landscape
from hopfield import GradedHopfield


def test_the_landscape_shows_minima_in_their_colours(letters):
    from analysis.plotting import attractor_color

    ax = letters.plot()
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    assert [line.get_color() for line in marks] == [attractor_color(k) for k in range(len(letters.minima))]


def test_the_path_is_drawn_over_its_length(letters):
    path = letters.path(0, 1)
    line = path.plot().lines[0]
    np.testing.assert_array_equal(line.get_ydata(), path.energy)


def test_a_far_point_of_higher_index_does_not_press_the_wells_flat():
    """A ring of twenty minima, 1.2e-5 deep, below a maximum at 0, 2.3 above them."""
    angles = 2 * np.pi * np.arange(20) / 20
    land = energy_landscape(GradedHopfield(2 * np.cos(angles[:, np.newaxis] - angles) / 20, gain=2.0), rng=0)
    ax = land.plot()
    low, high = ax.get_ylim()
    minima = land.energy[land.index == 0]
    saddles = land.energy[land.index == 1]
    assert low < minima.min() < saddles.max() < high < minima.min() + 10 * (saddles.max() - minima.min())
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert any("1 of them higher, up to E = 0" in label for label in labels)
