"""Shares of basins along a parameter, drawn."""

from __future__ import annotations

import numpy as np

from analysis import basin_sweep
from ctrnn import CTRNN


def test_a_sweep_names_what_becomes_of_each_attractor():
    ax = basin_sweep(CTRNN([[6.0]]), "biases[0]", np.linspace(-3.6, -2.4, 5), samples=60).plot()
    assert ax.get_ylim() == (0.0, 100.0)
    assert ax.get_xlabel() == "biases[0]"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0: fixed point", "1: fixed point"]
