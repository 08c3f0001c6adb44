"""Diagrams of long-run behaviour, drawn."""

from __future__ import annotations

import numpy as np

from analysis import sweep_diagram
from ctrnn import CTRNN

OSCILLATOR = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])


def test_the_picture():
    ax = sweep_diagram(OSCILLATOR, "biases[0]", np.linspace(-3.2, -2.3, 19)).plot()
    assert ax.get_xlabel() == "biases[0]"
    labels = ax.get_legend_handles_labels()[1]
    assert {"maximum", "minimum", "stable fixed point", "unstable fixed point"} <= set(labels)
