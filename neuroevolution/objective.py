"""What is maximised: genes become networks, networks do a task, and the task gives scores."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ctrnn import Genotype
from neurodynamics import Task, evaluate
from neurodynamics.status import Status
from neurodynamics.validation import Floats
from neurodynamics.watched import long_call, with_own_record
from neuroevolution.descriptions import describe_genotype, describe_task
from neuroevolution.embodied import EmbodiedGenotype
from neuroevolution.search import check_scores
from neuroevolution.tasks import TrajectoryFitting


def record_of_scores(
    template: Any, task: Task, rows: Floats, options: Mapping[str, Any], record: Callable[[Floats], Any]
) -> Any:
    """Return the record of the mean scores (B,) of parameters in rows (B, P), all of which meet the same random numbers.

    Ctrl-C leaves a record with NaN for those that were not scored.
    """
    refuse(options, "params", "the network's own are varied: use network.with_params(..), and `task_params` for the task's")
    refuse(options, "first_member", "the agent is the only member")
    given = {**getattr(task, "standard", {}), "common_random_numbers": True, "rng": 0, **options}

    def of(found: Any) -> Any:
        return record(found.mean_scores.reshape(len(rows), -1)[:, 0])

    return with_own_record(lambda: of(evaluate(template, task, params=rows, **given)), of)


def refuse(options: Mapping[str, Any], name: str, why: str) -> None:
    """Raise where an option of `evaluate` is not for users of this function."""
    if name in options:
        raise TypeError(f"`{name}` is no option here: {why}.")


@dataclass(frozen=True)
class Objective:
    """Scores of genes: of a task with the options of `evaluate`, of a time series, or of a function of the genes."""

    genotype: Genotype
    task: Any
    options: Mapping[str, Any]
    measures: int = 0  # that the search wants to know besides the score

    def scores(self, genes: Floats, first: int = 0, seed: Any = None, workers: int | None = None, **limits: Any) -> Floats:
        """Return the scores (B,) of genes, whose first row is member `first` of the population."""
        if isinstance(self.task, TrajectoryFitting):
            found = self.task.scores(self.genotype.template, self.genotype.decode(genes), workers=workers)
            return check_scores(found, len(genes), self.measures)
        if not isinstance(self.task, Task):
            return check_scores(self.task(genes.copy()), len(genes), self.measures)  # it may write to them
        embodied = isinstance(self.genotype, EmbodiedGenotype)
        body = {"task_params": self.genotype.task_params(genes)} if embodied else {}  # type: ignore[attr-defined]
        result = evaluate(
            self.genotype.template, self.task, params=self.genotype.decode(genes), first_member=first,
            rng=None if seed is None else np.random.default_rng(seed), workers=workers, on_interrupt="return",
            **{**body, **self.options, **limits},
        )  # fmt: skip
        if (result.status == Status.INTERRUPTED).any():
            raise KeyboardInterrupt
        found = result.mean_scores.reshape(len(genes), -1)
        return check_scores(found[:, : 1 + self.measures], len(genes), self.measures) if self.measures else found[:, 0]

    @property
    def arguments(self) -> dict[str, Any]:
        """What is sent to who works, by the names of the arguments of `evolve`."""
        return {"task": self.task, "genotype": self.genotype, **self.options}

    def description(self) -> dict[str, str]:
        """Return what tells one objective from another, in words and digests."""
        options = repr(sorted(self.options.items()))
        return {"genotype": describe_genotype(self.genotype), "task": describe_task(self.task), "options": options}


@dataclass(frozen=True)
class Piece:
    """Some members of a population, for a worker: those from number `first` on."""

    objective: Objective
    genes: Floats
    first: int
    seed: Any
    limit: float  # seconds

    def cut(self, members: list[slice]) -> list[Piece]:
        """Return the pieces of these members."""
        return [replace(self, genes=self.genes[rows], first=self.first + rows.start) for rows in members]

    def scores(self, workers: int | None = 1) -> Floats:
        """Return the scores."""
        timed = np.isfinite(self.limit) and isinstance(self.objective.task, Task)
        limits = {"timeout": max(self.limit, 0.0)} if timed else {}
        return self.objective.scores(self.genes, self.first, self.seed, workers, **limits)

    def nothing(self) -> Floats:
        """Return scores of which none is there."""
        measures = self.objective.measures
        return np.full((len(self.genes), 1 + measures) if measures else len(self.genes), np.nan)

    def timed(self, _: float | None = None) -> Scored:
        """Return the scores, NaN where they are not there in the time that a piece has."""
        began = time.perf_counter()
        found = self.scores() if np.isinf(self.limit) else in_time(self.scores, self.nothing, self.limit)
        return Scored(self.first, found, time.perf_counter() - began)


class Scored(NamedTuple):
    """What a worker sends back of a piece."""

    first: int
    scores: Floats
    seconds: float


def in_time(work: Callable[[], Floats], late: Callable[[], Floats], limit: float) -> Floats:
    """Return the scores that work finds, or the late ones where it does not end in `limit` seconds: it is left behind."""

    def so_far(status: Status) -> Floats:
        if status is Status.INTERRUPTED:
            raise KeyboardInterrupt
        return late()

    return long_call(work, so_far, timeout=max(limit, 0.0), quiet=False, apart=True)
