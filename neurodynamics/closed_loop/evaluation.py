"""The record of an evaluation: scores, status and lengths of trials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurodynamics.closed_loop.loop_solution import LoopSolution
from neurodynamics.records import Record
from neurodynamics.status import shortfall
from neurodynamics.validation import Floats


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(Record):
    """How the members of a population did.

    Attributes
    ----------
    scores : array, shape (B, trials), or (B, trials, score_dim) where a task has several
        NaN where a trial failed or was not finished.
    status : array of int, shape (B, trials)
        A `Status` each: SUCCESS where the whole duration was used, EVENT where the task ended the trial, NON_FINITE
        where a number became NaN or infinite, INTERRUPTED or TIMEOUT where the trial was not finished.
    steps : array of int, shape (B, trials)
        Steps of the body.
    params : array, shape (B, P)
    solutions : list of LoopSolution
        The trials that ``record`` asked for, in its order; ``solution`` is the first.
    path : str
        What ran: "lanes" (many networks at a time) or "compiled" (one after the other). Both give the same bits.
    """

    scores: Floats
    status: np.ndarray
    steps: np.ndarray
    params: Floats
    method: str
    path: str
    solutions: list[LoopSolution] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def solution(self) -> Any:
        """The first trial that was recorded, a LoopSolution; None where there is none."""
        return self.solutions[0] if self.solutions else None

    @property
    def success(self) -> np.ndarray:
        """Whether each trial came to its end with a finite score, shape (B, trials)."""
        return self.status >= 0

    @property
    def failed(self) -> np.ndarray:
        """The indices (member, trial) of the trials that did not, shape (K, 2)."""
        return np.argwhere(self.status < 0)

    @property
    def mean_scores(self) -> Floats:
        """The mean of each member's scores over its trials, shape (B,) or (B, score_dim); NaN where a trial failed."""
        return self.scores.mean(axis=1)

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        members, trials = self.status.shape
        text = f"Evaluation({members} members, {trials} trials, {self.method}, {self.path}"
        if self.success.any() and self.scores.ndim == 2:
            text += f", scores {np.nanmin(self.scores):.4g} .. {np.nanmax(self.scores):.4g}"
        if len(self.failed):
            first = ", ".join(map(str, np.unique(self.failed[:, 0])[:5]))
            text += f"{shortfall(self.status)} of members {first}{', ..' if len(self.failed) > 5 else ''}"
        return text + ")"
