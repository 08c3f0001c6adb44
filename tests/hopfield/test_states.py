"""Products and sums of states against those of int64, which cannot overflow here."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from hopfield import DiscreteBAM, DiscreteHopfield, load_recall, measures, patterns, save_recall
from hopfield.states import States

CALCULATIONS = {
    "matrix product": lambda x: x @ x.T,
    "one overlap": lambda x: x[0] @ x[0],
    "with a plain array": lambda x: x @ np.ones((300, 2), np.int8),
    "a plain array with it": lambda x: np.ones((2, 300), np.int8) @ x.T,
    "dot": lambda x: np.dot(x, x.T),
    "method dot": lambda x: x.dot(x.T),
    "inner": lambda x: np.inner(x, x),
    "vdot": lambda x: np.vdot(x, x),
    "tensordot": lambda x: np.tensordot(x, x, (1, 1)),
    "einsum": lambda x: np.einsum("ij,kj", x, x),
    "vecdot": lambda x: np.vecdot(x, x),
    "sum of many": lambda x: sum(np.repeat(x, 100, axis=0)),
    "reversed": lambda x: (-x) @ (-x).T,
    "chosen": lambda x: np.where(x > 0, x, -1) @ x.T,
    "joined": lambda x: np.concatenate([x, x]) @ np.vstack([x[0], x[1]]).T,
    "times a number": lambda x: 200 * x,
    "as other numbers": lambda x: x.astype(float) @ x.astype(float).T,
    "bits": lambda x: 128 * x[0] + x[1],
}


@pytest.mark.parametrize("name", CALCULATIONS)
def test_sums_and_products_do_not_overflow(name):
    xi = patterns.random(3, 300, rng=0)
    calculate = CALCULATIONS[name]
    np.testing.assert_array_equal(calculate(xi), calculate(np.array(xi, dtype=np.int64)))


def test_bytes_alone_do_overflow():
    """The control."""
    ones = np.ones(300, np.int8)
    assert ones @ ones != 300


def test_the_overlap_of_a_recall_is_a_product(tmp_path):
    xi = patterns.random(3, 200, rng=0)
    net = DiscreteHopfield.from_patterns(xi)
    recall = net.recall(patterns.flip(xi, 0.1, rng=1), record=True, rng=2)
    save_recall(recall, tmp_path / "recall.npz")
    for each in (recall, load_recall(tmp_path / "recall.npz"), pickle.loads(pickle.dumps(recall)), copy.deepcopy(recall)):
        np.testing.assert_array_equal(each.states @ xi.T / 200, recall.overlaps)
        np.testing.assert_array_equal(each.trace.states[0].T @ net.patterns[0] / 200, recall.trace.overlaps[0, 0])


def test_all_that_hands_out_states_hands_out_these(tmp_path):
    xi = patterns.random(3, 200, rng=0)
    pairs = DiscreteBAM.from_pairs(xi, patterns.random(3, 150, rng=1)).recall(a=xi)
    ones = np.ones(200, int)
    made = [patterns.biased(1, 200, 0.2, rng=0), patterns.correlated(1, 200, 0.2, rng=0), patterns.flip(ones, 0.1, rng=0),
            patterns.noise(ones, 0.1, rng=0), patterns.to_binary(ones), patterns.to_bipolar(ones), patterns.letters("A"),
            measures.mixtures(xi), pairs.a, pairs.b]  # fmt: skip
    assert all(isinstance(each, States) and each.dtype == np.int8 for each in made)


def test_states_can_be_changed_in_place_and_compared_as_ever():
    xi = patterns.random(2, 50, rng=0)
    before = np.array(xi)
    xi[0, :5] *= -1
    np.testing.assert_array_equal(xi[0, :5], -before[0, :5])
    assert xi.dtype == np.int8
    assert type(xi == before) is np.ndarray
    assert repr(xi) == repr(np.asarray(xi))
    assert type(xi @ xi.T) is np.ndarray
