"""Pictures of energies, couplings and patterns show the numbers that they were given."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from hopfield import DiscreteHopfield, GradedHopfield, patterns
from neurodynamics import simulate

XI = patterns.random(2, 12, rng=1)
NETWORK = GradedHopfield.from_patterns(XI)


def test_energy_of_solutions():
    sol = simulate(NETWORK, 5.0, np.ones(12))
    ax = sol.plot_energy()
    np.testing.assert_array_equal(ax.lines[0].get_data(), [sol.t, sol.energies])
    assert ax.get_ylabel() == "energy E"
    assert len(plotting.plot_energy([sol, sol], linewidth=3).lines) == 2


@pytest.mark.parametrize("network", [NETWORK, DiscreteHopfield.from_patterns(XI)])
def test_energy_of_recalls(network):
    recall = network.recall(patterns.flip(XI, 0.2, rng=1), record=True)
    ax = plotting.plot_energy(recall)
    for line, energies in zip(ax.lines, recall.trace.energies, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), energies)
    assert ax.get_xlabel() == ("step" if network is NETWORK else "sweep")
    with pytest.raises(ValueError, match="record=True"):
        plotting.plot_energy(network.recall(XI))
