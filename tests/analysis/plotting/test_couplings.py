"""Couplings, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from hopfield import GradedBAM, GradedHopfield, patterns

XI = patterns.random(2, 12, rng=1)
NETWORK = GradedHopfield.from_patterns(XI)


@pytest.mark.parametrize("network", [NETWORK, GradedBAM([[1.0, -2.0]]), NETWORK.couplings, NETWORK.weights])
def test_couplings(network):
    matrix = getattr(network, "weights", network)
    matrix = matrix.dense() if hasattr(matrix, "dense") else matrix
    image = plotting.plot_couplings(network).images[0]
    np.testing.assert_array_equal(image.get_array(), matrix)
    low, high = image.get_clim()
    assert low == -high == -np.abs(matrix).max()
