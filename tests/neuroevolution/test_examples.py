"""The examples in the docstrings of closed loops and tasks run as printed."""

import doctest
import importlib

import pytest

MODULES = ["closed_loop", "coupling", "draws", "task"]
TASKS = ["pole_balancing", "walker"]


@pytest.mark.parametrize(
    "name", [*(f"neurodynamics.{name}" for name in MODULES), *(f"neuroevolution.tasks.{name}" for name in TASKS)]
)
def test_examples_run(name):
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
