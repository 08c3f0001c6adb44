"""The functions of a task: a user's own, checked, compiled, and reached through one C signature.

    int64 function(int64 trial, uint64 word, uint64 number, double t, double dt, double *motors, int64 km,
                   double *state, int64 s, double *sensors, int64 m, double *score, int64 d)

``reset`` uses trial, word and number (the key), state and sensors; ``step`` everything but the trial. Both return 0 to
go on, 1 when the trial is done and RAISED where Python would have raised an exception.
"""

from __future__ import annotations

import inspect
import types as python_types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray
from numba.core import types
from numba.core.errors import NumbaError, NumbaTypeSafetyWarning
from numba.extending import intrinsic

from neurodynamics._jit import compiled, kernel
from neurodynamics._pointer import address_of
from neurodynamics.functions import _last_lines, _outcome, _read_only

GO_ON, FINISHED, RAISED = 0, 1, -1

_IN = types.Array(types.float64, 1, "C", readonly=True)
_OUT = types.Array(types.float64, 1, "C")
_KEY = types.UniTuple(types.uint64, 2)
_RESET = {"key": _KEY, "trial": types.int64, "state": _OUT, "sensors": _OUT}
_STEP = {"t": types.float64, "dt": types.float64, "motors": _IN, "state": _OUT, "sensors": _OUT, "score": _OUT}
_DOUBLES = types.CPointer(types.float64)
_SIGNATURE = types.int64(
    types.int64, types.uint64, types.uint64, types.float64, types.float64, _DOUBLES, types.int64, _DOUBLES, types.int64,
    _DOUBLES, types.int64, _DOUBLES, types.int64,
)  # fmt: skip


def takes_key(step: Callable) -> bool:
    """Whether a step function takes the key of its random numbers as a seventh argument."""
    return _binds(step, [*_STEP, "key"])


def check_arguments(role: str, function: Any) -> None:
    """Raise TypeError unless the function takes what ``reset`` or ``step`` is called with."""
    expected = list(_RESET if role == "reset" else _STEP)
    signature = f"({', '.join(expected)})" + (" -> int, and `key` after `score` if it likes" if role == "step" else "")
    if not callable(function):
        raise TypeError(f"`{role}` must be a function {signature}; got {type(function).__name__}.")
    plain = _plain(function)
    if not isinstance(plain, python_types.FunctionType):
        raise TypeError(f"`{role}` must be a plain function; got {type(function).__name__}. Wrap it in a def.")
    starred = any(p.kind == p.VAR_POSITIONAL for p in inspect.signature(plain).parameters.values())
    if starred or not (_binds(plain, expected) or (role == "step" and takes_key(plain))):
        raise TypeError(f"`{role}` must take the arguments {signature}; {plain.__name__} takes {inspect.signature(plain)}.")


def _plain(function: Any) -> Any:
    return getattr(function, "py_func", function)


def _binds(function: Any, arguments: list[str]) -> bool:
    try:
        inspect.signature(_plain(function)).bind(*arguments)
    except TypeError:
        return False
    return True


def try_out(reset: Any, step: Any, sizes: dict[str, int]) -> None:
    """Run both functions once, uncompiled, and raise where they write to the motors or leave their arrays.

    Compiled code checks no index. What else Python does not like about them is left to numba to judge.
    """
    arrays = {name: np.full(size, 0.5 if name == "motors" else 0.0) for name, size in sizes.items()}
    arrays["motors"].flags.writeable = False
    key = (np.uint64(1), np.uint64(0))
    _try_one("reset", reset, (key, 0, arrays["state"], arrays["sensors"]), arrays)
    last = (key,) if takes_key(step) else ()
    held = (arrays["motors"], arrays["state"], arrays["sensors"], arrays["score"])
    _try_one("step", step, (0.0, 0.01, *held, *last), arrays)


def _try_one(role: str, function: Any, arguments: tuple, arrays: dict[str, Any]) -> None:
    plain = _plain(function)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain(*arguments)
    except IndexError as error:
        sizes = ", ".join(f"`{name}` has {array.size}" for name, array in arrays.items())
        raise ValueError(f"`{role}` ({plain.__name__}) reaches outside its arrays: {error}; {sizes}.") from error
    except ValueError as error:
        if "read-only" in str(error):
            raise TypeError(_WRITES.format(plain.__name__)) from error
    except Exception:  # numba has the last word
        return


_WRITES = "`step` ({}) writes to `motors`, which are read-only; copy what shall change into `state`."


# Compiling -----------------------------------------------------------------------------------------------------------


def task_address(role: str, function: Any, *, check_bounds: bool = False) -> tuple[int, Any]:
    """Compile a function of a task; return its address and what must be kept for the address to stay valid."""
    if getattr(function, "is_kernel", False) and not check_bounds:  # our own tasks are kept on disk
        adaptor = _OWN[role, role == "step" and takes_key(function)](function)
    else:
        inner = _compile(role, function, check_bounds)
        adaptor = _ADAPTORS[role, role == "step" and takes_key(function)](inner)
    return address_of(adaptor, _SIGNATURE), adaptor


