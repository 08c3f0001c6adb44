"""Packages that a user may have or not: imported where they are needed, and where they are missing, named."""

from __future__ import annotations

import importlib
from typing import Any


def extra_package(module: str, extra: str, who: str) -> Any:
    """Return a module of an optional package, or raise with the line that installs it.

    Parameters
    ----------
    module : str
        What to import, such as ``"tqdm"``.
    extra : str
        Of this project, in which it is.
    who : str
        What needs it and how that is called, the beginning of a sentence: ``"`progress=True` needs tqdm"``.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f'{who}: pip install "neural-attractors[{extra}]"') from error
