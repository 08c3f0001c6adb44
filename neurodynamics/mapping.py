"""Parts of a call, for whatever maps a function over a list: a pool of processes, an executor, the workers of a cluster.

Parts are numbered, so that they may come back in any order, and know when time is up by the clock that processes share.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import as_workers

MARGIN = 0.1  # seconds, at most this share of all, for the way back


class Workers(NamedTuple):
    """Who works: threads of this process, or what a mapper makes of parts, each of which has one thread."""

    threads: int
    mapper: Callable[..., Any] | None


class _Answer(NamedTuple):
    number: int
    late: bool
    result: Any


@dataclass(frozen=True)
class _Work:
    function: Callable[[Any, float | None], Any]
    until: float | None

    def __call__(self, numbered: tuple[int, Any]) -> _Answer:
        number, part = numbered
        seconds = None if self.until is None else self.until - time.time()
        late = seconds is not None and seconds <= 0.0
        return _Answer(number, late, None if late else self.function(part, seconds))


def workers_of(workers: Any) -> Workers:
    """Return who works: an int (-1: all cores), None, or something that maps or has a `map`, such as a pool."""
    executor = getattr(workers, "get_executor", None)  # a client of dask, whose own map returns futures
    given = executor() if callable(executor) else workers
    lazy = getattr(given, "imap_unordered", None)  # of a pool of multiprocessing, whose map keeps all results to the end
    mapper = given if callable(given) else lazy or getattr(given, "map", None)
    if callable(mapper):
        return Workers(1, mapper)
    if workers is not None and not (isinstance(workers, (int, np.integer)) and not isinstance(workers, bool)):
        raise TypeError(f"`workers` must be a number of threads or something that maps; got {type(workers).__name__}.")
    return Workers(as_workers(None if workers is None else int(workers)), None)


def answers(
    mapper: Callable[..., Any] | None, function: Callable[[Any, float | None], Any], parts: Sequence[Any],
    deadline: float | None = None,
) -> Iterator[tuple[int, Any]]:  # fmt: skip
    """Yield the number of each part and ``function(part, seconds left)``, as they come; not of those that come too late.

    Without a mapper they are done here, one after the other.
    """
    missing = set(range(len(parts)))
    mapped = (mapper or map)(_Work(function, _until(deadline, mapper is not None)), [*enumerate(parts)])
    for each in mapped if isinstance(mapped, Iterable) else ():
        if not isinstance(each, _Answer) or each.number not in missing:
            raise _not_a_map(f"among them came {each!r:.60}" if not isinstance(each, _Answer) else "one came twice")
        missing.remove(each.number)
        if not each.late:
            yield each.number, each.result
    if missing:
        raise _not_a_map(f"{len(missing)} of {len(parts)} did not come")


def _until(deadline: float | None, far: bool) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.perf_counter()
    return time.time() + left - (min(MARGIN, MARGIN * left) if far else 0.0)


def _not_a_map(got: str) -> TypeError:
    return TypeError(f"`workers` must map: return what its first argument returns of each of the second; {got}.")
