"""Checks at the boundary: what is wrong with which entry of which argument, and what would be right."""

from __future__ import annotations

import contextlib
import difflib
import math
import operator
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[Any]  # of float64
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 2.0**40  # bytes
COPIES = 4  # of the largest array, at the least, while something is computed with it
QUICK = 2000  # numbers: up to here one call of BLAS is quicker than two of numpy


def as_floats(value: ArrayLike, name: str) -> Floats:
    """Return a new contiguous float64 array of finite numbers."""
    return require_finite(as_real(value, name), name)


def as_real(value: ArrayLike, name: str) -> Floats:
    """Return a new contiguous float64 array of numbers, which may be NaN or infinite."""
    if type(value) is np.ndarray and value.dtype == np.float64:
        return value.copy(order="C")
    _refuse_relatives(value, name)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise ValueError(f"`{name}` must be a rectangular array of numbers; got rows of different lengths.") from error
    if array.dtype.kind == "c":
        raise TypeError(f"`{name}` must be real; got complex numbers.")
    words = array.dtype.kind == "O" and any(item is None or isinstance(item, (str, bytes)) for item in array.flat)
    if words or array.dtype.kind not in "biufO":
        raise TypeError(f"`{name}` must hold real numbers; got {_short(value)}.")
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, which is refused
            return np.array(array, dtype=np.float64, order="C", copy=True)
    except OverflowError as error:
        raise ValueError(f"`{name}` must be finite in double precision; got {_short(value)}.") from error
    except (TypeError, ValueError) as error:
        raise TypeError(f"`{name}` must hold real numbers; got {_short(value)}.") from error


def is_masked(value: Any) -> bool:
    """Say whether this is a masked array, without importing what there is of them: that takes a third of our own import."""
    return "numpy.ma" in sys.modules and isinstance(value, np.ma.MaskedArray)


def _refuse_relatives(value: Any, name: str) -> None:
    """Raise for what looks like an array, and of which numpy would take the wrong part."""
    if is_masked(value):
        if np.ma.getmaskarray(value).any():
            raise ValueError(f"`{name}` must hold numbers only; some entries are masked. Fill them, `{name}.filled(0)`.")
    elif hasattr(value, "toarray"):  # a sparse matrix
        raise TypeError(f"`{name}` must be a full array; got a {type(value).__name__}. Pass `{name}.toarray()`.")
    elif hasattr(value, "iloc") and hasattr(value, "columns"):  # a table of pandas
        rows, columns = list(value.index), list(value.columns)
        if rows != columns and len(rows) == len(columns) and set(rows) == set(columns):
            raise ValueError(
                f"`{name}` has the same names on rows and columns in different orders. Pass `{name}.loc[{name}.columns]`, "
                f"or `{name}.to_numpy()` to take it as it stands."
            )
    elif hasattr(value, "nodes") and hasattr(value, "edges"):  # a graph
        raise TypeError(
            f"`{name}` must be an array; got a {type(value).__name__}. Pass `networkx.to_numpy_array(graph).T`: entry "
            "[i, j] is the connection from j to i."
        )


def as_generator(rng: Any, name: str = "rng") -> np.random.Generator:
    """Return a generator for a seed, or the generator itself."""
    numbers = (int, np.integer, np.random.Generator, np.random.BitGenerator, np.random.SeedSequence, list, tuple, np.ndarray)
    if rng is not None and (not isinstance(rng, numbers) or isinstance(rng, bool)):
        raise TypeError(f"`{name}` must be a seed (a whole number) or a numpy Generator; got {_short(rng)}.")
    if isinstance(rng, (list, tuple, np.ndarray)) and not all(isinstance(part, (int, np.integer)) for part in rng):
        raise TypeError(f"`{name}` must be a seed of whole numbers; got {_short(rng)}.")
    try:
        return np.random.default_rng(rng)
    except (ValueError, TypeError) as error:
        raise ValueError(f"`{name}` must be a seed of at least 0; got {_short(rng)}.") from error


def as_path(path: Any, name: str = "path") -> str:
    """Return a path as text."""
    if not isinstance(path, (str, os.PathLike)) or not str(path):
        raise TypeError(f"`{name}` must be the name of a file or a path; got {_short(path)}.")
    return os.fspath(path)


def as_size(value: Any, name: str, *, minimum: int = 0) -> int:
    """Return the length of a vector, one that fits into this machine."""
    size = as_count(value, name, minimum=minimum)
    require_room(size, name)
    return size


def require_room(numbers: float, name: str) -> None:
    """Raise where arrays of so many numbers would not fit into this machine."""
    if numbers > MEMORY / 8 / COPIES:
        size = f"{8e-9 * numbers:.3g} GB" if numbers < 1e300 else "more numbers than there are atoms"
        raise ValueError(f"`{name}` makes arrays of {size}, too much for the memory of this machine.")


def require_finite(array: Floats, name: str) -> Floats:
    """Raise where an entry is NaN or infinite."""
    if array.size < QUICK and math.isfinite(np.vdot(array, array)):  # else a square may have overflowed: look again
        return array
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"`{entry(name, index)}` must be finite; got {array[index]}.")
    return array


