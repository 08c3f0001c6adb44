"""The functions of a dynamical system, compiled to the one C signature that integrators call."""

from __future__ import annotations

import functools
import importlib
import types as python_types
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba.core import types

from neurodynamics.compiling import user_functions as adaptors
from neurodynamics.compiling.captured import Lifted, Snapshot, compile_copy, plain_function, uncompiled
from neurodynamics.compiling.differences import central_address
from neurodynamics.compiling.jit import compiled, kernel
from neurodynamics.compiling.lifted import INTEGER, Template
from neurodynamics.compiling.pointers import ABSENT, SIGNATURE, address_of, call, call_address, call_reset, pointer
from neurodynamics.compiling.trial_run import check_signature, explained, name_of, refuse_what_cannot_be_checked, run_once
from neurodynamics.lazily import cached_property

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


_ADAPTORS = {
    "rhs": adaptors.standard, "jac": adaptors.jacobian, "diffusion": adaptors.standard, "events": adaptors.standard,
    "reset": adaptors.reset, "outputs": adaptors.outputs, "energy": adaptors.energy, "signal": adaptors.signal,
    "rates": adaptors.standard, "activation": adaptors.outputs,
}  # fmt: skip
_PARTLY = ("jac", "reset")  # what these do not write is zero, and stays


Build = Callable[[Any, Mapping[Any, Any]], Any]  # (record, slots) -> the compiled function


class Code:
    """Machine code, shared by all functions that compile to the same.

    Parameters
    ----------
    build : callable ``(record, slots) -> kernel``
        Compiles; ``record`` is the address of the memory where the function says that it failed, ``slots`` stand for
        values that it takes from outside (`lifted`).
    signature
        Of the kernel.
    about : hashable
        What else the machine code depends on: the role.
    snapshot : Snapshot, optional
        What a user's function takes from outside; ours take nothing.
    """

    def __init__(self, build: Build, signature: Any, about: Any, snapshot: Snapshot | None) -> None:
        self._build, self._signature, self._about, self._snapshot = build, signature, about, snapshot

    @cached_property
    def kernel(self) -> Any:
        """The compiled function, to be called in line: the values from outside are compiled in."""
        return self._build(self.record.ctypes.data, {})

    @cached_property
    def address(self) -> int:
        """Where it is."""
        if self._snapshot is None or "kernel" in self.__dict__:
            return address_of(self.kernel, self._signature)
        lifted, template = _template_of(self._build, self._signature, self._about, self._snapshot)
        if not template.movable:
            return address_of(self.kernel, self._signature)
        self._loaded = template.load(lifted.values.values(), self.record.ctypes.data)
        return self._loaded.address

    @cached_property
    def record(self) -> Any:
        """Where the function says that it failed."""
        return adaptors.new_record()

    def failed_call(self) -> dict[str, Any] | None:
        """Return how the function was called where it first failed since the last look, or None."""
        return adaptors.call_in(self.record) if "record" in self.__dict__ else None


class Kept(OrderedDict[Any, Any]):
    """What was used last."""

    def keep(self, key: Any, value: Any) -> Any:
        """Keep a value in case it is asked for again, and forget what was not used for the longest time."""
        self[key] = value
        self.move_to_end(key)
        while len(self) > KEPT:
            self.popitem(last=False)
        return value


KEPT = 64
_alive: weakref.WeakValueDictionary[Any, Code] = weakref.WeakValueDictionary()
_last_used, _templates = Kept(), Kept()
_fixed_integers = Kept()  # keys of functions that numba compiles only where it knows their integers


def _template_of(build: Build, signature: Any, about: Any, snapshot: Snapshot) -> tuple[Lifted, Template]:
    """Return the values that differ between functions alike, and their machine code.

    Integers are among them, unless numba has to know them when it compiles: places in a tuple of several types.
    """
    for integers in (True, False):
        lifted = snapshot.lifted(integers=integers)
        key = about, signature, lifted.key
        try:
            if integers and key in _fixed_integers:
                continue
            return lifted, _templates.keep(key, _templates.get(key) or Template(build, signature, lifted.kinds))
        except TypeError:
            if not integers or INTEGER not in lifted.kinds.values():
                raise
            _fixed_integers.keep(key, True)
    raise AssertionError("the second turn returns or raises")


