"""Long calls: the work runs in a thread of its own, while the calling one serves Ctrl-C and the deadline.

A product of large matrices, a decomposition or a compiler cannot be stopped. So who waits is told at once that time is up;
the work sees its stop word, or meets a KeyboardInterrupt, as soon as it can, and what it still does is not waited for.
"""

from __future__ import annotations

import _thread
import atexit
import contextlib
import contextvars
import ctypes
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurodynamics.status import Interrupted, Status
from neurodynamics.validation import as_choice, as_number

LIGHT = 2e6  # operations; less is done before anybody gets impatient, and needs no thread
LOOK = 0.05  # seconds at most between looks for Ctrl-C where a signal does not end the waiting
BLOCK = 1e7  # operations of what is done for a stopped run between two looks at the clock
PIECE, FIRST, GROWTH = 0.02, 16, 8  # seconds of work between looks at the stop word; rows of the first; and how they grow
GRACE = 0.04  # seconds that stopped work has to come to its end
LATE = 0.12  # seconds after the deadline until work is stopped that was to look at it by itself
_here = threading.local()  # .job: what this thread works on


def stop_word() -> NDArray[np.int64]:
    """Return a word that becomes 1 when work must end: that of the watched call that this thread works for, or a new one."""
    job = _job()
    return np.zeros(1, np.int64) if job is None else job.stop_word


def as_timeout(timeout: float | None) -> float | None:
    """Return seconds, or None for no limit."""
    return None if timeout is None else as_number(timeout, "timeout", minimum=0.0)


def as_on_interrupt(on_interrupt: Any) -> str:
    """Return what is to be done with the record on Ctrl-C: "raise" or "return"."""
    return as_choice(on_interrupt, "on_interrupt", ("raise", "return"))


class OutOfTime(Exception):
    """Raised by the work of a long call that has used up its time before it had a record of its own."""


# One piece of work ------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(eq=False)
class _Alarm:
    """When a call within another one has used up its time."""

    at: float
    rung: bool = False


def _raise_in(thread: int, error: type[BaseException] | None = KeyboardInterrupt) -> None:
    """Raise in another thread at its next line of Python; None: what was to be raised there is not."""
    raised = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)


class _Job:
    """Work in a thread of its own, what it returned or raised, and the means to stop it."""

    def __init__(self, work: Callable[[], Any], stop: NDArray[np.int64]) -> None:
        self._work: Callable[[], Any] | None = work
        self.stop_word = stop
        self.done = False
        self.values: list[Any] = []
        self.errors: list[BaseException] = []
        self._running, self._guard = threading.Lock(), threading.Lock()
        self._thread = self._shields = 0
        self._wanted = False  # somebody wants to see the end of this
        self._alarms: list[_Alarm] = []  # of calls inside, which have less time

    def start(self) -> None:
        self._running.acquire()
        _thread.start_new_thread(contextvars.copy_context().run, (self._run,))

    def _run(self) -> None:
        try:
            _here.job = self
            try:
                self._begin()
                self.values.append(self._work())  # type: ignore[misc]
            except BaseException as error:  # handed to whoever waits, whatever it is
                self.errors.append(error)
            with self._guard:
                self._thread = 0
        except KeyboardInterrupt:  # the one of `interrupt`, between the lines above
            self._thread = 0
        finally:
            self._work = None  # and what it holds
            self.done = True
            self._running.release()

    def _begin(self) -> None:
        with self._guard:
            self._thread = threading.get_ident()
            too_late = self._wanted
        if too_late:  # interrupted before this thread began
            raise KeyboardInterrupt

    def wait(self, until: float) -> bool:
        """Wait until the work is done, or until then; a signal finds no lock held but that of this one job."""
        while not self.done and (left := until - time.perf_counter()) > 0:
            if self._running.acquire(timeout=min(left, LOOK)):
                break
            self._ring()
        return self.done

    def stop(self) -> None:
        """Say that time is up, by the stop word."""
        self.stop_word[0] = 1
        self.wait(time.perf_counter() + GRACE)

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the work, at its next line of Python outside of a shield."""
        self.stop_word[0] = 1
        with self._guard:
            if self._thread and not self._wanted and not self._shields:
                _raise_in(self._thread)
            self._wanted = True
        self.wait(time.perf_counter() + GRACE)

    def _ring(self) -> None:
        """Interrupt a call inside whose time is up, and which did not see it."""
        for alarm in list(self._alarms):
            with self._guard:
                due = not alarm.rung and time.perf_counter() > alarm.at and alarm in self._alarms
                if due and self._thread and not self._wanted and not self._shields:
                    alarm.rung = True
                    _raise_in(self._thread)

    def inside(self, work: Callable[[], Any], so_far: Callable[[Status], Any] | None, timeout: float | None) -> Any:
        """Run the work of a call within this one, and return its record, in its own time."""
        alarm, records = _Alarm(np.inf if timeout is None else time.perf_counter() + timeout + LATE), list[Any]()
        try:
            self._alarms.append(alarm)
            records.append(work())
            self._disarm(alarm)
        except OutOfTime:
            self._disarm(alarm)
            if so_far is None:
                raise
            return so_far(Status.TIMEOUT)
        except KeyboardInterrupt:
            self._disarm(alarm)
            if self._wanted and so_far is None:
                raise
            if not records:
                ended = Status.TIMEOUT if alarm.rung and not self._wanted else Status.INTERRUPTED
                if so_far is None:
                    raise
                return so_far(ended)
        finally:
            if alarm in self._alarms:
                self._alarms.remove(alarm)
        return _renamed(records[0], Status.TIMEOUT if alarm.rung and not self._wanted else Status.SUCCESS)

    def _disarm(self, alarm: _Alarm) -> None:
        """Let an alarm ring no more; one that is on its way is called back."""
        with self._guard:
            if alarm in self._alarms:
                self._alarms.remove(alarm)
            if alarm.rung and not self._wanted:
                _raise_in(self._thread, None)

    @property
    def shielded(self) -> bool:
        """Whether no interrupt may come now."""
        return self._shields > 0

    @contextlib.contextmanager
    def shield(self) -> Iterator[None]:
        """Let no interrupt come in here; it comes at the end."""
        with self._guard:
            self._shields += 1
        try:
            yield
        finally:
            with self._guard:
                self._shields -= 1
                late = self._wanted and not self._shields
        if late:
            raise KeyboardInterrupt


def is_watched() -> bool:
    """Whether this thread does the work of a long call."""
    return _job() is not None


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Let no interrupt come into this part of the work of a long call; it comes at the end.

    For the start of threads among others: until a thread runs, Python (3.11) takes it for the one that started it, and what
    is raised in that one may be raised in the new one instead.
    """
    job = _job()
    with contextlib.nullcontext() if job is None else job.shield():
        yield


