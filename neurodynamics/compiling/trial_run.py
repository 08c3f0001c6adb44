"""Users' functions run uncompiled once: do they take the right arguments, stay in their arrays, and write their result?"""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from neurodynamics.compiling.captured import captures, global_generator, is_helper, plain_function, uncompiled

_LEAVES_ITS_ARRAYS = re.compile("unpack|broadcast|shape|mismatch|dimension|sequence")
_UNWRITTEN = np.array([0x7FF80000DEADBEEF], dtype=np.uint64).view(np.float64)[0]  # a NaN that no arithmetic makes anew
WRITES = "{} writes to one of its inputs; {} are read-only. Write to a copy, or to what it is to set."


class OutsideArrays(ValueError, IndexError):
    """A user's function reads or writes where its arrays have no entry."""


def name_of(function: Any) -> str:
    """Return what a function is called, or its type."""
    return getattr(function, "__name__", type(function).__name__)


def check_signature(function: Any, name: str, expected: tuple[str, ...]) -> None:
    """Raise TypeError unless the function takes arguments of that number."""
    if not callable(function):
        raise TypeError(f"`{name}` must be a function ({', '.join(expected)}); got {type(function).__name__}.")
    if getattr(function, "is_pointer_kernel", False):
        return
    plain = plain_function(function)
    try:
        signature = inspect.signature(plain)
    except ValueError:  # a builtin without a signature
        return
    starred = any(parameter.kind == parameter.VAR_POSITIONAL for parameter in signature.parameters.values())
    try:
        signature.bind(*expected)
    except TypeError:
        starred = True
    if starred:
        raise TypeError(f"`{name}` must take the arguments ({', '.join(expected)}); {name_of(plain)} takes {signature}.")


def refuse_what_cannot_be_checked(function: Any, name: str) -> None:
    """Raise where a function writes where no index is checked, or draws from a generator that it did not get.

    Threads share such a generator, and nothing can seed it.
    """
    helpers = [each.value for each in captures(function) if is_helper(each.value)]
    if any("flat" in plain_function(each).__code__.co_names for each in (function, *helpers)):
        raise TypeError(
            f"`{name}` ({name_of(plain_function(function))}) uses `.flat`, whose indices cannot be checked; use those of "
            "the array itself, or `.ravel()`."
        )
    found = global_generator(function)
    if found:
        raise ValueError(
            f"`{name}` ({name_of(plain_function(function))}) uses `{found}`, a random number generator from outside, which "
            "`rng` does not reach and which gives other numbers in each run. Use `draw_uniform(key, i)` in a task, "
            "`diffusion` for noise, or a `Sampled` input drawn before."
        )


def run_once(
    function: Callable, name: str, arguments: Mapping[str, Any], *, number: bool | str = False, partly: bool = False
) -> None:
    """Run a user's function once, uncompiled; raise where it leaves its arrays, or does not write all of ``out``.

    What else Python does not like about it is left to numba to judge.

    Parameters
    ----------
    arguments : mapping
        By name, in the order in which the function takes them; arrays that are not writeable must not be written to.
    number : bool or str
        Whether the function returns a number, and not nothing; or the words that say which.
    partly : bool
        Whether entries of ``out`` may stay as they are.
    """
    plain = plain_function(function)
    out = arguments.get("out")
    if out is not None and not partly:
        out[...] = _UNWRITTEN
    try:
        with np.errstate(all="ignore"):
            returned = uncompiled(function)(*arguments.values())
    except Exception as raised:
        error = explained(raised, plain, name, arguments)
        if error is None:  # numba has the last word
            return
        raise error from raised
    where = f"`{name}` ({name_of(plain)})"
    if number:
        if returned is None or np.ndim(returned) != 0:
            wanted = number if isinstance(number, str) else "a number"
            raise TypeError(f"{where} must return {wanted}; it returns {_short(returned)}.")
    elif returned is not None:
        raise TypeError(f"{where} must write its result to `out[:]` and return nothing; got {type(returned).__name__}.")
    if out is not None and not partly:
        _require_written(where, out)
    elif out is not None and out.ndim > 1 and not out.any():
        _require_something(where, uncompiled(function), arguments)


def _require_written(where: str, out: Any) -> None:
    """Raise where an entry still holds what it held before the call."""
    left = np.atleast_1d(out).view(np.uint64) == np.float64(_UNWRITTEN).view(np.uint64)
    if left.any():
        index = ", ".join(str(int(i)) for i in np.argwhere(left)[0])
        raise ValueError(
            f"{where} does not write `out[{index}]`: every entry must be written at every call, before it is read "
            "(`out[:] = ..`, not `out = ..`; 0 where nothing happens)."
        )


def _require_something(where: str, function: Callable, arguments: Mapping[str, Any]) -> None:
    """Raise where a Jacobian writes nothing: its zeros are then those that were there before."""
    out = arguments["out"]
    out[...] = 1.0
    function(*arguments.values())
    if out.size and (out == 1.0).all():
        raise ValueError(f"{where} writes nothing to `out`; write to its entries (`out[:] = ..`, not `out = ..`).")


def explained(error: Exception, function: Any, name: str, arguments: Mapping[str, Any]) -> Exception | None:
    """Return an error that says what a function did wrong with its arguments; None where numba may see it otherwise."""
    where = f"`{name}` ({name_of(function)})"
    arrays = {key: value for key, value in arguments.items() if isinstance(value, np.ndarray)}
    sizes = ", ".join(f"`{key}` has shape {array.shape}" for key, array in arrays.items())
    if isinstance(error, IndexError):
        return OutsideArrays(f"{where} reaches outside its arrays: {error}; {sizes}.")
    if isinstance(error, (KeyError, NameError)) and not _raised_on_purpose(error):
        return ValueError(f"{where} does not find {error}.")
    if isinstance(error, ValueError) and "read-only" in str(error):
        fixed = ", ".join(f"`{key}`" for key, array in arrays.items() if not array.flags.writeable)
        return TypeError(WRITES.format(where, fixed))
    if isinstance(error, ValueError) and _LEAVES_ITS_ARRAYS.search(str(error)):
        return ValueError(f"{where} does not fit its arrays: {error}; {sizes}.")
    return None


def _raised_on_purpose(error: Exception) -> bool:
    """Whether the function has a statement `raise` where the error comes from, and did not trip over a name or a key."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    instructions = dis.get_instructions(trace.tb_frame.f_code)
    return any(each.offset == trace.tb_lasti and each.opname == "RAISE_VARARGS" for each in instructions)


def _short(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__} of shape {np.shape(value)}"
