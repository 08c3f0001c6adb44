"""One line for who waits at a terminal while something is compiled."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

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
