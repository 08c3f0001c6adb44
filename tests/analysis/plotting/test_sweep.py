"""A sweep shows the late range."""

from __future__ import annotations

import numpy as np

from analysis import plotting
from ctrnn import CTRNN, simulate_ensemble

BEER = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
WEIGHTS = np.linspace(-1, 1, 5)


T = np.linspace(0, 100, 401)
SWEEP = simulate_ensemble(BEER, 100, [0, 0], params={"weights[0, 1]": WEIGHTS}, t_eval=T)


def test_a_sweep_shows_the_late_range():
    ax = plotting.plot_sweep(SWEEP, WEIGHTS, neuron=1, after=60, label="weights[0, 1]")
    late = SWEEP.outputs[:, 1, T >= 60]
    np.testing.assert_array_equal(ax.lines[0].get_data(), [WEIGHTS, late.max(axis=1)])
    np.testing.assert_array_equal(ax.lines[1].get_data(), [WEIGHTS, late.min(axis=1)])
    assert ax.get_xlabel() == "weights[0, 1]"
    assert ax.get_ylabel() == "output o of neuron 1"
