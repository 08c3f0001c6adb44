"""The programs this project is compared with, one file each, used when they are installed."""

from __future__ import annotations

import importlib
from types import ModuleType

from .. import ours
from ..case import Case

NAMES = (
    "scipy_numba",
    "heyoka",
    "numbalsoda",
    "diffrax",
    "naive",
    "c_loop",
    "beer",
    "numpy_loop",
    "pypi_ctrnn",
    "neat",
    "torch",
)


def modules(chosen: tuple[str, ...] = ()) -> list[ModuleType]:
    """Return this project and the peers that are installed (only those chosen, when some are)."""
    wanted = [name for name in NAMES if not chosen or name in chosen]
    found = [importlib.import_module(f"{__name__}.{name}") for name in wanted]
    return [module for module in (ours, *found) if module.available()]


def absent(chosen: tuple[str, ...] = ()) -> list[str]:
    """Return what each missing peer needs."""
    found = [importlib.import_module(f"{__name__}.{name}") for name in NAMES if not chosen or name in chosen]
    return [module.PACKAGE for module in found if not module.available()]


def cases(workload: str, *arguments: object, chosen: tuple[str, ...] = ()) -> list[Case]:
    """Return every way to run a workload, this project's first."""
    serving = [module for module in modules(chosen) if hasattr(module, workload)]
    return [case for module in serving for case in getattr(module, workload)(*arguments)]
