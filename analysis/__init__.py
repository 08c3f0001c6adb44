"""Take a dynamical system apart; pictures of what is found are in :mod:`analysis.plotting`."""

from __future__ import annotations

import importlib
from typing import Any

from analysis.nullclines import Nullcline, nullclines, phase_box

__all__ = ["Nullcline", "nullclines", "phase_box", "plotting"]


def __getattr__(name: str) -> Any:
    """Import the pictures, and with them matplotlib, when they are first asked for."""
    if name == "plotting":
        return importlib.import_module("analysis.plotting")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
