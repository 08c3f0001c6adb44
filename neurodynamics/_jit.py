"""Every option with which this project compiles, and a compile cache that is never wrong and never in the way.

Kernels are written as plain functions under :func:`kernel`. What numba's own cache lacks is added here:

* The key of a cached kernel holds a digest of *everything it was compiled from*: its own code, the constants and the
  kernels it names, and so on down. Numba looks at the file of the outermost function only, and goes on calling the old
  code of a callee that was edited in another file. Because kernels a factory closes over enter by their source and
  not by their identity, such closures are found again in the next process.
* A cache file that cannot be read or written (truncated, read-only, raced) costs a recompile and at most one warning.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import types
import warnings
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.core import caching
from numba.core.dispatcher import Dispatcher

OPTIONS = {"nogil": True, "error_model": "numpy"}
OUR_PACKAGES = ("neurodynamics", "ctrnn", "hopfield", "analysis", "neuroevolution")


def kernel(function: Callable | None = None, *, host: Callable | None = None) -> Any:
    """Compile a function on its first call and keep the machine code on disk.

    Parameters
    ----------
    function : callable
        The kernel, in the style of numba's nopython mode. It never raises: failures are status codes.
    host : callable, optional
        What stands in for the kernel when its caller runs uncompiled (see :func:`host_version`); by default the
        kernel's own source.
    """
    if function is None:
        return functools.partial(kernel, host=host)
    dispatcher = compiled(function)
    dispatcher._cache = _LazyCache(function)
    dispatcher.host = host
    return dispatcher


def compiled(function: Callable) -> Any:
    """Compile on the first call, for this process only: for the functions of users."""
    return numba.njit(function, **OPTIONS)


@functools.cache
def host_version(dispatcher: Any) -> Callable:
    """Return the kernel as plain Python, with every kernel that it calls replaced by its own host version."""
    if dispatcher.host is not None:
        return dispatcher.host
    source = dispatcher.py_func
    names = dict(source.__globals__)
    for name in _names_used(source.__code__):
        if isinstance(names.get(name), Dispatcher):
            names[name] = host_version(names[name])
    return types.FunctionType(source.__code__, names, source.__name__, source.__defaults__, source.__closure__)


def digest(function: Callable) -> str:
    """Return a digest of a function's code and of all kernels and constants it is compiled from."""
    hasher = hashlib.sha256()
    _feed(hasher, function, seen=set())
    return hasher.hexdigest()


def _feed(hasher: Any, item: Any, seen: set[int]) -> None:
    if isinstance(item, Dispatcher):
        item = item.py_func
    if isinstance(item, (types.ModuleType, types.BuiltinFunctionType, np.ufunc)) or id(item) in seen:
        return
    seen.add(id(item))
    if isinstance(item, types.FunctionType) and item.__module__.partition(".")[0] in (*OUR_PACKAGES, "__main__"):
        _feed_code(hasher, item.__code__)
        names = _names_used(item.__code__)
        values = [item.__globals__[name] for name in names if name in item.__globals__]
        values += [cell.cell_contents for cell in item.__closure__ or ()]
        values += list(item.__defaults__ or ())
        for value in values:
            _feed(hasher, value, seen)
    elif isinstance(item, np.ndarray):
        hasher.update(repr((item.shape, item.dtype)).encode() + item.tobytes())
    elif isinstance(item, tuple):
        for part in item:
            _feed(hasher, part, seen)
    elif callable(item):
        _feed_module(hasher, item, seen)
    else:
        hasher.update(repr(item).encode())


def _feed_code(hasher: Any, code: types.CodeType) -> None:
    hasher.update(code.co_code + repr(code.co_names).encode())
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _feed_code(hasher, constant)
        else:
            hasher.update(repr(constant).encode())


def _feed_module(hasher: Any, item: Any, seen: set[int]) -> None:
    """An intrinsic is known by the whole file that defines it."""
    module = inspect.getmodule(item)
    if module is None or module.__name__.partition(".")[0] not in OUR_PACKAGES or id(module) in seen:
        return
    seen.add(id(module))
    hasher.update(inspect.getsource(module).encode())


def _names_used(code: types.CodeType) -> list[str]:
    names = list(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names += _names_used(constant)
    return sorted(set(names))


class _Cache(caching.FunctionCache):
    """Numba's cache of one function, keyed by :func:`digest`, whose errors cost a recompile at most."""

    @functools.cached_property
    def _digest(self) -> str:
        return digest(self._py_func)

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return sig, codegen.magic_tuple(), self._digest

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            self._forget()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except Exception as error:
            self._forget()
            _warn_once(str(error))

    def _forget(self) -> None:
        try:
            self.flush()
        except OSError:
            self.disable()


class _LazyCache:
    """Looks for a place on disk at the first compilation, not at import; without a place, nothing is kept."""

    def __init__(self, function: Callable) -> None:
        self._function = function

    @functools.cached_property
    def _cache(self) -> Any:
        try:
            return _Cache(self._function)
        except Exception as error:
            _warn_once(str(error))
            return caching.NullCache()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)


@functools.cache
def _warn_once(reason: str) -> None:
    warnings.warn(
        f"compiled code cannot be kept on disk, every process will compile again: {reason}. "
        "Set NUMBA_CACHE_DIR to a writable folder.",
        RuntimeWarning,
        stacklevel=2,
    )
