"""How late a call answers Ctrl-C and a timeout, on a machine that has other work as well."""

from __future__ import annotations

import os
import signal
import threading
import time

PROMPT, PUNCTUAL = 0.1, 0.2  # seconds: the promises, for Ctrl-C and for timeouts
AGAIN = 20.0  # seconds after which a signal is sent once more
LOADED = 0.4  # seconds that other work adds, at the best of some tries
TRIES = 4


def elapsed(begin: float) -> float:
    """Return the seconds since then, for a machine whose cores have one process each to run."""
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    return (time.perf_counter() - begin) / max(1.0, load)


def timed(call):
    """Return what a call returns, and how long it took."""
    begin = time.perf_counter()
    return call(), elapsed(begin)


def interrupted(call, after=0.25):
    """Send a real signal while a call runs; return what it raised or returned, and how long that took."""
    sent, over = [], threading.Event()

    def send():
        delay = after
        while not over.wait(delay):  # again, where Python met it in a finaliser, which prints it and goes on
            sent.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)
            delay = AGAIN

    presser = threading.Thread(target=send, daemon=True)
    early = False
    try:
        presser.start()
        result = call()
        early = not sent
        over.set()
        presser.join()
    except KeyboardInterrupt as error:
        result = error
    finally:
        over.set()
    assert not early, f"the call ended before the signal came: {result!r}"
    return result, elapsed(sent[-1])


def at_best(measure, enough):
    """Return the quickest of some tries: others use this machine as well."""
    found = measure()
    for _ in range(TRIES - 1):
        if found[1] < enough:
            break
        time.sleep(0.5)
        found = min(found, measure(), key=lambda pair: pair[1])
    return found
