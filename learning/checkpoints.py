"""The file of a run of training, and the mark by which its system is known again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

from neurodynamics.files import digest_of, npz
from neurodynamics.validation import Floats, as_path
from neurodynamics.watched import shielded

SCHEMA = 2
RARELY = 1.0  # seconds between two times that the file is written


class Checkpoint:
    """A file in which a run is kept, with all that another run must share with it in order to go on from it.

    Parameters
    ----------
    path : str or path
        In a folder that is there.
    marks : dict of str to object
        What the run is of, by the names of arguments; values that JSON can hold.
    """

    def __init__(self, path: Any, marks: dict[str, Any]) -> None:
        self.path, self.marks, self._wrote = as_path(path, "checkpoint"), json.loads(json.dumps(marks)), time.perf_counter()
        folder = os.path.dirname(os.path.realpath(self.path))
        if os.path.isdir(self.path):
            raise ValueError(f"`checkpoint` must be the name of a file; {self.path!r} is a folder.")
        if not os.path.isdir(folder):
            raise ValueError(f"`checkpoint` must be in a folder that is there; {folder!r} is none.")

    def read(self) -> tuple[dict[str, Any], dict[str, Floats]] | None:
        """Return the header and the arrays, or None where there is no file yet."""
        if not os.path.exists(self.path):
            return None
        header, arrays = npz.read(self.path, "fit")
        if header.get("schema") != SCHEMA:
            raise ValueError(f"{self.path!r} has version {header.get('schema')} of fits; this release reads {SCHEMA}.")
        for name, value in self.marks.items():
            if header.get(name) != value:
                raise ValueError(f"`{name}` is not that of the run in {self.path!r}, {header.get(name)}; got {value}. Use "
                                 "another `checkpoint`.")  # fmt: skip
        return header, arrays

    def write(self, header: dict[str, Any], arrays: Mapping[str, Floats]) -> None:
        """Put a run into the file."""
        with shielded():
            npz.write(self.path, "fit", {"schema": SCHEMA, **header, **self.marks}, arrays)
        self._wrote = time.perf_counter()

    @property
    def due(self) -> bool:
        """Whether it is time to write it again."""
        return time.perf_counter() - self._wrote >= RARELY


def system_mark(system: Any) -> str:
    """Return the mark of a system: of its functions, sizes and mask, whatever its parameters."""
    roles = [role for role in ("rhs", "outputs", "events", "reset") if system.has(role)]
    sizes = (system.state_dim, system.input_dim, system.output_dim)
    parts = [type(system).__qualname__, sizes, getattr(system, "mask", None), [system.function(role) for role in roles]]
    return f"{type(system).__name__} {digest_of(parts)}"
