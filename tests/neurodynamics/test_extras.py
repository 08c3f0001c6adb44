"""Packages that may be missing are named, with the line that installs them, in an extra that exists."""

import math
import re
import sys
import tomllib
from pathlib import Path

import pytest

from neurodynamics.extras import extra_package

ROOT = Path(__file__).parents[2]


def test_what_is_there_is_returned():
    assert extra_package("math", "none", "nobody needs it") is math


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r'^it needs tqdm: pip install "neural-attractors\[progress\]"$'):
        extra_package("tqdm", "progress", "it needs tqdm")


def test_every_extra_that_is_named_exists():
    sources = [file.read_text() for folder in ("neurodynamics", "ctrnn", "analysis", "neuroevolution")
               for file in (ROOT / folder).rglob("*.py")]  # fmt: skip
    called = {match[1] for text in sources for match in re.finditer(r'extra_package\("[\w.]+", "(\w+)"', text)}
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {"progress", "graphs", "cma", "ribs", "gym", "pandas", "xarray"} <= called
    assert called <= set(known)
