"""Energy surfaces, drawn."""

from __future__ import annotations

import pytest

from analysis import energy_landscape, energy_surface
from analysis.plotting import plot_energy_surface
from neurodynamics import simulate


@pytest.mark.parametrize("solid", [False, True])
def test_pictures(solid, balanced):
    memory = balanced(3, 16, 0.6)
    land = energy_landscape(memory, samples=0)
    surface = energy_surface(memory, through=land.x[[0, 1, 2]], states=land.x, resolution=31)
    paths = [simulate(memory, 10.0, land.x[7] + 0.01), land.path(0, 1).states]
    ax = plot_energy_surface(surface, points=land, trajectories=paths, solid=solid)
    ax.figure.canvas.draw()
    marks = [line for line in ax.lines if line.get_marker() in ("o", "D", "s")]
    assert len(marks) == len(land.x)
    pale = [line for line in marks if line.get_alpha() < 1]
    assert len(pale) == (surface.distance(land.x) > 1e-6).sum()
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"minimum", "saddle of index 1", "higher index"}
