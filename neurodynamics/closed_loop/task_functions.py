"""The functions of a task: a user's own, checked, compiled, and reached through one C signature for both.

    void function(int64 count, int64 *jobs, int64 *done, uint64 *words, double period, double *bodies,
                  int64 km, int64 s, int64 m, int64 d, int64 p, int64 n, int64 *flags)

for `count` bodies at once, so that nothing but the user's own statements is done for each. Row i of `bodies` holds its
motors (km numbers), state (s), sensors (m), score (d), parameters (p) and the first state of its network (n);
``words[i]`` is what its random numbers come from. Bodies whose ``jobs[i]`` is negative are left alone. ``step`` takes step
number ``done[i]``, of length `period`; ``reset`` begins trial number ``done[i]``. Each writes ``flags[i]``: GO_ON, FINISHED,
NON_FINITE where the motors are, or RAISED where Python would have raised an exception.
"""

from __future__ import annotations

import functools
import inspect
import types as python_types
from collections.abc import Callable, Mapping
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
    refuse_what_cannot_be_checked,
    row,
    run_once,
    stack,
    uncompiled,
)
from neurodynamics.methods import NON_FINITE

GO_ON, FINISHED, RAISED = 0, 1, -1

_IN = types.Array(types.float64, 1, "C", readonly=True)
_OUT = types.Array(types.float64, 1, "C")
_TYPES = {
    "t": types.float64, "dt": types.float64, "trial": types.int64, "key": types.UniTuple(types.uint64, 2), "motors": _IN,
    "state": _OUT, "sensors": _OUT, "score": _OUT, "params": _IN, "y": _OUT,
}  # fmt: skip
_TAKES = {"reset": ("key", "trial", "state", "sensors"), "step": ("t", "dt", "motors", "state", "sensors", "score")}
_MAY_TAKE = {"reset": ("params", "y"), "step": ("params", "key")}
_DOUBLES, _WHOLE, _WORDS = (types.CPointer(t) for t in (types.float64, types.int64, types.uint64))
_SIGNATURE = types.void(
    types.int64, _WHOLE, _WHOLE, _WORDS, types.float64, _DOUBLES, *[types.int64] * 6, _WHOLE
)


def check_arguments(role: str, function: Any) -> None:
    """Raise TypeError unless the function takes what ``reset`` or ``step`` is called with."""
    returns = " -> int" if role == "step" else ""
    signature = f"({', '.join(_TAKES[role])}){returns}, and {' or '.join(f'`{name}`' for name in _MAY_TAKE[role])} behind"
    if not callable(function):
        raise TypeError(f"`{role}` must be a function {signature}; got {type(function).__name__}.")
    plain = _plain(function)
    if not isinstance(plain, python_types.FunctionType):
        raise TypeError(f"`{role}` must be a plain function; got {type(function).__name__}. Wrap it in a def.")
    if arguments_of(role, plain) is None:
        raise TypeError(f"`{role}` must take the arguments {signature}; {plain.__name__} takes {inspect.signature(plain)}.")


def arguments_of(role: str, function: Any) -> tuple[str, ...] | None:
    """Return the names of what a function is called with, None where it cannot be; what has a default keeps it.

    The one argument more that a ``step`` may have is its key, whatever its name is.
    """
    parameters = [*inspect.signature(_plain(function)).parameters.values()]
    first, more = parameters[: len(_TAKES[role])], parameters[len(_TAKES[role]) :]
    required = [each for each in more if each.default is each.empty or each.name in _MAY_TAKE[role]]
    names = tuple(each.name for each in required)
    if role == "step" and len(names) == 1 and names[0] not in _MAY_TAKE[role]:
        names = ("key",)
    by_place = all(each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) for each in first + required)
    fits = len(first) == len(_TAKES[role]) and more[: len(required)] == required and {*names} <= {*_MAY_TAKE[role]}
    return (*_TAKES[role], *names) if by_place and fits and len({*names}) == len(names) else None


def _plain(function: Any) -> Any:
    return getattr(function, "py_func", function)


