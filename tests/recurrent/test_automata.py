"""Automata in networks: right for long strings, extracted again, and the gain at which units become bistable."""

import itertools
import re

import numpy as np
import pytest

from recurrent import Automaton, Readout, extract_automaton, random_automaton, run_string, tomita

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
