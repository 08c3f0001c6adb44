"""What a report of a bug should say of the machine: ``python -m neurodynamics --info``."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import sys
from pathlib import Path

import numba
import numpy as np

from neurodynamics.compiling import as_workers, cache_folders, host_processor

NAME = "neural-attractors"
NEEDED = ("numpy", "scipy", "numba", "llvmlite", "matplotlib")
THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def report() -> dict[str, str]:
    """Return what is installed, where machine code is kept, and what runs it, as words by subject."""
    rows = {NAME: _version(NAME), "Python": f"{platform.python_version()}, {sys.implementation.name}, {sys.executable}"}
    rows |= {name: _version(name) for name in NEEDED}
    extras = (f"{name} {_version(name)}" for name in optional_packages())
    rows["extras"] = ", ".join(each for each in extras if not each.endswith("not installed")) or "none"
    folders = cache_folders()
    kept = {folder: sum(1 for _ in folder.glob("*.nbc")) for folder in folders}
    where = os.path.commonpath([*kept]) if kept else "no folder can be written: every process compiles"
    rows["machine code"] = f"{sum(kept.values())} files in {len(kept)} folders under {where}"
    rows["threads"] = f"{as_workers(None)} by default, {os.cpu_count()} processors, numba {numba.config.NUMBA_NUM_THREADS}"  # type: ignore[attr-defined]
    rows["BLAS"] = _blas()
    rows["environment"] = ", ".join(f"{name}={os.environ[name]}" for name in sorted(_settings())) or "no settings"
    rows["processor"] = f"{host_processor()}, {platform.machine()}"
    rows["system"] = platform.platform()
    return rows


def optional_packages() -> list[str]:
    """Return the names of the packages in the extras for users: those of development aside."""
    try:
        lines = importlib.metadata.requires(NAME) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = (re.match(r"([\w.-]+).*extra == ['\"](.*)['\"]", line) for line in lines)
    return sorted({match[1] for match in found if match and match[2] not in ("test", "bench-fortran", "docs")})


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _blas() -> str:
    """Return the BLAS of numpy with its threads, which threadpoolctl counts where it is there."""
    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[call-overload]
    text = f"{built.get('name', 'unknown')} {built.get('version', '')}".strip()
    if importlib.util.find_spec("threadpoolctl") is None:
        return text
    import threadpoolctl

    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    return ", ".join([text, *(f"{Path(pool['filepath']).name}: {pool['num_threads']} threads" for pool in pools)])


def _settings() -> set[str]:
    """Return the variables of the environment that change what is compiled or how many threads run."""
    return {name for name in os.environ if name.startswith("NUMBA_") or name in THREADS}
