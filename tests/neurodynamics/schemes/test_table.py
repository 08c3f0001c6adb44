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
    missing = FOR_FLOWS - set(re.findall(r"\w+", (ROOT / page).read_text(encoding="utf-8")))
    assert not missing, f"{page} does not name {missing}"


@pytest.mark.parametrize(
    ("function", "methods"),
    [(simulate, FOR_FLOWS), (evaluate, CONSTANT), (discretise, {name for name in CONSTANT if not METHODS[name].noisy})],
)
def test_docstrings_name_the_methods_that_a_function_takes(function, methods):
    named = set(re.findall(r'"(\w+)"', _entry(function)))
    assert not methods - named, f"`method` in the docstring of {function.__name__} does not name {methods - named}"
    assert function is simulate or named == methods


def _entry(function):
    """What the docstring says of ``method``."""
    return re.search(r"\nmethod : .*?(?=\n\w+ : |\n\w+, \w+|\n\n)", inspect.getdoc(function), re.DOTALL)[0]


def test_names_find_methods_and_others_are_answered_with_the_nearest():
    assert method_named("dopri5") is METHODS["dopri5"]
    for name, nearest in (("rk45", "'RK45'"), ("dopri", "'dopri5'"), ("map", "must be one of"), (4, "must be one of")):
        with pytest.raises(ValueError, match=nearest):
            method_named(name)