def entry(name: str, index: tuple[int, ...]) -> str:
    """Return ``name[i, j]``, or the bare name of a number."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def as_vector(value: ArrayLike, name: str, length: int, length_name: str) -> Floats:
    """Return a float64 vector of the given length; a single number is repeated."""
    array = as_floats(value, name)
    if array.ndim == 0:
        return np.full(length, float(array))
    if array.shape != (length,):
        raise ValueError(f"`{name}` must be a number or have shape ({length_name},) = ({length},); got {array.shape}.")
    return array


def as_rows(value: ArrayLike, name: str, length: int) -> Floats:
    """Return a float64 vector of the given length, or an array with such rows."""
    array = as_floats(value, name)
    if array.ndim not in (1, 2) or array.shape[-1] != length:
        raise ValueError(f"`{name}` must have shape ({length},) or (K, {length}); got {array.shape}.")
    return array


def require_positive(array: Floats, name: str) -> Floats:
    """Raise where an entry is not positive."""
    if not (array > 0).all():
        index = tuple(int(i) for i in np.argwhere(~(array > 0))[0])
        raise ValueError(f"`{entry(name, index)}` must be positive; got {array[index]}.")
    return array


def as_number(value: Any, name: str, *, positive: bool = False, minimum: float | None = None) -> float:
    """Return a finite float, positive or at least ``minimum`` where that is asked."""
    plain = type(value) is float or type(value) is int
    if not plain and (isinstance(value, _NO_NUMBERS) or dimensions(value) != 0):
        raise TypeError(f"`{name}` must be a number; got {_short(value)}.")
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError(f"`{name}` must be finite in double precision; got {_short(value)}.") from error
    except (TypeError, ValueError) as error:
        raise TypeError(f"`{name}` must be a number; got {_short(value)}.") from error
    if not math.isfinite(number):
        raise ValueError(f"`{name}` must be finite; got {number}.")
    if positive and number <= 0:
        raise ValueError(f"`{name}` must be positive; got {number:g}.")
    if minimum is not None and number < minimum:
        raise ValueError(f"`{name}` must be at least {minimum:g}; got {number:g}.")
    return number


_NO_NUMBERS = (bool, np.bool_, str, bytes, complex, np.complexfloating, list, tuple, np.datetime64)


def dimensions(value: Any) -> int:
    """Return how many axes a value has as an array, 0 for a number, -1 for what is none, such as rows of unequal lengths."""
    try:
        return np.ndim(value)
    except (ValueError, TypeError):
        return -1


def as_whole(value: Any, name: str) -> int:
    """Return an int, of either sign."""
    if isinstance(value, bool):
        raise TypeError(f"`{name}` must be an integer; got {value}.")
    try:
        return operator.index(value)
    except TypeError as error:
        raise TypeError(f"`{name}` must be an integer; got {_short(value)}.") from error


def as_count(value: Any, name: str, *, minimum: int = 0) -> int:
    """Return an int of at least ``minimum``."""
    number = as_whole(value, name)
    if number < minimum:
        raise ValueError(f"`{name}` must be at least {minimum}; got {number}.")
    return number


def as_number_of(value: Any, name: str, count: int, noun: str) -> int:
    """Return the number of one of ``count`` things that are counted from 0."""
    number = as_count(value, name)
    if number >= count:
        raise ValueError(f"`{name}` must be the number of a {noun}, below {count}; got {number}.")
    return number


def as_choice(value: Any, name: str, choices: Iterable[str]) -> str:
    """Return a string that is one of the choices; otherwise raise, with the nearest ones."""
    options = choices if isinstance(choices, (tuple, list, dict)) else [*choices]
    if isinstance(value, str) and value in options:
        return value
    options = [*options]
    wanted = ", ".join(map(repr, options))
    raise ValueError(f"`{name}` must be one of {wanted}; got {_short(value)}.{nearest(value, options)}")


def as_instance(value: Any, name: str, kind: type | tuple[type, ...]) -> Any:
    """Return a value that is of a class, or of one of some."""
    if not isinstance(value, kind):
        wanted = " or ".join(each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,)))
        raise TypeError(f"`{name}` must be of type {wanted}; got {_short(value)}.")
    return value


def as_items(value: Any, name: str) -> list[Any]:
    """Return what a list, a tuple, a range or an array of one axis holds."""
    if isinstance(value, np.ndarray) and value.ndim == 1 and not isinstance(value, np.ma.MaskedArray):
        return value.tolist()
    if not isinstance(value, (list, tuple, range)):
        raise TypeError(f"`{name}` must be a list or another sequence; got {_short(value)}.")
    return list(value)


def as_mapping(value: Any, name: str) -> dict[Any, Any]:
    """Return what a mapping, such as a dict, holds."""
    if not isinstance(value, Mapping):
        raise TypeError(f"`{name}` must be a dict; got {_short(value)}.")
    return dict(value)


def as_flag(value: Any, name: str) -> bool:
    """Return True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"`{name}` must be True or False; got {_short(value)}.")
    return bool(value)


@contextlib.contextmanager
def called(theirs: str, ours: str) -> Iterator[None]:
    """Let errors that name an argument by the word of an inner function name it by ours."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(str(error).replace(f"`{theirs}", f"`{ours}", 1)) from error


def as_auto(value: Any, name: str) -> bool | str:
    """Return True, False or "auto"."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, str) and value == "auto":
        return value
    raise ValueError(f"`{name}` must be 'auto', True or False; got {_short(value)}.")


def nearest(value: Any, options: Iterable[str]) -> str:
    """Return ``" Did you mean ..?"`` with the options that look like the value, or nothing."""
    by_lower = {option.lower(): option for option in options}
    close = difflib.get_close_matches(_short(value).lower().strip("'"), list(by_lower), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(by_lower[c]) for c in close)}?" if close else ""


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # an object's own repr, or an integer of thousands of digits
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
