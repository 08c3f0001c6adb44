"""Some forty bad values, and what a call may do with them: take them, or refuse them at once with the argument's name."""

from __future__ import annotations

import contextlib
import enum
import inspect
import math
import signal
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

import neurodynamics

QUICK = 0.05  # seconds of this process
HANGS = 10.0  # seconds
ROOM = 50e6  # bytes


class Anything:
    """An object that is none of what is asked for."""

    def __repr__(self) -> str:
        return "Anything()"


NAN, INF = float("nan"), float("inf")
MASKED = np.ma.masked_array([1.0, 2.0], mask=[False, True])
BAD: dict[str, Any] = {
    "None": None, "True": True, "nan": NAN, "inf": INF, "-inf": -INF, "-1": -1, "0": 0, "-1.5": -1.5, "1.5": 1.5,
    "1e300": 1e300, "10**9": 10**9, "10**12": 10**12, "10**400": 10**400, "complex": 1 + 2j,
    "numpy complex": np.complex128(1j),
    "empty string": "", "string": "abc", "number as string": "1", "bytes": b"abc", "empty list": [], "list": [1, 2, 3],
    "list of nan": [NAN, 1.0], "list of None": [None], "strings": ["a", "b"], "ragged": [[1, 2], [3]], "tuple": (1, 2, 3, 4),
    "empty array": np.empty(0), "matrix": np.ones((2, 3)), "cube": np.ones((2, 2, 2)), "nan matrix": np.full((2, 2), NAN),
    "complex array": np.array([1j, 2]), "object array": np.array([Anything(), 1], dtype=object), "masked": MASKED,
    "dates": np.array(["2020-01-01"], dtype="datetime64[D]"), "sparse": sparse.csr_array(np.eye(2)), "dict": {"a": 1},
    "empty dict": {}, "set": {1, 2}, "object": Anything(), "class": int, "function": lambda: None, "function of one": abs,
    "generator": iter([1, 2]), "module": math, "range": range(3), "slice": slice(3),
}  # fmt: skip
# What can mean no number, no array, no system, no path and no choice, wherever it is given.
NEVER = ("complex", "numpy complex", "list of None", "complex array", "object array", "masked", "dates", "object", "module",
         "slice", "ragged", "nan matrix")  # fmt: skip


@dataclass
class Call:
    """A public function with arguments that it takes."""

    function: Callable
    arguments: dict[str, Any]
    reads: bool = False  # a file, which is not there: other arguments are looked at first
    called: dict[str, str] = field(default_factory=dict)  # other names in messages
    compiles: bool = False  # functions of users, before it can tell
    takes: tuple[str, ...] = ()  # labels of values that are right here, or are handed to a function of a user


FLAGS = ("progress", "dense_output", "debug", "common_random_numbers", "self_test", "host", "velocities", "friction",
         "reflexive")  # fmt: skip
PATHS = ("path",)
UNKNOWABLE = {"timeout": ("1e300", "10**9", "10**12"),  # are times, and waited for
              "callback": ("class",), "events": ("class",)}  # before they are called


