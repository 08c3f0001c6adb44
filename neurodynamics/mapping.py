"""Parts of a call, for whatever maps a function over a list: a pool of processes, an executor, the workers of a cluster.

Parts are numbered, so that they may come back in any order, and know when time is up by the clock that processes share.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Any, NamedTuple, NoReturn

import numpy as np

from neurodynamics.compiling import as_workers

IN_WORK = "_raised_by_the_work"  # an attribute of exceptions, which travels with them
NOT_SENT = ("pickle", "serialize", "Can't get local object")  # what picklers say of what they cannot send
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
        return _Answer(number, late, None if late else marked(self.function, part, seconds))


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
    deadline: float | None = None, *, name: str = "workers", sent: Mapping[str, Any] | None = None,
) -> Iterator[tuple[int, Any]]:  # fmt: skip
    """Yield the number of each part and ``function(part, seconds left)``, as they come; not of those that come too late.

    Without a mapper they are done here, one after the other. What fails of the mapper itself is said in the words of the
    call: the argument by its `name`, and those of the arguments that are `sent` along which cannot be.
    """
    missing = set(range(len(parts)))
    work = _Work(function, _until(deadline, mapper is not None))
    for each in _mapped(mapper or map, work, [*enumerate(parts)], name, sent or {}):
        if not isinstance(each, _Answer) or each.number not in missing:
            raise _not_a_map(name, f"among them came {each!r:.60}" if not isinstance(each, _Answer) else "one came twice")
        missing.remove(each.number)
        if not each.late:
            yield each.number, each.result
    if missing:
        raise _not_a_map(name, f"{len(missing)} of {len(parts)} did not come")


def _mapped(mapper: Callable[..., Any], work: _Work, parts: list[Any], name: str, sent: Mapping[str, Any]) -> Iterator[Any]:
    try:
        mapped = mapper(work, parts)
        yield from mapped if isinstance(mapped, Iterable) else ()
    except Exception as error:
        raise_in_our_words(error, name, sent)


def marked(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns; what it raises is known, also in another process, as not of who maps."""
    try:
        return function(*arguments)
    except Exception as error:
        error.__dict__[IN_WORK] = True
        raise


def raise_in_our_words(error: Exception, name: str, sent: Mapping[str, Any]) -> NoReturn:
    """Raise what the work raised as it is, and what its way to the workers raised with the names of the arguments."""
    if IN_WORK in error.__dict__:
        raise error
    said = f"{type(error).__name__}: {error}"
    for argument, value in sent.items() if any(word in said for word in NOT_SENT) else ():
        try:
            ForkingPickler.dumps(value)
        except Exception as why:
            raise TypeError(
                f"`{argument}` cannot be sent to other processes, as `{name}` needs: {why}. Make it of what is defined at "
                "the top of a module, without what is open or local, or let threads work: a number of `workers`."
            ) from error
    remedy = "Give what maps and is open, or a number of `workers`."
    raise RuntimeError(f"`{name}` did not map the work: {said}. {remedy}") from error


def _until(deadline: float | None, far: bool) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.perf_counter()
    return time.time() + left - (min(MARGIN, MARGIN * left) if far else 0.0)


def _not_a_map(name: str, got: str) -> TypeError:
    return TypeError(f"`{name}` must map: return what its first argument returns of each of the second; {got}.")
