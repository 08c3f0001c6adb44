"""Recalls in files: `.npz`, written as a whole or not at all, read without pickle."""

from __future__ import annotations

import os
from typing import Any

from hopfield.recall import Recall, Trace
from neurodynamics import _npz

_ALWAYS = ("states", "status", "periods", "sweeps", "flips")
_PERHAPS = ("energies", "max_energy_rise", "overlaps", "times", "residuals")
_TRACE = ("states", "energies", "overlaps")


def save_recall(recall: Recall, path: str | os.PathLike) -> None:
    """Write a recall to an ``.npz`` file; :func:`load_recall` reads it.

    Parameters
    ----------
    recall : Recall
    path : str or path
        Taken as it is. A file of that name is replaced as a whole, or not at all.
    """
    arrays = {name: getattr(recall, name) for name in (*_ALWAYS, *_PERHAPS)}
    if recall.trace is not None:
        arrays |= {f"trace.{name}": getattr(recall.trace, name) for name in _TRACE}
    _npz.write(path, "recall", {"layers": recall.layers}, {k: v for k, v in arrays.items() if v is not None})


def load_recall(path: str | os.PathLike) -> Recall:
    """Return the recall in a file that :func:`save_recall` has written.

    Parameters
    ----------
    path : str or path
    """
    header, arrays = _npz.read(path, "recall")
    parts: dict[str, Any] = {name: arrays.get(name) for name in (*_ALWAYS, *_PERHAPS)}
    moments: dict[str, Any] = {name: arrays.get(f"trace.{name}") for name in _TRACE}
    trace = None if moments["states"] is None else Trace(**moments)
    layers = None if header["layers"] is None else tuple(header["layers"])
    return Recall(**parts, trace=trace, layers=layers)
