"""One file a workload; each yields the tables that it prints."""

from __future__ import annotations

import importlib
from types import ModuleType

NAMES = (
    "adaptive",
    "equations",
    "delays",
    "fixed",
    "population",
    "synapses",
    "walker",
    "evolution",
    "controller",
    "cold",
    "startup",
    "memory",
    "equilibria",
    "bifurcations",
    "lyapunov",
    "basins",
    "gradients",
    "memories",
    "attention",
    "tours",
)


def module(name: str) -> ModuleType:
    """Return the measurement of a workload: it has ``TITLE`` and ``measure(options)``."""
    return importlib.import_module(f"{__name__}.{name}")
