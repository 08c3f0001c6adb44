"""Basins, drawn: cells are where their states are."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from analysis import basins, find_attractors
from analysis.plotting import plot_basins
from neurodynamics import UNDECIDED


def test_cells_are_where_their_states_are(rivals):
    b = basins(find_attractors(rivals, samples=20), resolution=20)
    ax = b.plot()
    (image,) = ax.images
    picture = image.get_array()
    assert picture[0, -1] == np.searchsorted(np.sort(b.ids), 1)  # below on the right: y_0 is large
    np.testing.assert_allclose(image.get_extent(), b.attractors.box.ravel())
    assert ax.get_xlabel() == "state y of neuron 0"
    assert UNDECIDED in b.ids
    assert [text.get_text() for text in ax.get_legend().get_texts()][-1].startswith("undecided")


def test_a_line_of_states_is_a_band(systems):
    ax = basins(find_attractors(systems["odd cubic"], samples=30), box=[[-2, 2]], resolution=50).plot()
    assert ax.get_xlabel() == "state 0"
    assert len(ax.get_legend().get_texts()) == 3


def test_axes_that_are_given_are_drawn_on(four_states):
    found = find_attractors(four_states, samples=20)
    figure, panels = plt.subplots(1, 2)
    assert plot_basins(basins(found, resolution=10), ax=panels[0], legend=False) is panels[0]
    assert panels[0].get_legend() is None
    assert found.plot(panels[1]) is panels[1]
    assert plt.get_fignums() == [figure.number]