def _compile(role: str, function: Any, check_bounds: bool) -> Any:
    """Compile our own copy of a user's function; explain what does not compile."""
    plain = _plain(function)
    name = f"`{role}` ({plain.__name__})"
    with_key = role == "step" and takes_key(plain)
    wanted = (*(_RESET if role == "reset" else _STEP).values(), *([_KEY] if with_key else []))
    dispatcher = compiled(plain)
    if check_bounds:
        dispatcher.targetoptions["boundscheck"] = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NumbaTypeSafetyWarning)
            dispatcher.compile(wanted)
    except (NumbaError, AttributeError) as error:
        text = str(error)
        if "Cannot modify readonly array" in text or "'NoneType' object has no attribute 'args'" in text:
            raise TypeError(_WRITES.format(plain.__name__)) from error
        raise TypeError(
            f"{name} cannot be compiled by numba; it may use numbers, arrays, loops and functions of math and numpy. "
            f"numba says: {_last_lines(text)}"
        ) from error
    returned = dispatcher.overloads[wanted].signature.return_type
    if role == "step" and not isinstance(returned, (types.Integer, types.Boolean)):
        raise TypeError(f"{name} must return 0 to go on or 1 when the trial is done; it returns {returned}.")
    if role == "reset" and returned != types.none:
        raise TypeError(f"{name} must write to `state` and `sensors` and return nothing; it returns {returned}.")
    dispatcher.disable_compile()
    return dispatcher


# One adaptor a role: from the C signature to the arguments that a user writes.


@kernel
def _answer(outcome):
    if outcome != outcome:
        return RAISED
    return FINISHED if outcome != 0.0 else GO_ON


def _reset(inner: Any) -> Any:
    @compiled
    def function(trial, word, number, t, dt, motors, km, state, s, sensors, m, score, d):
        return _answer(_outcome(inner, ((word, number), trial, carray(state, s), carray(sensors, m))))

    return function


def _step(inner: Any) -> Any:
    @compiled
    def function(trial, word, number, t, dt, motors, km, state, s, sensors, m, score, d):
        held = _read_only(carray(motors, km))
        return _answer(_outcome(inner, (t, dt, held, carray(state, s), carray(sensors, m), carray(score, d))))

    return function


def _step_with_key(inner: Any) -> Any:
    @compiled
    def function(trial, word, number, t, dt, motors, km, state, s, sensors, m, score, d):
        held = _read_only(carray(motors, km))
        arguments = (t, dt, held, carray(state, s), carray(sensors, m), carray(score, d), (word, number))
        return _answer(_outcome(inner, arguments))

    return function


_ADAPTORS = {("reset", False): _reset, ("step", False): _step, ("step", True): _step_with_key}


def _own_reset(inner: Any) -> Any:
    @kernel
    def own_reset(trial, word, number, t, dt, motors, km, state, s, sensors, m, score, d):
        inner((word, number), trial, carray(state, s), carray(sensors, m))
        return GO_ON

    return own_reset


def _own_step(inner: Any) -> Any:
    @kernel
    def own_step(trial, word, number, t, dt, motors, km, state, s, sensors, m, score, d):
        done = inner(t, dt, carray(motors, km), carray(state, s), carray(sensors, m), carray(score, d))
        return FINISHED if done else GO_ON

    return own_step


def _own_step_with_key(inner: Any) -> Any:
    @kernel
    def own_step_with_key(trial, word, number, t, dt, motors, km, state, s, sensors, m, score, d):
        arrays = (carray(motors, km), carray(state, s), carray(sensors, m), carray(score, d))
        return FINISHED if inner(t, dt, arrays[0], arrays[1], arrays[2], arrays[3], (word, number)) else GO_ON

    return own_step_with_key


_OWN = {("reset", False): _own_reset, ("step", False): _own_step, ("step", True): _own_step_with_key}


@intrinsic
def call_task(typingctx: Any, f: Any, trial: Any, word: Any, number: Any, t: Any, dt: Any, motors: Any, km: Any, state: Any,
              s: Any, sensors: Any, m: Any, score: Any, d: Any) -> Any:  # fmt: skip
    """Call the task's function at address f."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = [
            context.cast(builder, value, given, wanted)
            for value, given, wanted in zip(args[1:], sig.args[1:], _SIGNATURE.args, strict=True)
        ]
        function = ir.FunctionType(ir.IntType(64), [value.type for value in values])
        return builder.call(builder.inttoptr(args[0], function.as_pointer()), values)

    return types.int64(f, trial, word, number, t, dt, motors, km, state, s, sensors, m, score, d), codegen
