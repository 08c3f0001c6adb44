"""Pictures of energies, couplings and patterns show the numbers that they were given."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from hopfield import DiscreteHopfield, GradedBAM, GradedHopfield, patterns
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


@pytest.mark.parametrize("network", [NETWORK, GradedBAM([[1.0, -2.0]]), NETWORK.couplings, NETWORK.weights])
def test_couplings(network):
    matrix = getattr(network, "weights", network)
    matrix = matrix.dense() if hasattr(matrix, "dense") else matrix
    image = plotting.plot_couplings(network).images[0]
    np.testing.assert_array_equal(image.get_array(), matrix)
    low, high = image.get_clim()
    assert low == -high == -np.abs(matrix).max()


def test_patterns_are_tiles():
    ax = plotting.plot_patterns(XI, (3, 4), columns=2)
    canvas = np.ma.filled(ax.images[0].get_array(), np.nan)
    assert canvas.shape == (3, 9)
    np.testing.assert_array_equal(canvas[:, :4].ravel(), XI[0])
    np.testing.assert_array_equal(canvas[:, 5:].ravel(), XI[1])
    with pytest.raises(ValueError, match=r"`shape` must be \(rows, columns\) of 12 pixels"):
        plotting.plot_patterns(XI, (3, 5))


def test_a_film_begins_with_the_probe_and_ends_with_the_state():
    recall = NETWORK.recall(patterns.flip(XI, 0.2, rng=1), record=True)
    ax = plotting.plot_filmstrip(recall, (3, 4), frames=3)
    canvas = np.ma.filled(ax.images[0].get_array(), np.nan)
    np.testing.assert_array_equal(canvas[:3, :4].ravel(), recall.trace.states[0, :, 0])
    np.testing.assert_array_equal(canvas[-3:, -4:].ravel(), recall.states[1])
    with pytest.raises(ValueError, match="record=True"):
        plotting.plot_filmstrip(NETWORK.recall(XI), (3, 4))
