"""Staged evolution: easy tasks first, the next one where a score is reached."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from ctrnn import Genotype
from neurodynamics.validation import Floats, as_generator, as_items, as_number, as_path
from neurodynamics.watched import as_timeout, with_own_record
from neuroevolution.evolving import evolve
from neuroevolution.run import Run
from neuroevolution.stopping import Combined, Stop


def evolve_in_stages(
    genotype: Genotype, stages: Sequence[tuple[Any, float]], method: Any, *, generations: int,
    rng: np.random.Generator | int | None = None, checkpoint: str | os.PathLike | None = None,
    stop: Stop | Combined | None = None, timeout: float | None = None, **options: Any,
) -> tuple[Run, ...]:  # fmt: skip
    """Evolve networks for one task after the other, each from the population that the one before has left.

    Parameters
    ----------
    genotype : Genotype
    stages : sequence of (task, score)
        The next task begins where the best score is at least this.
    method : BeerGA, MicrobialGA, ..
    generations : int
        Of each stage, at most. A stage that does not reach its score is the last.
    rng : optional
        Seed or generator.
    checkpoint : str or path, optional
        Stage k is kept in the file of this name with ``.k`` behind it, and resumed.
    timeout : float, optional
        Seconds, of all stages together.
    **options
        For `evolve`. Further rules that `stop` has end a stage; one that has not reached its score then is the last.

    Returns
    -------
    tuple of Run
        One a stage that was begun; ``runs[-1].best`` is the best at the last task. Ctrl-C leaves them as ``.result``.

    Examples
    --------
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import BeerGA, evolve_in_stages
    >>> genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    >>> near, nearer = (lambda genes: -abs(genes[:, 0] - 0.2)), (lambda genes: -abs(genes[:, 0] - 0.9))
    >>> runs = evolve_in_stages(genotype, [(near, -0.1), (nearer, -0.01)], BeerGA(20), generations=50, rng=1)
    >>> [run.reason for run in runs]
    ['score = -0.1 reached', 'score = -0.01 reached']
    """
    pairs = as_items(stages, "stages")
    if not pairs or not all(isinstance(each, (tuple, list)) and len(each) == 2 for each in pairs):
        raise ValueError(f"`stages` must be pairs (task, score), at least one; got {stages!r}.")
    aims = [as_number(score, f"stages[{k}][1]") for k, (_, score) in enumerate(pairs)]
    path = None if checkpoint is None else os.fspath(as_path(checkpoint, "checkpoint"))
    seeds = [None if rng is None else seed for seed in as_generator(rng).integers(0, 2**63, len(pairs)).tolist()]
    initial, runs = options.pop("initial", None), list[Run]()
    limit, began = as_timeout(timeout), time.perf_counter()
    for k, ((task, _), aim, seed) in enumerate(zip(pairs, aims, seeds, strict=True)):
        file, rule = None if path is None else f"{path}.{k}", Stop(score=aim) if stop is None else Stop(score=aim) | stop
        left = None if limit is None else max(limit - (time.perf_counter() - began), 0.0)
        stage = functools.partial(evolve, genotype, task, method, generations=generations, stop=rule, rng=seed,
                                  initial=initial, checkpoint=file, timeout=left, **options)  # fmt: skip
        runs.append(with_own_record(stage, lambda run: (*runs, run)))
        if runs[-1].best.score < aim:
            break
        initial = _next_population(runs[-1], genotype, method)
    return tuple(runs)


def _next_population(run: Run, genotype: Genotype, method: Any) -> Floats:
    """Return the best genes, and those that the search would have asked for next."""
    search = method.start(genotype.size, rng=0)
    search.restore(run.state)
    return np.vstack([run.best.genes, search.ask()])[: search.method.population]
