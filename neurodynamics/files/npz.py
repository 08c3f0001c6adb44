"""Files with a JSON header and arrays, in numpy's `.npz` format: replaced as a whole, read without pickle."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import math
import os
import platform
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from neurodynamics.files.atomic import replacing
from neurodynamics.validation import as_path

FORMAT = "neural-attractors"
FORMAT_VERSION = 1
_HEADER, _MEMBERS = "header", "members"


def write(path: str | os.PathLike, kind: str, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a header of what JSON can hold, and arrays of numbers.

    Parameters
    ----------
    path : str or path
        Taken as it is; no suffix is added.
    kind : str
        What the file holds, e.g. "network"; :func:`read` asks for it.
    header : mapping
    arrays : mapping of str to array
    """
    as_path(path)
    arrays = {name: _plain(name, array) for name, array in arrays.items()}
    own = {"format": FORMAT, "format_version": FORMAT_VERSION, "kind": kind, "versions": versions(),
           _MEMBERS: {name: _described(array) for name, array in arrays.items()}}  # fmt: skip
    content: dict[str, Any] = {_HEADER: np.array(json.dumps({**own, **header})), **arrays}
    with replacing(path) as file:
        np.savez(file, **content)


def read(path: str | os.PathLike, kind: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of a file of that kind; ValueError where it is broken or something else."""
    arrays = _arrays(path)
    header = _header(path, arrays.pop(_HEADER, None))
    if header["kind"] != kind:
        raise ValueError(f"{os.fspath(path)!r} holds a {header['kind']}, not a {kind}; use `load_{header['kind']}`.")
    members = header.pop(_MEMBERS, None)  # which releases before did not write
    if members is not None:
        _check_members(path, members, arrays)
    return header, arrays


def _described(array: np.ndarray) -> list[Any]:
    """Return what JSON can hold of an array: type and shape."""
    return [array.dtype.str, list(array.shape)]


def _check_members(path: str | os.PathLike, members: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError where arrays were taken out, put in, or replaced by some of another type or shape."""
    there = {name: _described(array) for name, array in arrays.items()}
    members = members if isinstance(members, dict) else {}
    for name in sorted(there.keys() | members.keys()):
        if there.get(name) != members.get(name):
            is_now = "{} of shape {}".format(*there[name]) if name in there else "missing"
            raise ValueError(f"{os.fspath(path)!r} is damaged: `{name}` is {is_now}, and not what its header says.")


def kind_of(path: str | os.PathLike) -> str:
    """Return what a file holds; ValueError where it is broken or something else."""
    return str(_header(path, _arrays(path, only=_HEADER).get(_HEADER))["kind"])


def _arrays(path: str | os.PathLike, only: str = "") -> dict[str, np.ndarray]:
    name = repr(as_path(path))
    with open(path, "rb") as file:
        if file.read(2) != b"PK":
            raise ValueError(f"{name} is not an .npz file.")
        try:
            size = file.seek(0, os.SEEK_END)
            with zipfile.ZipFile(file) as archive:
                members = [member for member in archive.infolist() if member.filename in (f"{only}.npy", only) or not only]
                _check_sizes(members, size)
                return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
        except Exception as error:  # zipfile, zlib, tokenize and numpy raise what they like at what is none of theirs
            raise ValueError(f"{name} is damaged: {error or type(error).__name__}.") from error


def _check_sizes(members: list[zipfile.ZipInfo], size: int) -> None:
    """Raise where the arrays together would be larger than the file: it was not written here, or is meant to harm."""
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("its arrays are compressed, which those of this project are not")
    if sum(member.file_size for member in members) > size or len({member.filename for member in members}) < len(members):
        raise ValueError("its arrays are larger than the file")


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Return an array after a look at what its header says of type and size."""
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
        if read_header is None:
            raise ValueError(f"`{member.filename}` has an unknown format")
        shape, fortran, dtype = read_header(stream)
        if dtype.kind not in "biufU" or dtype.hasobject:
            raise ValueError(f"`{member.filename}` holds {dtype}, neither numbers nor text")
        content = stream.read()
    if math.prod(shape) * dtype.itemsize != len(content) or any(length < 0 for length in shape):
        raise ValueError(f"`{member.filename}` does not have the size of its shape {shape}")
    if dtype.itemsize == 0:
        return np.zeros(shape, dtype)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C").copy(order="K")


def _header(path: str | os.PathLike, array: np.ndarray | None) -> dict[str, Any]:
    name = repr(os.fspath(path))
    header: Any = None
    if array is not None and array.dtype.kind == "U" and array.ndim == 0:
        with contextlib.suppress(ValueError, RecursionError):
            header = json.loads(str(array))
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"{name} is an .npz file, but not one that this project has written.")
    if header.get("format_version") != FORMAT_VERSION:
        raise ValueError(
            f"{name} has version {header.get('format_version')} of the format, and this release reads {FORMAT_VERSION}; "
            f"it was written by {header.get('versions')}."
        )
    return {"kind": None} | header


def _plain(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "biufU":
        raise TypeError(f"`{name}` must be an array of numbers or text to be written; got {array.dtype}.")
    return array


def versions() -> dict[str, str]:
    """Return the versions of what a result depends on."""
    found = {"python": platform.python_version()}
    for name in (FORMAT, "numpy", "scipy", "numba"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
