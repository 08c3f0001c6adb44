"""The examples in the docstrings run as printed."""

import doctest
import importlib

import pytest

FILES = ["bifurcation_chart", "bifurcation_curve", "bifurcation_diagram", "bifurcation_sets", "fixed_point_branch",
         "normal_form"]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_examples_run(name):
    module = importlib.import_module(f"analysis.bifurcations.{name}")
    results = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert results.attempted > 0
    assert results.failed == 0
