"""Every option with which this project compiles.

Kernels are plain functions under :func:`kernel`; their machine code is kept on disk, keyed by everything it was
compiled from (``digests``, ``cache``). Kernels may close over numbers, arrays and other kernels: a factory that closes
over ``activation.value`` is found again in the next process. What closes over functions made by :func:`compiled` is
compiled in every process.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import inspect
import threading
import types
from collections.abc import Callable
from typing import Any

import numba
from numba.core.dispatcher import Dispatcher
from numba.core.errors import NumbaError
from numba.core.registry import cpu_target

from neurodynamics.compiling import cache
from neurodynamics.compiling.digests import digest, is_foreign, names_used
from neurodynamics.compiling.dispatcher import KernelDispatcher, is_numba_as_known
from neurodynamics.compiling.lifted import WithTable

__all__ = ["OPTIONS", "compiled", "digest", "host_version", "is_known_to_numba", "kernel", "twin_of"]

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_hosting = threading.RLock()


def kernel(function: Callable | None = None, *, host: Callable | None = None, inline: bool = False) -> Any:
    """Compile a function on its first call and keep the machine code on disk.

    Parameters
    ----------
    function : callable
        The kernel, in the style of numba's nopython mode. It never raises: failures are status codes.
    host : callable, optional
        What stands in for the kernel when its caller runs uncompiled (see :func:`host_version`); by default the
        kernel's own source.
    inline : bool
        Whether to put its machine code where it is called: for what runs a few times in each step. A call costs a few
        nanoseconds and sends vectors through memory, and LLVM by itself puts only the shortest kernels in line.
    """
    if function is None:
        return functools.partial(kernel, host=host, inline=inline)
    dispatcher = _dispatcher_of(twin_of(getattr(function, "py_func", function)), inline)
    dispatcher.host = host
    dispatcher.is_kernel = True
    return dispatcher


def compiled(function: Callable, **options: Any) -> Any:
    """Compile on the first call, for this process only: for the functions of users, of which we compile a copy."""
    return numba.njit(twin_of(getattr(function, "py_func", function)), **OPTIONS, pipeline_class=WithTable, **options)


def is_known_to_numba(function: Any) -> bool:
    """Whether numba has an implementation of its own for a Python function, such as those of numpy, or an overload."""
    context = cpu_target.typing_context
    context.refresh()
    try:
        context.resolve_value_type(function)
    except (NumbaError, ValueError):
        return False
    return True


def _dispatcher_of(function: Any, inline: bool) -> Any:
    if numba.config.DISABLE_JIT or not isinstance(function, types.FunctionType):
        return numba.njit(function, **OPTIONS)  # numba says what is wrong with it
    if cache.is_numba_as_known() and is_numba_as_known():
        options = {"nopython": True, "boundscheck": None, **OPTIONS, "forceinline": inline}
        function.__signature__ = inspect.signature(function)  # numba asks three times, for every kernel
        dispatcher = KernelDispatcher(function, options)
        dispatcher._cache = cache.DiskCache(function, dict(options))
        return dispatcher
    cache.warn_once("this version of numba is unknown, its own cache stands in")
    dispatcher = numba.njit(function, **OPTIONS, forceinline=inline)
    try:
        dispatcher.enable_caching()
    except Exception as error:
        cache.warn_once(str(error))
    return dispatcher


# Kernels uncompiled --------------------------------------------------------------------------------------------------


def host_version(function: Any) -> Any:
    """Return a kernel as plain Python, with every kernel that it calls replaced by its own host version.

    Kernels are found where compiled code finds them: in globals, closures, defaults, and there in tuples, records
    (dataclasses), partial functions and modules. The twin is made once, with the globals as they are then.
    """
    host = getattr(function, "host", None)
    if host is not None:
        return host
    if not isinstance(function, Dispatcher):
        return function
    with _hosting:
        twin = vars(function).get("_host_twin")
        return _make_twin(function) if twin is None else twin


def _make_twin(kernel: Any) -> Callable:
    source = kernel.py_func
    names = dict(source.__globals__)
    closure = tuple(types.CellType() for _ in source.__closure__ or ())
    twin = kernel._host_twin = twin_of(source, names, closure)  # there before it is complete: kernels may recurse
    used = names_used(source.__code__)
    for name in used:
        if name in names:
            names[name] = _hosted(names[name], used)
    for cell, original in zip(closure, source.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # an empty cell stays empty
            cell.cell_contents = _hosted(original.cell_contents, used)
    twin.__defaults__ = _hosted(twin.__defaults__, used)
    twin.__kwdefaults__ = _hosted(twin.__kwdefaults__, used)
    return twin


def _hosted(value: Any, names: list[str]) -> Any:
    """Return a value with the kernels in it replaced, or the value itself where there are none."""
    if isinstance(value, Dispatcher):
        return host_version(value)
    if isinstance(value, types.ModuleType) and not is_foreign(value.__name__):
        found = {name: vars(value)[name] for name in names if name in vars(value)}
        return _replaced(value, found, [name for name in names if name not in found])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _replaced(value, {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}, names)
    if isinstance(value, functools.partial):
        return functools.partial(_hosted(value.func, names), *_hosted(value.args, names), **_hosted(value.keywords, names))
    if isinstance(value, dict):
        return {key: _hosted(part, names) for key, part in value.items()}
    if isinstance(value, tuple):
        parts = [_hosted(part, names) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def _replaced(value: Any, attributes: dict[str, Any], names: list[str]) -> Any:
    """Return a stand-in for a module or record whose kernels are replaced."""
    hosted = {name: _hosted(part, names) for name, part in attributes.items()}
    changed = {name: part for name, part in hosted.items() if part is not attributes[name]}
    if not changed:
        return value
    if isinstance(value, types.ModuleType):
        return types.SimpleNamespace(**{**vars(value), **changed})
    twin = copy.copy(value)
    for name, part in changed.items():
        object.__setattr__(twin, name, part)
    return twin


def twin_of(function: Callable, names: dict[str, Any] | None = None, closure: tuple | None = None) -> Callable:
    """Return a twin of a function, which may be renamed and rewired while the original stays as it is."""
    if not isinstance(function, types.FunctionType):
        return function  # numba says what is wrong with it
    twin = types.FunctionType(
        function.__code__,
        function.__globals__ if names is None else names,
        function.__name__,
        function.__defaults__,
        function.__closure__ if closure is None else closure,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__module__, twin.__qualname__, twin.__doc__ = function.__module__, function.__qualname__, function.__doc__
    return twin
