"""Interleaved timing: A B A B .., each sample long enough to be read, medians and spreads."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .case import Run

SHORTEST_SAMPLE = 5e-3  # seconds; the clock and its call cost less than 1e-6
PAUSE = 5e-3  # lets the threads of the last case fall asleep


@dataclass
class Timing:
    """Seconds a call of one case: one sample a round, with what the first call took and returned."""

    first: float = math.nan
    samples: list[float] = field(default_factory=list)
    result: Any = None
    failure: str | None = None

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples) if self.samples else math.nan

    @property
    def low(self) -> float:
        """The fastest sample."""
        return min(self.samples, default=math.nan)

    @property
    def high(self) -> float:
        """The slowest sample."""
        return max(self.samples, default=math.nan)

    def ratio_to(self, other: Timing) -> float:
        """Return the median over the rounds of this time divided by the other's in the same round."""
        pairs = [a / b for a, b in zip(self.samples, other.samples, strict=False)]
        return statistics.median(pairs) if pairs else math.nan

    def over(self, other: Timing) -> float:
        """Return the median over the rounds of this time less the other's in the same round."""
        pairs = [a - b for a, b in zip(self.samples, other.samples, strict=False)]
        return statistics.median(pairs) if pairs else math.nan


def interleave(runs: Mapping[str, Run], *, rounds: int = 7, budget: float = 10.0) -> dict[str, Timing]:
    """Time every run in every round, in turn.

    Parameters
    ----------
    runs : mapping of str to callable
        What to time. A run that raises is recorded as a failure and left out.
    rounds : int
        Samples a case.
    budget : float
        Seconds a case; a slow case takes part in the first rounds only, in one at least.
    """
    timings = {label: _first_call(run) for label, run in runs.items()}
    plans = {label: _plan(runs[label], rounds, budget) for label, timing in timings.items() if not timing.failure}
    for number in range(rounds):
        for label, (calls, its_rounds) in plans.items():
            if number < its_rounds:
                timings[label].samples.append(sample(runs[label], calls))
    return timings


def sample(run: Run, calls: int = 1) -> float:
    """Return the seconds that a call takes, as the mean over a few calls in a row."""
    time.sleep(PAUSE)
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(calls):
            run()
        return (time.perf_counter() - start) / calls
    finally:
        gc.enable()


def _first_call(run: Run) -> Timing:
    start = time.perf_counter()
    try:
        result = run()
    except Exception as error:
        return Timing(failure=describe(error))
    return Timing(first=time.perf_counter() - start, result=result)


def _plan(run: Run, rounds: int, budget: float) -> tuple[int, int]:
    """Return the calls a sample and the rounds that a case takes part in."""
    once = sample(run)
    calls = max(1, math.ceil(SHORTEST_SAMPLE / max(once, 1e-9)))
    return calls, max(1, min(rounds, int(budget / (calls * once))))


def describe(error: Exception) -> str:
    """Return an error in one short line."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:100]
