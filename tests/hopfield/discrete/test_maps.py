"""Discrete networks as maps of the contract do what `recall` does."""

from __future__ import annotations

import numpy as np
import pytest

from hopfield import DiscreteHopfield, patterns
from neurodynamics import simulate


@pytest.mark.parametrize("values", ["bipolar", "binary"])
@pytest.mark.parametrize("update", ["sequential", "synchronous"])
@pytest.mark.parametrize("rule", ["hebbian", "pseudo_inverse"])
def test_a_sweep_is_a_step(values, update, rule, rng):
    xi = patterns.random(6, 40, values=values, rng=rng)
    net = DiscreteHopfield.from_patterns(xi, rule, values=values)
    probe = patterns.flip(xi[0], 0.3, values=values, rng=rng)
    how = {"update": "synchronous"} if update == "synchronous" else {"order": "sequential"}
    trace = net.recall(probe, record=True, **how).trace
    sweeps = trace.states.shape[2] - 1
    sol = simulate(net.as_system(update), sweeps, probe)
    np.testing.assert_array_equal(sol.y, trace.states[0])
    np.testing.assert_allclose(sol.energies, trace.energies[0], rtol=1e-12, atol=1e-12)
    if update == "sequential":
        assert sol.max_energy_rise <= 1e-12


def test_asymmetric_maps_have_no_energy():
    system = DiscreteHopfield([[0, 1], [-1, 0]]).as_system()
    assert not system.has("energy")
    with pytest.raises(ValueError, match="`update` must be one of 'sequential', 'synchronous'"):
        DiscreteHopfield([[0, 1], [1, 0]]).as_system("random")
