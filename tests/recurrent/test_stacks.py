"""Stacks of numbers count, and two of fractions are a tape."""

import itertools
from fractions import Fraction

import pytest

from recurrent import (
    TwoStackMachine,
    counter_network,
    symbols_in_double_precision,
)


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
    with pytest.raises(ValueError, match=r"`symbols\[0\]` must be 0 to 1; got 2"):
        net.accepts([2])


INCREMENT = TwoStackMachine({  # of a binary number, the lowest bit first
    ("add", 1): ("add", 0, 1), ("add", 0): ("done", 1, 1), ("add", 2): ("done", 1, 1),
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
