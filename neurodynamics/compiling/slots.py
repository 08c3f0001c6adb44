"""Vectors of addresses and lengths, which is all that some kernels are given.

A kernel that takes plain arguments is compiled once, without numba's types of arrays, and is entered by its address.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numba.core import types

from neurodynamics.compiling.pointers import DOUBLES, INTEGERS
from neurodynamics.compiling.twins import in_kernels


def doubles(frame: Any, slot: int) -> Any:
    """Return the pointer to float64 in a slot; run uncompiled, the array."""
    return frame[slot]


def integers(frame: Any, slot: int) -> Any:
    """Return the pointer to int64 in a slot; run uncompiled, the array."""
    return frame[slot]


def integers_at(address: Any) -> Any:
    """Return an address as a pointer to integers; run uncompiled, the array."""
    return address


def slot_of(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    """Return the address in a slot of the frame, as a pointer of the type that is returned."""
    slot = context.cast(builder, args[1], sig.args[1], types.int64)
    return builder.inttoptr(builder.load(builder.gep(args[0], [slot])), context.get_value_type(sig.return_type))


@in_kernels(doubles)
def _doubles(typingctx: Any, frame: Any, slot: Any) -> Any:
    return DOUBLES(frame, slot), slot_of


@in_kernels(integers)
def _integers(typingctx: Any, frame: Any, slot: Any) -> Any:
    return INTEGERS(frame, slot), slot_of


@in_kernels(integers_at)
def _integers_at(typingctx: Any, address: Any) -> Any:
    return INTEGERS(address), _as_pointer


def _as_pointer(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.inttoptr(args[0], context.get_value_type(sig.return_type))


_word_at = ctypes.c_int64.from_address
_HEAD = object.__basicsize__  # what stands before the address of the data in an array


def place(array: np.ndarray) -> int:
    """Return the address of the first element of an array: what PyArray_DATA reads, five times faster than `.ctypes`."""
    return _word_at(id(array) + _HEAD).value


def addresses(frame: list[Any]) -> np.ndarray:
    """Return a frame for compiled drivers: numbers as they are, and the addresses of arrays, which must outlive it."""
    at, head, array = _word_at, _HEAD, np.ndarray  # as `place`, for some thirty entries of each run
    return np.array([at(id(entry) + head).value if isinstance(entry, array) else entry for entry in frame], dtype=np.int64)
