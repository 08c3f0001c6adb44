"""Memory machines: hand-wired ones do their task without an error, and memories keep their invariants."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from neurodynamics import linearise
from recurrent import (
    DifferentiableMemory,
    History,
    HistoryCompressor,
    NeuralTuringMachine,
    Predictor,
    TwoStackMachine,
    counter_network,
    run,
    symbols_in_double_precision,
)


def test_a_machine_copies_a_thousand_bits(rng):
    bits = rng.integers(0, 2, 1000)
    machine = NeuralTuringMachine.copying(1001)
    given = np.concatenate([np.stack([bits, np.ones(1000), np.zeros(1000)]), np.zeros((3, 1000))], axis=1)
    given[2, 1000:] = 1.0
    said = machine.outputs(run(machine, given, machine.blank()))[0, 1000:]
    np.testing.assert_array_equal(said > 0, bits)
    assert np.abs(np.abs(said) - 1).max() < 1e-9


def test_the_jacobian_of_a_machine_is_that_of_differences(rng):
    machine = NeuralTuringMachine(3, 2, rng.normal(size=(2, 5)), rng.normal(size=(20, 5)), 0.1, 0.2, inputs=1)
    y, e = np.abs(rng.normal(size=machine.state_dim)) + 0.1, 1e-6
    rows = [(machine.rhs(0, y + e * v, [0.3]) - machine.rhs(0, y - e * v, [0.3])) / (2 * e) for v in np.eye(y.size)]
    np.testing.assert_allclose(machine.jac(0, y, [0.3]), np.transpose(rows), atol=1e-7)
    assert linearise(machine, y, [0.3]).exact
    after = machine.rhs(0, np.r_[y[:2], 0.2, 0.5, 0.3, 0.1, 0.1, 0.8, y[8:]], [0.3])
    assert after[2:5].sum() == pytest.approx(1)
    assert after[5:8].sum() == pytest.approx(1)


def test_memories_keep_their_invariants(rng):
    memory = DifferentiableMemory.empty(6, 3)
    for _ in range(60):
        allocation = memory.allocation()
        assert allocation.sum() == pytest.approx(1 - np.prod(memory.usage), abs=1e-12)
        assert ((allocation >= 0) & (allocation <= 1)).all()
        memory = memory.write(rng.normal(size=3), rng.uniform(size=3), key=rng.normal(size=3), strength=rng.uniform(0, 9),
                              allocate=rng.uniform(), gate=rng.uniform(), free=0.3 * rng.uniform(size=6))  # fmt: skip
        assert not np.diag(memory.links).any()
        assert memory.links.min() >= 0
        assert memory.links.sum(axis=0).max() <= 1 + 1e-12
        assert memory.links.sum(axis=1).max() <= 1 + 1e-12
        assert memory.writing.sum() <= 1 + 1e-12
        assert memory.precedence.sum() <= 1 + 1e-12
        assert ((memory.usage >= 0) & (memory.usage <= 1)).all()


def test_what_was_written_is_found_in_its_order():
    memory = DifferentiableMemory.empty(5, 2)
    for k in range(4):
        memory = memory.write([k + 1.0, -k])
    reading = np.eye(5)[0]
    for k in range(1, 4):
        reading = memory.follow(reading)
        np.testing.assert_array_equal(reading, np.eye(5)[k])
        np.testing.assert_array_equal(memory.follow(reading, forwards=False), np.eye(5)[k - 1])
    with pytest.raises(ValueError, match="`gate` must be between 0 and 1"):
        memory.write([1.0, 1.0], gate=1.5)


def test_a_stack_counts():
    """All 8191 strings of at most twelve symbols."""
    net = counter_network()
    for length in range(13):
        for string in itertools.product((0, 1), repeat=length):
            n = length // 2
            if net.accepts(string) != (string == (0,) * n + (1,) * (length - n) and length % 2 == 0):
                pytest.fail(f"{string} is judged wrong")


def test_a_stack_counts_far_and_loses_no_length():
    net = counter_network()
    assert net.accepts([0] * 5000 + [1] * 5000)
    assert not net.accepts([0] * 5000 + [1] * 4999)
    _, stack, moved = net.run([0] * 300 + [1] * 120)
    assert stack.length == pytest.approx(moved, abs=1e-9)
    with pytest.raises(ValueError, match="`symbols` must be 0 to 1; got 2"):
        net.accepts([2])


INCREMENT = TwoStackMachine({  # of a binary number, the lowest bit first
    ("add", 1): ("add", 0, 1), ("add", 0): ("done", 1, 1), ("add", 2): ("done", 1, 1),
})  # fmt: skip
SORT = TwoStackMachine({  # a 1 before a 0 is exchanged, from the left, until there is none
    ("go", 0): ("go", 0, 1), ("go", 1): ("one", 1, 1), ("one", 1): ("one", 1, 1), ("one", 0): ("swap", 1, -1),
    ("swap", 1): ("home", 0, -1), ("swap", 0): ("home", 0, -1), ("home", 0): ("home", 0, -1), ("home", 1): ("home", 1, -1),
})  # fmt: skip


def test_two_stacks_of_fractions_are_a_tape(rng):
    for _ in range(20):
        bits = rng.integers(0, 2, rng.integers(1, 60)).tolist()
        value = sum(b << k for k, b in enumerate(bits)) + 1
        state, tape, _ = INCREMENT.run("add", bits)
        assert sum(b << k for k, b in enumerate(tape)) == value


def test_double_precision_holds_about_26_symbols(rng):
    held = symbols_in_double_precision(rng)
    assert 24 <= held <= 28
    for length, right in ((20, True), (60, False)):
        bits = [1] * length
        exact = INCREMENT.run("add", bits, number=Fraction)[1]
        assert (INCREMENT.run("add", bits, number=float)[1] == exact) == right


def test_a_machine_that_runs_on_is_stopped():
    with pytest.raises(ValueError, match="did not halt within `max_steps` = 50"):
        TwoStackMachine({("a", 0): ("a", 0, 1), ("a", 2): ("a", 0, 1)}).run("a", [0], max_steps=50)


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
