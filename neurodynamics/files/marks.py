"""Marks by which a function, or another object, is known again in another process: a digest of what it is made of."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from neurodynamics.lazily import cached_property

OURS = ("neurodynamics", "ctrnn", "hopfield", "recurrent", "learning", "analysis", "neuroevolution")
PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic)


def mark(value: Any) -> Any:
    """Return numbers and words as they are, and of others the name, with a digest of what they are made of."""
    if isinstance(value, PLAIN):
        return value if isinstance(value, (int, float, str, type(None))) else repr(value)
    name = repr(value) if dataclasses.is_dataclass(value) else getattr(value, "__qualname__", type(value).__qualname__)
    return f"{name:.80} {digest_of(value)}"


def digest_of(value: Any, *, private: bool = True) -> str:
    """Return twelve characters that change with the values, names and code that an object is made of.

    Without `private`, attributes of users' objects whose names begin with an underscore do not count: their own affair.
    """
    return hashlib.sha256(repr(_parts(value, (), private)).encode()).hexdigest()[:12]


def _parts(value: Any, around: tuple[Any, ...], private: bool = True) -> Any:
    """Return what an object is made of: values, names and code; nothing that another process would have otherwise."""
    if isinstance(value, PLAIN):
        return repr(value)
    if any(value is each for each in around):
        return "again"
    inside = functools.partial(_parts, around=(*around, value), private=private)
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
        # not `__qualname__`, which changes when a kernel is compiled
        return [value.__code__.co_qualname, inside(_outside(value)), *map(inside, _code(value, around))]
    if isinstance(value, functools.partial):
        return [inside(each) for each in (value.func, value.args, value.keywords)]
    if isinstance(value, types.MethodType):
        return [inside(value.__func__), inside(value.__self__)]
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    if name is not None:  # a class, a module, or what was compiled by others
        return [getattr(value, "__module__", None), name]
    private = private or type(value).__module__.partition(".")[0] in OURS
    lazy = (functools.cached_property, cached_property)  # what was computed in between
    fields = {key: each for key, each in getattr(value, "__dict__", {}).items()
              if not isinstance(inspect.getattr_static(type(value), key, None), lazy)
              and (private or not key.startswith("_"))}  # fmt: skip
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
