"""The functions of a task: a user's own, checked, compiled, and reached through one C signature for both.

    void function(int64 count, int64 *jobs, int64 *done, uint64 *words, double period, double *bodies,
                  int64 km, int64 s, int64 m, int64 d, int64 *flags)

for `count` bodies at once, so that nothing but the user's own statements is done for each. Row i of `bodies` holds its
motors (km numbers), state (s), sensors (m) and score (d); ``words[i]`` is what its random numbers come from. Bodies
whose ``jobs[i]`` is negative are left alone. ``step`` takes step number ``done[i]``, of length `period`; ``reset``
begins trial number ``done[i]``. Each writes ``flags[i]``: GO_ON, FINISHED, NON_FINITE where the motors are, or RAISED
where Python would have raised an exception.
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

from neurodynamics.compiling import address_of, all_finite, compiled, kernel, last_lines, outcome, read_only, row
from neurodynamics.methods import NON_FINITE

GO_ON, FINISHED, RAISED = 0, 1, -1

_IN = types.Array(types.float64, 1, "C", readonly=True)
_OUT = types.Array(types.float64, 1, "C")
_KEY = types.UniTuple(types.uint64, 2)
_RESET = {"key": _KEY, "trial": types.int64, "state": _OUT, "sensors": _OUT}
_STEP = {"t": types.float64, "dt": types.float64, "motors": _IN, "state": _OUT, "sensors": _OUT, "score": _OUT}
_DOUBLES, _WHOLE, _WORDS = (types.CPointer(t) for t in (types.float64, types.int64, types.uint64))
_SIGNATURE = types.void(
    types.int64, _WHOLE, _WHOLE, _WORDS, types.float64, _DOUBLES, types.int64, types.int64, types.int64, types.int64, _WHOLE
)


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
    which = (role, role == "step" and takes_key(function))
    if getattr(function, "is_kernel", False) and not check_bounds and which in _APPLY_OWN:  # ours are kept on disk
        adaptor = _for_all(kernel, role, _APPLY_OWN[which](function))
    else:
        adaptor = _for_all(compiled, role, _APPLY[which](_compile(role, function, check_bounds)))
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
            f"numba says: {last_lines(text)}"
        ) from error
    returned = dispatcher.overloads[wanted].signature.return_type
    if role == "step" and not isinstance(returned, (types.Integer, types.Boolean)):
        raise TypeError(f"{name} must return 0 to go on or 1 when the trial is done; it returns {returned}.")
    if role == "reset" and returned != types.none:
        raise TypeError(f"{name} must write to `state` and `sensors` and return nothing; it returns {returned}.")
    dispatcher.disable_compile()
    return dispatcher


# Adaptors: from the C signature to the arguments that a user writes. `apply(arrays, key, ..)` calls the user's function.


@kernel
def _answer(outcome):
    if outcome != outcome:
        return RAISED
    return FINISHED if outcome != 0.0 else GO_ON


def _apply_reset(inner: Any) -> Any:
    @compiled
    def apply(t, dt, trial, key, motors, state, sensors, score):
        return _answer(outcome(inner, (key, trial, state, sensors)))

    return apply


def _apply_step(inner: Any) -> Any:
    @compiled
    def apply(t, dt, trial, key, motors, state, sensors, score):
        return _answer(outcome(inner, (t, dt, read_only(motors), state, sensors, score)))

    return apply


def _apply_step_with_key(inner: Any) -> Any:
    @compiled
    def apply(t, dt, trial, key, motors, state, sensors, score):
        return _answer(outcome(inner, (t, dt, read_only(motors), state, sensors, score, key)))

    return apply


_APPLY = {("reset", False): _apply_reset, ("step", False): _apply_step, ("step", True): _apply_step_with_key}


def _apply_own_reset(inner: Any) -> Any:
    @kernel
    def apply_own_reset(t, dt, trial, key, motors, state, sensors, score):
        inner(key, trial, state, sensors)
        return GO_ON

    return apply_own_reset


def _apply_own_step(inner: Any) -> Any:
    @kernel
    def apply_own_step(t, dt, trial, key, motors, state, sensors, score):
        return FINISHED if inner(t, dt, motors, state, sensors, score) else GO_ON

    return apply_own_step


_APPLY_OWN = {("reset", False): _apply_own_reset, ("step", False): _apply_own_step}


def _for_all(decorate: Any, role: str, apply: Any) -> Any:
    """Return the C function that applies a role to all bodies; `decorate` compiles it."""

    def reset_all(count, jobs, done, words, period, bodies, km, s, m, d, flags):
        for i in range(count):
            if jobs[i] >= 0:
                motors = row(bodies, i, km + s + m + d)
                state, sensors = row(motors, 1, km), row(motors, 1, km + s)
                score = row(motors, 1, km + s + m)
                for j in range(s + m + d):
                    state[j] = 0.0
                key = (words[i], np.uint64(0))
                flags[i] = apply(0.0, period, done[i], key, carray(motors, (km,)), carray(state, (s,)),
                                 carray(sensors, (m,)), carray(score, (d,)))  # fmt: skip

    def step_all(count, jobs, done, words, period, bodies, km, s, m, d, flags):
        for i in range(count):
            if jobs[i] >= 0:
                motors = row(bodies, i, km + s + m + d)
                state, sensors = row(motors, 1, km), row(motors, 1, km + s)
                score = row(motors, 1, km + s + m)
                if all_finite(motors, km):
                    k = done[i]
                    key = (words[i], np.uint64(k + 1))
                    flags[i] = apply(k * period, period, 0, key, carray(motors, (km,)), carray(state, (s,)),
                                     carray(sensors, (m,)), carray(score, (d,)))  # fmt: skip
                else:
                    flags[i] = NON_FINITE

    return decorate(reset_all if role == "reset" else step_all)


@intrinsic
def call_task(typingctx: Any, f: Any, count: Any, jobs: Any, done: Any, words: Any, period: Any, bodies: Any, km: Any,
              s: Any, m: Any, d: Any, flags: Any) -> Any:  # fmt: skip
    """Call the task's function at address f."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = [
            context.cast(builder, value, given, wanted)
            for value, given, wanted in zip(args[1:], sig.args[1:], _SIGNATURE.args, strict=True)
        ]
        function = ir.FunctionType(ir.VoidType(), [value.type for value in values])
        builder.call(builder.inttoptr(args[0], function.as_pointer()), values)
        return context.get_dummy_value()

    return types.void(f, count, jobs, done, words, period, bodies, km, s, m, d, flags), codegen
