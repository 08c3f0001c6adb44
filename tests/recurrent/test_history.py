"""The history compressor loses nothing, and bridges what a single level cannot."""

import numpy as np
import pytest

from recurrent import (
    History,
    HistoryCompressor,
    Predictor,
)


def cascade_of(levels, symbols):
    return HistoryCompressor([Predictor.last_symbol(symbols) for _ in range(levels)])


def test_compression_is_lossless(rng):
    symbols = rng.permutation(np.tile(rng.integers(0, 5, 12), 20)).tolist() + list(range(5)) * 30
    history = cascade_of(3, 5).compress(symbols)
    assert isinstance(history, History)
    assert cascade_of(3, 5).restore(history) == symbols
    sizes = [len(events) for events in history.events]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.8 * len(symbols)


def test_a_lag_of_twenty_steps_needs_the_cascade(rng):
    """A first symbol of two, twenty steps that are always the same, and the first again: the level above sees them meet."""
    def mistakes(levels):
        machine, wrong = cascade_of(levels, 24), []
        for _ in range(60):
            first = int(rng.integers(0, 2))
            sequence = [22, first, *range(2, 22), first]
            history = machine.compress(sequence)
            wrong.append(any(t == len(sequence) - 1 for t, _ in history.events[-1]))
        return np.mean(wrong[30:])

    assert mistakes(2) == 0
    assert mistakes(1) > 0.2


def test_bad_sequences_are_named():
    with pytest.raises(ValueError, match="at least one symbol"):
        cascade_of(1, 2).compress([])
    with pytest.raises(ValueError, match="`symbol` must be 0 to 1; got 5"):
        cascade_of(1, 2).compress([5])
    with pytest.raises(ValueError, match="at least one predictor"):
        HistoryCompressor([])
