"""Machine code on disk that is never wrong and never in the way.

Numba's own cache looks at the file of the outermost function only, so it goes on calling the old code of a callee that
was edited elsewhere; it numbers its files, so two processes can leave an index that points to the other's code; it
names functions by a counter, so two closures of one factory that were compiled in different processes share a symbol
and one is called for the other; and it crashes on a truncated file. Here instead:

* A kernel has one file for each signature, processor and set of closed-over values. There is no index.
* The file opens with a checksum over its content and over all that the content depends on (see ``_digest``). A file
  that does not match, for whatever reason, costs a recompile.
* Before a kernel is compiled, its name is made unique to what it is compiled from.
* A folder that cannot be written costs recompiling, and one warning.

Numba still finds the folder and turns compiled functions into bytes and back.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import os
import re
import sys
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite.binding as llvm
from numba import core

from neurodynamics.compiling.digests import NotKept, digest, type_tokens, variant

# Settings of numba that change the machine code and that numba's own cache leaves out.
_SETTINGS = ("OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "ENABLE_AVX", "USING_SVML")
_NAME_LENGTH = 100  # of 255 bytes that file systems allow; the hash behind it tells long names apart


SHIPPED = Path(__file__).parents[1] / "kept"  # machine code that a wheel brings, by level: `python -m neurodynamics.prepare`
PACKAGES = ("neurodynamics", "ctrnn", "hopfield", "recurrent", "learning", "analysis", "neuroevolution")
LEVELS = {
    "x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "x86-64-v3": {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"},
}  # what processors of a level have, above those of the level below


class _Entry(NamedTuple):
    path: Path
    key: bytes
    shipped: tuple[_Entry, ...] = ()


class DiskCache:
    """What a numba dispatcher asks for compiled code: the file cache of one kernel.

    Nothing is computed before the first question, so importing a module of kernels costs nothing here.
    """

    def __init__(self, function: Callable, options: dict[str, Any]) -> None:
        self._function = function
        self._name = function.__qualname__
        self._options = options
        self._implementation: Any = None
        self._entries: dict[Any, _Entry] = {}
        self._enabled = True
        self._stale = False

    @property
    def cache_path(self) -> str | None:
        """The folder, or None where there is no place for one."""
        return self._implement() and str(_private(self._implement().locator.get_cache_path()))

    def enable(self) -> None:
        """Keep code from now on."""
        self._enabled = True

    def disable(self) -> None:
        """Neither look for code nor keep any."""
        self._enabled = False

    def flush(self) -> None:
        """Use no file that is there now; new code overwrites it."""
        self._stale = True

    def load_overload(self, sig: Any, target_context: Any, use: str = "") -> Any:
        """Return the compiled function for a signature and a use (:mod:`neurodynamics.compiling.dispatcher`), or None."""
        target_context.refresh()
        entry = self._entry(sig, target_context.codegen(), use)
        if entry is None:
            return None
        try:
            payload = None if self._stale else _read(entry)
            if payload is not None:
                return self._implement().rebuild(target_context, core.serialize.loads(payload))
        except Untrusted as error:
            warn_once(str(error))
        except Exception:  # whatever is wrong with a file, compiling again is right
            pass
        self._entries[use, sig] = entry
        return None

    def save_overload(self, sig: Any, data: Any, use: str = "") -> None:
        """Keep a compiled function; the signature was looked for before."""
        entry = self._entries.pop((use, sig), None)
        if entry is None or not self._implement().check_cachable(data):
            return
        self._store(entry, lambda: core.serialize.dumps(self._implement().reduce(data)))

    def load_code(self, sig: Any, generator: Any) -> bytes | None:
        """Return what was kept for a signature that is entered by its address, or None; numba's types stay at home."""
        entry = self._entry(sig, generator, "code")
        if entry is None:
            return None
        self._entries["code", sig] = entry
        if self._stale:
            return None
        try:
            code = _read(entry)
        except Untrusted as error:
            warn_once(str(error))
            return None
        except OSError:  # it is not there
            code = None
        return code or _shipped(entry)

    def save_code(self, sig: Any, code: bytes) -> None:
        """Keep it; the signature was looked for before."""
        entry = self._entries.pop(("code", sig), None)
        if entry is not None:
            self._store(entry, lambda: code)

    def path(self, use: str, sig: Any) -> Path | None:
        """Return where a signature will be kept that was looked for and not found, if it will be; the folder is there."""
        entry = self._entries.get((use, sig))
        return entry.path if entry is not None and self._has_folder(entry) else None

    def _store(self, entry: _Entry, payload: Callable[[], bytes]) -> None:
        try:
            if self._has_folder(entry):
                _write(entry, payload())
        except Exception as error:
            warn_once(str(error))

    def _has_folder(self, entry: _Entry) -> bool:
        try:
            self._implement().locator.ensure_cache_path()
            _make_private(entry.path.parent)
        except Exception as error:
            warn_once(str(error))
            return False
        return True

    def _entry(self, sig: Any, generator: Any, use: str = "") -> _Entry | None:
        """Return the file of a signature and what it must match, once they are known; name the function after it."""
        self._function.__qualname__ = self._name
        try:
            version = digest(self._function, freeze=True) + repr(sorted(self._options.items()))
            args, returns = core.sigutils.normalize_signature(sig)
            settings = [(name, getattr(core.config, name, None)) for name in _SETTINGS]
            triple = generator.magic_tuple()[0]
            machines = [generator.magic_tuple(), *((triple, level, "") for level in levels())]
            used = variant(self._function), use, args, returns
            places = [repr((*used, (machine, sys.flags.optimize, settings))) for machine in machines]
            types = type_tokens(args)
            keys = [hashlib.sha256(f"{version}\0{place}\0{types}".encode()).digest() for place in places]
        except NotKept:
            return None
        except Exception as error:  # an object that nobody thought of
            warn_once(repr(error))
            return None
        self._function.__qualname__ = f"{self._name}_{hashlib.sha256(version.encode()).hexdigest()[:16]}"
        if not self._enabled or self._implement() is None:
            return None
        stem = re.sub(r"[^\w.]", "", f"{Path(self._function.__code__.co_filename).stem}.{self._name}")[:_NAME_LENGTH]
        tag = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"
        names = [f"{stem}.{tag}.{hashlib.sha256(place.encode()).hexdigest()[:20]}.nbc" for place in places]
        room = Path(self._function.__code__.co_filename).parent.name
        shipped = [_Entry(SHIPPED / level / room / name, key)
                   for level, name, key in zip(levels(), names[1:], keys[1:], strict=True)]  # fmt: skip
        return _Entry(_private(self._implement().locator.get_cache_path()) / names[0], keys[0], tuple(shipped))

    def _implement(self) -> Any:
        if self._implementation is None:
            try:
                self._implementation = _implementation()(self._function)
            except Exception as error:  # no place for a cache
                warn_once(str(error))
                self._implementation = False
        return self._implementation or None


