"""Evolution: a search method, a task, generations, and a file that survives what happens."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn import Genotype
from neurodynamics import Task
from neurodynamics.progress import progress_bar
from neurodynamics.status import Status
from neurodynamics.validation import Floats, as_choice, as_generator, as_instance, as_number, as_path
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call, shielded
from neuroevolution.descriptions import describe_initial
from neuroevolution.embodied import EmbodiedGenotype
from neuroevolution.engines import Engine, engine_of
from neuroevolution.environments import GymTask
from neuroevolution.objective import Objective, in_time, refuse
from neuroevolution.run import COLUMNS, POISONOUS, Individual, Run, load_run
from neuroevolution.search import plain
from neuroevolution.stopping import Combined, Stop

RARELY = 1.0  # seconds between checkpoints, unless asked otherwise


def evolve(
    genotype: Genotype,
    task: Any,
    method: Any,
    *,
    generations: int | None = None,
    stop: Stop | Combined | None = None,
    rng: np.random.Generator | int | None = None,
    initial: ArrayLike | str | None = None,
    workers: Any = None,
    engine: Any = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: float = RARELY,
    evaluation_timeout: float | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
    **options: Any,
) -> Run:
    """Evolve networks for a task.

    Parameters
    ----------
    genotype : Genotype
    task : Task, TrajectoryFitting, or callable
        ``task(genes)`` returns the scores (B,) of genes (B, n).
    method : BeerGA, MicrobialGA, ParticleSwarm, ..
    generations : int, optional
    stop : Stop, optional
        Further rules; one of the two is needed.
    rng : optional
        Seed or generator. Search and tasks have generators of their own, made from it.
    initial : array_like, shape (K, n), or "centre_crossing", optional
        Genes that the first population begins with; the others are uniform. "centre_crossing": see `Genotype.random`. A run
        that is resumed has that of its file, also where it is left out.
    workers : int or callable, optional
        Threads, by default (and with -1) one for each core; or what maps a function over pieces of the population, such as a
        pool or its ``map``. Scores are the same to the last bit, if those of a task of one's own are.
    engine : dask.distributed.Client, pool or executor, optional
        Who works instead of threads. Workers of dask may die: their work is done again, and members that kill them are
        ``run.poisonous``, with the score NaN. Needs ``pip install "neural-attractors[dask]"`` on all machines.
    checkpoint : str or path, optional
        File that the run is kept in, and resumed from where it exists, to the last bit. Genotype, method, options and task
        must be those of the file: of a task of one's own its code and its attributes, but for those with an underscore.
    checkpoint_every : float
        Seconds from one writing to the next, at least; the end of the run is always written.
    evaluation_timeout : float, optional
        Seconds for the scores of one generation; those that are not there by then are NaN. A function of one's own is
        stopped at its next line of Python, and left behind where there is none.
    timeout, progress, on_interrupt
        As for `simulate`.
    **options
        For `evaluate`: ``duration``, ``dt``, ``trials``, ``substeps``, .. Tasks of this package have those of the papers,
        ``task.standard``.

    Returns
    -------
    Run

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import BeerGA, evolve, tasks
    >>> genotype = Genotype(CTRNN(np.zeros((3, 3))), {"weights": (-16, 16), "biases": (-16, 16)})
    >>> run = evolve(genotype, tasks.LeggedWalker(), BeerGA(population=20), generations=2, rng=1)
    >>> run.generations, run.reason, run.best.network.state_dim
    (2, 'generations = 2 reached', 3)
    """
    as_instance(genotype, "genotype", Genotype)
    if not isinstance(task, Task) and not hasattr(task, "measures") and not callable(task):
        raise TypeError(f"`task` must be a Task, a TrajectoryFitting or a function of genes; got {type(task).__name__}.")
    if isinstance(method, type) or not callable(getattr(method, "start", None)):
        word = f"the class {method.__name__}" if isinstance(method, type) else type(method).__name__
        raise TypeError(f"`method` must be a search method, such as BeerGA(); got {word}.")
    again = functools.partial(
        evolve, genotype, task, method, generations=generations, stop=stop, initial=initial, workers=workers,
        engine=engine, evaluation_timeout=evaluation_timeout, **options,
    )  # fmt: skip
    rule = _rule(generations, stop)
    if rule.names & {"mse", "learned"} and not hasattr(task, "measures"):
        raise ValueError("`stop` by mse or learned needs a task with training data, such as tasks.TrajectoryFitting.")
    as_on_interrupt(on_interrupt)
    limit = as_timeout(timeout)
    each = np.inf if evaluation_timeout is None else as_number(evaluation_timeout, "evaluation_timeout", positive=True)
    objective = Objective(genotype, task, {**getattr(task, "standard", {}), **options}, getattr(method, "measures", 0))
    if isinstance(task, GymTask):
        task.check_genotype(genotype)
    if options and not isinstance(task, Task):
        raise TypeError(f"`{next(iter(options))}` is an option of `evaluate`, for a Task only.")
    for name in ("params", "first_member", *(("task_params",) if isinstance(genotype, EmbodiedGenotype) else ())):
        refuse(options, name, "evolution gives it to `evaluate` itself")
    evolution = _Evolution(objective, method, rule, engine_of(workers, engine), each, rng, initial)
    evolution.again = again
    evolution.keep(checkpoint, as_number(checkpoint_every, "checkpoint_every", minimum=0.0))
    bar = progress_bar(generations or 0) if progress else None
    ends = np.inf if limit is None else time.perf_counter() + limit
    with contextlib.closing(bar) if bar is not None else contextlib.nullcontext():
        return long_call(lambda: evolution.run(ends, bar), evolution.written, timeout=limit, on_interrupt=on_interrupt,
                         quiet=False)  # fmt: skip


def _rule(generations: int | None, stop: Any) -> Stop | Combined:
    if generations is None and stop is None:
        raise ValueError("`generations` or `stop` must say when to stop.")
    if stop is not None:
        as_instance(stop, "stop", (Stop, Combined))
    if generations is None:
        return stop
    return Stop(generations=generations) if stop is None else Stop(generations=generations) | stop


def _quantiles(values: Floats) -> list[float]:
    """Return median, quartiles and maximum."""
    ordered, last = np.sort(values), len(values) - 1
    places = [(int(q * last), q * last % 1.0) for q in (0.5, 0.25, 0.75, 1.0)]
    return [float((1.0 - rest) * ordered[k] + rest * ordered[min(k + 1, last)]) for k, rest in places]


def _diversity(genes: Floats) -> float:
    """Return the mean standard deviation of the genes."""
    away = genes - np.add.reduce(genes) / len(genes)
    return float(np.sqrt(np.add.reduce(away * away) / len(genes)).sum() / genes.shape[1])


def _centre_crossing(genotype: Genotype, method: Any, seed: list[int]) -> Floats:
    count = getattr(method, "population", None) or 1
    return genotype.random(count, np.random.default_rng(seed), centre_crossing=True)


class _Evolution:
    """A search, what it was told so far, and its file."""

    def __init__(
        self, objective: Objective, method: Any, rule: Any, engine: Engine, each: float, rng: Any, initial: Any
    ) -> None:
        self.objective, self.rule, self.engine, self.each = objective, rule, engine, each
        self.left_out = {name for name, given in (("seed", rng), ("initial", initial)) if given is None}
        self.seed = [int(part) for part in as_generator(rng).integers(0, 2**32, 4)]
        genes = initial
        if isinstance(initial, str):
            as_choice(initial, "initial", ("centre_crossing",))
            genes = _centre_crossing(objective.genotype, method, [*self.seed, 0, 1])
        self.search = method.start(objective.genotype.size, rng=[*self.seed, 0], initial=genes)
        self.description = objective.description() | {
            "method": repr(method), "initial": describe_initial(initial), "seed": self.seed
        }  # fmt: skip
        self.rows: list[tuple] = []
        self.poisonous: list[tuple[int, int, Floats]] = []
        self.rose = 0  # the generation in which the best score has last risen
        self.again: Callable[..., Run] | None = None
        self.path: str | None = None
        self.reason, self.every, self.before = "", 0.0, 0.0
        self.began = self.wrote = time.perf_counter()
        self.done = 0, self.search.memory()  # generations that are complete, and what the search was then

    def keep(self, path: Any, every: float) -> None:
        """Go on from a file, if there is one, and keep the run in it."""
        self.path, self.every = None if path is None else as_path(path, "checkpoint"), every
        if self.path is None:
            return
        if not os.path.exists(self.path):
            self.written(Status.INTERRUPTED)  # where that fails, nothing is lost yet
            return
        old = load_run(path)
        for name, value in self.description.items():
            if name not in self.left_out and old.description[name] not in (value, None):
                word = "rng" if name == "seed" else name
                hint = " or keep what changes in names with an underscore" if name == "task" else ""
                raise ValueError(
                    f"`{word}` is not that of the run in {os.fspath(path)!r}, {old.description[name]}; got {value}. "
                    f"Use another `checkpoint`{hint}."
                )
        self.description, self.seed = {**old.description}, old.description["seed"]
        try:
            self.search.restore(old.state)
        except (IndexError, OverflowError, TypeError, ValueError) as error:
            raise ValueError(f"{os.fspath(path)!r} is damaged: no state of the search ({error}).") from error
        self.rows = list(zip(*(old.history[name].tolist() for name in COLUMNS), strict=True))
        best = old.history["best"].tolist()
        self.before, self.rose = (self.rows[-1][-1], best.index(best[-1])) if self.rows else (0.0, 0)
        self.poisonous = [*zip(*(old.poisonous[name] for name in POISONOUS), strict=True)]
        self.done = len(self.rows), old.state

    def run(self, ends: float, bar: Any) -> Run:
        """Let generations follow one another until a rule says stop."""
        try:
            self.reason = self._met() if self.rows else ""
            while not self.reason and time.perf_counter() < ends:
                genes = self.search.ask()
                scores = self._scores(genes, ends)
                if time.perf_counter() >= ends and np.isnan(scores).any():
                    break  # not all of this generation was scored
                with shielded():
                    self._take(genes, scores, bar)
        except KeyboardInterrupt:
            return self.written(Status.INTERRUPTED)
        except Exception as error:
            error.add_note(f"in generation {len(self.rows) + 1} of `evolve`; a `checkpoint` holds those before")
            self.written(Status.INTERRUPTED)
            raise
        return self.written(Status.SUCCESS if self.reason else Status.TIMEOUT)

    def _scores(self, genes: Floats, ends: float) -> Floats:
        left, seed = min(ends - time.perf_counter(), self.each), [*self.seed, 1 + len(self.rows)]
        if np.isinf(self.each):
            return self.engine.scores(self.objective, genes, seed, left)
        return in_time(
            lambda: self.engine.scores(self.objective, genes, seed, left), lambda: self.engine.found.scores.copy(), self.each
        )

    def _take(self, genes: Floats, scores: Floats, bar: Any) -> None:
        self.search.tell(genes, scores)
        scores = scores.reshape(len(genes), -1)[:, 0]
        finite = np.isfinite(scores)
        known = scores if finite.all() else scores[finite]
        quartiles = _quantiles(known) if len(known) else [np.nan] * 4
        seconds = self.before + time.perf_counter() - self.began
        if not self.rows or self.search.best_score > self.rows[-1][1]:
            self.rose = len(self.rows)
        self.rows.append(
            (len(self.rows) + 1, self.search.best_score, quartiles[3], *quartiles[:3],
             _diversity(genes), self.search.evaluations, int(np.isnan(scores).sum()), seconds)
        )  # fmt: skip
        self.poisonous += [(len(self.rows), member, genes[member]) for member in self.engine.found.poisonous]
        self.done = len(self.rows), self.search.memory()
        self.reason = self._met()
        if self.path is not None and time.perf_counter() - self.wrote >= self.every:
            self.written(Status.INTERRUPTED)
        if bar is not None:
            bar.set_description(f"best {self.search.best_score:.5g}", refresh=False)
            bar.update(1)

    def _met(self) -> str:
        """Return which rule is met."""
        row = dict(zip(COLUMNS, self.rows[-1], strict=True))
        now = row | {"generations": len(self.rows), "score": row["best"], "stagnation": len(self.rows) - 1 - self.rose}
        if self.rule.names & {"mse", "learned"} and np.isfinite(row["best"]):
            genotype = self.objective.genotype
            now |= self.objective.task.measures(genotype.template, genotype.decode(self.search.best_genes))
        return self.rule.reason(now)

    def record(self, status: Status) -> Run:
        """Return the generations that are complete."""
        count, memory = self.done
        state = plain(memory)
        columns = zip(*self.rows[:count], strict=True) if count else ((),) * len(COLUMNS)
        history = {name: np.array(column) for name, column in zip(COLUMNS, columns, strict=True)}
        best = Individual(state["best_genes"].copy(), float(state["best_score"]), self.objective.genotype)
        words = {Status.INTERRUPTED: "interrupted", Status.TIMEOUT: "`timeout` was used up"}
        reason = self.reason or words.get(status, "")
        if count and np.isneginf(best.score):
            reason += f"; none of {state['evaluations']} scores was a number above -inf"
            status = Status.NON_FINITE if status.success else status
        poisonous = [each for each in self.poisonous if each[0] <= count]
        listed = {name: np.array([each[k] for each in poisonous]) for k, name in enumerate(POISONOUS)}
        return Run(best, history, reason, status, state, self.description, listed, self.again)

    def written(self, status: Status) -> Run:
        """Return the generations that are complete, and put them into the file."""
        run = self.record(status)
        if self.path is not None:
            with shielded():
                run.save(self.path)
            self.wrote = time.perf_counter()
        return run
