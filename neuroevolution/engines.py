"""Engines: who scores a population: threads, whatever maps, or the workers of a cluster."""

from __future__ import annotations

import functools
import queue
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numba
import numpy as np

from neurodynamics.compiling import slices
from neurodynamics.mapping import answers, marked, raise_in_our_words, workers_of
from neurodynamics.validation import Floats
from neuroevolution.objective import Objective, Piece, Scored

BATCH = 0.05  # seconds of work, at least: what a piece costs on its way is a few milliseconds
PIECES = 8  # of a population, for who maps and does not tell how many it serves
FOR_EACH = 4  # pieces for each thread of a cluster: the slowest is waited for
FEW = 3  # members that a cluster is tried with where it has died of all
PATIENCE = 1.0  # seconds until a worker with a result is asked for anew: dask tries to reach a dead one for half a minute
POLL = 0.05  # seconds between two lines of Python while nothing comes


class Found(NamedTuple):
    """What is known of a population so far; each has its own, to which also work writes that was left behind."""

    scores: Floats
    poisonous: list[int]  # members that workers did not survive


class Engine(ABC):
    """Scores populations; ``found`` is what there is of the one under way."""

    def __init__(self, name: str = "workers") -> None:
        self.name = name  # of the argument that says who works
        self.found = Found(np.empty(0), [])

    def scores(self, objective: Objective, genes: Floats, seed: Any, limit: float) -> Floats:
        """Return the scores of genes, NaN for those that are not there in `limit` seconds."""
        whole = Piece(objective, genes, 0, seed, limit)
        self.found = found = Found(whole.nothing(), [])
        self._run(whole, found)
        return found.scores

    @abstractmethod
    def _run(self, whole: Piece, found: Found) -> None:
        """Find the scores of all members."""


class Threads(Engine):
    """So many threads of this process."""

    def __init__(self, workers: int) -> None:
        super().__init__()
        self.workers = workers

    def _run(self, whole: Piece, found: Found) -> None:
        found.scores[:] = whole.scores(self.workers)


class Batches(Engine):
    """Pieces of a population that are worth their way: as long as `BATCH`, by what members cost in the last generation."""

    cost = np.inf  # seconds of a member; not known yet

    def _pieces(self, whole: Piece, most: int) -> list[Piece]:
        members = len(whole.genes)
        worth = most if np.isinf(self.cost) else int(members * self.cost / BATCH)
        self.cost = np.inf
        return whole.cut(slices(members, min(max(worth, 1), most, members)))

    def _take(self, scored: Scored, found: Found) -> None:
        found.scores[scored.first : scored.first + len(scored.scores)] = scored.scores
        self.cost = min(self.cost, scored.seconds / len(scored.scores))


class Mapped(Batches):
    """What maps a function over a list, in the way of SciPy's `workers`."""

    def __init__(self, mapper: Callable[..., Any], name: str = "workers") -> None:
        super().__init__(name)
        self.mapper = mapper

    def _run(self, whole: Piece, found: Found) -> None:
        pieces = self._pieces(whole, PIECES)
        for _, scored in answers(self.mapper, Piece.timed, pieces, name=self.name, sent=whole.objective.arguments):
            self._take(scored, found)


class Cluster(Batches):
    """Workers of a cluster of dask, which may die.

    Dask gives the work of a dead worker to others. Of work that no worker has survived, each member is tried alone; one that
    kills workers then as well is poisonous, and its score stays NaN.
    """

    def __init__(self, client: Any, name: str = "engine") -> None:
        super().__init__(name)
        self.client = client

    def _run(self, whole: Piece, found: Found) -> None:
        threads = sum(self.client.nthreads().values()) or PIECES
        pieces = self._pieces(whole, threads if np.isinf(self.cost) else FOR_EACH * threads)
        tried = 0
        for piece in list(self._killers_of(pieces, found)):
            for member in piece.cut(slices(len(piece.genes), len(piece.genes))):
                found.poisonous.extend(each.first for each in self._killers_of([member], found))
                tried += 1
                if tried == len(found.poisonous) == FEW and np.isnan(found.scores).all():
                    raise RuntimeError(f"`{self.name}` loses its workers at every member: {FEW} were tried one by one.")

    def _killers_of(self, pieces: list[Piece], found: Found) -> Iterator[Piece]:
        """Take the scores of pieces, and return those that workers did not survive."""
        from distributed import KilledWorker

        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        arguments = pieces[0].objective.arguments
        try:
            futures = {self.client.submit(_alone, piece, pure=False): piece for piece in pieces}
        except Exception as refused:
            raise_in_our_words(refused, self.name, arguments)
        try:
            for future in futures:
                future.add_done_callback(done.put)
            for _ in pieces:
                future = _next_of(done)
                error = future.exception()
                if isinstance(error, KilledWorker):
                    yield futures[future]
                elif error is not None:
                    raise_in_our_words(error, self.name, arguments)
                else:
                    self._take(_result_of(future), found)
        finally:
            self.client.cancel(list(futures))


def _next_of(done: queue.SimpleQueue[Any]) -> Any:
    """Return the next that is done; an interrupt comes in between two looks."""
    while True:
        try:
            return done.get(timeout=POLL)
        except queue.Empty:
            continue


def _result_of(future: Any) -> Any:
    """Return the result of one that is done; again, where it was on a worker that has died since."""
    while True:
        try:
            return future.result(timeout=PATIENCE)
        except TimeoutError:
            if future.status == "error":
                raise


def _alone(piece: Piece) -> Scored:
    """Score a piece on a thread of a worker, whose neighbours have the other cores."""
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        with _libraries().limit(limits=1):
            return marked(piece.timed)
    finally:
        numba.set_num_threads(threads)


@functools.cache
def _libraries() -> Any:
    """Return who sets the threads of BLAS."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def engine_of(workers: Any, engine: Any) -> Engine:
    """Return the engine that a call names."""
    if engine is not None and workers is not None:
        raise ValueError("`workers` and `engine` both say who works: give one of them.")
    name, given = ("workers", workers) if engine is None else ("engine", engine)
    dask = sys.modules.get("distributed")  # a client has imported it
    if dask is not None and isinstance(given, dask.Client):
        return Cluster(_working(given, name), name)
    if engine is not None and not (callable(given) or callable(getattr(given, "map", None))):
        raise TypeError(f"`engine` must be a dask.distributed.Client, or something with a map; got {type(given).__name__}.")
    threads, mapper = workers_of(given)
    return Threads(threads) if mapper is None else Mapped(mapper, name)


def _working(client: Any, name: str) -> Any:
    if client.asynchronous or client.status != "running":
        raise ValueError(f"`{name}` must be a client that waits and is connected; got {client}.")
    _libraries()
    return client
