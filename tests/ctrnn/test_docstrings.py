"""The examples in the docstrings run as printed."""

import doctest
import importlib
import pkgutil

import pytest

import ctrnn

MODULES = [f"ctrnn.{module.name}" for module in pkgutil.iter_modules(ctrnn.__path__)]


@pytest.mark.parametrize("name", ["ctrnn", *MODULES, "neurodynamics.files", "neurodynamics.stability"])
def test_examples_run(name):
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0


def test_every_public_function_and_class_has_an_example():
    own = [name for name in ctrnn.__all__ if getattr(getattr(ctrnn, name), "__module__", "").startswith("ctrnn.")]
    assert len(own) > 10
    assert [name for name in own if ">>> " not in getattr(ctrnn, name).__doc__] == []


def test_everything_public_is_listed():
    assert sorted(set(ctrnn.__all__)) == sorted(ctrnn.__all__)
    assert all(hasattr(ctrnn, name) for name in ctrnn.__all__)
