"""Charts: numbers of attracting equilibria over two parameters."""

import numpy as np
import pytest

from analysis import bifurcation_chart
from ctrnn import CTRNN
from neurodynamics import Status


def test_chart_counts_attracting_equilibria(systems):
    chart = bifurcation_chart(CTRNN(systems.W1), ("biases[0]", "biases[1]"), [(-8, 6), (-10, 3)], resolution=60)
    assert chart.complete
    assert chart.searches < 0.5 * chart.attractors.size
    for place, count in (((-0.5, -3.0), 0), ((-5.0, -8.0), 2), ((-7.0, 0.0), 1)):
        row, column = np.argmin(np.abs(chart.second - place[1])), np.argmin(np.abs(chart.first - place[0]))
        assert chart.attractors[row, column] == count
    late = bifurcation_chart(CTRNN(systems.W1), ("biases[0]", "biases[1]"), [(-8, 6), (-10, 3)], resolution=20, timeout=0.0)
    assert (late.status, late.proved.any()) == (Status.TIMEOUT, False)


def test_cycles_attract_between_two_saddle_nodes_on_them(systems):
    plane, bounds = ("biases[0]", "biases[1]"), [(-6, 7), (-6.1, -5.9)]
    chart = bifurcation_chart(CTRNN(systems.W4), plane, bounds, resolution=26, cycles=True)
    inside = (chart.first > -3.0219860565978919) & (chart.first < 4.0219860565978919)
    known = chart.cycles >= 0  # not beside the curves
    assert known.mean() > 0.5
    assert (chart.cycles == inside)[known].all()
    assert (chart.oscillates == inside).all()
    assert not chart.curves
    with pytest.raises(ValueError, match="`cycles` cannot be counted here"):
        bifurcation_chart(systems.BEER, ("biases[0]", "biases[1]"), [(-6, 7), (-6, 7)], cycles=True)
