"""Files that are replaced as a whole: written beside the old one, under another name until they are complete."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import secrets
import time
from collections.abc import Callable, Iterator
from typing import IO

from neurodynamics.validation import as_path

try:
    import fcntl
except ImportError:  # on Windows what a killed process leaves stays
    fcntl = None  # type: ignore[assignment]

SUFFIX = ".neural-attractors.tmp"
LOCKED_BY_NOW = 1.0  # seconds


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of the old one when the block ends well; otherwise the old one stays.

    What killed processes have left in the folder is removed: a file under way is locked until it has its name.
    """
    target = os.path.realpath(as_path(path))
    folder, name = os.path.split(target)
    if "\0" in target:
        raise ValueError(f"`path` must be the name of a file; got {path!r}.")
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", folder)
    remove_leftovers(folder)
    temporary = os.path.join(folder, f".{name}.{secrets.token_hex(4)}{SUFFIX}")
    try:
        with contextlib.ExitStack() as lock:
            with open(temporary, "xb") as file:
                lock.callback(_locked(file))
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)


def _locked(file: IO[bytes]) -> Callable[[], None]:
    """Lock a file, also beyond its closing; return what unlocks it. Some file systems have no locks."""
    if fcntl is not None:
        with contextlib.suppress(OSError):
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    return functools.partial(os.close, os.dup(file.fileno())) if fcntl is not None else lambda: None


def remove_leftovers(folder: str) -> None:
    """Remove files that are not complete and whose process has ended."""
    names: list[str] = []
    with contextlib.suppress(OSError):  # a folder may be one to write to only
        names = os.listdir(folder)
    for path in (os.path.join(folder, name) for name in names if name.endswith(SUFFIX) and fcntl is not None):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails where its process lives
            found = os.fstat(file.fileno())
            if found.st_size or found.st_mtime < time.time() - LOCKED_BY_NOW:  # else about to be locked
                os.remove(path)
