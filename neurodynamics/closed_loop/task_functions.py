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

import functools
import inspect
import types as python_types
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray
from numba.core import types
from numba.extending import intrinsic

from neurodynamics.compiling import (
    UserFunction,
    all_finite,
    compile_for,
    compiled,
    explained,
    kernel,
    note,
    outcome,
    read_only,
    refuse_global_generator,
    row,
    run_once,
    stack,
)
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
    """Run both functions once, uncompiled, and raise where they write to the motors or leave their arrays."""
    arrays = {name: np.full(size, 0.5 if name == "motors" else 0.0) for name, size in sizes.items()}
    arrays["motors"].flags.writeable = False
    given: dict[str, Any] = {"key": (np.uint64(1), np.uint64(0)), "trial": 0, "t": 0.0, "dt": 0.01} | arrays
    for role, function in (("reset", reset), ("step", step)):
        refuse_global_generator(function, role)
        answer = "0 to go on or 1 when the trial is done" if role == "step" else False
        run_once(function, role, {name: given[name] for name in _names(role, function)}, number=answer)


def _names(role: str, function: Any) -> list[str]:
    """Return the arguments that a function takes."""
    return list(_RESET) if role == "reset" else [*_STEP, *(["key"] if takes_key(function) else [])]


# Compiling -----------------------------------------------------------------------------------------------------------


class TaskFunction(UserFunction):
    """A function of a task: ``reset`` or ``step``."""

    signature = _SIGNATURE

    @staticmethod
    def _is_users(source: Any) -> bool:
        return not getattr(source, "is_kernel", False)

    def _builder(self) -> Callable[[int], Any]:
        return functools.partial(_build, self.role, self.source)

    def failure(self, sizes: dict[str, int], dt: float) -> tuple[Exception | None, Exception | None, int, float] | None:
        """Return what the first call that failed raises, explained and as it was, the job, and the time, or None."""
        found = self._code.failed_call() if self.of_user and "_code" in self.__dict__ else None
        if found is None or "y" not in found:
            return None
        ends = np.cumsum(list(sizes.values()))
        arrays = dict(zip(sizes, np.split(found["y"], ends[:-1]), strict=True))
        word = np.uint64(int(found["u"][0]) + (int(found["u"][1]) << 32))
        given = {"key": (word, np.uint64(found["params"][1])), "trial": int(found["params"][0]), "t": found["t"], "dt": dt}
        plain = _plain(self.source)
        try:
            with np.errstate(all="ignore"):
                plain(*({**given, **arrays}[name] for name in _names(self.role, plain)))
        except Exception as error:
            return explained(error, plain, self.name, arrays), error, found["event"], found["t"]
        return None, None, found["event"], found["t"]


def _build(role: str, function: Any, record: int) -> Any:
    """Compile a function of a task for all bodies of a block."""
    which = (role, role == "step" and takes_key(function))
    if getattr(function, "is_kernel", False) and which in _APPLY_OWN:  # ours are kept on disk
        return _for_all(kernel, role, _APPLY_OWN[which](function), 0)
    return _for_all(compiled, role, _APPLY[which](_compile(role, function)), record)


def _compile(role: str, function: Any) -> Any:
    """Compile our own copy of a user's function; explain what does not compile."""
    plain = _plain(function)
    name = f"`{role}` ({plain.__name__})"
    dispatcher, returned = compile_for(role, plain, tuple({**_RESET, **_STEP}[each] for each in _names(role, plain)))
    if role == "step" and not isinstance(returned, (types.Integer, types.Boolean)):
        raise TypeError(f"{name} must return 0 to go on or 1 when the trial is done; it returns {returned}.")
    if role == "reset" and returned != types.none:
        raise TypeError(f"{name} must write to `state` and `sensors` and return nothing; it returns {returned}.")
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


@kernel
def _note(record, job, t, row_of_body, size, word, first, second):
    """Keep what the function was called with where it raised."""
    halves, numbers = stack(2), stack(2)
    halves[0], halves[1] = float(word & np.uint64(0xFFFFFFFF)), float(word >> np.uint64(32))
    numbers[0], numbers[1] = float(first), float(second)
    note(record, job, t, row_of_body, size, halves, 2, numbers, 2, 0)


def _for_all(decorate: Any, role: str, apply: Any, record: int) -> Any:
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
                if record != 0 and flags[i] == RAISED:
                    _note(np.int64(record), jobs[i], 0.0, motors, km + s + m + d, words[i], done[i], 0)

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
                    if record != 0 and flags[i] == RAISED:
                        _note(np.int64(record), jobs[i], k * period, motors, km + s + m + d, words[i], 0, k + 1)
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
