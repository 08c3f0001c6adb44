"""Interleaved timing: A B A B .., each sample long enough to be read, medians and spreads.

Beside the time on the wall stands the processor time of all threads: on a machine that others use as well it is the
steadier measure of what one thread does.
"""

from __future__ import annotations

import gc
import math
import resource
import statistics
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .case import Run

SHORTEST_SAMPLE = 5e-3  # seconds; the clock and its call cost less than 1e-6
PAUSE = 5e-3  # lets the threads of the last case fall asleep


@dataclass(frozen=True)
class Sample:
    """Seconds a call on the wall, and of the processor: all threads and finished child processes."""

    wall: float
    cpu: float


@dataclass
class Timing:
    """One sample a round of one case, with the seconds of the first call and what it returned."""

    first: float = math.nan
    samples: list[Sample] = field(default_factory=list)
    result: Any = None
    failure: str | None = None

    @property
    def median(self) -> float:
        """The middle time on the wall."""
        return _middle(s.wall for s in self.samples)

    @property
    def cpu(self) -> float:
        """The middle processor time."""
        return _middle(s.cpu for s in self.samples)

    @property
    def low(self) -> float:
        """The shortest time on the wall."""
        return min((s.wall for s in self.samples), default=math.nan)

    @property
    def high(self) -> float:
        """The longest time on the wall."""
        return max((s.wall for s in self.samples), default=math.nan)

    def ratio_to(self, other: Timing) -> float:
        """Return the median over the rounds of this time divided by the other's in the same round."""
        return _middle(a.wall / b.wall for a, b in self._beside(other))

    def cpu_ratio_to(self, other: Timing) -> float:
        """Return the same of the processor times."""
        return _middle(a.cpu / b.cpu for a, b in self._beside(other))

    def over(self, other: Timing) -> float:
        """Return the median over the rounds of this processor time less the other's in the same round."""
        return _middle(a.cpu - b.cpu for a, b in self._beside(other))

    def _beside(self, other: Timing) -> list[tuple[Sample, Sample]]:
        return list(zip(self.samples, other.samples, strict=False))


def _middle(values: Iterable[float]) -> float:
    values = list(values)
    return statistics.median(values) if values else math.nan


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


def sample(run: Run, calls: int = 1) -> Sample:
    """Return the seconds that a call takes, as the mean over a few calls in a row."""
    time.sleep(PAUSE)
    gc.collect()
    gc.disable()
    try:
        wall, cpu = time.perf_counter(), _processor_time()
        for _ in range(calls):
            run()
        return Sample((time.perf_counter() - wall) / calls, (_processor_time() - cpu) / calls)
    finally:
        gc.enable()


def _processor_time() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _first_call(run: Run) -> Timing:
    start = time.perf_counter()
    try:
        result = run()
    except Exception as error:
        return Timing(failure=describe(error))
    return Timing(first=time.perf_counter() - start, result=result)


def _plan(run: Run, rounds: int, budget: float) -> tuple[int, int]:
    """Return the calls a sample and the rounds that a case takes part in."""
    once = sample(run).wall
    calls = max(1, math.ceil(SHORTEST_SAMPLE / max(once, 1e-9)))
    return calls, max(1, min(rounds, int(budget / (calls * once))))


def describe(error: Exception) -> str:
    """Return an error in one short line."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:100]
