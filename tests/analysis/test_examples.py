"""The examples in the docstrings run as printed."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["fixed_points", "nullclines", "phase_portrait", "separatrix", "slow_points", "stability"])
def test_examples_run(name):
    results = doctest.testmod(importlib.import_module(f"analysis.{name}"))
    assert results.attempted > 0
    assert results.failed == 0
