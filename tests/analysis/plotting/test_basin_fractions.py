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


def test_an_attractor_appears_at_an_upright_edge():
    """The second state of one neuron with self-weight 6 is there between the folds at -3.415 and -2.585 only."""
    ax = basin_sweep(CTRNN([[6.0]]), "biases[0]", np.linspace(-3.6, -2.4, 5), samples=60).plot()
    corners = ax.collections[0].get_paths()[0].vertices[:, 0]
    assert sum(np.isclose(corners, edge).sum() >= 2 for edge in (-3.45, -2.55)) == 2
