"""Patterns and their films."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from hopfield import DiscreteBAM, DiscreteHopfield, GradedHopfield, SequenceMemory, patterns

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


def _tiles(ax, shape):
    canvas = np.ma.filled(ax.images[0].get_array(), np.nan)
    rows, columns = ((size + 1) // (side + 1) for size, side in zip(canvas.shape, shape, strict=True))
    return [[canvas[i * (shape[0] + 1) :, j * (shape[1] + 1) :][: shape[0], : shape[1]] for j in range(columns)]
            for i in range(rows)]  # fmt: skip


def test_a_sequence_is_shown_without_gaps():
    """Nine patterns, the last of which stays: ten moments, and no cycle that would be seen."""
    xi = patterns.random(9, 60, rng=0)
    memory = SequenceMemory.from_patterns(xi, "sequence", cyclic=False, hold=True)
    recall = memory.recall(xi[:1], record=True)
    (film,) = _tiles(plotting.plot_filmstrip(recall, (6, 10)), (6, 10))
    assert len(film) == recall.trace.states.shape[2] > 8
    for k, picture in enumerate(film):
        np.testing.assert_array_equal(picture.ravel(), recall.trace.states[0, :, k])


@pytest.mark.parametrize("shape", [(3, 4), ((3, 4), (3, 4))])
def test_a_film_of_two_layers_shows_both(shape):
    b = patterns.random(2, 10 if shape == (3, 4) else 12, rng=3)
    recall = DiscreteBAM.from_pairs(XI, b).recall(a=XI[:1], record=True)
    ax = plotting.plot_filmstrip(recall, shape)
    above, below = _tiles(ax, (3, 4))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0 a", "0 b"]
    np.testing.assert_array_equal(above[-1].ravel(), recall.a[0])
    np.testing.assert_array_equal(below[-1].ravel()[: b.shape[1]], recall.b[0])
    assert np.isnan(below[-1].ravel()[b.shape[1] :]).all()


def test_a_film_of_single_changes_has_even_moments():
    net = DiscreteHopfield.from_patterns(patterns.random(2, 60, rng=1))
    recall = net.recall(patterns.flip(net.patterns[0], 0.3, rng=0), record="changes", rng=1)
    ax = plotting.plot_filmstrip(recall, (6, 10), frames=4)
    shown = [int(label.get_text()) for label in ax.get_xticklabels()]
    assert shown == [0, 6, 12, 18] == [0, *np.rint(recall.flips[0] * np.array([1, 2, 3]) / 3)]
    assert ax.get_xlabel() == "changes of units"