@contextlib.contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    def late(*_: Any) -> None:
        raise Hangs(f"not back after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


HOOKS = ("check_params", "raise_failures", "restore", "outputs_of_rows")  # which other code calls, with what was checked


def public_callables(*modules: Any) -> dict[str, Any]:
    """Return the functions, classes and methods of public names; a method that is inherited stands at its first owner.

    Left out: pictures of records, which are the functions of `analysis.plotting`, enumerations, exceptions, hooks, and what
    has no arguments or is another package's.
    """
    ours = {module.__name__.partition(".")[0] for module in modules}
    found: dict[str, Any] = {}
    for name, thing in ((name, getattr(module, name)) for module in modules for name in module.__all__):
        if not callable(thing) or getattr(thing, "__module__", "").partition(".")[0] not in ours:
            continue
        if inspect.isfunction(thing):
            found[name] = thing
        elif inspect.isclass(thing) and not issubclass(thing, enum.Enum | BaseException):
            found[name] = thing
            for owner in (each for each in thing.__mro__ if each.__module__.partition(".")[0] in ours):
                found |= {f"{owner.__name__}.{method}": f for method, f in methods_of(owner)}
    return found


def methods_of(owner: type) -> Iterator[tuple[str, Any]]:
    for name, value in vars(owner).items():
        function = getattr(value, "__func__", value)
        if inspect.isfunction(function) and not name.startswith(("_", "plot")) and name not in HOOKS:
            if len(inspect.signature(function).parameters) > (not isinstance(value, staticmethod)):
                yield name, function


RECORDS = "records, which calls return"


def missing(modules: Any, table: Any, elsewhere: dict[str, tuple[str, ...]]) -> list[str]:
    """Return public callables that are neither in the table nor excluded, for a reason, of things that exist."""
    public = public_callables(*modules)
    excluded = {name for names in elsewhere.values() for name in names}
    no_records = [name for name in elsewhere.get(RECORDS, ()) if not inspect.isclass(public[name])]
    assert not no_records, f"no records: {no_records}"
    stale = sorted(name for name in excluded if name not in public)
    assert not stale, f"excluded, and not there: {stale}"
    twice = sorted(excluded & set(table))
    assert not twice, f"excluded, and in the table: {twice}"
    return sorted(set(public) - set(table) - excluded)


class Hangs(BaseException):
    """A call that did not come back."""


def try_one(call: Call, name: str, value: Any, fixed: dict[str, Any]) -> str:
    """Return what is wrong with how a call takes a value, or nothing."""
    arguments = call.arguments | fixed | {name: value}
    before = time.process_time()
    try:
        with warnings.catch_warnings(), no_longer_than(HANGS):
            warnings.simplefilter("ignore")
            call.function(**arguments)
    except (ValueError, TypeError) as error:
        spent = time.process_time() - before
        known = (name, call.called.get(name, name), *([str(value)] if name in PATHS else []))
        if not any(each in str(error) for each in known):
            return f"{type(error).__name__} without the name: {error}"
        return f"took {spent:.2f} s to say: {error}" if spent > QUICK and not call.compiles else ""
    except FileNotFoundError:
        fits = name in PATHS or value is None or value in neurodynamics.METHODS
        return "" if fits else "looks for the file first"
    except OSError as error:
        return "" if name in PATHS else f"{type(error).__name__}: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return ""


def values(name: str, share: int) -> Iterator[tuple[str, Any]]:
    """Some of the bad values, others for each argument."""
    for k, item in enumerate(BAD.items()):
        if (k + len(name)) % share == 0:
            yield item


def faults(call: Call, folder: Any, share: int = 1) -> Iterator[str]:
    place = folder / "missing" if call.reads else folder
    fixed = {"path": str(place / "file")} if "path" in call.arguments else {}
    for name in call.arguments:
        if name in FLAGS:
            continue
        for label, value in values(name, share):
            if label in UNKNOWABLE.get(name, ()) or label in call.takes:
                continue
            fault = try_one(call, name, value, fixed)
            if " s to say: " in fault:  # once more: other work may have been going on
                fault = try_one(call, name, value, fixed)
            if fault:
                yield f"{name} = {label}: {fault}"
    yield from silently(call, fixed, share)


def silently(call: Call, fixed: dict[str, Any], share: int = 1) -> Iterator[str]:
    """Yield what must never be accepted and was."""
    for name in call.arguments:
        for label, value in values(name, share):
            if label not in NEVER or name in FLAGS or label in call.takes:
                continue
            try:
                with warnings.catch_warnings(), no_longer_than(HANGS):
                    warnings.simplefilter("ignore")
                    call.function(**(call.arguments | fixed | {name: value}))
            except BaseException:
                continue
            yield f"{name} = {label}: accepted"


def check(name: str, call: Call, folder: Any, *, share: int = 1, room: float = ROOM) -> None:
    """Assert that a call refuses what it should; ``share = 3`` tries a third of the values with each argument."""
    if "path" not in call.arguments:
        call.function(**call.arguments)  # takes what it should, and has compiled what it needs
    tracemalloc.start()
    try:
        found = list(faults(call, folder, share))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not found, f"{len(found)} of {name}:\n" + "\n".join(found)
    assert peak < room
