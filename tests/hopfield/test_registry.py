"""Rules are what they are registered as, and what is written about them."""

import inspect
import pathlib

import numpy as np
import pytest

import hopfield
from hopfield import DiscreteHopfield, patterns, rules
from hopfield.couplings import Block
from hopfield.rules import (
    RULES,
    hebbian,
)


@pytest.mark.parametrize("name", RULES)
def test_rules_are_as_symmetric_as_they_say(name, rng):
    xi, other = patterns.random(4, 30, rng=rng), patterns.random(4, 20, rng=rng)
    rule = RULES[name]
    made = rule.function(xi, other) if rule.pairs else rule.function(xi, *([0.5] if name == "dreaming" else []))
    assert made.symmetric == rule.symmetric
    assert isinstance(made, Block) == rule.pairs
    assert ("start" in rule.function.__kwdefaults__ if rule.function.__kwdefaults__ else False) <= rule.incremental


def test_what_is_written_about_rules_is_what_was_registered():
    """Docstrings of the module and of each rule, and the manual's table; a rule of which nobody wrote is the control."""
    manual = pathlib.Path(__file__).parents[2].joinpath("docs", "hopfield.md").read_text(encoding="utf-8")
    words = {True: "yes", False: "no"}
    lacking = [line for line in rules.table().splitlines() if line not in rules.__doc__.splitlines()]
    assert not lacking, f"the docstring of hopfield.rules lacks the line {lacking[0]!r}"
    assert rules.table() in rules.__doc__, "its lines are not in the order of rules.table()"
    for name, rule in RULES.items():
        assert rule.function is getattr(rules, name) is getattr(hopfield, name)
        assert rule.summary in " ".join(rule.function.__doc__.split()), name
        row = f"| `{name}` | {words[rule.local]} | {words[rule.incremental]} | {words[rule.symmetric]} | {rule.stores} |"
        assert row in manual, f"docs/hopfield.md lacks the row {row}"
    rules.learning_rule(stores="nothing", local=True)(lambda patterns: np.zeros((2, 2)))
    try:
        assert rules.table() not in rules.__doc__
    finally:
        del RULES["<lambda>"]


@pytest.mark.parametrize("name", RULES)
def test_rules_are_what_they_are_registered_as(name):
    rule, xi = RULES[name], patterns.random(4 if RULES[name].pairs else 12, 30, rng=3)
    given = (xi, xi[:, :20]) if rule.pairs else (xi,)
    options = {"time": 1.0} if name == "dreaming" else {}
    w = rule.function(*given, **options)
    assert w.symmetric == rule.symmetric
    assert ("start" in inspect.signature(rule.function).parameters) <= rule.incremental
    for memory in rule.memories:
        make = getattr(getattr(hopfield, memory), "from_pairs" if rule.pairs else "from_patterns")
        assert make(*given, rule=name, **options).couplings.shape == w.shape


def test_a_rule_of_ones_own_is_known_by_its_name(rng):
    """The recipe of CONTRIBUTING, followed."""

    @rules.learning_rule(stores="2-point correlations, clipped to their signs", local=True, symmetric=True)
    def clipped(patterns):
        """Return signs of Hebb's couplings. Local, not incremental, symmetric."""
        return np.sign(hebbian(patterns).dense())

    try:
        net = DiscreteHopfield.from_patterns(patterns.random(3, 101, rng=rng), "clipped")
        assert np.isin(net.couplings.dense(), (-1, 0, 1)).all()
        assert "clipped" in rules.table()
    finally:
        del RULES["clipped"]
