"""Phase portraits, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import phase_portrait
from analysis.plotting import plot_phase_portrait
from ctrnn import CTRNN


@pytest.fixture(scope="module")
def portrait():
    return phase_portrait(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]))


def test_the_picture_shows_the_box_and_everything_in_it(portrait):
    ax = plot_phase_portrait(portrait)
    np.testing.assert_allclose([ax.get_xlim(), ax.get_ylim()], portrait.plane.box)
    drawn = [line.get_xydata() for line in ax.lines if len(line.get_xdata())]
    for line in portrait.nullclines:
        assert all(any(np.array_equal(branch, each) for each in drawn) for branch in line.branches)


def test_parts_can_be_left_out(portrait):
    with_all, without = plot_phase_portrait(portrait), plot_phase_portrait(portrait, nullclines=False, legend=False)
    assert without.get_legend() is None
    assert len(without.lines) < len(with_all.lines)