def try_out(reset: Any, step: Any, sizes: dict[str, int], params: Any) -> None:
    """Run both functions once, uncompiled, and raise where they write to what they only read or leave their arrays."""
    arrays = {name: np.full(size, 0.5 if name == "motors" else 0.0) for name, size in sizes.items()}
    arrays["params"] = params.copy()
    for name in ("motors", "params"):
        arrays[name].flags.writeable = False
    given: dict[str, Any] = {"key": (np.uint64(1), np.uint64(0)), "trial": 0, "t": 0.0, "dt": 0.01} | arrays
    for role, function in (("reset", reset), ("step", step)):
        refuse_what_cannot_be_checked(function, role)
        names = arguments_of(role, function) or ()
        answer = "0 to go on or 1 when the trial is done" if role == "step" else False
        if "y" not in names:  # of a network that is not known yet
            run_once(function, role, {name: given[name] for name in names}, number=answer)


# Compiling -----------------------------------------------------------------------------------------------------------


class TaskFunction(UserFunction):
    """A function of a task: ``reset`` or ``step``."""

    signature = _SIGNATURE

    @staticmethod
    def _is_users(source: Any) -> bool:
        return not getattr(source, "is_kernel", False)

    def _builder(self) -> Callable[[Any, Mapping[Any, Any]], Any]:
        return functools.partial(_build, self.role, self.source)

    def failure(self, sizes: dict[str, int], dt: float) -> tuple[Exception | None, Exception | None, int, float] | None:
        """Return what the first call that failed raises, explained and as it was, the job, and the time, or None."""
        found = self._code.failed_call() if self.of_user and "_code" in self.__dict__ else None
        if found is None or "y" not in found:
            return None
        ends = np.cumsum(list(sizes.values()))
        arrays = dict(zip([*sizes, "y"], np.split(found["y"], ends), strict=True))
        word = np.uint64(int(found["u"][0]) + (int(found["u"][1]) << 32))
        given = {"key": (word, np.uint64(found["params"][1])), "trial": int(found["params"][0]), "t": found["t"], "dt": dt}
        plain = _plain(self.source)
        try:
            with np.errstate(all="ignore"):
                uncompiled(plain)(*({**given, **arrays}[name] for name in arguments_of(self.role, plain) or ()))
        except Exception as error:
            return explained(error, plain, self.name, arrays), error, found["event"], found["t"]
        return None, None, found["event"], found["t"]


def _build(role: str, function: Any, record: Any, slots: Mapping[Any, Any]) -> Any:
    """Compile a function of a task for all bodies of a block."""
    taken = _taken(arguments_of(role, function) or ())
    if getattr(function, "is_kernel", False):  # ours are kept on disk
        return _for_all(kernel, role, _apply_own(function, taken), 0)
    return _for_all(compiled, role, _apply(_compile(role, function, slots), taken), record)


def _compile(role: str, function: Any, slots: Mapping[Any, Any]) -> Any:
    """Compile our own copy of a user's function; explain what does not compile."""
    plain = _plain(function)
    name = f"`{role}` ({plain.__name__})"
    arguments = tuple(_TYPES[each] for each in arguments_of(role, plain) or ())
    dispatcher, returned = compile_for(role, plain, arguments, slots)
    if role == "step" and not isinstance(returned, (types.Integer, types.Boolean)):
        raise TypeError(f"{name} must return 0 to go on or 1 when the trial is done; it returns {returned}.")
    if role == "reset" and returned != types.none:
        raise TypeError(f"{name} must write to `state` and `sensors` and return nothing; it returns {returned}.")
    return dispatcher


# Adaptors: from all that there is, in the order of _TYPES, to the arguments that a function takes ------------------------


@functools.cache
def _taken(names: tuple[str, ...]) -> Any:
    """Return the intrinsic that takes the arguments of these names out of the tuple of all."""
    places = tuple([*_TYPES].index(name) for name in names)

    @intrinsic
    def taken(typingctx: Any, everything: Any) -> Any:
        wanted = types.Tuple([everything[place] for place in places])

        def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return context.make_tuple(builder, wanted, [builder.extract_value(args[0], place) for place in places])

        return wanted(everything), codegen

    return taken