def _job() -> _Job | None:
    return getattr(_here, "job", None)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


# Calls with a stop word ---------------------------------------------------------------------------------------------------


def watched(
    work: Callable[[], None], stop: NDArray[np.int64], *, timeout: float | None = None, operations: float = np.inf
) -> Status:
    """Run ``work()``, which heeds ``stop[0]``; return SUCCESS, or TIMEOUT or INTERRUPTED while it may still run.

    Inside the work of another watched call it simply runs: both have the same word, and stop together.
    """
    outer = _job()
    if outer is not None:
        work()
        return Status.INTERRUPTED if outer.stop_word[0] else Status.SUCCESS
    if operations < LIGHT and timeout is None:
        return _at_once(work, stop)
    job = _Job(work, stop)
    ended = _ended(job, np.inf if timeout is None else time.perf_counter() + timeout)
    if ended is not Status.SUCCESS:
        job.stop()  # what stopped work complains of, nobody asked for
    elif job.errors:
        raise job.errors[0]
    return ended


def _ended(job: _Job, until: float) -> Status:
    try:
        job.start()
        return Status.SUCCESS if job.wait(until) else Status.TIMEOUT
    except KeyboardInterrupt:
        return Status.INTERRUPTED


def _at_once(work: Callable[[], None], stop: NDArray[np.int64]) -> Status:
    try:
        work()
    except KeyboardInterrupt:
        stop[0] = 1
        return Status.INTERRUPTED
    return Status.SUCCESS


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


def heed() -> None:
    """Raise KeyboardInterrupt where the long call that this thread works for has ended.

    The one that was raised in this thread may be lost, as in a finaliser, which prints it and goes on.
    """
    job = _job()
    if job is not None and job.stop_word[0] and not job.shielded:
        raise KeyboardInterrupt


def pieces(count: int, most: int = 10**9) -> Iterator[slice]:
    """Yield slices of so many rows, each some milliseconds of work or of `most` rows; heed the stop word between them."""
    start, size = 0, min(FIRST, most)
    while start < count:
        begin = time.perf_counter()
        yield slice(start, min(start + size, count))
        start += size
        size = int(np.clip(size * PIECE / (time.perf_counter() - begin + 1e-9), 1, min(GROWTH * size, most)))
        if start < count:
            heed()


