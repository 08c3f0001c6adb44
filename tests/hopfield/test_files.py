"""Recalls come back from files as they were."""

import dataclasses

import numpy as np
import pytest

from hopfield import DiscreteBAM, DiscreteHopfield, load_recall, patterns


def same(a, b):
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    return a == b


def test_a_recall_comes_back_as_it_was(tmp_path):
    xi = patterns.random(4, 30, rng=0)
    cues = patterns.flip(xi, 0.2, rng=1)
    made = [
        DiscreteHopfield.from_patterns(xi).recall(cues, rng=2, record=True),
        DiscreteHopfield.from_patterns(xi, "sequence").recall(cues, update="synchronous"),
        DiscreteHopfield(np.zeros((30, 30))).recall(cues),
        DiscreteBAM.from_pairs(xi, xi[:, :20]).recall(cues),
    ]
    for recall in made:
        recall.save(tmp_path / "recall.npz")
        assert same(load_recall(tmp_path / "recall.npz"), recall)
    assert not same(made[0], made[2])


def test_other_files_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", states=np.zeros(3))
    with pytest.raises(ValueError, match="not one that this project has written"):
        load_recall(tmp_path / "other.npz")
