"""Charts: numbers of attracting equilibria over two parameters."""

import numpy as np

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
