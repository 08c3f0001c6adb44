"""Energy surfaces, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import energy_landscape, energy_surface
from analysis.plotting import plot_energy_surface
from analysis.plotting.axes import new_figure
from hopfield import GradedHopfield
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
    off = surface.distance(land.x) > 1e-6
    pale = [line for line in marks if line.get_alpha() < 1]
    if solid:  # what is off the plane would float
        below = surface.energies(land.x) <= ax.get_zlim()[1]
        assert f"{(off & below).sum()} more points" in ax.get_title()
        assert len(marks) == (~off & below).sum()
        assert not pale
    else:
        assert len(marks) == len(land.x)
        assert len(pale) == off.sum()
        assert {text.get_text() for text in ax.get_legend().get_texts()} == {"minimum", "saddle of index 1", "higher index"}


def test_in_space_paths_are_drawn_as_far_as_the_surface_is():
    net = GradedHopfield([[0, 1], [1, 0]], gain=1.1)
    surface = energy_surface(net, box=[(-1.5, 1.5)] * 2, resolution=31)
    path = simulate(net, 20, [1.4, -1.2])
    ax = plot_energy_surface(surface, points=energy_landscape(net), trajectories=[path], solid=True)
    top = ax.get_zlim()[1]
    energies = surface.energies(path.y.T)
    drawn = ax.lines[0].get_data_3d()[2]
    np.testing.assert_array_equal(drawn, energies[energies <= top])
    assert len(drawn) < len(energies)


def test_axes_in_space_are_drawn_in_space_and_no_others():
    """Contours there would be stripes that float."""
    surface = energy_surface(GradedHopfield([[0, 1], [1, 0]], gain=2), box=[(-1.5, 1.5)] * 2, resolution=11)
    ax = plot_energy_surface(surface, ax=new_figure((4, 3)).add_subplot(projection="3d"))
    assert ax.get_zlabel() == "energy E"
    assert [type(each).__name__ for each in ax.collections] == ["Poly3DCollection"]
    with pytest.raises(ValueError, match="`ax` must be three-dimensional"):
        plot_energy_surface(surface, solid=True, ax=new_figure((4, 3)).add_subplot())
