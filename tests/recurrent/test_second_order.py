"""Second-order networks as automata."""

import re

import numpy as np
import pytest

from analysis import fixed_points
from recurrent import SecondOrder, random_automaton, run_string, tomita

LANGUAGES = {
    1: lambda s: "0" not in s,
    2: lambda s: re.fullmatch("(10)*", s),
    3: lambda s: not any(len(a) % 2 and len(b) % 2 for a, b in re.findall("(1+)(0+)", s)),
    4: lambda s: "000" not in s,
    5: lambda s: s.count("0") % 2 == s.count("1") % 2 == 0,
    6: lambda s: (s.count("0") - s.count("1")) % 3 == 0,
    7: lambda s: re.fullmatch("0*1*0*1*", s),
}


def right_all_along(automaton, strength, symbols):
    """Whether the response is right after each symbol."""
    run = run_string(automaton.encode(strength), automaton.start_state(), symbols)
    return np.array_equal(run[-1] > 0.5, automaton.accepting[automaton.run(symbols)])


@pytest.mark.parametrize("number", LANGUAGES)
def test_networks_run_tomitas_automata(number, rng):
    assert right_all_along(tomita(number), 8.0, rng.integers(0, 2, 500))


@pytest.mark.parametrize("states", [10, 100])
def test_networks_run_random_automata(states, rng):
    assert right_all_along(random_automaton(states, rng=states), 8.0, rng.integers(0, 2, 500))


def test_the_smallest_strength_lies_where_it_was_published():
    symbols = np.random.default_rng(0).integers(0, 2, 500)
    for seed in range(3):
        automaton = random_automaton(30, rng=seed)
        fine = [H for H in np.arange(5.0, 8.01, 0.25) if right_all_along(automaton, H, symbols)]
        assert 5.25 <= fine[0] <= 6.75
        assert len(fine) == 1 + round((8 - fine[0]) / 0.25)


def test_a_unit_becomes_bistable_at_strength_four():
    for strength, count in ((3.9, 1), (4.1, 3)):
        net = SecondOrder([[[strength]]], -strength / 2)
        held = net.with_params(net.params)
        found = fixed_points(held, inputs=[1.0], rng=0)
        assert len(found.x) == count
