"""Callbacks and progress bars of long calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from neurodynamics.extras import extra_package


def watcher(limits: Any, start: float, end: float) -> AbstractContextManager[Callable | None]:
    """Give what a run calls with ``(t, y)`` between its chunks, or None where nobody watches."""
    if limits.callback is None and not limits.progress:
        return nullcontext()
    return _watching(limits, start, end)


@contextmanager
def _watching(limits: Any, start: float, end: float) -> Iterator[Callable]:
    bar = progress_bar(abs(end - start)) if limits.progress else None

    def watch(t: float, y: Any) -> None:
        if bar is not None:
            bar.update(abs(t - start) - bar.n)
        if limits.callback is not None:
            limits.callback(t, y.copy())

    try:
        yield watch
    finally:
        if bar is not None:
            bar.close()


def progress_bar(total: float) -> Any:
    """Return a bar of tqdm."""
    bar_format = "{desc}{percentage:3.0f}%|{bar}| {n:.4g}/{total:.4g} [{elapsed}<{remaining}]"
    tqdm = extra_package("tqdm", "progress", "`progress=True` needs tqdm").tqdm
    return tqdm(total=total, unit="t", bar_format=bar_format)
