"""The functions of a dynamical system, compiled to the one C signature that integrators call."""

from __future__ import annotations

import functools
import inspect
import re
import types as python_types
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import carray
from numba.core import cgutils, types
from numba.core.dispatcher import Dispatcher
from numba.core.errors import NumbaError, NumbaTypeSafetyWarning
from numba.extending import intrinsic

from neurodynamics.compiling.jit import compiled, kernel
from neurodynamics.compiling.pointers import address_of, call, call_reset, pointer

_IN = types.Array(types.float64, 1, "C", readonly=True)
_OUT = types.Array(types.float64, 1, "C")
_OUT2 = types.Array(types.float64, 2, "C")


@dataclass(frozen=True)
class Role:
    """What a function of a system is called with."""

    arguments: tuple[str, ...]
    types: tuple[Any, ...]
    returns_float: bool = False


_STANDARD = ("t", "y", "u", "params", "out")
_STANDARD_TYPES = (types.float64, _IN, _IN, _IN, _OUT)
ROLES = {
    "rhs": Role(_STANDARD, _STANDARD_TYPES),
    "jac": Role(_STANDARD, (*_STANDARD_TYPES[:-1], _OUT2)),
    "diffusion": Role(_STANDARD, _STANDARD_TYPES),
    "rates": Role(_STANDARD, _STANDARD_TYPES),  # of the leak, for exponential Euler
    "events": Role(_STANDARD, _STANDARD_TYPES),
    "reset": Role(("event", *_STANDARD), (types.int64, *_STANDARD_TYPES)),
    "outputs": Role(("y", "params", "out"), (_IN, _IN, _OUT)),
    "activation": Role(("y", "params", "out"), (_IN, _IN, _OUT)),  # element by element, for Taylor steps
    "energy": Role(("y", "u", "params"), (_IN, _IN, _IN), returns_float=True),
    "event": Role(("t", "y"), (types.float64, _IN), returns_float=True),
    "signal": Role(("t",), (types.float64,), returns_float=True),
}


@dataclass(frozen=True, eq=False)
class SystemFunction:
    """A function in one role, compiled when it is first needed.

    Parameters
    ----------
    role : str
        A key of ``ROLES``.
    source : callable
        A kernel of the C signature, or a function of the role's arguments: a plain one (a user's), of which a copy is
        compiled for this process, or a kernel (as in ``models``), whose code is kept on disk.
    """

    role: str
    source: Callable

    @functools.cached_property
    def address(self) -> int:
        """Where the machine code is; compiles."""
        return address_of(self._pointer_kernel)

    @functools.cached_property
    def _pointer_kernel(self) -> Any:
        if getattr(self.source, "is_pointer_kernel", False):
            return self.source
        if getattr(self.source, "is_kernel", False):  # ours, and kept on disk together with its adaptor
            return _WRAPPERS[self.role](self.source, kernel)  # type: ignore[arg-type]
        return _WRAPPERS[self.role](compile_for(self.role, self.source), compiled)

    def __call__(self, t: float, y: Any, u: Any, params: Any, out: Any) -> None:
        """Evaluate from Python; arguments are contiguous float64 arrays."""
        call_arrays(self.address, t, y, u, params, out)

    def call_event(self, event: int, t: float, y: Any, u: Any, params: Any, out: Any) -> None:
        """Evaluate a reset function from Python."""
        _call_reset_arrays(self.address, event, t, y, u, params, out)


@kernel
def call_arrays(f, t, y, u, params, out):
    """Call the function at address f with arrays."""
    call(f, t, pointer(y), y.size, pointer(u), u.size, pointer(params), params.size, pointer(out), out.size)


@kernel
def _call_reset_arrays(f, event, t, y, u, params, out):
    call_reset(f, event, t, pointer(y), y.size, pointer(u), u.size, pointer(params), params.size, pointer(out))


@kernel
def evaluate_rows(f, t, states, u, params, outs):
    """outs[k] = f(t[k], states[k], u[k], params)."""
    for k in range(states.shape[0]):
        call_arrays(f, t[k], states[k], u[k], params, outs[k])


def pointer_kernel(function: Callable) -> Any:
    """Compile a function written in the C signature of the contract."""
    dispatcher = kernel(function)
    dispatcher.is_pointer_kernel = True
    return dispatcher


