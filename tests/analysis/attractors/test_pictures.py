"""Pictures of attractors and basins: the same id has the same colour, and everything is named."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from analysis import basin_sweep, basins, find_attractors
from analysis.plotting import attractor_color, plot_attractors, plot_basins
from ctrnn import CTRNN
from neurodynamics import UNDECIDED


def legend_colors(ax):
    return [to_rgba(patch.get_facecolor()) for patch in ax.get_legend().get_patches()]


def test_one_id_has_one_color_in_all_pictures(four_states):
    found = find_attractors(four_states, samples=50)
    expected = [to_rgba(attractor_color(k)) for k in range(4)]
    ax = basins(found, resolution=20).plot()
    (image,) = ax.images
    colors = [image.cmap(image.norm(k)) for k in range(4)]
    np.testing.assert_allclose(colors, expected, atol=0.01)
    np.testing.assert_allclose(legend_colors(ax), expected)
    bars = basins(found, samples=50).plot().patches
    np.testing.assert_allclose([bar.get_facecolor() for bar in bars], expected)
    np.testing.assert_allclose([to_rgba(line.get_color()) for line in found.plot().lines], expected)
    areas = basin_sweep(four_states, "biases[0]", [-3.6, -3.5], samples=50).plot().collections
    np.testing.assert_allclose([area.get_facecolor()[0] for area in areas], expected)


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


@pytest.mark.parametrize("name", ["Lorenz", "circle of rest", "odd cubic", "two rotors"])
def test_attractors_of_every_kind_are_drawn(systems, name):
    found = find_attractors(systems[name], samples=30)
    ax = plot_attractors(found)
    assert ax.has_data()
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert [text.get_text()[:2] for text in ax.get_legend().get_texts()] == [f"{k}:" for k in range(len(found))]


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


def test_a_sweep_names_what_becomes_of_each_attractor():
    ax = basin_sweep(CTRNN([[6.0]]), "biases[0]", np.linspace(-3.6, -2.4, 5), samples=60).plot()
    assert ax.get_ylim() == (0.0, 100.0)
    assert ax.get_xlabel() == "biases[0]"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0: fixed point", "1: fixed point"]
