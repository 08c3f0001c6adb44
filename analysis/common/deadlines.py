"""Deadlines on the performance counter."""

from __future__ import annotations

import time


def deadline_in(seconds: float | None) -> float | None:
    """Return the time on the performance counter after so many seconds."""
    return None if seconds is None else time.perf_counter() + seconds


def seconds_until(deadline: float | None) -> float | None:
    """Return how many seconds are left, a little at least; None where there is no limit."""
    return None if deadline is None else max(1e-3, deadline - time.perf_counter())
