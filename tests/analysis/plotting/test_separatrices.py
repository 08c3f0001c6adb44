"""Stable and unstable manifolds of saddles, drawn."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from analysis import separatrix
from ctrnn import CTRNN


def test_saddles_are_named_and_axes_that_are_given_are_drawn_on():
    found = separatrix(CTRNN(8 * np.eye(3), biases=-4))
    ax = plt.figure().subplots()
    assert found.plot(ax=ax) is ax
    assert "saddle" in ax.get_legend_handles_labels()[1]


def test_branches_are_where_they_were_computed():
    found = separatrix(CTRNN([[0, -8], [-8, 0]], constant_inputs=4))
    drawn = [line.get_xydata() for line in found.plot().lines]
    assert all(any(np.array_equal(branch.y, line) for line in drawn) for branch in found)
