"""Levels, groups, records from both ends, and trees."""

import numpy as np
import pytest

from analysis import lyapunov_spectrum
from ctrnn import CTRNN
from neurodynamics import Sampled, simulate
from recurrent import (
    GRU,
    Batch,
    FullyRecurrent,
    IndRNN,
    Recursive,
    bidirectional,
    chain,
    frequency_response,
    hierarchical,
    multiple_timescales,
    run,
)


def test_the_head_of_a_hierarchy_has_its_own_exponents(rng):
    low = CTRNN([[4.5, 1.0], [-1.0, 4.5]], [-2.75, -1.75])
    high = CTRNN(rng.normal(size=(3, 3)), rng.normal(size=3), [5.0, 6.0, 7.0])
    whole = hierarchical([low, high], [rng.normal(size=(3, 2))])
    y = rng.normal(size=5)
    J = whole.jac(0, y)
    np.testing.assert_array_equal(J[:2, :2], low.jac(0, y[:2]))
    assert not J[:2, 2:].any()
    both = lyapunov_spectrum(whole, y, duration=400, rng=0).exponents
    for exponent in lyapunov_spectrum(low, y[:2], duration=400, rng=0).exponents:
        assert np.abs(both - exponent).min() < 0.02
    with pytest.raises(ValueError, match="the mask has no connection from 2 to 0"):
        whole.with_params({"weights[0, 2]": 1.0})


def test_slow_units_have_slower_spectra():
    """Answers of each unit to its own input, at a high frequency over a low one."""
    groups = {"io": 3, "fast": 6, "slow": 4}
    names = list(groups)
    links = [(a, b) for a in names for b in names if {a, b} != {"io", "slow"}]
    net = multiple_timescales(groups, {"io": 1.0, "fast": 2.0, "slow": 50.0}, links, gain=0.4, rng=3)
    assert not net.weights[:3, 9:].any()
    assert not net.weights[9:, :3].any()
    low, high = np.abs(np.diagonal(frequency_response(net, [0.001, 1.0], np.zeros(13)), axis1=1, axis2=2))
    left = high / low
    assert left[9:].max() < 0.1 * left[3:9].min() < 0.1 * left[:3].min()


def test_groups_and_levels_are_checked():
    with pytest.raises(ValueError, match="`time_constants` must name the groups"):
        multiple_timescales({"a": 1}, {"b": 1.0}, [])
    with pytest.raises(ValueError, match=r"`links` must hold pairs .* got \('a', 'c'\)"):
        multiple_timescales({"a": 1}, {"a": 1.0}, [("a", "c")])
    with pytest.raises(ValueError, match=r"`time_constants\['a'\]` must be positive"):
        multiple_timescales({"a": 1}, {"a": 0.0}, [])
    with pytest.raises(ValueError, match="one matrix between each two levels"):
        hierarchical([CTRNN([[1.0]])], [[[1.0]]])


def test_reading_backwards_is_reading_the_reversed_record(rng):
    net, x = GRU(rng.normal(size=(6, 2)), rng.normal(size=(6, 1))), rng.normal(size=(1, 15))
    backwards = run(net, x, reverse=True)
    np.testing.assert_array_equal(backwards, run(net, x[:, ::-1])[:, ::-1])
    np.testing.assert_array_equal(bidirectional(net, net, x), np.concatenate([run(net, x), backwards]))
    np.testing.assert_array_equal(bidirectional(net, net, x[:, ::-1]), np.roll(bidirectional(net, net, x), 2, 0)[:, ::-1])


def test_a_record_in_a_batch_is_read_as_if_alone(rng):
    net, records = IndRNN([0.5, -0.7], rng.normal(size=(2, 1))), [rng.normal(size=(1, T)) for T in (3, 7, 5)]
    batch = Batch.of(records)
    for reverse in (False, True):
        states = batch.run(net, reverse=reverse)
        for b, record in enumerate(records):
            np.testing.assert_array_equal(states[b, :, : record.shape[1]], run(net, record, reverse=reverse))
            assert not states[b, :, record.shape[1] :].any()
    with pytest.raises(ValueError, match=r"`records\[1\]` must have shape"):
        Batch.of([[[1.0]], np.zeros((1, 0))])
    with pytest.raises(ValueError, match=r"`inputs` must have shape \(M, T\) with M = 1"):
        run(net, np.zeros((1, 0)))


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


def test_bad_trees_are_named():
    net, tree = Recursive.of([[1.0, 1.0]]), ["a", "b"]
    tree[1] = tree
    with pytest.raises(ValueError, match="has a cycle"):
        net.fold(tree, {"a": [1.0]})
    with pytest.raises(ValueError, match="a node with 3 children"):
        net.fold(("a", "a", "a"), {"a": [1.0]})
    with pytest.raises(ValueError, match="must have a vector for 'b'"):
        net.fold(("a", "b"), {"a": [1.0]})
