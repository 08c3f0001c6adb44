"""Run the compiled search in chunks, on one core or several, until it is done or stopped."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from analysis.equilibria.certified.branch import BOXES, POINTS, SMALL, TOP, Found, branch_and_prune
from analysis.equilibria.certified.budget import Budget
from analysis.equilibria.certified.memory import Network, allocate
from neurodynamics.watched import shielded

STACK = 512
POINT_CAPACITY = 256
SMALL_CAPACITY = 256


class Explorer:
    """The workers of one network, and all that they proved.

    Attributes
    ----------
    points : list of ndarray
        Rows ``x, radius, isolation`` of proved equilibria; one may occur several times.
    """

    def __init__(self, net: Network, widest: float, workers: int) -> None:
        self.points: list[np.ndarray] = []
        self.count = 0
        self._net = net
        self._widest = widest
        self._workers = [_Worker(net.n) for _ in range(workers)]
        self._workers[0].run(net, np.ones(net.n), widest, 0)  # compiles

    def explore(
        self, boxes: np.ndarray, finest: np.ndarray, budget: Budget, most_small: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Search boxes (k, 2 n); return the undecided small ones and those not examined.

        The search ends early when there are more than `most_small` small boxes.
        """
        small: list[np.ndarray] = []
        workers = self._workers
        for worker in workers:
            worker.clear()
        workers[0].push(boxes)
        with ThreadPoolExecutor(len(workers)) as pool:
            try:
                while any(worker.waiting for worker in workers) and sum(map(len, small)) <= most_small:
                    chunk = budget.chunk(len(workers))
                    if chunk == 0:
                        break
                    self._share()
                    start = time.perf_counter()
                    if len(workers) == 1:
                        workers[0].run(self._net, finest, self._widest, chunk)
                    else:
                        with shielded():
                            list(pool.map(lambda w, most=chunk: w.run(self._net, finest, self._widest, most), workers))
                    seconds = time.perf_counter() - start
                    self._collect(small)
                    examined = sum(worker.examined for worker in workers)
                    budget.spent(examined, seconds, self.count, sum(worker.waiting for worker in workers))
            except KeyboardInterrupt:
                budget.interrupt()
        self._collect(small)
        rest = [worker.pop_all() for worker in workers]
        return np.concatenate([boxes[:0], *small]), np.concatenate(rest)

    def _collect(self, small: list[np.ndarray]) -> None:
        for worker in self._workers:
            points, boxes = worker.take()
            self.points.append(points)
            self.count += len(points)
            small.append(boxes)

    def _share(self) -> None:
        """Give idle workers half of the oldest, and so largest, boxes of the busiest."""
        for idle in self._workers:
            busiest = max(self._workers, key=lambda worker: worker.waiting)
            if idle.waiting == 0 and busiest.waiting > 1:
                idle.push(busiest.pop_oldest(busiest.waiting // 2))


class _Worker:
    """Memory of one thread."""

    def __init__(self, n: int) -> None:
        self._memory = allocate(n)
        self._found = Found(
            np.zeros((STACK, 2 * n)), np.zeros((POINT_CAPACITY, n)), np.zeros(POINT_CAPACITY),
            np.zeros(POINT_CAPACITY), np.zeros((SMALL_CAPACITY, 2 * n)), np.zeros(4, np.int64),
        )  # fmt: skip
        self.examined = 0

    @property
    def waiting(self) -> int:
        return int(self._found.count[TOP])

    def run(self, net: Network, finest: np.ndarray, widest: float, most: int) -> None:
        """Examine up to `most` boxes; fewer when a list is full."""
        self._grow(2)
        branch_and_prune(net, *self._memory, self._found, finest, widest, most)

    def push(self, boxes: np.ndarray) -> None:
        self._grow(len(boxes))
        top = self.waiting
        self._found.stack[top : top + len(boxes)] = boxes
        self._found.count[TOP] += len(boxes)

    def pop_oldest(self, k: int) -> np.ndarray:
        stack, top = self._found.stack, self.waiting
        boxes = stack[:k].copy()
        stack[: top - k] = stack[k:top].copy()
        self._found.count[TOP] -= k
        return boxes

    def pop_all(self) -> np.ndarray:
        return self.pop_oldest(self.waiting)

    def take(self) -> tuple[np.ndarray, np.ndarray]:
        """Hand out what was found since the last time."""
        found, count = self._found, self._found.count
        k = count[POINTS]
        points = np.column_stack([found.points[:k], found.radius[:k], found.isolation[:k]])
        small = found.small[: count[SMALL]].copy()
        self.examined = int(count[BOXES])
        count[BOXES] = count[POINTS] = count[SMALL] = 0
        return points, small

    def clear(self) -> None:
        self._found.count[:] = 0

    def _grow(self, room: int) -> None:
        stack, top = self._found.stack, self.waiting
        if top + room > len(stack):
            larger = np.zeros((2 * (top + room), stack.shape[1]))
            larger[:top] = stack[:top]
            self._found = self._found._replace(stack=larger)