_known: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def system_function(role: str, function: Callable, *, host: bool = False) -> SystemFunction:
    """Return the function in its role; the same Python function is compiled once, however often it is used."""
    check_arguments(role, function)
    if not host and not isinstance(getattr(function, "py_func", function), python_types.FunctionType):
        raise TypeError(
            f"`{role}` must be a plain function that numba can compile; got {type(function).__name__}. Wrap it in a def."
        )
    try:
        by_role = _known.setdefault(function, {})
    except TypeError:  # not weakly referable
        by_role = {}
    if role not in by_role:
        by_role[role] = SystemFunction(role, function)
    return by_role[role]


def check_arguments(role: str, function: Callable, name: str = "") -> None:
    """Raise TypeError unless the function takes the role's arguments."""
    expected = ROLES[role].arguments
    name = name or role
    if not callable(function):
        raise TypeError(f"`{name}` must be a function ({', '.join(expected)}); got {type(function).__name__}.")
    if getattr(function, "is_pointer_kernel", False):
        return
    plain = getattr(function, "py_func", function)
    try:
        signature = inspect.signature(plain)
    except ValueError:  # a builtin without a signature
        return
    try:
        signature.bind(*expected)
        starred = any(parameter.kind == parameter.VAR_POSITIONAL for parameter in signature.parameters.values())
    except TypeError:
        starred = True
    if starred:
        raise TypeError(
            f"`{name}` must take the arguments ({', '.join(expected)}); {_name_of(plain)} takes {signature}."
        ) from None


def accepts(role: str, function: Callable) -> bool:
    """Whether the function takes the role's arguments."""
    try:
        check_arguments(role, function)
    except TypeError:
        return False
    return True


def _name_of(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


_LEAVES_ITS_ARRAYS = re.compile("unpack|broadcast|shape|mismatch|dimension|sequence")


def try_out(role: str, function: Callable, arrays: dict[str, Any]) -> None:
    """Run a user's function once, uncompiled, and raise where it writes to its inputs or leaves its arrays.

    Compiled code checks no index. What else Python does not like about the function is left to numba to judge.

    Parameters
    ----------
    arrays : dict
        The arrays among the role's arguments; all but ``out`` are made read-only.
    """
    if getattr(function, "is_pointer_kernel", False):
        return
    plain = getattr(function, "py_func", function)
    scalars = {"t": 0.0, "event": 0}
    for name, array in arrays.items():
        array.flags.writeable = name == "out"
    sizes = ", ".join(f"`{name}` has shape {array.shape}" for name, array in arrays.items())
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            returned = plain(*({**scalars, **arrays}[name] for name in ROLES[role].arguments))
    except IndexError as error:
        raise ValueError(f"`{role}` ({_name_of(plain)}) reaches outside its arrays: {error}; {sizes}.") from error
    except ValueError as error:
        if "read-only" in str(error):
            raise TypeError(_WRITES.format(f"`{role}` ({_name_of(plain)})")) from error
        if _LEAVES_ITS_ARRAYS.search(str(error)):
            raise ValueError(f"`{role}` ({_name_of(plain)}) does not fit its arrays: {error}; {sizes}.") from error
        return
    except Exception:  # numba has the last word
        return
    if returned is not None and not ROLES[role].returns_float:
        kind = type(returned).__name__
        raise TypeError(f"`{role}` ({_name_of(plain)}) must write its result to `out[:]` and return nothing; got {kind}.")


_WRITES = "{} writes to one of its inputs; y, u and params are read-only. Write to `out`, or to a copy."


def compile_for(role: str, function: Callable) -> Any:
    """Compile our own copy of a user's function for read-only inputs; explain what does not compile."""
    expected = ROLES[role]
    plain = getattr(function, "py_func", function)
    name = f"`{role}` ({getattr(plain, '__name__', plain)})"
    dispatcher = compiled(plain)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NumbaTypeSafetyWarning)  # what it warns of fails by itself
            dispatcher.compile(expected.types)
    except (NumbaError, AttributeError) as error:  # numba's own AttributeError for `y += 1`
        text = str(error)
        if "Cannot modify readonly array" in text or "'NoneType' object has no attribute 'args'" in text:
            raise TypeError(_WRITES.format(name)) from error
        raise TypeError(
            f"{name} cannot be compiled by numba; it may use numbers, arrays, loops and functions of math and numpy. "
            f"numba says: {last_lines(text)}"
        ) from error
    returned = dispatcher.overloads[expected.types].signature.return_type
    if expected.returns_float and not isinstance(returned, (types.Float, types.Integer, types.Boolean)):
        raise TypeError(f"{name} must return a number; it returns {returned}.")
    if not expected.returns_float and returned != types.none:
        raise TypeError(f"{name} must write its result to `out[:]` and return nothing; it returns {returned}.")
    dispatcher.disable_compile()
    return dispatcher


