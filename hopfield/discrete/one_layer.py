"""The recall of one layer of two-valued units: one at a time, or all at once."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.discrete.base import TwoValued
from hopfield.discrete.updates import Options
from hopfield.recall import Recall
from neurodynamics.validation import as_choice


class OneLayer(TwoValued):
    """A layer whose units see each other; see :class:`DiscreteHopfield` and :class:`hopfield.DenseMemory`."""

    def recall(
        self,
        probes: ArrayLike,
        *,
        update: str = "asynchronous",
        order: str | ArrayLike = "random",
        temperature: ArrayLike = 0.0,
        max_sweeps: int = 100,
        rng: Any = None,
        workers: int | None = None,
        record: bool | str = False,
        timeout: float | None = None,
        on_interrupt: str = "raise",
    ) -> Recall:
        """Let the network relax from each probe.

        Parameters
        ----------
        probes : array_like, shape (N,) or (K, N)
            Where to start. Results have K rows, one for a single probe.
        update : {"asynchronous", "synchronous"}
            One unit at a time, each once a sweep, or all at once.
        order : "random", "sequential" or array_like of int, shape (N,)
            Of asynchronous updates: a new permutation in each sweep, 0 to N - 1, or one of your own.
        temperature : float or array_like, shape (sweeps,)
            0: until nothing changes. Above: exactly ``max_sweeps`` sweeps of Glauber's dynamics, or Little's where
            updates are synchronous. One a sweep: annealing, with as many sweeps; see :func:`hopfield.anneal`.
        max_sweeps : int
            Where to stop at the latest.
        rng : Generator, int or None
            Randomness. Each probe has a stream of its own: results do not depend on ``workers``.
        workers : int, optional
            Threads of asynchronous updates; by default one a core.
        record : bool or "changes"
            Whether to keep the states after each sweep, in ``Recall.trace``, or after each change of a unit, which
            asynchronous updates have one by one.
        timeout : float, optional
            Seconds; what was reached until then is returned.
        on_interrupt : {"raise", "return"}
            Ctrl-C raises ``Interrupted`` with the partial ``result``, or returns that.

        Returns
        -------
        Recall
        """
        rows = self.states(probes, "probes")
        as_choice(update, "update", ("asynchronous", "synchronous"))
        options = self._options(temperature, max_sweeps, rng, workers, record, update == "asynchronous")
        if update == "synchronous":
            return self._run(lambda run: self._synchronous(options, run), rows, options.max_sweeps, on_interrupt, timeout)
        options = Options(**{**vars(options), "order": self._order(order)})
        return self._run(lambda run: self._asynchronous(options, run), rows, options.max_sweeps, on_interrupt, timeout)

    def _order(self, order: str | ArrayLike) -> NDArray[np.int64]:
        if isinstance(order, str):
            kind = as_choice(order, "order", ("random", "sequential"))
            return np.arange(self.size if kind == "sequential" else 0, dtype=np.int64)
        try:
            array = np.asarray(order)
        except ValueError as error:
            raise ValueError("`order` must be a vector of unit numbers; got rows of different lengths.") from error
        if array.dtype.kind not in "iu" or not np.array_equal(np.sort(array.ravel()), np.arange(self.size)):
            raise ValueError(f"`order` must name each of the units 0 .. {self.size - 1} once; got {order!r}.")
        return array.astype(np.int64)

    @abstractmethod
    def _asynchronous(self, options: Options, progress: Any) -> None: ...

    @abstractmethod
    def _synchronous(self, options: Options, progress: Any) -> None: ...
