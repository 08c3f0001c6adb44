"""Pictures of attractors and basins: the same id has the same colour, and everything is named."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from analysis import basin_sweep, basins, find_attractors
from analysis.plotting import attractor_color, plot_attractors


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


@pytest.mark.parametrize("name", ["Lorenz", "circle of rest", "odd cubic", "two rotors"])
def test_attractors_of_every_kind_are_drawn(systems, name):
    found = find_attractors(systems[name], samples=30)
    ax = plot_attractors(found)
    assert ax.has_data()
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert [text.get_text()[:2] for text in ax.get_legend().get_texts()] == [f"{k}:" for k in range(len(found))]
