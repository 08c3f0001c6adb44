"""Attractors under dry friction."""

import numpy as np

from analysis import find_attractors
from neurodynamics import DynamicalSystem, Kind


def friction(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -y[0] - 0.1 * y[1] - 0.3 * np.sign(y[1])


def test_dry_friction_rests_in_its_sticking_set():
    """Rest is possible at |y0| <= 0.3, y1 = 0, and nowhere else."""
    found = find_attractors(DynamicalSystem(friction, 2), samples=40)
    assert [each.kind for each in found] == [Kind.CONTINUUM]
    assert found.undecided == found.diverging == 0.0
    points = found[0].points
    assert np.abs(points[:, 0]).max() <= 0.3 + 1e-6
    assert np.abs(points[:, 1]).max() < 1e-6
    assert np.ptp(points[:, 0]) > 0.3
    assert "stick" in found[0].how


def belt(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -y[0] - np.sign(y[1] - 0.2) / (1.0 + abs(y[1] - 0.2))


def test_what_slides_along_a_jump_stays_undecided():
    found = find_attractors(DynamicalSystem(belt, 2), samples=4, timeout=20)
    assert not len(found)
    assert found.undecided == 1.0
