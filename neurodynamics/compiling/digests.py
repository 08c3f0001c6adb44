"""A digest of everything that a kernel is compiled from.

Code, constants and arrays enter by value, the kernels that a kernel calls or closes over by their own code, and so on
down; nothing enters by identity, file or line. So two processes agree on the digest, a moved checkout or an edited
comment compiles nothing again, and an edit anywhere below a kernel does.

Functions that numba compiles by other means (intrinsics, overloads, types) are known by their whole module and by the
modules it takes names from: what implements an operation lives beside the name or the type that it belongs to.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import functools
import hashlib
import sys
import time
import types
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.dispatcher import Dispatcher
from numba.core.types import Type

# Known by their versions alone: nothing below these names is read.
_FOREIGN = sys.stdlib_module_names | {"numpy", "numba", "llvmlite", "scipy"}
# How kernels are kept does not change what they compute; the options, which do, enter by value.
_MACHINERY = {f"{__package__}.{name}" for name in ("jit", "digests", "cache", "dispatcher", "twins", "waiting")}
_VERSIONS = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)
_PLAIN = {type(None), bool, int, float, complex, str, bytes, range, slice, type(Ellipsis)}
_STARTED = time.time()
_frozen: weakref.WeakKeyDictionary[Callable, int] = weakref.WeakKeyDictionary()
_module_digests: dict[str, tuple[Any, str]] = {}

Token = Any  # a string; a kernel (Dispatcher), replaced by its number; or a module, replaced by its digest


class NotKept(Exception):
    """What a kernel is compiled from cannot be described, so its machine code must not be kept."""


def digest(function: Callable, *, freeze: bool = False) -> str:
    """Return a digest of a kernel's code and of all kernels, constants and modules that it is compiled from.

    Parameters
    ----------
    function : callable
        A kernel, or the plain function inside.
    freeze : bool, optional
        Remember what each function looked like: numba compiles a function with the values its globals have then, so
        a function seen with others later (a patched constant) stands for two different codes and is refused.

    Raises
    ------
    NotKept
        If the kernel depends on something that has no value to speak of, or on compiled functions of others.
    """
    root = getattr(function, "py_func", function)
    queue, numbers, modules = [root], {id(root): 0}, {}
    hasher = hashlib.sha256(repr(_VERSIONS).encode())
    for item in queue:  # grows on the way
        tokens = _function_tokens(item)
        if freeze and _frozen.setdefault(item, _look(tokens)) != _look(tokens):
            raise NotKept(f"a global of {item.__qualname__} has changed since it was first compiled")
        for token in tokens:
            if isinstance(token, Dispatcher):
                callee = token.py_func
                if numbers.setdefault(id(callee), len(queue)) == len(queue):
                    queue.append(callee)
                token = f"kernel {numbers[id(callee)]}"
            elif isinstance(token, types.ModuleType):
                modules[token.__name__] = token
                token = f"module {token.__name__}"
            hasher.update(token.encode() + b"\0")
    for name in sorted(_with_imports(modules)):
        hasher.update(f"{name} {_module_digest(name)}\0".encode())
    return hasher.hexdigest()


def variant(function: Callable, seen: tuple[Callable, ...] = ()) -> str:
    """Return what tells kernels of one name apart: the values that they and the kernels inside close over.

    It stays the same when code is edited, so that a kernel's file is overwritten and no old files pile up.
    """
    function = getattr(function, "py_func", function)
    if function in seen:
        return function.__code__.co_qualname
    tokens: list[Token] = []
    for cell in function.__closure__ or ():
        _add_cell(cell, tokens)
    parts = [variant(t, (*seen, function)) if isinstance(t, Dispatcher) else _text(t) for t in tokens]
    return f"{function.__module__}.{function.__code__.co_qualname}({', '.join(parts)})"


def type_tokens(args: tuple[Type, ...]) -> str:
    """Return argument types as text, with the digest of modules that define types of their own."""
    modules: dict[str, types.ModuleType] = {}
    fields: list[str] = []
    for ty in _nested_types(args):
        if isinstance(ty, numba.types.Dispatcher):
            raise NotKept(f"{ty} is an argument: functions passed as arguments are known by identity only")
        if not is_foreign(type(ty).__module__):
            modules[type(ty).__module__] = sys.modules[type(ty).__module__]
        if isinstance(ty, numba.types.NamedTuple):
            fields.append(named_tuple_text(ty.instance_class))
    return repr((args, fields, [(name, _module_digest(name)) for name in sorted(_with_imports(modules))]))


def _look(tokens: list[Token]) -> int:
    return hash(tuple(token if isinstance(token, str) else id(token) for token in tokens))


def _text(token: Token) -> str:
    return token if isinstance(token, str) else token.__name__


def is_named_tuple(value: Any) -> bool:
    """Whether a value is a NamedTuple or a class of them."""
    return isinstance(value, type) and issubclass(value, tuple) and hasattr(value, "_fields")


def named_tuple_text(value: Any) -> str:
    """Return all that a class of named tuples means to a kernel."""
    return f"{value.__module__}.{value.__qualname__}{value._fields}"


def is_foreign(module: str | None) -> bool:
    """Whether a module belongs to Python or to a library that kernels are compiled with."""
    return module is not None and module.partition(".")[0] in _FOREIGN


# Functions and values as tokens --------------------------------------------------------------------------------------


def _function_tokens(function: Callable) -> list[Token]:
    tokens: list[Token] = []
    _add_code(function.__code__, tokens)
    names = names_used(function.__code__)
    for name in names:
        if name in function.__globals__:
            tokens.append(name)
            _add(function.__globals__[name], tokens, names)
    for cell in function.__closure__ or ():
        _add_cell(cell, tokens, names)
    _add((function.__defaults__, function.__kwdefaults__), tokens, names)
    return tokens


def names_used(code: types.CodeType) -> list[str]:
    """Return the global names and attributes that code and the functions in it use, sorted."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names.update(names_used(constant))
    return sorted(names)


