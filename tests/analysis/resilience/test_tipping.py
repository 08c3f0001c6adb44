"""Tipping probabilities counted by hand."""

import numpy as np
import pytest

from analysis import basins, find_attractors, tipping_probabilities
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem


def cubic(t, y, u, params, out):
    out[0] = -(y[0] + 1) * (y[0] - params[0]) * (y[0] - 1)


def test_shares_of_shifted_basins():
    """x' = -(x + 1) (x - c) (x - 1): the boundary moves from c = 0 to c = 1/2; five of nine states are below, then seven."""
    old, new = (basins(find_attractors(DynamicalSystem(cubic, 1, {"c": c}), box=[-1.2, 1.2], samples=50),
                       box=[[-1, 0.89]], resolution=9) for c in (0.0, 0.5))  # fmt: skip
    found = tipping_probabilities(old, new)
    np.testing.assert_array_equal(found.counts, [[5, 0], [2, 2]])
    np.testing.assert_array_equal(found.probabilities, [[1, 0], [0.5, 0.5]])
    assert (found.intervals[..., 0] <= found.probabilities).all()
    assert (found.intervals[..., 1] >= found.probabilities).all()


def test_other_states_are_refused():
    att = find_attractors(CTRNN([[6.0]], biases=-3), samples=20)
    with pytest.raises(ValueError, match="`after` must hold the same states"):
        tipping_probabilities(basins(att, resolution=5), basins(att, resolution=6))
