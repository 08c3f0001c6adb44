"""Threads over rows, each running compiled code that holds no lock; Ctrl-C stops them through a shared word."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neurodynamics.validation import as_count

POLL = 0.05  # seconds between looks for Ctrl-C, the deadline and whoever watches
PARTS = 16  # pieces of work for each thread: the slowest piece is waited for at the end


def as_workers(workers: int | None) -> int:
    """Return the number of threads; None: one for each core that this process may use."""
    if workers is not None:
        return as_count(workers, "workers", minimum=1)
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def over_rows(
    task: Callable[[slice], None],
    count: int,
    workers: int,
    stop: NDArray[np.int64],
    deadline: float | None = None,
    watch: Callable[[], None] | None = None,
) -> bool:
    """Run ``task(rows)`` for slices that cover ``range(count)``; return whether the deadline ended it.

    On Ctrl-C, and at the deadline, ``stop[0]`` becomes 1, which the tasks heed; they are joined, and KeyboardInterrupt
    goes on.
    """
    parts = min(count, PARTS * workers)
    edges = np.linspace(0, count, parts + 1).astype(int)
    late = False
    with ThreadPoolExecutor(workers) as pool:
        pending = {pool.submit(task, slice(a, b)) for a, b in pairwise(edges)}
        try:
            while pending:
                done, pending = wait(pending, POLL, FIRST_EXCEPTION)
                for job in done:
                    job.result()
                if watch is not None:
                    watch()
                if deadline is not None and not late and time.perf_counter() > deadline:
                    late = True
                    stop[0] = 1
        except BaseException:
            stop[0] = 1
            for job in pending:
                job.cancel()
            raise
    return late