def _add_code(code: types.CodeType, tokens: list[Token]) -> None:
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    tokens.append(repr((code.co_code, code.co_exceptiontable, counts, names)))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _add_code(constant, tokens)
        else:
            _add(constant, tokens)
    tokens.append("end of code")


def _add_cell(cell: types.CellType, tokens: list[Token], names: list[str] | tuple[str, ...] = ()) -> None:
    try:
        value = cell.cell_contents
    except ValueError:  # nothing in it yet
        tokens.append("empty cell")
    else:
        _add(value, tokens, names)


def _add(value: Any, tokens: list[Token], names: list[str] | tuple[str, ...] = ()) -> None:
    """Append what a value is; ``names`` are the attributes that a function may take from a module."""
    kind = type(value)
    if kind in _PLAIN or isinstance(value, (np.generic, np.dtype)):
        tokens.append(f"{kind.__name__} {value!r}")
    elif isinstance(value, Dispatcher):
        if not getattr(value, "is_kernel", False):
            raise NotKept(f"{value.py_func.__qualname__} is compiled, but not by `kernel`")
        tokens.append(value)
    elif isinstance(value, np.ndarray):
        _add_array(value, tokens)
    elif isinstance(value, enum.Enum):
        tokens.append(f"{kind.__qualname__}.{value.name}")
        _add(value.value, tokens)
    elif isinstance(value, (frozenset, set)):
        tokens.append(f"{kind.__name__} {sorted(map(repr, value))}")
    elif isinstance(value, types.ModuleType):
        _add_module(value, tokens, names)
    elif isinstance(value, Type):
        _add_named(repr(value), kind.__module__, tokens)
    elif isinstance(value, enum.EnumType):
        _add([value.__qualname__, *value], tokens)
    elif is_named_tuple(value):
        tokens.append(named_tuple_text(value))
    else:
        _add_parts(value, tokens, names)


def _add_parts(value: Any, tokens: list[Token], names: list[str] | tuple[str, ...]) -> None:
    """Append containers by their parts, and what remains by its name and the module it comes from."""
    if isinstance(value, (tuple, list)):
        parts = list(value)
    elif isinstance(value, dict):
        parts = [part for item in value.items() for part in item]
    elif isinstance(value, functools.partial):
        parts = [value.func, value.args, value.keywords]
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [getattr(value, field.name) for field in dataclasses.fields(value)]
    elif isinstance(value, np.ufunc) and any(value is known for known in vars(np).values()):
        return _add_named(value.__name__, "numpy", tokens)
    elif callable(value) and hasattr(value, "__qualname__"):
        _add_named(value.__qualname__, value.__module__, tokens)
        parts = [] if is_foreign(value.__module__) else _closed_over(value)
    else:
        raise NotKept(f"a {type(value).__name__} is no constant that a kernel can be known by")
    tokens.append(f"{type(value).__qualname__} of {len(parts)}")
    for part in parts:
        _add(part, tokens, names)
    return None