@kernel
def _answer(outcome):
    if outcome != outcome:
        return RAISED
    return FINISHED if outcome != 0.0 else GO_ON


def _apply(inner: Any, taken: Any) -> Any:
    @compiled
    def apply(everything):
        return _answer(outcome(inner, taken(everything)))

    return apply


def _apply_own(inner: Any, taken: Any) -> Any:
    @kernel
    def apply_own(everything):
        returned = inner(*taken(everything))
        return FINISHED if returned else GO_ON

    return apply_own


@kernel
def _note(record, job, t, row_of_body, size, word, first, second):
    """Keep what the function was called with where it raised."""
    halves, numbers = stack(2), stack(2)
    halves[0], halves[1] = float(word & np.uint64(0xFFFFFFFF)), float(word >> np.uint64(32))
    numbers[0], numbers[1] = float(first), float(second)
    note(record, job, t, row_of_body, size, halves, 2, numbers, 2, 0)


def _for_all(decorate: Any, role: str, apply: Any, record: int) -> Any:
    """Return the C function that applies a role to all bodies; `decorate` compiles it."""

    def reset_all(count, jobs, done, words, period, bodies, km, s, m, d, p, n, flags):
        for i in range(count):
            if jobs[i] >= 0:
                motors = row(bodies, i, km + s + m + d + p + n)
                state, sensors = row(motors, 1, km), row(motors, 1, km + s)
                score, params = row(motors, 1, km + s + m), row(motors, 1, km + s + m + d)
                y = row(params, 1, p)
                for j in range(s + m + d):
                    state[j] = 0.0
                key = (words[i], np.uint64(0))
                flags[i] = apply((0.0, period, done[i], key, read_only(carray(motors, (km,))), carray(state, (s,)),
                                  carray(sensors, (m,)), carray(score, (d,)), read_only(carray(params, (p,))),
                                  carray(y, (n,))))  # fmt: skip
                if record != 0 and flags[i] == RAISED:
                    _note(np.int64(record), jobs[i], 0.0, motors, km + s + m + d + p + n, words[i], done[i], 0)

    def step_all(count, jobs, done, words, period, bodies, km, s, m, d, p, n, flags):
        for i in range(count):
            if jobs[i] >= 0:
                motors = row(bodies, i, km + s + m + d + p + n)
                state, sensors = row(motors, 1, km), row(motors, 1, km + s)
                score, params = row(motors, 1, km + s + m), row(motors, 1, km + s + m + d)
                y = row(params, 1, p)
                if all_finite(motors, km):
                    k = done[i]
                    key = (words[i], np.uint64(k + 1))
                    flags[i] = apply((k * period, period, 0, key, read_only(carray(motors, (km,))), carray(state, (s,)),
                                      carray(sensors, (m,)), carray(score, (d,)), read_only(carray(params, (p,))),
                                      carray(y, (n,))))  # fmt: skip
                    if record != 0 and flags[i] == RAISED:
                        _note(np.int64(record), jobs[i], k * period, motors, km + s + m + d + p + n, words[i], 0, k + 1)
                else:
                    flags[i] = NON_FINITE

    return decorate(reset_all if role == "reset" else step_all)


@intrinsic
def call_task(typingctx: Any, f: Any, count: Any, jobs: Any, done: Any, words: Any, period: Any, bodies: Any, km: Any,
              s: Any, m: Any, d: Any, p: Any, n: Any, flags: Any) -> Any:  # fmt: skip
    """Call the task's function at address f."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = [
            context.cast(builder, value, given, wanted)
            for value, given, wanted in zip(args[1:], sig.args[1:], _SIGNATURE.args, strict=True)
        ]
        function = ir.FunctionType(ir.VoidType(), [value.type for value in values])
        builder.call(builder.inttoptr(args[0], function.as_pointer()), values)
        return context.get_dummy_value()

    return types.void(f, count, jobs, done, words, period, bodies, km, s, m, d, p, n, flags), codegen
