"""Limit cycles and their multipliers, drawn."""

from __future__ import annotations

import numpy as np

from analysis import limit_cycle, plotting
from ctrnn import CTRNN

OSCILLATOR = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])


def test_pictures():
    cycle = limit_cycle(OSCILLATOR, [0, 0])
    ax = cycle.plot(what="states")
    assert "period 28.9999" in ax.get_title(loc="left")
    x = ax.lines[0].get_ydata()
    assert x[0] == x[-1] == x.max()
    circle = plotting.plot_multipliers(cycle)
    assert circle.get_xlabel() == "real part"


def test_multipliers_in_one_place_are_rings_around_each_other_with_their_moduli():
    """Two neurons that only listen: each adds the multiplier exp(-T / tau), far below 1."""
    weights = np.zeros((4, 4))
    weights[:2, :2] = OSCILLATOR.weights
    net = CTRNN(weights, biases=[-2.75, -1.75, 0, 0], time_constants=[1, 1, 0.2, 0.1])
    cycle = limit_cycle(net, np.zeros(4))
    ax = plotting.plot_multipliers(cycle)
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    sizes = sorted(line.get_markersize() for line in marks)
    assert len(marks) == 3
    assert np.diff(sizes).min() > 0
    assert {line.get_markerfacecolor() for line in marks if line.get_markersize() > sizes[0]} == {"none"}
    for tau in (0.2, 0.1):
        assert f"10^{{{-cycle.period / tau / np.log(10):.1f}}}" in ax.get_title(loc="left")