def _add_array(array: np.ndarray, tokens: list[Token]) -> None:
    if array.dtype.hasobject:
        raise NotKept("an array of objects is no constant that a kernel can be known by")
    flags = (array.flags.c_contiguous, array.flags.f_contiguous, array.flags.aligned)
    tokens.append(repr((array.shape, array.dtype, flags, hashlib.sha256(array.tobytes()).digest())))


def _add_module(module: types.ModuleType, tokens: list[Token], names: list[str] | tuple[str, ...]) -> None:
    mark = f"attributes of {module.__name__}"
    if mark not in tokens and not is_foreign(module.__name__):  # modules may name each other
        tokens.append(mark)
        for name in names:
            if name in vars(module):
                tokens.append(name)
                _add(vars(module)[name], tokens, names)
    tokens.append(f"module {module.__name__}")


def _add_named(name: str, module: str | None, tokens: list[Token]) -> None:
    """An intrinsic, an overloaded function or a type: the module that it lives in says what it compiles to."""
    tokens.append(f"{module}: {name}")
    if not is_foreign(module):
        if module not in sys.modules:
            raise NotKept(f"the module of {name} is unknown")
        tokens.append(sys.modules[module])


def _closed_over(value: Any) -> list[Any]:
    """Return what a factory gave to the function or intrinsic that it made."""
    definition = getattr(value, "_defn", value)
    return [cell.cell_contents for cell in getattr(definition, "__closure__", None) or ()]


def _nested_types(args: Any) -> Iterator[Type]:
    stack, seen = list(args), set()
    while stack:
        ty = stack.pop()
        if isinstance(ty, Type) and id(ty) not in seen:
            seen.add(id(ty))
            yield ty
            for value in vars(ty).values():
                stack += value if isinstance(value, (tuple, list)) else [value]


# Modules -------------------------------------------------------------------------------------------------------------


def _with_imports(modules: dict[str, types.ModuleType]) -> set[str]:
    """Return the names of the modules and of all modules that they take functions or classes from."""
    queue, names = list(modules.values()), set(modules)
    for module in queue:  # grows on the way
        for value in list(vars(module).values()):
            name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
            if isinstance(name, str) and name in sys.modules and name not in names and not _is_outside(name):
                names.add(name)
                queue.append(sys.modules[name])
    return names - _MACHINERY


def _is_outside(name: str) -> bool:
    return is_foreign(name) or name in _MACHINERY


def _module_digest(name: str) -> str:
    """Return a digest of a module's code as its loader has it, and of the plain constants in its namespace."""
    module = sys.modules[name]
    spec = module.__spec__
    known, value = _module_digests.get(name, (None, ""))
    if known is None or known is not spec:  # a reloaded module has a new spec
        value = _code_digest(name, spec)
        _module_digests[name] = spec, value
    return value + _constants(module)


def _constants(module: types.ModuleType) -> str:
    """Return the constants in a module's namespace as text: some were imported, and the code does not hold them."""
    tokens: list[Token] = []
    for name, value in sorted(vars(module).items()):
        if (type(value) in _PLAIN or isinstance(value, (tuple, np.generic, np.ndarray))) and not name.startswith("__"):
            tokens.append(name)
            with contextlib.suppress(NotKept):  # then it is no constant for numba either
                _add(value, tokens)
    return "\0".join(map(_text, tokens))


def _code_digest(name: str, spec: Any) -> str:
    loader = getattr(spec, "loader", None)
    path = Path(getattr(loader, "archive", None) or getattr(spec, "origin", None) or "")
    if path.is_file() and path.stat().st_mtime > _STARTED:
        # The loader reads the file as it is now; what this process imported may be an older text.
        raise NotKept(f"{path} was edited while this process ran")
    try:
        code = loader.get_code(spec.name)  # type: ignore[union-attr]
    except (AttributeError, ImportError, OSError):  # loaders need not have code to show
        code = None
    if code is not None:
        tokens: list[Token] = []
        _add_code(code, tokens)
        content = "\0".join(map(_text, tokens)).encode()
    elif path.is_file():
        content = path.read_bytes()
    else:
        raise NotKept(f"the code of module {name} is not to be had")
    return hashlib.sha256(content).hexdigest()
