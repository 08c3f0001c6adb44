"""Limit cycles and their multipliers, drawn."""

from __future__ import annotations

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
