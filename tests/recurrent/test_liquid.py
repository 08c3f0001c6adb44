"""Integrate-and-fire neurons: their rate in closed form, their synapses, and the separation of a liquid."""

import numpy as np
import pytest

from neurodynamics import simulate
from recurrent import LiquidState


def test_a_neuron_fires_at_the_rate_of_theory():
    net = LiquidState([[0.0]], time_constants=30, drive=16, threshold=15, reset_potential=13.5, refractory=3)
    t = simulate(net, 1000.0, net.rest(), rtol=1e-10, atol=1e-12, max_step=1.0).t_events[0]
    rate = 1000 / (3 + 30 * np.log((16 - 13.5) / (16 - 15)))
    assert 1000 * net.rates()[0] == pytest.approx(rate, rel=1e-12)
    assert rate == pytest.approx(32.799013, abs=5e-7)
    assert 1000 / np.diff(t).mean() == pytest.approx(rate, rel=1e-6)
    assert LiquidState([[0.0]], drive=14).rates()[0] == 0


def test_synapses_tire_and_ease():
    """Between spikes resources recover and facilitation decays exponentially: a map from spike to spike."""
    net = LiquidState([[0.0, 0.0], [1.0, 0.0]], drive=[16.0, 0.0], use=0.3, recovery=800.0, facilitation=50.0)
    run = simulate(net, 200.0, net.rest(), rtol=1e-10, atol=1e-12, max_step=1.0)
    times, states = run.t_events[0], run.y_events[0]
    f, r = [0.3], [1.0]
    for gap in np.diff(times):
        r.append(1 - (1 - r[-1] * (1 - f[-1])) * np.exp(-gap / 800.0))
        f.append(0.3 + (f[-1] + 0.3 * (1 - f[-1]) - 0.3) * np.exp(-gap / 50.0))
    np.testing.assert_allclose(states[:, 8], r, atol=1e-8)
    np.testing.assert_allclose(states[:, 6], f, atol=1e-8)
    assert run.outputs[1].max() > 0.2 > run.outputs[0].max()


def test_separation_grows_with_the_distance_of_inputs():
    """In the mean over liquids."""
    t, distances = np.linspace(50, 200, 151), []
    for seed in range(6):
        net = LiquidState.random(12, 1, strength=1.0, rng=seed).replace(synaptic_time=20.0)
        shown = [simulate(net, 200.0, net.rest(), t_eval=t, inputs=[u], max_step=2.0).outputs for u in (1.0, 1.02, 1.3, 4.0)]
        distances.append([np.linalg.norm(other - shown[0], axis=0).mean() for other in shown[1:]])
    near, middle, far = np.mean(distances, axis=0)
    assert 0 < near < middle < far


def test_neurons_that_cannot_be_are_named():
    with pytest.raises(ValueError, match="`reset_potential` must be below `threshold`"):
        LiquidState([[0.0]], reset_potential=15)
    with pytest.raises(ValueError, match=r"`use\[0\]` must be above 0"):
        LiquidState([[0.0]], use=0)
    with pytest.raises(ValueError, match=r"`refractory\[0\]` must be at least 0"):
        LiquidState([[0.0]], refractory=-1)
