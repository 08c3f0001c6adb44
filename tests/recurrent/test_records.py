"""Levels, groups, records from both ends, and trees."""

import numpy as np
import pytest

from recurrent import (
    GRU,
    Batch,
    IndRNN,
    bidirectional,
    run,
)


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
