"""Ctrl-C at any line of the threads' code ends the call, and leaves no worker behind that waits for a lock."""

from __future__ import annotations

import concurrent.futures
import faulthandler
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from neurodynamics import watched
from neurodynamics.compiling import threads

ROOT = Path(__file__).parents[3]
STAYED_LOCKED = 17  # exit status of the control
DEADLOCK = 100.0  # seconds


def interrupted_at(line: int, run, files: tuple[str, ...]) -> bool:
    """Run with a KeyboardInterrupt at the so manieth line of these files; return whether it came so far."""
    left = [line]

    def local(frame, event, argument):
        if event == "line":
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
        return local

    def trace(frame, event, argument):
        return local if frame.f_code.co_filename in files else None

    sys.settrace(trace)
    try:
        run()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


def test_an_interrupt_at_any_line_stops_all_workers():
    """In a process of its own: what a trace raises in code that has run often may go round for ever (CPython 3.11)."""
    script = f"import runpy; runpy.run_path({__file__!r})['interrupt_every_line']()"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert run.returncode == 0, run.stderr


def interrupt_every_line():
    """Interrupt a call at each line in turn."""
    lines = 0
    for line in range(1, 400):
        stop = np.zeros(1, dtype=np.int64)
        working = []

        def task(rows, stop=stop, working=working):
            working.append(1)
            for _ in range(3):
                if not stop[0]:
                    time.sleep(0.0005)
            working.append(-1)

        came = interrupted_at(line, lambda task=task, stop=stop: threads.over_rows(task, 6, 2, stop), (threads.__file__,))
        seen = len(working)
        time.sleep(0.002)
        assert len(working) == seen, f"line {line}: a worker went on"
        assert working.count(1) == working.count(-1), f"line {line}"
        if not came:
            break
        lines += 1
    assert lines > 20
    assert not came


@pytest.mark.parametrize("call", ["long_call", "watched", "uncut"])
def test_an_interrupt_at_any_line_of_the_waiting_ends_a_long_call(call):
    script = f"import runpy; runpy.run_path({__file__!r})['interrupt_the_waiting']({call!r})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert run.returncode == 0, run.stderr


def interrupt_the_waiting(name: str):
    """Interrupt the thread that waits at each line in turn; what works ends as well, and the next call is served."""
    calls = {
        "long_call": lambda work, stop: watched.long_call(work, lambda status: status),
        "watched": lambda work, stop: watched.watched(work, stop, timeout=10.0),
        "uncut": lambda work, stop: watched.uncut(work),
    }
    faulthandler.dump_traceback_later(DEADLOCK, exit=True)
    for line in range(1, 400):
        stop, seen = np.zeros(1, dtype=np.int64), []

        def work(stop=stop, seen=seen):
            seen.append("begun")
            try:
                for _ in range(4):
                    if not stop[0]:
                        time.sleep(0.0005)
            finally:
                seen.append("ended")

        came = interrupted_at(line, lambda stop=stop, work=work: calls[name](work, stop), (watched.__file__,))
        time.sleep(0.01)
        assert seen.count("begun") == seen.count("ended"), f"line {line}: work went on"
        assert watched.long_call(lambda: "served") == "served", f"line {line}"
        if not came:
            break
    assert line > 15
    assert not came


def test_futures_stay_locked():
    """The control: the same interrupt inside the standard library's waiting. Its process ends at the first lock held."""
    script = f"import runpy; runpy.run_path({__file__!r})['interrupt_futures']()"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert run.returncode == STAYED_LOCKED, run.stderr


def interrupt_futures():
    """Interrupt the waiting at each line in turn, until a lock stays held; with it held, nothing else can be relied on."""
    base = concurrent.futures._base.__file__
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for line in range(1, 60):
            free = threading.Event()
            future = pool.submit(free.wait, 0.2)
            interrupted_at(line, lambda future=future: concurrent.futures.wait([future], 0.001), (base,))
            if future._condition._is_owned():
                os._exit(STAYED_LOCKED)
            free.set()
            future.result()


def test_what_a_task_raises_is_raised():
    def task(rows):
        raise ArithmeticError("mine")

    with pytest.raises(ArithmeticError, match="mine"):
        threads.over_rows(task, 4, 2, np.zeros(1, dtype=np.int64))


def test_every_row_is_done_once_and_the_deadline_stops():
    done = np.zeros(100, dtype=int)

    def task(rows):
        done[rows] += 1

    assert not threads.over_rows(task, 100, 3, np.zeros(1, dtype=np.int64))
    assert (done == 1).all()
    stop = np.zeros(1, dtype=np.int64)

    def endless(rows):
        while not stop[0]:
            time.sleep(0.001)

    start = time.perf_counter()
    assert threads.over_rows(endless, 4, 2, stop, deadline=start + 0.1)
    assert time.perf_counter() - start < 5.0
