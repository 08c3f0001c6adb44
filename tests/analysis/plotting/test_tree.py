"""Disconnectivity trees, drawn."""

from __future__ import annotations

import numpy as np
import pytest


def test_the_tree_shows_every_minimum_at_its_energy(letters):
    ax = letters.plot_tree()
    leaves = ax.collections[1].get_offsets()
    np.testing.assert_allclose(np.sort(leaves[:, 1]), np.sort(letters.energy[: len(letters.minima)]))
    assert len(np.unique(leaves[:, 0])) == len(letters.minima)
    assert {"ξ0", "−ξ0"} <= {text.get_text() for text in ax.texts}
    heights = {point[1] for line in ax.collections[0].get_segments() for point in line}
    assert {basin.energy for basin in letters.tree} <= heights
    assert ax.get_ylabel() == "energy E"


def test_lines_of_the_tree_do_not_cross(letters):
    """The minima of every superbasin stand side by side."""
    ax = letters.plot_tree()
    place = {tuple(xy): k for k, xy in enumerate(ax.collections[1].get_offsets().tolist())}
    x = np.array([key[0] for key in place])
    for basin in letters.tree:
        inside = np.sort(x[list(basin.minima)])
        assert inside[-1] - inside[0] == pytest.approx(len(inside) - 1)
