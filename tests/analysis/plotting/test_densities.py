"""Pictures of stationary densities: what is drawn is the record."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.quiver import Quiver

from analysis import stationary_density
from analysis.plotting import plot_stationary_density
from neurodynamics import DynamicalSystem


def turning(t, y, u, params, out):
    out[0] = -y[0] - params[0] * y[1]
    out[1] = params[0] * y[0] - y[1]


def drawn(turn, **options):
    found = stationary_density(DynamicalSystem(turning, 2, [turn]), [(-3, 3), (-3, 3)], resolution=32)
    ax = plot_stationary_density(found, **options)
    return found, ax, [each for each in ax.collections if isinstance(each, Quiver)]


def test_colours_are_the_density():
    found, ax, quivers = drawn(2.0, arrows=0)
    assert np.asarray(ax.collections[0].get_array()).ravel() == pytest.approx(found.density.ravel())
    assert not quivers


def test_arrows_turn_with_the_flux():
    _, _, (quiver,) = drawn(2.0)
    (x, y), u, v = quiver.XY.T, quiver.U, quiver.V
    assert len(x) > 20
    assert (x * v - y * u > 0).all()  # counter-clockwise


def test_no_flux_has_no_arrows():
    assert not drawn(0.0)[2]
