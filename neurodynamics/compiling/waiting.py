"""While something is compiled: one line for who waits at a terminal, and Ctrl-C."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from numba.core.compiler_lock import global_compiler_lock

from neurodynamics.watched import uncut

AFTER = 1.0  # seconds
LINE = "compiling for this machine, once: about 5 s"
_told = threading.Event()


@contextlib.contextmanager
def told(after: float = AFTER) -> Iterator[None]:
    """Say so, once in a process and in an interactive session, where what is done here takes longer."""
    if _told.is_set() or not is_interactive():
        yield
        return
    timer = threading.Timer(after, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def tell() -> None:
    """Print the line, unless it was printed before."""
    if not _told.is_set():
        _told.set()
        print(LINE, file=sys.stderr, flush=True)


def is_interactive() -> bool:
    """Whether somebody waits: a prompt, a notebook, or a terminal."""
    return hasattr(sys, "ps1") or "ipykernel" in sys.modules or bool(sys.stderr and sys.stderr.isatty())


def whole(compile_it: Callable[[], Any]) -> Any:
    """Return what compiles, from a thread that Ctrl-C does not reach; it is raised here at once.

    LLVM calls back into Python, where an exception would be lost, and code compiled by half would stay in numba's tables.
    """
    return compile_it() if global_compiler_lock.is_locked() else uncut(compile_it)
