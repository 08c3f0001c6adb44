"""The examples in the docstrings run as printed."""

import doctest
import importlib
import pkgutil

import pytest

import recurrent

MODULES = [f"recurrent.{module.name}" for module in pkgutil.iter_modules(recurrent.__path__)]


@pytest.mark.parametrize("name", [*MODULES, "neurodynamics.linearisation"])
def test_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_public_function_and_class_has_an_example():
    own = [getattr(recurrent, name) for name in recurrent.__all__]
    assert [each.__name__ for each in own if ">>> " not in (each.__doc__ or "")] == []
    assert sorted(set(recurrent.__all__)) == sorted(recurrent.__all__)