@functools.cache
def _implementation() -> Any:
    """Return what finds the folder: never the current one, which stands in for a home folder that is not named."""
    known = core.caching.CompileResultCacheImpl
    if os.path.isabs(os.path.expanduser("~")):
        return known
    at_home = (core.caching.UserWideCacheLocator, core.caching.ZipCacheLocator)
    locators = [locator for locator in known._locator_classes if locator not in at_home]
    return type("HomelessCache", (known,), {"_locator_classes": locators})


def cache_folders() -> list[Path]:
    """Return the folders in which machine code of this installation is kept, one for each folder of sources."""
    packages = Path(__file__).parents[2]
    found = set()
    for room in {file.parent for package in PACKAGES for file in (packages / package).rglob("*.py")}:
        place = DiskCache(_standing_in(room / "__init__.py"), {}).cache_path
        found |= {Path(place)} if place and os.path.isdir(place) else set()
    return sorted(found)


def _standing_in(file: Path) -> Callable:
    """Return a function that seems to be defined in a file: the folder of machine code depends on nothing else."""
    names: dict[str, Any] = {}
    exec(compile("def function(): pass", str(file), "exec"), names)
    return names["function"]


def host_processor() -> str:
    """Return the processor for which code is compiled, by LLVM's name."""
    return str(getattr(core.config, "CPU_NAME", None) or llvm.get_host_cpu_name())


