"""The history compressor loses nothing, and bridges what a single level cannot."""

import numpy as np
import pytest

from recurrent import FullyRecurrent, History, HistoryCompressor, Predictor


def cascade_of(levels, symbols):
    return HistoryCompressor([Predictor.last_symbol(symbols) for _ in range(levels)])


def test_compression_is_lossless(rng):
    symbols = rng.permutation(np.tile(rng.integers(0, 5, 12), 20)).tolist() + list(range(5)) * 30
    history = cascade_of(3, 5).compress(symbols)
    assert isinstance(history, History)
    assert cascade_of(3, 5).restore(history) == symbols
    message = history.message()
    assert cascade_of(3, 5).restore(message) == symbols
    assert not message.events[0]
    assert {symbol for level in message.events[1:-1] for _, symbol in level} == {-1}
    with pytest.raises(ValueError, match="`history` must be of 2 levels; got 3"):
        cascade_of(2, 5).restore(history)


def test_a_single_level_needs_the_events_at_the_top_only(rng):
    symbols = [0, 1, 2, 1] * 15 + rng.integers(0, 3, 20).tolist()
    history = cascade_of(1, 3).compress(symbols)
    bare = History(((), history.events[-1]), len(symbols))
    assert bare == history.message()
    assert cascade_of(1, 3).restore(bare) == symbols


def test_lossless_is_what_the_trained_do_too(rng):
    """Learning goes on from record to record, in the decoder as in the encoder."""
    one, other = cascade_of(2, 4), cascade_of(2, 4)
    for _ in range(5):
        symbols = [0, 1, 2, 3] * 8 + rng.integers(0, 4, 5).tolist()
        assert other.restore(one.compress(symbols).message()) == symbols


def test_sizes_fall():
    symbols = [0, 1, 2] * 40
    history = cascade_of(2, 3).compress(symbols)
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
    with pytest.raises(TypeError, match=r"`symbols\[1\]`"):
        cascade_of(1, 2).compress([1, 1.5])
    with pytest.raises(ValueError, match=r"`symbol(s\[0\])?` must be (0 to 1|the number of a symbol, below 2); got 5"):
        cascade_of(1, 2).compress([5])
    with pytest.raises(ValueError, match="at least one predictor"):
        HistoryCompressor([])
    one = Predictor.last_symbol(2)
    with pytest.raises(ValueError, match="`levels` must be different predictors"):
        HistoryCompressor([one, one])
    with pytest.raises(ValueError, match="with one input for each symbol"):
        Predictor(FullyRecurrent([[0.5]]))
    with pytest.raises(TypeError, match=r"`events\[1\]` must hold pairs"):
        History(((), (1,)), 3)
    with pytest.raises(ValueError, match=r"`events\[1\]` must hold times below `length`, 3; got 3"):
        History(((), ((3, 1),)), 3)
