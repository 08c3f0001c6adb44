"""What tells one evolution from another: words and digests of genotype, first population and task, kept in its file."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ctrnn import Genotype
from neurodynamics import Signal

PROBES = np.geomspace(1e-3, 1e3, 61)  # times at which signals are compared


def describe_genotype(genotype: Genotype) -> str:
    """Return the number of genes, and a digest of what they become."""
    names, low, high = genotype.names, genotype.low, genotype.high
    corners = [genotype.decode(np.full(len(names), x)).tolist() for x in (-1.0, 0.5, 1.0)]
    return f"{len(names)} genes, {_digest([names, low.tolist(), high.tolist(), corners, repr(genotype.template)])}"


def describe_initial(initial: Any) -> str:
    """Return what tells a first population from another."""
    if initial is None or isinstance(initial, str):
        return initial or "uniform"
    rows = np.atleast_2d(np.asarray(initial, dtype=float))
    return f"{len(rows)} rows, {_digest(rows.tolist())}"


def describe_task(task: Any) -> str:
    """Return the name of a task with its values: numbers, words and arrays, and the code of its functions."""
    name = getattr(task, "__qualname__", type(task).__qualname__)
    return f"{name}, {_digest([_plain(value) for value in sorted(_values(task).items(), key=lambda pair: pair[0])])}"


def _values(task: Any) -> dict[str, Any]:
    found = {key: value for key, value in getattr(task, "__dict__", {}).items() if not key.startswith("_")}
    return found if found and not isinstance(task, functools.partial) else {"code": task}


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return [[_plain(part) for part in pair] for pair in value.items()]
    if isinstance(value, functools.partial):
        return [_plain(part) for part in (value.func, value.args, value.keywords)]
    if isinstance(value, Signal):
        return [value.breakpoints.tolist(), np.asarray(value(PROBES)).tolist()]
    if isinstance(value, type):
        return value.__qualname__
    if inspect.ismethod(value):
        return [_plain(value.__func__), _plain(_values(value.__self__))]
    code = getattr(value, "__code__", getattr(getattr(value, "py_func", None), "__code__", None))
    if code is not None:
        return [code.co_name, code.co_code.hex(), repr([each for each in code.co_consts if not hasattr(each, "co_code")])]
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(type(value))


def _digest(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:12]