# Who may write compiled code may run it: a folder of this user alone, and in it only files of this user ------------------


def _private(folder: str) -> Path:
    return Path(folder, f"kernels-{os.geteuid()}" if hasattr(os, "geteuid") else "kernels")


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_trust(folder.stat(), folder)


def _require_trust(status: os.stat_result, path: Path) -> None:
    """Raise where others own a file or folder, or may write to it."""
    if hasattr(os, "geteuid") and (status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022):
        raise Untrusted(f"{path} belongs to others, or others may write to it")


class Untrusted(OSError):
    """Code that somebody else may have put there."""


def _read(entry: _Entry) -> bytes | None:
    _require_trust(entry.path.parent.stat(), entry.path.parent)
    with open(entry.path, "rb") as file:
        _require_trust(os.fstat(file.fileno()), entry.path)
        content = file.read()
    checksum, payload = content[:32], content[32:]
    return payload if hashlib.sha256(entry.key + payload).digest() == checksum else None


def _shipped(entry: _Entry) -> bytes | None:
    for each in entry.shipped:
        with contextlib.suppress(OSError):
            code = _read(each)
            if code is not None:
                return code
    return None


@functools.cache
def levels() -> tuple[str, ...]:
    """Return the levels of processors for which this package brings machine code that runs here, the highest first."""
    has = {name for name, there in llvm.get_host_cpu_features().items() if there}
    known = list(LEVELS)
    return tuple(
        level for i, level in enumerate(known)
        if (SHIPPED / level).is_dir() and set().union(*(LEVELS[each] for each in known[i:])) <= has
    )  # fmt: skip


def _write(entry: _Entry, payload: bytes) -> None:
    """Replace a file at once, so that nobody ever reads half of it."""
    temporary = entry.path.with_name(f"{uuid.uuid4().hex}.tmp")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(hashlib.sha256(entry.key + payload).digest() + payload)
        os.replace(temporary, entry.path)
    finally:
        temporary.unlink(missing_ok=True)


@functools.cache
def is_numba_as_known() -> bool:
    """Say whether numba's private pieces that this file leans on have the shape it was written for."""
    try:
        return all(list(inspect.signature(piece()).parameters) == names for piece, names in _KNOWN)
    except AttributeError:
        return False


_KNOWN: list[tuple[Callable[[], Any], list[str]]] = [
    (lambda: core.caching.FunctionCache.load_overload, ["self", "sig", "target_context"]),
    (lambda: core.caching.FunctionCache.save_overload, ["self", "sig", "data"]),
    (lambda: core.caching.CompileResultCacheImpl, ["py_func"]),
    (lambda: core.caching.CompileResultCacheImpl.rebuild, ["self", "target_context", "payload"]),
    (lambda: core.caching.CompileResultCacheImpl.reduce, ["self", "cres"]),
    (lambda: core.caching.CompileResultCacheImpl.check_cachable, ["self", "cres"]),
    (lambda: inspect.getattr_static(core.caching.CacheImpl, "locator").fget, ["self"]),
    (lambda: core.caching._CacheLocator.get_cache_path, ["self"]),
    (lambda: core.caching._CacheLocator.ensure_cache_path, ["self"]),
    (lambda: core.codegen.JITCPUCodegen.magic_tuple, ["self"]),
    (lambda: core.sigutils.normalize_signature, ["sig"]),
    (lambda: core.serialize.dumps, ["obj"]),
]


def warn_once(reason: str) -> None:
    """Tell, once in a process, that code is not kept."""
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(
            f"compiled code cannot be kept on disk, so every process compiles again: {reason}. "
            "If the folder cannot be written, set NUMBA_CACHE_DIR to one that can.",
            RuntimeWarning,
            stacklevel=2,
        )


_warned = False
