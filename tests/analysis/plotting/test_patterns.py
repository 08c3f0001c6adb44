"""Patterns and their films."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from hopfield import GradedHopfield, patterns

XI = patterns.random(2, 12, rng=1)
NETWORK = GradedHopfield.from_patterns(XI)


def test_patterns_are_tiles():
    ax = plotting.plot_patterns(XI, (3, 4), columns=2)
    canvas = np.ma.filled(ax.images[0].get_array(), np.nan)
    assert canvas.shape == (3, 9)
    np.testing.assert_array_equal(canvas[:, :4].ravel(), XI[0])
    np.testing.assert_array_equal(canvas[:, 5:].ravel(), XI[1])
    with pytest.raises(ValueError, match=r"`shape` must be \(rows, columns\) of the pixels of `patterns` \(2, 12\)"):
        plotting.plot_patterns(XI, (3, 5))


def test_a_film_begins_with_the_probe_and_ends_with_the_state():
    recall = NETWORK.recall(patterns.flip(XI, 0.2, rng=1), record=True)
    ax = plotting.plot_filmstrip(recall, (3, 4), frames=3)
    canvas = np.ma.filled(ax.images[0].get_array(), np.nan)
    np.testing.assert_array_equal(canvas[:3, :4].ravel(), recall.trace.states[0, :, 0])
    np.testing.assert_array_equal(canvas[-3:, -4:].ravel(), recall.states[1])
    with pytest.raises(ValueError, match="record=True"):
        plotting.plot_filmstrip(NETWORK.recall(XI), (3, 4))
