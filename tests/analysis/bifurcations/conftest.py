"""The systems of `systems.py` by name."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("bifurcation_systems", Path(__file__).with_name("systems.py"))
_SYSTEMS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_SYSTEMS)


@pytest.fixture(scope="session")
def systems():
    """The module with the systems."""
    return _SYSTEMS
