"""The methods of integration are listed in one place, and whatever else is written about them agrees with it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from neurodynamics import METHODS, discretise, evaluate, simulate
from neurodynamics.schemes import method_named

ROOT = Path(__file__).parents[3]
FOR_FLOWS = {name for name, method in METHODS.items() if method.family != "map"}
CONSTANT = {name for name, method in METHODS.items() if method.constant_step}


@pytest.mark.parametrize("page", ["README.md", "docs/concepts.md"])
def test_the_manual_names_every_method(page):
    assert set(re.findall(r"\w+", (ROOT / page).read_text(encoding="utf-8"))) >= FOR_FLOWS


def test_docstrings_name_the_methods_that_a_function_takes():
    assert set(re.findall(r'"(\w+)"', _entry(simulate))) >= FOR_FLOWS
    assert set(re.findall(r'"(\w+)"', _entry(evaluate))) == CONSTANT
    assert set(re.findall(r'"(\w+)"', _entry(discretise))) == {name for name in CONSTANT if not METHODS[name].noisy}


def _entry(function):
    """What the docstring says of ``method``."""
    return re.search(r"\nmethod : .*?(?=\n\w+ : |\n\w+, \w+|\n\n)", inspect.getdoc(function), re.DOTALL)[0]


def test_names_find_methods_and_others_are_answered_with_the_nearest():
    assert method_named("dopri5") is METHODS["dopri5"]
    for name, nearest in (("rk45", "'RK45'"), ("dopri", "'dopri5'"), ("map", "must be one of"), (4, "must be one of")):
        with pytest.raises(ValueError, match=nearest):
            method_named(name)
