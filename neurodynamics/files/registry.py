"""Saving and loading: each kind of object says once how it is written, and how it is read."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

from neurodynamics.files.npz import kind_of

WRITERS: dict[type, Callable[[Any, Any], None]] = {}
READERS: dict[str, Callable[..., Any]] = {}
PACKAGES = {"memory": "hopfield", "recall": "hopfield", "run": "neuroevolution"}  # imported before a kind is read


def writes(cls: type) -> Callable[[Callable], Callable]:
    """Register a function ``(thing, path)`` that writes objects of a class and its subclasses."""

    def register(function: Callable) -> Callable:
        WRITERS[cls] = function
        return function

    return register


def reads(kind: str) -> Callable[[Callable], Callable]:
    """Register a function ``(path, **arguments)`` that reads files of a kind."""

    def register(function: Callable) -> Callable:
        READERS[kind] = function
        return function

    return register


class Saved:
    """An object that can be written to a file."""

    def save(self, path: str | os.PathLike) -> None:
        """Write it to an ``.npz`` file, as a whole or not at all; :func:`neurodynamics.load` reads it.

        Parameters
        ----------
        path : str or path
            Taken as it is. A file of that name is replaced.
        """
        next(WRITERS[cls] for cls in type(self).__mro__ if cls in WRITERS)(self, path)


def load(path: str | os.PathLike, **arguments: Any) -> Any:
    """Return what a file holds: a network, a solution, an ensemble, a memory of two-valued units or its recall, a run.

    Parameters
    ----------
    path : str or path
    **arguments
        ``system`` and ``activation``, see :func:`load_solution` and :func:`load_network`; ``genotype`` of a run of `evolve`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from ctrnn import CTRNN, load
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     CTRNN([[4.5]]).save(pathlib.Path(folder, "it.npz"))
    ...     type(load(pathlib.Path(folder, "it.npz"))).__name__
    'CTRNN'
    """
    kind = kind_of(path)
    if kind not in READERS and kind in PACKAGES:
        importlib.import_module(PACKAGES[kind])
    if kind not in READERS:
        raise ValueError(f"{os.fspath(path)!r} holds a {kind}, which this release does not know.")
    return READERS[kind](path, **arguments)
