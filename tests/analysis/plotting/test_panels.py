"""Panels that share time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import CTRNN, Pulse, simulate

BEER = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
SOLUTION = simulate(BEER, (0, 60), [0, 0], inputs=[Pulse(t0=30, width=0.01, amplitude=3), 0.5])


def test_panels_share_time():
    figure = plotting.plot_time_panels(SOLUTION)
    assert isinstance(figure, Figure)
    assert [ax.get_ylabel() for ax in figure.axes] == ["input u", "state y", "output o"]
    assert [ax.get_xlabel() != "" for ax in figure.axes] == [False, False, True]
    np.testing.assert_array_equal(figure.axes[2].lines[0].get_ydata(), SOLUTION.outputs[0])
