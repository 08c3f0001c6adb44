"""Warnings that a caller inside this project can do without.

The filters of the module ``warnings`` belong to the process: to change them for a while in one thread leaves them changed
where another does so at the same time.
"""

from __future__ import annotations

import contextlib
import contextvars
import warnings
from collections.abc import Iterator

_quiet: contextvars.ContextVar[bool] = contextvars.ContextVar("quiet", default=False)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Leave out the warnings of this project, in this thread and inside the block."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def warn(message: str, *, stacklevel: int) -> None:
    """Warn as ``warnings.warn`` does, unless a caller asked for quiet."""
    if not _quiet.get():
        warnings.warn(message, stacklevel=stacklevel + 1)
