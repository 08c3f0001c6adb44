"""Colours: always the same for the same thing, and apart from each other."""

from __future__ import annotations

import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from analysis.plotting import attractor_color, series_color
from neurodynamics import DIVERGES, UNDECIDED

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# Vienot, Brettel & Mollon (1999): what people without L cones, and without M cones, see, in linear RGB.
PROTAN = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
DEUTAN = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])


def lab(color, sight):
    """CIE Lab of a colour as somebody sees it."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(sight @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", [np.eye(3), PROTAN, DEUTAN], ids=["normal", "protan", "deutan"])
def test_colours_are_apart(sight):
    """A difference of 15 in CIE Lab is seen at a glance."""
    colors = [series_color(i) for i in range(7)] + [attractor_color(UNDECIDED), attractor_color(DIVERGES)]
    assert least_difference(colors, sight) > 15


def test_the_usual_cycle_of_colours_fails():
    """The control: to a deuteranope, its orange and its olive are as good as one."""
    usual = mpl.rcParamsDefault["axes.prop_cycle"].by_key()["color"]
    assert least_difference(usual, DEUTAN) < 10


def least_difference(colors, sight):
    return min(np.linalg.norm(lab(a, sight) - lab(b, sight)) for a, b in itertools.combinations(colors, 2))


def test_the_same_attractor_has_the_same_colour():
    assert [attractor_color(i) for i in range(21)] == [series_color(i) for i in range(21)]
    assert len({attractor_color(i) for i in range(-2, 21)}) == 23


def test_unknown_ids_are_refused():
    with pytest.raises(ValueError, match="must be an id"):
        attractor_color(-3)
