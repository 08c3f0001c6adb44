"""Pictures of associative memories: each probe, pattern and load in its place."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from hopfield import DiscreteHopfield, SequenceMemory, capacity_curve, patterns, recall_curve

PATTERNS = patterns.random(4, 100, rng=1)
NETWORK = DiscreteHopfield.from_patterns(PATTERNS)
CUES = patterns.flip(PATTERNS[[2, 0]], 0.2, rng=2)


def test_traces_have_the_colour_of_their_pattern():
    recall = NETWORK.recall(CUES, record=True)
    ax = recall.plot()
    assert [line.get_label() for line in ax.lines] == ["pattern 0", "pattern 2"]
    for line, probe, pattern in zip(ax.lines, (1, 0), (0, 2), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), recall.trace.overlaps[probe, pattern])
        assert line.get_color() == plotting.attractor_color(pattern)
    assert ax.get_xlabel() == "sweep"
    assert ax.get_ylabel()


def test_a_cycle_shows_all_patterns_that_it_meets():
    memory = SequenceMemory.from_patterns(patterns.random(5, 200, rng=0))
    recall = memory.recall(memory.patterns[:1], record=True)
    ax = recall.plot()
    assert [line.get_label() for line in ax.lines] == [f"pattern {k}" for k in range(5)]
    for k, line in enumerate(ax.lines):  # each has its turn
        assert np.argmax(line.get_ydata()) == k


def test_overlaps_at_the_end_are_a_map():
    recall = NETWORK.recall(CUES)
    ax = recall.plot()
    np.testing.assert_array_equal(ax.images[0].get_array(), recall.overlaps)
    assert ax.get_xlabel() == "pattern"


def test_states_of_a_network_without_patterns_are_a_map():
    network = DiscreteHopfield(np.ones((5, 5)) - np.eye(5))
    recall = network.recall([[1, 1, 1, -1, -1]])
    np.testing.assert_array_equal(recall.plot().images[0].get_array(), recall.states)


def test_recall_curve():
    curve = recall_curve(NETWORK, [0.2, 0.6, 1.0], trials=10, rng=1)
    ax = curve.plot()
    by_label = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(by_label["share above 0.95"].get_data(), [curve.initial, curve.recalled])
    assert ax.get_xlabel() == "overlap of the cue"
    assert "10 cues" in ax.get_legend().get_title().get_text()


@pytest.mark.parametrize("theory", [None, ([0.05, 0.1], [1.0, 0.99])])
def test_capacity(theory):
    curve = capacity_curve("hebbian", 50, [0.05, 0.2], networks=2, probes=5, rng=1)
    ax = plotting.plot_capacity(curve, theory=theory)
    by_label = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(by_label["share exactly stable"].get_data(), [curve.loads, curve.stable])
    x, y = (curve.theory if theory is None else theory)
    np.testing.assert_array_equal(by_label["overlap, theory"].get_data(), [x, y])
    assert ax.get_xlabel() == "load p / N"
