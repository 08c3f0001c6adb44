"""What a search may spend, and how it is told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable

CHUNK_SECONDS = 0.02  # compiled code cannot be interrupted: it runs for about so long at a time
FIRST_CHUNK, UP_TO = 256, 8  # boxes, and the neurons of networks that begin with so many: the work grows with their cube


class Budget:
    """Boxes and seconds that are left.

    Attributes
    ----------
    reason : str
        Why the search was stopped; empty while it was not.
    """

    def __init__(
        self, max_boxes: int, timeout: float | None, progress: Callable[[int, int, int], object] | None, n: int
    ) -> None:
        self.boxes = 0
        self.reason = ""
        self.interrupted = False
        self._max_boxes = max_boxes
        self._timeout = timeout
        self._start = time.perf_counter()
        self._chunk = int(min(FIRST_CHUNK, max(1.0, FIRST_CHUNK * (UP_TO / max(n, 1)) ** 3)))
        self._progress = progress

    def chunk(self, workers: int) -> int:
        """Return how many boxes each worker may examine now; 0 when nothing is left."""
        if self.boxes >= self._max_boxes:
            self.reason = f"`max_boxes` = {self._max_boxes} was used up"
        elif self._timeout is not None and time.perf_counter() - self._start >= self._timeout:
            self.reason = f"`timeout` = {self._timeout} s was used up"
        if self.reason:
            return 0
        return max(1, min(self._chunk, (self._max_boxes - self.boxes) // workers))

    def spent(self, boxes: int, seconds: float, points: int, waiting: int) -> None:
        """Account for a chunk and choose the length of the next one."""
        self.boxes += boxes
        if boxes:
            self._chunk = int(min(max(boxes * CHUNK_SECONDS / max(seconds, 1e-6), 1), 4 * self._chunk))
        if self._progress is not None:
            self._progress(self.boxes, points, waiting)

    def interrupt(self) -> None:
        """Stop because of Ctrl-C."""
        self.reason, self.interrupted = "interrupted", True
