"""What a user's function takes from outside: values of globals and closures, and helper functions.

numba compiles such values into the machine code. So our copy of a function has globals of its own, which hold what the
names meant when the copy was made; helper functions are copied along; and what was captured can be compared with what
the names mean now.
"""

from __future__ import annotations

import builtins
import dis
import functools
import types
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling.digests import is_foreign
from neurodynamics.compiling.jit import compiled, is_known_to_numba
from neurodynamics.compiling.lifted import INTEGER, kind_of

_LOADS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_helpers: weakref.WeakKeyDictionary[Callable, bool] = weakref.WeakKeyDictionary()  # asking numba takes a while
_PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic, np.dtype)


class Captured(NamedTuple):
    """A value under the name that a function has for it, such as ``"LIGHT"`` or ``"helper.table"``."""

    name: str
    value: Any
    home: Any = None  # the dict or the cell that holds it
    key: str = ""
    place: Any = None  # the function that takes it, and its name there

    @property
    def stays(self) -> bool:
        """Whether the name means the same object still."""
        if isinstance(self.home, dict):
            return self.home.get(self.key, self) is self.value
        return self.home is None or self.home.cell_contents is self.value


def plain_function(function: Any) -> Any:
    """Return the Python function inside a compiled one, and any other object as it is."""
    return getattr(function, "py_func", function)


@functools.lru_cache(maxsize=1000)
def _names(code: types.CodeType) -> tuple[tuple[str, ...], ...]:
    """Return what code reads from outside as dotted names, such as ``("np", "random", "rand")``."""
    own = {*code.co_cellvars}
    chains: dict[tuple[str, ...], None] = {}
    chain: tuple[str, ...] = ()
    for instruction in dis.get_instructions(code):
        if chain and instruction.opname in _ATTRIBUTES:
            chain = (*chain, instruction.argval)
        elif instruction.opname not in ("CACHE", "EXTENDED_ARG"):
            chains[chain] = None
            chain = (instruction.argval,) if instruction.opname in _LOADS and instruction.argval not in own else ()
    del chains[()]
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            chains |= dict.fromkeys(inner for inner in _names(constant) if inner[0] not in own)
    return tuple(chains)


def _outside(function: types.FunctionType) -> dict[str, Any]:
    """Return the values of a function's free variables."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # nothing in it yet
            continue
    return found


def _own_captures(function: types.FunctionType) -> Iterator[Captured]:
    """Yield what the function itself takes from outside, helper functions included."""
    outside = _outside(function)
    for chain in _names(function.__code__):
        root = chain[0]
        if root in outside:
            cell = (function.__closure__ or ())[function.__code__.co_freevars.index(root)]
            found = Captured(root, outside[root], cell, place=(function, root))
        elif root in function.__globals__:
            found = Captured(root, function.__globals__[root], function.__globals__, root, (function, root))
        else:
            continue  # a builtin, or nothing that is there yet
        for attribute in chain[1:]:
            if not isinstance(found.value, types.ModuleType) or attribute not in vars(found.value):
                break
            inside = vars(found.value)
            found = Captured(f"{found.name}.{attribute}", inside[attribute], inside, attribute)
        yield found
    for name, value in _defaults(function).items():
        yield Captured(name, value)


def _defaults(function: types.FunctionType) -> dict[str, Any]:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    values = function.__defaults__ or ()
    return dict(zip(names[len(names) - len(values) :], values, strict=True)) | (function.__kwdefaults__ or {})


def is_helper(value: Any) -> bool:
    """Whether a value is a function of a user, which is to be compiled along; ours and numba's are known to numba."""
    plain = plain_function(value)
    if getattr(value, "is_kernel", False) or not isinstance(plain, types.FunctionType) or is_foreign(plain.__module__):
        return False
    if plain not in _helpers:
        _helpers[plain] = plain is not value or not is_known_to_numba(value)
    return _helpers[plain]


def captures(function: Any) -> Iterator[Captured]:
    """Yield what a function and its helpers take from outside: values, and the helpers themselves."""
    queue, seen = [("", plain_function(function))], {plain_function(function)}
    for prefix, item in queue:  # grows on the way
        for each in _own_captures(item):
            yield each._replace(name=prefix + each.name)
            inner = plain_function(each.value)
            if is_helper(each.value) and inner not in seen:
                seen.add(inner)
                queue.append((f"{prefix}{each.name}.", inner))


class Lifted(NamedTuple):
    """What may be read from a table: values and types by function and name, and the key of what is compiled in."""

    values: dict[Any, Any]
    kinds: dict[Any, Any]
    key: tuple[Any, ...]


