"""Threads over rows, each running compiled code that holds no lock; Ctrl-C stops them through a shared word.

Ctrl-C can come between any two instructions of the main thread. One inside the waiting of ``concurrent.futures`` leaves a
lock held that the workers need, and waits for them for ever. So the main thread takes no lock here but that of one queue
written in C, and what it has to know at the end is counted by the workers themselves.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import queue
import time
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neurodynamics.validation import as_count
from neurodynamics.watched import is_watched, shielded

POLL = 0.05  # seconds between looks for the deadline and whoever watches
PARTS = 16  # pieces of work for each thread: the slowest piece is waited for at the end


def as_workers(workers: int | None) -> int:
    """Return the number of threads; None, and -1 as in SciPy: one for each core that this process may use."""
    if workers is not None and not (isinstance(workers, (int, np.integer)) and workers == -1):
        return as_count(workers, "workers", minimum=1)
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def slices(count: int, parts: int) -> list[slice]:
    """Return slices, as equal as possible, that cover ``range(count)``."""
    return [slice(a, b) for a, b in pairwise(np.linspace(0, count, parts + 1).astype(int).tolist())]


def over_rows(
    on_rows: Callable[[slice], None],
    count: int,
    workers: int,
    stop: NDArray[np.int64],
    deadline: float | None = None,
    watch: Callable[[], None] | None = None,
    stopped: Callable[[], None] = lambda: None,
) -> bool:
    """Run ``on_rows(rows)`` for slices that cover ``range(count)``; return whether the deadline ended it.

    On Ctrl-C, and at the deadline, ``stop[0]`` becomes 1, which ``on_rows`` heeds, and ``stopped()`` is called; threads are
    waited for, and KeyboardInterrupt goes on.
    """
    parts = min(count, PARTS * workers)
    crew = _Crew(on_rows, slices(count, parts))
    late = False
    try:
        crew.start(min(workers, parts))
        while not crew.wait(POLL):
            if watch is not None:
                watch()
            if deadline is not None and not late and time.perf_counter() > deadline:
                late = True
                stop[0] = 1
                stopped()
        if watch is not None:
            watch()
    except BaseException:
        stop[0] = 1
        stopped()
        crew.dismiss()
        raise
    return late


class _Crew:
    """Workers that take piece after piece.

    What happened is kept in lists, which workers append to in one instruction; the queue only wakes the main thread.
    """

    def __init__(self, on_rows: Callable[[slice], None], pieces: Iterable[slice]) -> None:
        self._on_rows, self._pieces = on_rows, iter(pieces)
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._begun: list[None] = []
        self._ended: list[BaseException | None] = []
        self._dismissed = False
        self._wanted = 0

    def start(self, workers: int) -> None:
        """Start so many workers."""
        self._wanted = workers
        with shielded():
            for _ in range(workers):
                _thread.start_new_thread(self._work, ())
            while is_watched() and len(self._begun) < workers:
                time.sleep(1e-4)

    def _work(self) -> None:
        self._begun.append(None)
        error: BaseException | None = None
        try:
            for piece in self._pieces:
                if self._dismissed:
                    break
                self._on_rows(piece)
        except BaseException as raised:  # raised again where it is waited for
            error = raised
        self._ended.append(error)
        self._wake.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait for at most so long; return whether all work is done. What a thread raises is raised here."""
        end = time.perf_counter() + seconds
        while True:
            for error in self._ended:
                if error is not None:
                    raise error
            left = end - time.perf_counter()
            if len(self._ended) == self._wanted or left <= 0:
                return len(self._ended) == self._wanted
            with contextlib.suppress(queue.Empty):
                self._wake.get(timeout=left)

    def dismiss(self) -> None:
        """Wait for the workers that have begun. Those that have not will see that there is nothing to do."""
        self._dismissed = True
        while len(self._ended) < len(self._begun):
            with contextlib.suppress(queue.Empty):
                self._wake.get(timeout=POLL)
