"""Long calls: the work runs in a thread of its own, while the calling one serves Ctrl-C and the deadline.

A product of large matrices or a decomposition cannot be stopped. So who waits is told at once that time is up; the work
sees its stop word as soon as it can, and what it still does is not waited for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurodynamics.status import Status
from neurodynamics.validation import as_number

LIGHT = 2e6  # operations; less is done before anybody gets impatient, and needs no thread
LOOK = 0.05  # seconds at most between looks for Ctrl-C where a signal does not end the waiting
BLOCK = 1e7  # operations of what is done for a stopped run between two looks at the clock
GRACE = 0.04  # seconds that stopped work has to come to its end
_thread = threading.local()  # .job: what this thread works on


def stop_word() -> NDArray[np.int64]:
    """Return a word that becomes 1 when work must end: that of the watched call that this thread works for, or a new one."""
    job = getattr(_thread, "job", None)
    return np.zeros(1, np.int64) if job is None else job.stop_word


@dataclass(eq=False)
class _Job:
    work: Callable[[], None]
    stop_word: NDArray[np.int64]
    done: bool = False
    running: Any = field(default_factory=threading.Lock)
    error: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.running.acquire()

    def run(self) -> None:
        _thread.job = self
        try:
            self.work()
        except BaseException as error:  # handed to whoever waits, whatever it is
            self.error.append(error)
        self.done = True
        self.running.release()

    def wait(self, deadline: float) -> bool:
        """Wait until the work is done, or until the deadline; a signal finds no lock held but that of this one job."""
        while not self.done and (left := deadline - time.perf_counter()) > 0:
            if self.running.acquire(timeout=min(left, LOOK)):
                break
        return self.done

    def stop(self) -> None:
        self.stop_word[0] = 1
        self.wait(time.perf_counter() + GRACE)


def as_timeout(timeout: float | None) -> float | None:
    """Return seconds, or None for no limit."""
    return None if timeout is None else as_number(timeout, "timeout", minimum=0.0)


def watched(
    work: Callable[[], None], stop: NDArray[np.int64], *, timeout: float | None = None, operations: float = np.inf
) -> Status:
    """Run ``work()``, which heeds ``stop[0]``; return SUCCESS, or TIMEOUT or INTERRUPTED while it may still run.

    Inside the work of another watched call it simply runs: both have the same word, and stop together.
    """
    outer: _Job | None = getattr(_thread, "job", None)
    if outer is not None:
        work()
        return Status.INTERRUPTED if outer.stop_word[0] else Status.SUCCESS
    if operations < LIGHT and timeout is None:
        return _at_once(work, stop)
    job = _Job(work, stop)
    try:
        threading.Thread(target=job.run, daemon=True).start()
        ended = Status.SUCCESS if job.wait(_deadline(timeout)) else Status.TIMEOUT
    except KeyboardInterrupt:
        ended = Status.INTERRUPTED
    if ended is not Status.SUCCESS:
        job.stop()  # what stopped work complains of, nobody asked for
    elif job.error:
        raise job.error[0]
    return ended


def _at_once(work: Callable[[], None], stop: NDArray[np.int64]) -> Status:
    try:
        work()
    except KeyboardInterrupt:
        stop[0] = 1
        return Status.INTERRUPTED
    return Status.SUCCESS


def _deadline(timeout: float | None) -> float:
    return np.inf if timeout is None else time.perf_counter() + timeout


def result_of(work: Callable[[], Any], operations: float = np.inf) -> Any:
    """Return what ``work()`` returns; Ctrl-C is raised at once."""
    found: list[Any] = []
    stop = stop_word()
    if watched(lambda: found.append(work()), stop, operations=operations) is Status.INTERRUPTED:
        raise KeyboardInterrupt
    return found[0]


def until(
    deadline: float, function: Callable[[slice], NDArray[Any]], out: NDArray[Any], operations: float
) -> NDArray[Any]:
    """Set ``out[rows] = function(rows)``, some rows at a time until the deadline; ``operations`` is what a row takes."""
    step = len(out) if np.isinf(deadline) else int(BLOCK / operations)
    for first in range(0, len(out), max(step, 1)):
        if step == 0 or time.perf_counter() >= deadline:
            break
        rows = slice(first, first + step)
        out[rows] = function(rows)
    return out