# Calls with a record ------------------------------------------------------------------------------------------------------


def long_call(
    work: Callable[[], Any],
    so_far: Callable[[Status], Any] | None = None,
    *,
    timeout: float | None = None,
    on_interrupt: str = "raise",
    quiet: bool = True,
    operations: float = np.inf,
    apart: bool = False,
) -> Any:
    """Return the record that ``work()`` makes, in time.

    Work looks at its deadline by itself, ends with its record on KeyboardInterrupt, and raises :class:`OutOfTime` where it
    has none yet. Where it does not end at once, since it is inside something that cannot be stopped, the record is
    ``so_far(status)``, made beside it of what there is; it must be quick. Without `so_far` Ctrl-C is raised as it is.
    Numbers may overflow in `quiet` work, as they do in compiled code: searches look at states far out. Work of few
    `operations`, which returns to Python in between, needs no thread where it has no deadline; work `apart` has a thread
    of its own also within another long call, so that it can be left behind where it hangs.
    """
    work = np.errstate(all="ignore")(work) if quiet else work
    around = None if apart else _job()
    if around is not None:
        return _handed_over(around.inside(work, so_far, timeout), on_interrupt)
    if operations < LIGHT and timeout is None and not apart:
        try:
            record = work()
        except KeyboardInterrupt:
            if so_far is None:
                raise
            record = so_far(Status.INTERRUPTED)
        return _handed_over(record, on_interrupt)
    job = _Job(work, np.zeros(1, np.int64))
    ended = _ended(job, np.inf if timeout is None else time.perf_counter() + timeout + LATE)
    if ended is not Status.SUCCESS:
        job.interrupt()
    elif job.errors:
        if not isinstance(job.errors[0], KeyboardInterrupt | OutOfTime):
            raise job.errors[0]
        ended = Status.TIMEOUT if isinstance(job.errors[0], OutOfTime) else Status.INTERRUPTED
    if job.values:
        if ended is Status.INTERRUPTED and on_interrupt == "raise":  # it came when the work was just done
            raise Interrupted(job.values[0])
        return _handed_over(_renamed(job.values[0], ended), on_interrupt)
    if so_far is None:
        raise KeyboardInterrupt
    return _handed_over(so_far(ended), on_interrupt)


def _renamed(record: Any, ended: Status) -> Any:
    """Say of a record that was cut short at the deadline that it was the deadline."""
    if ended is not Status.TIMEOUT or not _is_interrupted(record):
        return record
    each = np.where(np.asarray(record.status) == Status.INTERRUPTED, int(Status.TIMEOUT), record.status)
    changes: dict[str, Any] = {"status": each if each.ndim else Status.TIMEOUT}
    if (reason := getattr(record, "reason", "")).startswith("interrupted"):
        changes["reason"] = reason.replace("interrupted", "`timeout` was used up", 1)
    return dataclasses.replace(record, **changes)


def _handed_over(record: Any, on_interrupt: str) -> Any:
    if on_interrupt == "raise" and _is_interrupted(record):
        raise Interrupted(record)
    return record


def _is_interrupted(record: Any) -> bool:
    """Whether the status of a record, or of one of its members, says so."""
    return bool(np.any(np.asarray(getattr(record, "status", Status.SUCCESS)) == Status.INTERRUPTED))


def with_own_record(work: Callable[[], Any], own: Callable[[Any], Any]) -> Any:
    """Return what ``work()`` returns; where Ctrl-C ends a call in it, the record is ``own(record of that call)``."""
    try:
        return work()
    except Interrupted as stopped:
        raise Interrupted(own(stopped.result)) from None


# What must not be cut ---------------------------------------------------------------------------------------------------

_uncut: list[_Job] = []  # that go on although nobody waits for them any more


def uncut(work: Callable[[], Any]) -> Any:
    """Return what ``work()`` returns, which runs to its end in any case; Ctrl-C is raised here at once."""
    inside = _job()
    if inside is not None:
        with inside.shield():
            return work()
    if not _in_main_thread():
        return work()
    job = _Job(work, np.zeros(1, np.int64))
    job.start()  # before it is in the list: nobody waits at exit for what an interrupt kept from starting
    _uncut[:] = [other for other in _uncut if not other.done] + [job]
    job.wait(np.inf)
    _uncut.remove(job)
    if job.errors:
        raise job.errors.pop()
    return job.values.pop()


@atexit.register
def _wait_for_uncut() -> None:
    for job in _uncut:
        job.wait(np.inf)