def pointer_closure(function: Callable) -> Any:
    """Compile a function of the C signature that closes over addresses and sizes: once for all that differ in these."""
    dispatcher = compiled(function)
    loaded: dict[Any, Any] = {}

    def address(signature: Any) -> int:
        if signature not in loaded:
            loaded[signature] = Code(lambda record, slots: compile_copy(function, slots, checked=False), signature,
                                     pointer_closure, Snapshot(function, ours=True))  # fmt: skip
        return loaded[signature].address

    dispatcher.is_pointer_kernel, dispatcher.address = True, address
    return dispatcher


class UserFunction:
    """A function in one role, compiled when it is first needed.

    Parameters
    ----------
    role : str
    source : callable
        A kernel of ours, or a Python function of a user with the role's arguments.
    name : str
        What messages call it; by default the role.
    """

    signature: Any = SIGNATURE

    def __init__(self, role: str, source: Callable, name: str = "") -> None:
        self.role, self.source, self.name = role, source, name or role
        self.of_user = self._is_users(source)
        self._snapshot = Snapshot(source) if self.of_user else None  # what it captured when it was given

    @staticmethod
    def _is_users(source: Callable) -> bool:
        return not (getattr(source, "is_pointer_kernel", False) or is_model(source))

    def _builder(self) -> Build:
        """Return what compiles the function."""
        return functools.partial(_build, self.role, self.source, self.name)

    @cached_property
    def _code(self) -> Code:
        key = (type(self), self.role, self.name, *(self._snapshot.key if self._snapshot else (self.source,)))
        code = _alive.get(key)
        if code is None:
            code = _alive[key] = Code(self._builder(), self.signature, key[:2], self._snapshot)
        return _last_used.keep(key, code)

    @property
    def address(self) -> int:
        """Where the machine code is; compiles. Raises where what was compiled in has changed since."""
        self._require_unchanged()
        return self._code.address

    @property
    def kernel(self) -> Any:
        """The function of the C signature, for kernels that call it in line."""
        self._require_unchanged()
        return self._code.kernel

    @property
    def plain(self) -> Callable:
        """The function as it was given. Raises where what it takes from outside has changed since."""
        self._require_unchanged()
        return self.source

    def _require_unchanged(self) -> None:
        changed = self._snapshot.changed() if self._snapshot is not None else ""
        if changed:
            raise ValueError(
                f"`{changed}`, which `{self.name}` ({name_of(plain_function(self.source))}) takes from outside, has changed "
                "since: systems and tasks never change. Make a new one, or make it a parameter."
            )

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, UserFunction) and self._code is other._code

    def __hash__(self) -> int:
        return id(self._code)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __reduce__(self) -> Any:
        """Other processes compile anew: addresses mean nothing there."""
        if is_model(self.source):
            return _named, (type(self), self.role, self.source.__module__, self.source.__name__, self.name)
        if not self.of_user:
            raise TypeError(f"the compiled `{self.name}` cannot be copied to other processes; copy the system that has it.")
        return _again, (type(self), self.role, portable(self.source), self.name)


class SystemFunction(UserFunction):
    """A function of a system, by its role: a key of ``ROLES``."""

    @cached_property
    def programs(self) -> dict[tuple[int, ...], Any]:
        """What tracing made of it, or why it made nothing, by the numbers of states, inputs and parameters."""
        return {}

    def failure(self, *, as_it_was: bool = False) -> Exception | None:
        """Return what went wrong in the first call that failed since the last look, or None.

        An exception that the function raises on purpose counts only ``as_it_was``; otherwise it is a NaN.
        """
        found = self._code.failed_call() if "_code" in self.__dict__ else None
        if found is None or "y" not in found:
            return None
        if self.role == "jac":
            found["out"] = found["out"].reshape(found["y"].size, -1)
        arguments = {name: found[name] for name in ROLES[self.role].arguments}
        try:
            with np.errstate(all="ignore"):
                uncompiled(self.source)(*arguments.values())
        except Exception as error:
            return error if as_it_was else explained(error, plain_function(self.source), self.name, arguments)
        return None

    @cached_property
    def differences(self) -> SystemFunction:
        """Central differences of this right-hand side, compiled."""
        return SystemFunction("jac", _differences(self.address, self._code))

    def __call__(self, t: float, y: Any, u: Any, params: Any, out: Any) -> None:
        """Evaluate from Python; arguments are contiguous float64 arrays."""
        call_arrays(self._code.address, t, y, u, params, out)

    def call_event(self, event: int, t: float, y: Any, u: Any, params: Any, out: Any) -> None:
        """Evaluate a reset function from Python."""
        _call_reset_arrays(self._code.address, event, t, y, u, params, out)


