"""The examples in the docstrings of landscapes and surfaces run as printed."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["landscape", "surface"])
def test_examples_run(name):
    results = doctest.testmod(importlib.import_module(f"analysis.{name}"))
    assert results.attempted > 0
    assert results.failed == 0
