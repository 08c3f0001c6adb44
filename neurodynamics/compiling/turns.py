"""One process at a time compiles a kernel: the others wait for its machine code, which is quicker than making their own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # on Windows each process compiles for itself
    fcntl = None  # type: ignore[assignment]

PATIENCE = 60.0  # seconds; no kernel takes longer, but a process may be stopped in the middle
PAUSE = 0.02


@contextlib.contextmanager
def one_at_a_time(path: Path | None) -> Iterator[bool]:
    """Wait while another process makes a file; tell whether there was one, which may have made it.

    The turn is a lock of the operating system on a file beside the one that is made; it ends with its process, however
    that ends. Where there are no locks (some network file systems), nobody waits.
    """
    turn = None if path is None or fcntl is None else path.with_suffix(".turn")
    try:
        file = None if turn is None else turn.open("w")
    except OSError:  # a folder that is not there yet, or cannot be written
        file = None
    if turn is None or file is None or path is None:
        yield False
        return
    with file:
        taken = _try(file)
        waited = taken is False
        end = time.monotonic() + PATIENCE
        while taken is False and not path.exists() and time.monotonic() < end:
            time.sleep(PAUSE)
            taken = _try(file)
        try:
            yield waited
        finally:
            if taken:
                turn.unlink(missing_ok=True)


def _try(file: IO[str]) -> bool | None:
    """Take the lock; False where another process has it, None where files cannot be locked."""
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
