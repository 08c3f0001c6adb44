"""What a search method is: hyperparameters that start a search, and a search that is asked for genes and told scores."""

from __future__ import annotations

import copy
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_count, as_generator, as_mapping, as_real, entry, require_room


class Search(ABC):
    """A search under way, over genes in [-1, 1]; scores are maximised, and those that are NaN come last.

    To add a method, write ``_propose() -> genes`` and ``_learn(genes, scores)``, where failed ones have the score -inf, and
    name in ``arrays`` the attributes that are its memory: numbers, and arrays that are replaced by new ones, not written to.

    Attributes
    ----------
    best_genes : array, shape (n,)
        NaN while nothing has a score.
    best_score : float
        The best so far; -inf while there is none.
    evaluations : int
    """

    arrays: ClassVar[tuple[str, ...]] = ()

    def __init__(self, method: Any, size: int, rng: Any, initial: ArrayLike | None) -> None:
        self.method, self.size = method, as_count(size, "size", minimum=1)
        require_room(method.population * self.size, "size")
        seed = as_generator(rng).integers(0, 2**63, 4)
        self.rng = np.random.Generator(np.random.PCG64([int(part) for part in seed]))
        self.best_genes, self.best_score, self.evaluations = np.full(self.size, np.nan), -np.inf, 0
        self._begin(self._first(initial))

    def _first(self, initial: ArrayLike | None) -> Floats:
        """Return uniform genes of a population, the first of which are the given ones."""
        genes = self.rng.uniform(-1.0, 1.0, (self.method.population, self.size))
        if initial is not None:
            given = np.atleast_2d(check_genes(initial, self.size, "initial"))
            if len(given) > len(genes):
                raise ValueError(f"`initial` must have at most population = {len(genes)} rows; got {len(given)}.")
            genes[: len(given)] = given
        return genes

    def ask(self) -> Floats:
        """Return genes (B, n) whose scores the search wants to know."""
        return self._propose().copy()

    def tell(self, genes: ArrayLike, scores: ArrayLike) -> None:
        """Take the scores (B,) of the genes that were asked for."""
        rows = check_genes(genes, self.size)
        values = check_scores(scores, len(rows))
        values = np.where(np.isnan(values), -np.inf, values)
        top = int(np.argmax(values))
        if values[top] > self.best_score:
            self.best_genes, self.best_score = rows[top].copy(), float(values[top])
        self.evaluations += len(rows)
        self._learn(rows, values)

    def state(self) -> dict[str, np.ndarray]:
        """Return everything that the search remembers, as plain arrays."""
        return plain(self.memory())

    def memory(self) -> dict[str, Any]:
        """Return everything that the search remembers, as it is: arrays that are replaced and never written to."""
        own = {name: getattr(self, name) for name in (*self.arrays, *_COMMON)}
        return own | {"rng": self.rng.bit_generator.state}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from a state, with the same numbers to the last bit; ValueError where it is none of this search."""
        state = as_mapping(state, "state")
        missing = [name for name in self.state() if name not in state]
        if missing:
            raise ValueError(f"`state` must be what `state()` returned; it lacks {missing[0]!r}.")
        for name, now in self.state().items():
            if name not in ("rng", "best_genes"):
                value = np.array(state[name]) if now.dtype.kind == "U" else _like(now, np.array(state[name]), name)
                setattr(self, name, value if value.ndim else value.item())
        self.rng.bit_generator.state = json.loads(str(state["rng"]))
        self.best_genes = best_of(state, self.size)
        self._rehearse()

    def _rehearse(self) -> None:
        """Fail where what was restored does not fit together: try the next generation."""
        trial = copy.deepcopy(self)
        genes = trial.ask()
        trial.tell(genes, np.zeros(len(genes)))
        if len(genes) > self.method.population:
            raise ValueError(f"`genes` has {len(genes)} rows, and the population {self.method.population}.")

    @abstractmethod
    def _begin(self, genes: Floats) -> None:
        """Take the first population."""

    @abstractmethod
    def _propose(self) -> Floats:
        """Return the genes to be scored; asked twice before it is told, the same ones or new ones."""

    @abstractmethod
    def _learn(self, genes: Floats, scores: Floats) -> None:
        """Take scores, -inf for those that failed."""


def plain(memory: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return a memory as plain arrays."""
    return {name: np.array(json.dumps(each) if isinstance(each, dict) else each) for name, each in memory.items()}


def best_of(state: Mapping[str, Any], size: int) -> Floats:
    """Return the best genes of a state, NaN where nothing has a score."""
    known = np.array(state["best_score"]) > -np.inf
    return check_genes(state["best_genes"], size, "best_genes") if known else np.full(size, np.nan)


def _like(now: np.ndarray, value: np.ndarray, name: str) -> np.ndarray:
    """Return what is to take the place of an array: of its kind, as many numbers a row, no NaN."""
    if value.dtype.kind != now.dtype.kind or value.ndim != now.ndim or value.shape[1:] != now.shape[1:]:
        raise ValueError(f"`{name}` has shape {value.shape} of {value.dtype}, for {now.shape} of {now.dtype}.")
    if not (value < np.inf).all() or (value.dtype.kind == "i" and (value < 0).any()):  # scores may be -inf
        raise ValueError(f"`{name}` holds what is no number of its kind.")
    return value


_COMMON = ("best_genes", "best_score", "evaluations")


def check_genes(genes: ArrayLike, size: int, name: str = "genes") -> Floats:
    """Return genes (B, n) or (n,) that lie in [-1, 1]."""
    rows = as_real(genes, name)
    if rows.ndim not in (1, 2) or rows.shape[-1] != size or (name == "genes" and rows.ndim != 2) or not len(rows):
        raise ValueError(f"`{name}` must have shape (B, {size}); got {rows.shape}.")
    inside = np.abs(rows) <= 1.0
    if not inside.all():
        where = tuple(int(i) for i in np.argwhere(~inside)[0])
        raise ValueError(f"`{entry(name, where)}` must lie in [-1, 1]; got {rows[where]:g}.")
    return rows


def check_scores(scores: ArrayLike, count: int, measures: int = 0) -> Floats:
    """Return scores (B,), of which some may be NaN or -inf; with measures behind them, (B, 1 + measures)."""
    values = as_real(scores, "scores")
    shape = (count, 1 + measures) if measures else (count,)
    if values.shape != shape:
        words = "(B, 1 + measures)" if measures else "(B,)"
        raise ValueError(f"`scores` must have shape {words} = {shape}, one row for each of genes; got {values.shape}.")
    if (values == np.inf).any():
        where = tuple(int(i) for i in np.argwhere(values == np.inf)[0])
        raise ValueError(f"`{entry('scores', where)}` must be below infinity; got inf.")
    return values
