"""What users import stays: the public names of every package are those of a list, ``tests/data/public_names.txt``.

A name that is added is added to the list, and to the changelog; one that vanishes breaks somebody's program.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

LIST = Path(__file__).parent / "data" / "public_names.txt"
LISTED = [tuple(line.split()) for line in LIST.read_text(encoding="utf-8").splitlines()]
PACKAGES = sorted({package for package, _ in LISTED})


def test_the_list_is_in_order():
    assert sorted(set(LISTED)) == LISTED


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_are_those_of_the_list(package):
    names = importlib.import_module(package).__all__
    known = {name for listed, name in LISTED if listed == package}
    assert set(names) - known == set(), f"new names of {package} go into {LIST.name}, in the order of the alphabet"
    assert known - set(names) == set(), f"names of {package} that somebody imports are gone"
    assert len(names) == len(set(names))


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_are_there(package):
    module = importlib.import_module(package)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
