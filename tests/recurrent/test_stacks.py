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


FLIP = TwoStackMachine({("go", 0): ("go", 1, 1), ("go", 1): ("go", 0, 1)})


def test_two_stacks_of_fractions_are_a_tape(rng):
    for _ in range(20):
        bits = rng.integers(0, 2, rng.integers(1, 60)).tolist()
        value = sum(b << k for k, b in enumerate(bits)) + 1
        state, tape, _ = INCREMENT.run("add", bits)
        assert sum(b << k for k, b in enumerate(tape)) == value


BEAVERS = {  # Rado (1962); steps and ones from there
    "two states": ({("A", 2): ("B", 1, 1), ("A", 1): ("B", 1, -1), ("B", 2): ("A", 1, -1), ("B", 1): ("H", 1, 1)}, 6, 4),
    "three states": ({("A", 2): ("B", 1, 1), ("A", 1): ("H", 1, 1), ("B", 2): ("C", 2, 1), ("B", 1): ("B", 1, 1),
                      ("C", 2): ("C", 1, -1), ("C", 1): ("A", 1, -1)}, 14, 6),
    "four states": ({("A", 2): ("B", 1, 1), ("A", 1): ("B", 1, -1), ("B", 2): ("A", 1, -1), ("B", 1): ("C", 2, -1),
                     ("C", 2): ("H", 1, 1), ("C", 1): ("D", 1, -1), ("D", 2): ("D", 1, 1), ("D", 1): ("A", 2, 1)}, 107, 13),
}  # fmt: skip


@pytest.mark.parametrize("name", BEAVERS)
def test_busy_beavers_stop_after_the_published_steps(name):
    """They walk and write on the blank tape on both sides, and leave blanks between ones."""
    rules, steps, ones = BEAVERS[name]
    state, tape, taken = TwoStackMachine(rules).run("A", [])
    assert (state, taken, tape.count(1)) == ("H", steps, ones)


def test_a_machine_is_the_one_with_a_list_for_its_tape(rng):
    """Random machines, against a tape that is a dictionary."""
    for _ in range(60):
        rules = {(q, r): (str(rng.integers(4)), int(rng.integers(3)), int(rng.integers(-1, 2)))
                 for q in "0123" for r in range(3) if rng.random() < 0.85}  # fmt: skip
        word = rng.integers(0, 3, 12).tolist()
        tape, at, state, steps = dict(enumerate(word)), 0, "0", 0
        while steps < 200 and (state, tape.get(at, 2)) in rules:
            state, tape[at], move = rules[state, tape.get(at, 2)]
            at, steps = at + move, steps + 1
        if steps < 200:
            marks = [k for k, symbol in tape.items() if symbol != 2]
            expected = [tape.get(k, 2) for k in range(min(marks), max(marks) + 1)] if marks else []
            left = "".join(map(str, TwoStackMachine(rules).run("0", word)[1]))
            assert (left.strip("2"), TwoStackMachine(rules).run("0", word)[::2]) == (
                "".join(map(str, expected)), (state, steps))  # fmt: skip


def test_bad_rules_and_tapes_are_named():
    with pytest.raises(ValueError, match=r"`rules\[\('a', 0\)\]` must read and write 0, 1 or BLANK = 2"):
        TwoStackMachine({("a", 0): ("a", 3, 1)})
    for rule in (("a", 1.0, 1), (["a"], 1, 1), ("a", True, 1), ("a", 0, 1.0), ("a", 0)):
        with pytest.raises(ValueError, match=r"`rules\[\('a', 0\)\]`"):
            TwoStackMachine({("a", 0): rule})
    with pytest.raises(ValueError, match=r"`tape\[1\]` must be 0 to 2; got 4"):
        INCREMENT.run("add", [1, 4])


def test_double_precision_holds_about_26_symbols(rng):
    held = symbols_in_double_precision(rng)
    assert 24 <= held <= 28
    for length, right in ((20, True), (60, False)):
        bits = [1, 0] * (length // 2)
        exact = FLIP.run("go", bits, number=Fraction)[1]
        assert exact == [1 - bit for bit in bits]
        assert (FLIP.run("go", bits, number=float)[1] == exact) == right


def test_a_machine_that_runs_on_is_stopped():
    with pytest.raises(ValueError, match="did not halt within `max_steps` = 50"):
        TwoStackMachine({("a", 0): ("a", 0, 1), ("a", 2): ("a", 0, 1)}).run("a", [0], max_steps=50)