class Snapshot:
    """What a function and all that it captured were at one moment.

    Parameters
    ----------
    function : callable
    ours : bool
        Whether it is a closure of this project, whose modules never change: only what it closes over is read from a table.

    Attributes
    ----------
    key : tuple
        Equal for functions that compile to the same machine code.
    """

    def __init__(self, function: Any, *, ours: bool = False) -> None:
        self._function, self._ours = plain_function(function), ours
        self._captured = [*captures(function)] if isinstance(self._function, types.FunctionType) else []
        self.key: tuple[Any, ...] = (
            getattr(self._function, "__code__", self._function), *((each.name, _key(each.value)) for each in self._captured)
        )  # fmt: skip

    def lifted(self, *, integers: bool) -> Lifted:
        """Return what may be read from a table, and the key of all that is alike but for that."""
        values, kinds, rest = {}, {}, [self.key[0]]
        for each, (name, key) in zip(self._captured, self.key[1:], strict=True):
            stays = each.place is None or (self._ours and isinstance(each.home, dict))
            kind = None if stays else kind_of(each.value)
            if kind is None or (kind == INTEGER and not integers):
                rest.append((name, key))
            else:
                values[each.place], kinds[each.place] = each.value, kind
                rest.append((name, kind))
        return Lifted(values, kinds, tuple(rest))

    def changed(self) -> str:
        """Return the name of something that is not any more what it was, or nothing."""
        pairs_then = zip(self._captured, self.key[1:], strict=True)
        if all(each.stays and (not isinstance(each.value, (np.ndarray, tuple)) or _key(each.value) == key[1])
               for each, key in pairs_then):  # fmt: skip
            return ""
        now = Snapshot(self._function).key
        pairs = zip(self.key[1:], now[1:], strict=False)
        return "" if now == self.key else next((old[0] for old, new in pairs if old != new), self._function.__name__)


def _key(value: Any) -> Any:
    """Return what a captured value is compared by: plain values, arrays and helpers by value, others by identity."""
    if isinstance(value, _PLAIN):
        return type(value), repr(value)
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, tuple):
        return type(value), tuple(_key(part) for part in value)
    if isinstance(value, types.ModuleType):
        return value.__name__
    if is_helper(value):
        return plain_function(value).__code__
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return value


def global_generator(function: Any) -> str:
    """Return the name of a random number generator that a function takes from outside, or nothing."""
    for each in captures(function):
        value = each.value
        home = value.__name__ if isinstance(value, types.ModuleType) else (
            getattr(value, "__module__", None) or type(getattr(value, "__self__", value)).__module__
        )  # fmt: skip
        owner = type(getattr(value, "__self__", value)).__module__
        if any(str(module).partition(".")[0] == "random" or str(module).startswith("numpy.random")
               for module in (home, owner)):  # fmt: skip
            return each.name
    return ""


# Our own copy --------------------------------------------------------------------------------------------------------


def compile_copy(function: Any, slots: Mapping[Any, Any], *, checked: bool = True) -> Any:
    """Return our own copy of a user's function, to be compiled with a check of every index; its helpers are alike.

    `slots` has what stands for captured values, by function and name; other values are compiled in. Nobody calls the copy
    from Python, nor what is checked by its address: the wrappers for these would stay in memory for ever.
    """
    make = functools.partial(compiled, boundscheck=checked, no_cpython_wrapper=True, no_cfunc_wrapper=checked)
    return _copied(plain_function(function), slots, make, {})


def uncompiled(function: Any) -> Any:
    """Return a user's function as Python runs it, with helpers that were compiled as Python functions again.

    A helper that its user has compiled does not check its indices.
    """
    plain = plain_function(function)
    return _copied(plain, {}, _as_it_is, {}) if isinstance(plain, types.FunctionType) else plain


def _as_it_is(function: Any) -> Any:
    return function


def _copied(function: Callable, slots: Mapping[Any, Any], make: Callable, known: dict[Any, Any]) -> Any:
    """Return what `make` makes of a copy of the function, and of copies of its helpers."""
    if not isinstance(function, types.FunctionType):
        return make(function)  # numba says what is wrong with it
    names: dict[str, Any] = {"__builtins__": builtins, "__name__": function.__module__}
    cells = tuple(types.CellType() for _ in function.__closure__ or ())
    twin = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells or None)
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__module__, twin.__qualname__ = function.__module__, function.__qualname__
    known[function] = make(twin)  # there before it is complete: functions may recurse
    chains = _names(function.__code__)

    def put(name: str, value: Any) -> Any:
        if isinstance(value, types.ModuleType):
            return _with_copies(value, [chain[1] for chain in chains if chain[0] == name and len(chain) > 1], copy)
        return slots[function, name] if (function, name) in slots else copy(value)

    def copy(value: Any) -> Any:
        return _frozen(value, slots, make, known)

    for name in {chain[0] for chain in chains} & set(function.__globals__):
        names[name] = put(name, function.__globals__[name])
    outside = _outside(function)
    for name, cell in zip(function.__code__.co_freevars, cells, strict=True):
        if name in outside:
            cell.cell_contents = put(name, outside[name])
    return known[function]


def _with_copies(module: types.ModuleType, attributes: list[str], copy: Callable) -> types.ModuleType:
    """Return the module, or one that has copies of the helper functions among these attributes."""
    helpers = {name: vars(module)[name] for name in attributes if is_helper(vars(module).get(name))}
    if not helpers:
        return module
    twin = types.ModuleType(module.__name__)
    twin.__dict__.update(vars(module) | {name: copy(helper) for name, helper in helpers.items()})
    return twin


def _frozen(value: Any, slots: Mapping[Any, Any], make: Callable, known: dict[Any, Any]) -> Any:
    """Return a value that will not change, or a copy of a helper function."""
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    if not is_helper(value):
        return value
    plain = plain_function(value)
    return known[plain] if plain in known else _copied(plain, slots, make, known)