def last_lines(text: str) -> str:
    """Return the lines of an error of numba that say what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("During:", "raised from", "This error may", "Failed in"))]
    return " | ".join(useful[:4])


@intrinsic
def read_only(typingctx: Any, array: Any) -> Any:
    """Return the same array, of the read-only type."""
    return array.copy(readonly=True)(array), lambda context, builder, sig, args: args[0]


@intrinsic
def outcome(typingctx: Any, function: Any, arguments: Any) -> Any:
    """Call a compiled function and return its number, 0 where it returns none, NaN where it raises."""
    if tuple(arguments) not in function.dispatcher.overloads:  # a kernel; functions of users are compiled before
        function.dispatcher.compile(tuple(arguments))
    known = function.dispatcher.overloads[tuple(arguments)]

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = cgutils.unpack_tuple(builder, args[1])
        context.active_code_library.add_linking_library(known.library)
        status, result = context.call_internal_no_propagate(builder, known.fndesc, known.signature, values)
        number = context.get_constant(types.float64, 0.0)
        if known.signature.return_type != types.none:
            number = context.cast(builder, result, known.signature.return_type, types.float64)
        return builder.select(status.is_error, context.get_constant(types.float64, np.nan), number)

    return types.float64(function, arguments), codegen


@kernel
def _fill_where_raised(outcome, out, k):
    """An exception becomes NaN, which ends a run with a status."""
    if outcome != 0.0:
        for i in range(k):
            out[i] = np.nan


# One adaptor a role: from the C signature to the arguments that a user writes. `decorate` compiles it.


def _standard(inner: Dispatcher, decorate: Callable) -> Any:
    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        arguments = (t, read_only(carray(y, n)), read_only(carray(u, m)), read_only(carray(params, p)), carray(out, k))
        _fill_where_raised(outcome(inner, arguments), out, k)

    return function


def _jacobian(inner: Dispatcher, decorate: Callable) -> Any:
    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        matrix = carray(out, (n, n))
        arguments = (t, read_only(carray(y, n)), read_only(carray(u, m)), read_only(carray(params, p)), matrix)
        _fill_where_raised(outcome(inner, arguments), out, k)

    return function


def _reset(inner: Dispatcher, decorate: Callable) -> Any:
    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        arguments = (index, t, read_only(carray(y, n)), read_only(carray(u, m)), read_only(carray(params, p)),
                     carray(out, k))  # fmt: skip
        _fill_where_raised(outcome(inner, arguments), out, k)

    return function


def _outputs(inner: Dispatcher, decorate: Callable) -> Any:
    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        arguments = (read_only(carray(y, n)), read_only(carray(params, p)), carray(out, k))
        _fill_where_raised(outcome(inner, arguments), out, k)

    return function


def _energy(inner: Dispatcher, decorate: Callable) -> Any:
    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        out[0] = outcome(inner, (read_only(carray(y, n)), read_only(carray(u, m)), read_only(carray(params, p))))

    return function


def _signal(inner: Dispatcher, decorate: Callable) -> Any:
    @decorate
    def function(index, t, y, n, u, m, params, p, out, k):
        out[0] = outcome(inner, (t,))

    return function


_WRAPPERS = {
    "rhs": _standard, "jac": _jacobian, "diffusion": _standard, "events": _standard, "reset": _reset,
    "outputs": _outputs, "energy": _energy, "signal": _signal, "rates": _standard,
    "activation": _outputs,
}  # fmt: skip


def difference_jacobian(rhs: SystemFunction, host: bool) -> Callable:
    """Return central differences of a right-hand side, for a system without a Jacobian."""
    evaluate = rhs.source if host else _by_address(rhs.address)

    def jac(t, y, u, params, out):
        point = y.copy()
        above = np.empty(y.size)
        below = np.empty(y.size)
        for j in range(y.size):
            step = CUBE_ROOT_EPS * max(abs(y[j]), 1.0)
            point[j] = y[j] + step
            evaluate(t, point, u, params, above)
            point[j] = y[j] - step
            evaluate(t, point, u, params, below)
            point[j] = y[j]
            for i in range(y.size):
                out[i, j] = (above[i] - below[i]) / (2 * step)

    return jac


def _by_address(f: int) -> Any:
    @compiled
    def evaluate(t, y, u, params, out):
        call_arrays(f, t, y, u, params, out)

    return evaluate


CUBE_ROOT_EPS = 6.055454452393343e-06  # balances truncation and rounding of central differences
