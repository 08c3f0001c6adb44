"""Named arrays in one contiguous vector of parameters, and names for its entries."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.lazily import cached_property
from neurodynamics.unchanging import Unchanging
from neurodynamics.validation import Floats, as_floats, entry, nearest

_ENTRY = re.compile(r"^(?P<field>[^\[\]]*)\[(?P<index>[-\d,\s]+)\]$")


def by_name(params: Any) -> Any:
    """Return parameters as a dict where they come in a table of pandas or xarray with their names; others as they are.

    The columns of such a table may stand in any order, and some may be missing: taken as an array it would be misread.
    """
    if isinstance(params, (np.ndarray, Mapping, list, tuple)):
        return params
    if hasattr(params, "dims") and hasattr(params, "to_pandas") and np.ndim(params) in (1, 2):  # a DataArray
        params = params.to_pandas()
    if not hasattr(params, "iloc"):
        return params
    table = [*params.items()]
    if not table or not all(isinstance(name, str) for name, _ in table):
        return params
    named = dict(table)
    if len(named) < len(table):
        twice = next(name for i, (name, _) in enumerate(table) if name in [other for other, _ in table[:i]])
        raise ValueError(f"`params` must name each parameter once; {twice!r} is there twice.")
    return named


class ParameterLayout(Unchanging):
    """Where the entries of named arrays lie in the parameter vector.

    Matrices are packed column by column, so that a column (what leaves one neuron) is contiguous for kernels.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        The arrays in the order in which they are packed; ``()`` is a single number.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.shapes: Mapping[str, tuple[int, ...]] = types.MappingProxyType(dict(shapes))
        sizes = [math.prod(shape) for shape in self.shapes.values()]
        starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self._starts = dict(zip(self.shapes, map(int, starts[:-1]), strict=True))
        self.size = int(starts[-1])

    def __reduce__(self) -> Any:
        return ParameterLayout, (dict(self.shapes),)

    @classmethod
    def of(cls, params: Mapping[str, ArrayLike] | ArrayLike) -> tuple[ParameterLayout, Floats]:
        """Return the layout and the vector of what a user calls parameters: named arrays, or one vector."""
        params = by_name(params)
        if isinstance(params, Mapping):
            for name in params:
                if not isinstance(name, str) or "[" in name or "]" in name:
                    raise ValueError(f"names of `params` must be strings without brackets; got {name!r}.")
            arrays = {name: as_floats(value, name) for name, value in params.items()}
            layout = cls({name: array.shape for name, array in arrays.items()})
            return layout, layout.pack(arrays)
        vector = as_floats(params, "params")
        if vector.ndim != 1:
            raise ValueError(f"`params` must be a vector or a dict of named arrays; got shape {vector.shape}.")
        return cls({"params": vector.shape}), vector

    def pack(self, arrays: Mapping[str, Floats]) -> Floats:
        """Return the parameter vector, or the (B, P) matrix when arrays carry a leading axis of B members."""
        lead = [np.shape(arrays[name])[: -len(shape) or None] for name, shape in self.shapes.items()]
        batch = np.broadcast_shapes(*lead) if lead else ()
        vector = np.empty((*batch, self.size))
        for name, shape in self.shapes.items():
            part = np.broadcast_to(arrays[name], (*batch, *shape))
            vector[..., self.slice_of(name)] = np.swapaxes(part, -1, -2).reshape(*batch, -1) if len(shape) == 2 else (
                part.reshape(*batch, math.prod(shape))
            )
        return vector

    def view(self, vector: Floats, name: str) -> Any:
        """Return a view of the named array inside a vector (P,) or a matrix (B, P)."""
        shape = self.shapes[name]
        part = vector[..., self.slice_of(name)]
        if len(shape) == 2:
            return np.swapaxes(part.reshape(*vector.shape[:-1], shape[1], shape[0]), -1, -2)
        return part.reshape((*vector.shape[:-1], *shape))

    def slice_of(self, name: str) -> slice:
        """Return where the named array lies."""
        start = self._starts[name]
        return slice(start, start + math.prod(self.shapes[name]))

    @cached_property
    def names(self) -> Sequence[str]:
        """Names of all entries in order, made when they are looked at."""
        return _Names(self)

    def index(self, name: str) -> int:
        """Return the position of an entry such as ``"weights[0, 1]"`` or ``"sigma"``."""
        positions = self.positions(name)
        if positions.size != 1 or positions.ndim:
            raise ValueError(f"`{name}` names {positions.size} parameters; name one entry, e.g. {self._example(name)!r}.")
        return int(positions)

    def positions(self, name: str) -> np.ndarray:
        """Return the positions of an entry (shape ()) or of a whole named array (its shape)."""
        match = _ENTRY.match(name) if isinstance(name, str) else None
        field = match["field"] if match else name
        if not isinstance(field, str) or field not in self.shapes:
            known = ", ".join(map(repr, self.shapes))
            raise ValueError(f"unknown parameter name {_shown(name)} in `params`; the parameters are {known}."
                             + nearest(field, self.shapes))  # fmt: skip
        positions = self.view(np.arange(self.size), field)
        if not match:
            return positions
        try:
            index = tuple(int(part) for part in match["index"].split(",") if part.strip())
        except ValueError:
            index = ()
        shape = self.shapes[field]
        if len(index) != len(shape) or not all(-n <= i < n for i, n in zip(index, shape, strict=True)):
            raise ValueError(f"parameter {name!r} is outside `{field}`, which has shape {shape}.")
        return positions[index]

    def _example(self, name: str) -> str:
        shape = self.shapes[name]
        return entry(name, (0,) * len(shape))

    def name_of(self, position: int) -> str:
        """Return the name of the entry at a position."""
        for name, shape in self.shapes.items():
            offset = position - self._starts[name]
            if 0 <= offset < math.prod(shape):
                order: Any = "F" if len(shape) == 2 else "C"
                return entry(name, tuple(int(i) for i in np.unravel_index(offset, shape, order)) if shape else ())
        raise IndexError(position)


def _shown(name: Any) -> str:
    return repr(name) if isinstance(name, str) else f"of type {type(name).__name__}"


class _Names(Sequence):
    """The names of all parameters, each made on demand: a network of 1000 neurons has a million."""

    def __init__(self, layout: ParameterLayout) -> None:
        self._layout = layout

    def __len__(self) -> int:
        return self._layout.size

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self._layout.name_of(k) for k in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        return self._layout.name_of(int(i) % len(self))

    def __iter__(self) -> Iterator[str]:
        return (self._layout.name_of(k) for k in range(len(self)))

    def __repr__(self) -> str:
        shown = ", ".join(repr(name) for name in self[:3])
        return f"[{shown}{', ...' if len(self) > 3 else ''}] ({len(self)} names)"
