"""Threads over probes, each running compiled code that holds no lock; Ctrl-C stops them through a shared word."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neurodynamics.validation import as_count

POLL = 0.05  # seconds between looks for Ctrl-C


def as_workers(workers: int | None) -> int:
    """Return the number of threads; None: one for each core that this process may use."""
    if workers is not None:
        return as_count(workers, "workers", minimum=1)
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def over_rows(task: Callable[[slice], None], count: int, workers: int, stop: NDArray[np.int64]) -> None:
    """Run ``task(rows)`` for slices that cover ``range(count)``.

    On Ctrl-C ``stop[0]`` becomes 1, the threads are joined, and the KeyboardInterrupt goes on.
    """
    parts = min(count, 1 if workers == 1 else 4 * workers)
    edges = np.linspace(0, count, parts + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        pending = {pool.submit(task, slice(a, b)) for a, b in pairwise(edges)}
        try:
            while pending:
                done, pending = wait(pending, POLL, FIRST_EXCEPTION)
                for job in done:
                    job.result()
        except BaseException:
            stop[0] = 1
            for job in pending:
                job.cancel()
            raise
