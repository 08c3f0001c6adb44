"""One rule folded over a tree."""

import numpy as np
import pytest

from neurodynamics import Sampled, simulate
from recurrent import (
    FullyRecurrent,
    Recursive,
    chain,
)


def test_a_chain_is_a_recurrent_network_bit_for_bit(rng):
    W, U, b = rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    x = rng.normal(size=(3, 8))
    leaves = {"start": np.zeros(3)} | {k: x[:, k] for k in range(8)}
    net = Recursive.of(np.c_[W, U], b)
    layer = simulate(FullyRecurrent(W, U, b), 8, np.zeros(3), inputs=Sampled(np.arange(8), x))
    np.testing.assert_array_equal(net.fold(chain("start", range(8)), leaves), layer.final)


def test_a_zero_tensor_changes_nothing_and_another_is_its_formula(rng):
    W, T = rng.normal(size=(2, 4)), rng.normal(size=(2, 4, 4))
    leaves = {"a": rng.normal(size=2), "b": rng.normal(size=2)}
    tree = (("a", "b"), ("b", "a"))
    zero, plain = Recursive.of(W, 0.1, np.zeros((2, 4, 4))), Recursive.of(W, 0.1)
    np.testing.assert_array_equal(zero.fold(tree, leaves), plain.fold(tree, leaves))
    both = np.concatenate([leaves["a"], leaves["b"]])
    expected = np.tanh(W @ both + 0.1 + np.array([both @ slab @ both for slab in T]))
    np.testing.assert_allclose(Recursive.of(W, 0.1, T).fold(("a", "b"), leaves), expected, rtol=1e-13)


def test_deep_trees_and_shared_subtrees_are_folded():
    """A chain of 5000 nodes, and a tree of 2^60 leaves whose subtrees are the same object: linear, in closed form."""
    net = Recursive.of([[0.5, 0.5]], activation="linear")
    tree, leaves = chain("a", ["b"] * 5000), {"a": [2.0], "b": [1.0]}
    assert net.fold(tree, leaves).tolist() == [1.0]
    shared = ("a", "b")
    for _ in range(60):
        shared = (shared, shared)
    assert net.fold(shared, leaves).tolist() == [1.5]
    deep = [["a", "b"], "a"]
    deep[0][1] = deep
    with pytest.raises(ValueError, match="has a cycle"):
        net.fold(deep, leaves)


def test_bad_trees_are_named():
    net, tree = Recursive.of([[1.0, 1.0]]), ["a", "b"]
    tree[1] = tree
    with pytest.raises(ValueError, match="has a cycle"):
        net.fold(tree, {"a": [1.0]})
    with pytest.raises(ValueError, match="a node with 3 children"):
        net.fold(("a", "a", "a"), {"a": [1.0]})
    with pytest.raises(ValueError, match="must have a vector for 'b'"):
        net.fold(("a", "b"), {"a": [1.0]})
