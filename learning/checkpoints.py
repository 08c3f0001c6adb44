"""The file of a run of training, and the marks by which a run is known again."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import json
import os
import time
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from neurodynamics.files import npz
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_path
from neurodynamics.watched import shielded

SCHEMA = 2
RARELY = 1.0  # seconds between two times that the file is written
OURS = ("neurodynamics", "ctrnn", "hopfield", "recurrent", "learning", "analysis", "neuroevolution")
PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic)


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


def mark(value: Any) -> Any:
    """Return numbers and words as they are, and of others the name, with a digest of what they are made of."""
    if isinstance(value, PLAIN):
        return value if isinstance(value, (int, float, str, type(None))) else repr(value)
    name = repr(value) if dataclasses.is_dataclass(value) else getattr(value, "__qualname__", type(value).__qualname__)
    return f"{name:.80} {_digest(_parts(value, ()))}"


def system_mark(system: Any) -> str:
    """Return the mark of a system: of its functions, sizes and mask, whatever its parameters."""
    roles = [role for role in ("rhs", "outputs", "events", "reset") if system.has(role)]
    sizes = (system.state_dim, system.input_dim, system.output_dim)
    parts = [type(system).__qualname__, sizes, getattr(system, "mask", None), [system.function(role) for role in roles]]
    return f"{type(system).__name__} {_digest(_parts(parts, ()))}"


def _digest(parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _parts(value: Any, around: tuple[Any, ...]) -> Any:
    """Return what an object is made of: values, names and code; nothing that another process would have otherwise."""
    if isinstance(value, PLAIN):
        return repr(value)
    if any(value is each for each in around):
        return "again"
    inside = functools.partial(_parts, around=(*around, value))
    if isinstance(value, np.ndarray) and value.dtype != object:
        return [value.shape, value.dtype.str, hashlib.sha256(value.tobytes()).hexdigest()]
    if isinstance(value, Mapping):
        return [[inside(key), inside(each)] for key, each in value.items()]
    if isinstance(value, (list, tuple, np.ndarray)):
        return [inside(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted(repr(inside(each)) for each in value)
    if isinstance(value, types.CodeType):
        return [value.co_code, value.co_names, list(map(inside, value.co_consts))]
    function = getattr(value, "py_func", getattr(value, "source", value))
    if function is not value:  # a kernel, or the function of a system
        return inside(function)
    if isinstance(value, types.FunctionType):
        name = value.__code__.co_qualname  # `__qualname__` of a kernel changes when it is compiled
        return [name, inside(_outside(value)), *map(inside, _code(value, around))]
    if isinstance(value, functools.partial):
        return [inside(each) for each in (value.func, value.args, value.keywords)]
    if isinstance(value, types.MethodType):
        return [inside(value.__func__), inside(value.__self__)]
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    if name is not None:  # a class, a module, or what was compiled by others
        return [getattr(value, "__module__", None), name]
    lazy = (functools.cached_property, cached_property)  # what was computed in between
    fields = {key: each for key, each in getattr(value, "__dict__", {}).items()
              if not isinstance(inspect.getattr_static(type(value), key, None), lazy)}  # fmt: skip
    return [type(value).__qualname__, inside(fields)]


def _code(function: types.FunctionType, around: tuple[Any, ...]) -> list[Any]:
    """Return the code of a user's function with the globals that it names; other functions are known by their names."""
    first = next((each for each in around if isinstance(each, types.FunctionType)), function)
    if _package(function) in OURS or _package(function) != _package(first):
        return [function.__module__]
    named = {name: function.__globals__[name] for name in function.__code__.co_names if name in function.__globals__}
    return [function.__code__, function.__defaults__, function.__kwdefaults__, named]


def _outside(function: types.FunctionType) -> dict[str, Any]:
    """Return what a function closes over."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    found = {name: cell.cell_contents for name, cell in cells}
    return {name: _name_of(each) for name, each in found.items()} if _package(function) in OURS else found


def _name_of(value: Any) -> Any:
    """Return what tells one activation, or another object that a function of this project closes over, from others."""
    if isinstance(value, (*PLAIN, types.FunctionType)) or hasattr(value, "py_func"):
        return value
    return [type(value).__qualname__, str(getattr(value, "name", ""))]


def _package(function: types.FunctionType) -> str:
    return str(function.__module__).partition(".")[0]
