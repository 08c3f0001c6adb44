"""Series that reservoirs are measured on."""

import numpy as np

from recurrent import EchoState, mackey_glass, narma10


def test_narma_of_order_ten():
    u, y = narma10(6200, rng=1)
    net = EchoState.random(400, 1, spectral_radius=0.95, input_scale=0.2, bias_scale=0.5, rng=1)
    states = net.harvest(u[np.newaxis])
    readout = net.fit(states[:, 200:4200], y[np.newaxis, 200:4200], ridge=1e-8)
    assert readout.nrmse(states[:, 4200:], y[np.newaxis, 4200:]) < 0.17


def test_the_series_is_a_solution_of_its_equation():
    """Central differences of fourth order against the delayed right-hand side."""
    x = mackey_glass(400, rng=0)
    k = np.arange(100, 300)
    slope = (8 * (x[k + 1] - x[k - 1]) - (x[k + 2] - x[k - 2])) / 12
    expected = 0.2 * x[k - 17] / (1 + x[k - 17] ** 10) - 0.1 * x[k]
    assert np.abs(slope - expected).max() < 0.01 * np.abs(expected).max()
