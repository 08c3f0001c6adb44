"""Automata in networks: right for long strings, extracted again, and the gain at which units become bistable."""

import itertools
import re

import numpy as np
import pytest

from recurrent import Automaton, Readout, SecondOrder, extract_automaton, random_automaton, run_string, tomita

LANGUAGES = {
    1: lambda s: "0" not in s,
    2: lambda s: re.fullmatch("(10)*", s),
    3: lambda s: not any(len(a) % 2 and len(b) % 2 for a, b in re.findall("(1+)(0+)", s)),
    4: lambda s: "000" not in s,
    5: lambda s: s.count("0") % 2 == s.count("1") % 2 == 0,
    6: lambda s: (s.count("0") - s.count("1")) % 3 == 0,
    7: lambda s: re.fullmatch("0*1*0*1*", s),
}


@pytest.mark.parametrize("number", LANGUAGES)
def test_tables_of_tomita_are_his_languages(number):
    for length in range(11):
        for string in itertools.product((0, 1), repeat=length):
            assert tomita(number).accepts(string) == bool(LANGUAGES[number]("".join(map(str, string))))


@pytest.mark.slow
def test_a_network_runs_a_random_automaton_of_a_thousand_states(rng):
    automaton, symbols = random_automaton(1000, rng=1), rng.integers(0, 2, 500)
    run = run_string(automaton.encode(8.0), automaton.start_state(), symbols)
    assert automaton.read(run).tolist() == automaton.run(symbols)


def test_temporal_xor_has_its_error_floor(rng):
    """Elman's task: every third bit is the exclusive or of the two before, and nothing else can be predicted.

    A network that runs the automaton of the task, and the readout of least squares: its root mean square error over all
    positions is that of guessing 1/2 at two of three, sqrt(2/3 * 1/4); at the third it knows.
    """
    task = Automaton([[1, 2], [3, 4], [4, 3], [0, 0], [0, 0]], [0, 0, 0, 0, 1])  # none, 0, 1, equal, different
    pairs = rng.integers(0, 2, (2000, 2))
    bits = np.column_stack([pairs, pairs[:, 0] ^ pairs[:, 1]]).ravel()
    states = run_string(task.encode(12.0), task.start_state(), bits)[:, :-1]  # before each bit is seen
    readout = Readout.fit(states, bits[np.newaxis])
    errors = (readout(states)[0] - bits).reshape(-1, 3)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(np.sqrt(2 / 3 * 1 / 4), abs=2e-3)
    assert np.sqrt(np.mean(errors[:, 2] ** 2)) < 0.02
    assert np.sqrt(np.mean(errors[:, :2] ** 2)) == pytest.approx(0.5, abs=2e-3)


@pytest.mark.parametrize("automaton", [*map(tomita, range(1, 8)), random_automaton(12, rng=3)])
def test_the_automaton_comes_out_again(automaton):
    found = extract_automaton(automaton.encode(), automaton.start_state())
    assert found.same_language(automaton)
    assert len(found.table) == len(automaton.minimised().table)


def test_equal_states_are_joined():
    double = Automaton([[1, 2], [3, 0], [0, 3], [2, 1], [4, 4]], [1, 0, 0, 1, 0])
    small = double.minimised()
    assert len(small.table) == 2
    for length in range(9):
        for string in itertools.product((0, 1), repeat=length):
            assert small.accepts(string) == double.accepts(string)


def told_apart(automaton):
    """Return the number of classes of reachable states, refined by products until none splits (Moore)."""
    reached = [automaton.start]
    for q in reached:
        reached += [int(r) for r in dict.fromkeys(automaton.table[q]) if r not in reached]
    of, count = automaton.accepting.astype(int), 0
    while (now := len(np.unique(of[reached]))) > count:
        count = now
        of = np.unique(np.column_stack([of, of[automaton.table]]), axis=0, return_inverse=True)[1].ravel()
    return count


@pytest.mark.parametrize("symbols", [1, 2, 3])
def test_as_many_states_are_left_as_strings_tell_apart(symbols, rng):
    for states in (1, 2, 7, 40):
        table = rng.integers(0, states, (states, symbols))
        automaton = Automaton(np.concatenate([table, table + states]), np.tile(rng.random(states) < 0.3, 2))
        small = automaton.minimised()
        assert len(small.table) == told_apart(automaton) == len(small.minimised().table)
        for string in rng.integers(0, symbols, (20, 12)):
            assert small.accepts(string) == automaton.accepts(string)


def test_large_automata_are_minimised_and_extracted_soon(rng):
    half = random_automaton(3000, 2, rng=rng)
    double = Automaton(np.concatenate([half.table + 3000, half.table]), np.tile(half.accepting, 2))
    assert len(double.minimised().table) == len(half.minimised().table)  # minutes where all states are looked at each time
    source = random_automaton(100, 3, rng=rng)
    assert extract_automaton(source.encode(10.0), source.start_state()).same_language(source)
    with pytest.raises(ValueError, match="more than `max_states` = 50 clusters"):
        extract_automaton(source.encode(10.0), source.start_state(), max_states=50)


def test_a_network_may_have_no_unit_but_its_response():
    flip = SecondOrder([[[-20.0]]], 10.0)
    assert extract_automaton(flip, [1.0]).same_language(Automaton([[1], [0]], [True, False]))


def test_bad_tables_are_named():
    with pytest.raises(ValueError, match=r"`table\[1, 0\]` must be a state, 0 to 1; got -1"):
        Automaton([[0, 1], [-1, 1]], [0, 1])
    with pytest.raises(ValueError, match="`accepting` must have shape"):
        Automaton([[0, 0]], [0, 1])
    with pytest.raises(ValueError, match="`number` must be 1 to 7"):
        tomita(8)
    with pytest.raises(ValueError, match="at least one symbol"):
        run_string(tomita(1).encode(), tomita(1).start_state(), [])
    with pytest.raises(ValueError, match=r"`symbols\[1\]` must be 0 to 1"):
        run_string(tomita(1).encode(), tomita(1).start_state(), [0, 2])
    with pytest.raises(ValueError, match="`strength` must be positive"):
        tomita(1).encode(0)