def _build(role: str, source: Callable, name: str, record: Any, slots: Mapping[Any, Any]) -> Any:
    """Return the function of the C signature."""
    if getattr(source, "is_pointer_kernel", False):
        return source
    if is_model(source):  # ours: kept on disk, together with the adaptor
        return _ADAPTORS[role](source, adaptors.NO_RECORD, ABSENT, kernel)
    inner = adaptors.compile_role(name, source, ROLES[role].types, slots, number=ROLES[role].returns_float)
    return _ADAPTORS[role](inner, record, adaptors.fail_address())


def is_model(source: Any) -> bool:
    """Whether a function is a kernel with the arguments of its role, as those of ``models`` are."""
    return getattr(source, "is_kernel", False) and not getattr(source, "is_pointer_kernel", False)


def _named(kind: type[UserFunction], role: str, module: str, function: str, name: str) -> UserFunction:
    if not module.startswith("neurodynamics.models."):
        raise ValueError(f"{module} is not a model of this project.")
    return kind(role, getattr(importlib.import_module(module), function), name)


def portable(function: Any) -> Any:
    """Return a function so that it can be pickled: numba does it for closures and functions of scripts, too."""
    return compiled(function) if isinstance(function, python_types.FunctionType) else function


def _again(kind: type[UserFunction], role: str, function: Any, name: str) -> UserFunction:
    return kind(role, plain_function(function), name)


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


def system_function(role: str, function: Callable, *, host: bool = False, name: str = "") -> SystemFunction:
    """Return the function in its role, checked."""
    name = name or role
    check_arguments(role, function, name)
    if not host and not getattr(function, "is_pointer_kernel", False):
        if not isinstance(plain_function(function), python_types.FunctionType):
            raise TypeError(
                f"`{name}` must be a plain function that numba can compile; got {type(function).__name__}. Wrap it in a def."
            )
        refuse_what_cannot_be_checked(function, name)
    return SystemFunction(role, function, name)


def check_arguments(role: str, function: Callable, name: str = "") -> None:
    """Raise TypeError unless the function takes the role's arguments."""
    check_signature(function, name or role, ROLES[role].arguments)


def accepts(role: str, function: Callable) -> bool:
    """Whether the function takes the role's arguments."""
    try:
        check_arguments(role, function)
    except TypeError:
        return False
    return True


def try_out(role: str, function: Callable, arrays: dict[str, Any], *, name: str = "", event: int = 0) -> None:
    """Run a user's function once, uncompiled, and raise where it writes to its inputs or leaves its arrays.

    Parameters
    ----------
    arrays : dict
        The arrays among the role's arguments; all but ``out`` are made read-only.
    """
    if getattr(function, "is_pointer_kernel", False):
        return
    for key, array in arrays.items():
        array.flags.writeable = key == "out"
    given: dict[str, Any] = {"t": 0.0, "event": event} | arrays
    arguments = {key: given[key] for key in ROLES[role].arguments}
    run_once(function, name or role, arguments, number=ROLES[role].returns_float, partly=role in _PARTLY)


_known_differences: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def _differences(f: int, kept: Any) -> Any:
    """Return the differences of the function at an address; what is kept makes the address stay valid."""
    known = _known_differences.get(f)
    if known is not None:
        return known
    central = central_address()

    @pointer_closure
    def jac(index, t, y, n, u, m, params, p, out, k):
        call_address(central, (f, t, y, n, u, m, params, p, out))

    jac.kept = kept
    _known_differences[f] = jac
    return jac
