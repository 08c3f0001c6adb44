"""What tells one evolution from another: words and digests of genotype, first population and task, kept in its file."""

from __future__ import annotations

import functools
import hashlib
import json
import types
from typing import Any

import numpy as np

from ctrnn import Genotype
from neurodynamics.files import digest_of


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
    """Return the name of a task with a digest of its values: numbers, arrays, functions with all they refer to."""
    name = getattr(task, "__qualname__", type(task).__qualname__)
    values = {key: value for key, value in getattr(task, "__dict__", {}).items() if not key.startswith("_")}
    plain = not values or isinstance(task, (functools.partial, types.FunctionType))
    return f"{name}, {digest_of(task if plain else sorted(values.items()), private=False)}"


def _digest(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:12]
