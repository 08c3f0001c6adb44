"""Training: a system, trials, a loss and an optimiser."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from learning.checkpoints import Checkpoint
from learning.chosen import Chosen, require_differentiable
from learning.courses import Way
from learning.objective import Objective
from learning.optimisers import Optimiser, as_optimiser
from learning.training_runs import Fit, Training
from learning.trials import Trial, as_function, as_trials
from neurodynamics.progress import progress_bar
from neurodynamics.systems import DynamicalSystem
from neurodynamics.validation import Floats, as_count, as_generator, as_mapping, as_number, as_real, called
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

RATE = 0.01  # of a rule, where none is given


def train(
    system: DynamicalSystem,
    data: Trial | Sequence[Trial] | Callable[[np.random.Generator], Sequence[Trial]],
    loss: Callable,
    *,
    params: Sequence[str] | str | None = None,
    optimiser: str | Optimiser = "adam",
    steps: int = 200,
    rate: float | Callable[[int], float] | None = None,
    batch: int | None = None,
    clip: float | None = None,
    goal: float | None = None,
    bounds: Mapping[str, Sequence[float]] | None = None,
    method: str = "discrete",
    window: int | None = None,
    integrator: str | None = None,
    dt: float | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    of: str = "outputs",
    rng: np.random.Generator | int | None = None,
    workers: int | None = None,
    keep: int | None = None,
    checkpoint: str | os.PathLike | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> Fit:
    """Fit parameters of a system to trials.

    Parameters
    ----------
    system : DynamicalSystem
    data : Trial, sequence of Trial, or callable ``rng -> sequence of Trial``
        Fixed trials, or new ones for each step.
    loss : callable
        See :mod:`learning.losses`.
    params : str or sequence of str, optional
        Which parameters learn; by default all. What a mask holds at zero stays there.
    optimiser : {"adam", "rmsprop", "rprop", "descent", "lbfgs", "levenberg"} or a rule
        The last two are SciPy's, look at all trials in each step, and take no rate, batch or clip; "levenberg" is for
        `losses.MeanSquare`.
    steps : int
        Steps at most, those of a resumed run included; of "levenberg" each that is tried.
    rate : float or callable ``step -> float``, optional
        Length of steps, above 0 (by default 0.01), or a schedule, 0 or above.
    batch : int, optional
        Trials in each step, drawn without replacement; by default all, as of new ones where there are fewer.
    clip : float, optional
        Longest gradient; longer ones are shortened to it.
    goal : float, optional
        Loss at which training ends.
    bounds : mapping of str to (low, high), optional
        Of parameters that learn, by name: ``{"time_constants": (0.1, 10.0)}``; infinite where there is none.
    method, window, integrator, dt, rtol, atol, of
        As for :func:`learning.gradient`, but for "adjoint".
    rng : optional
        Seed or generator, for batches and new trials.
    workers : int, optional
        Threads over the trials; the result is the same to the last bit.
    keep : int, optional
        Keep the network every so many steps: `plotting.plot_learned_fixed_points` shows what appears in them.
    checkpoint : str or path, optional
        File that the run is kept in, and resumed from where it exists: to the last bit, but for "levenberg", which begins
        anew at the best that it has seen. A run of something else is refused, also where only code of a function differs.
    timeout, progress, on_interrupt
        As for `simulate`.

    Returns
    -------
    Fit

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from learning import Trial, losses, train
    >>> net = CTRNN([[1.0, 0.5], [-0.5, 1.0]])
    >>> trial = Trial(targets=[[0.2, 0.8]], times=[5.0])
    >>> fit = train(net, trial, losses.MeanSquare(), params="biases", optimiser="lbfgs", dt=0.1, steps=50)
    >>> fit.loss < 1e-9
    True
    """
    require_differentiable(system)
    chosen = Chosen(system, params)
    if not chosen.positions.size:
        raise ValueError("`params` must name at least one parameter that is to learn.")
    rule = as_optimiser(optimiser)
    on_interrupt = as_on_interrupt(on_interrupt)
    if callable(rate):
        as_function(rate, "rate", "a number, or step -> number", 1)
    elif rate is not None:
        as_number(rate, "rate", positive=True)
    way = Way(method, window, integrator, dt, rtol, atol, of)
    trials = as_function(data, "data", "trials, or rng -> trials", 1) if callable(data) else as_trials(data)
    if isinstance(rule, str):
        others = {"rate": rate, "batch": batch, "clip": clip} | ({"window": window} if rule == "levenberg" else {})
        _refuse_for_whole(rule, loss, trials, others)
    objective = Objective(system, loss, chosen, way, workers)
    run = Training(objective, trials, rule, RATE if rate is None else rate, as_generator(rng))
    run.count = as_count(steps, "steps", minimum=1)
    run.batch = None if batch is None else as_count(batch, "batch", minimum=1)
    if run.batch is not None and not callable(trials) and run.batch > len(trials):
        raise ValueError(f"`batch` must be at most the number of trials, {len(trials)}; got {run.batch}.")
    run.clip = None if clip is None else as_number(clip, "clip", positive=True)
    run.goal = -np.inf if goal is None else as_number(goal, "goal")
    run.low, run.high = _as_bounds(bounds, chosen, run.x)
    run.every = None if keep is None else as_count(keep, "keep", minimum=1)
    if checkpoint is not None:
        more = {"bounds": bounds and repr(dict(bounds)), "rng": None if rng is None else _seed_mark(rng)}
        run.keep_in(Checkpoint(checkpoint, run.marks() | more))
    limit = as_timeout(timeout)
    run.ends = np.inf if limit is None else time.perf_counter() + limit
    run.bar = progress_bar(run.count) if progress else None
    return long_call(run.run, run.written, timeout=limit, on_interrupt=on_interrupt, quiet=False)


def _seed_mark(rng: Any) -> str:
    """Return the mark of a seed; a generator, which goes on, is any."""
    return "a generator" if isinstance(rng, np.random.Generator | np.random.BitGenerator) else repr(rng)


def _as_bounds(bounds: Any, chosen: Chosen, start: Floats) -> tuple[Floats, Floats]:
    low, high = np.full(start.size, -np.inf), np.full(start.size, np.inf)
    for name, pair in ({} if bounds is None else as_mapping(bounds, "bounds")).items():
        with called("params", "bounds"):
            places = np.isin(chosen.positions, chosen.layout.positions(name))
        ends = as_real(pair, f"bounds[{name!r}]")
        if not places.any():
            raise ValueError(f"`bounds` must name parameters that learn, those of `params`; got {name!r}.")
        if ends.shape != (2,) or not ends[0] < ends[1]:
            raise ValueError(f"`bounds[{name!r}]` must be (low, high), low below high; got {pair!r:.60}.")
        low[places], high[places] = np.maximum(low[places], ends[0]), np.minimum(high[places], ends[1])
    for k in np.flatnonzero((start < low) | (start > high))[:1]:
        name = chosen.layout.names[chosen.positions[k]]
        raise ValueError("`bounds` must hold the parameters of `system`, where training begins: "
                         f"{name} = {start[k]:g} is not in [{low[k]:g}, {high[k]:g}].")  # fmt: skip
    return low, high


def _refuse_for_whole(rule: str, loss: Any, trials: Any, others: dict[str, Any]) -> None:
    for name, given in (others | {"data": True if callable(trials) else None}).items():
        if given is not None:
            raise ValueError(f'`{name}`: optimiser="{rule}" looks at all of the same trials in each step, and takes none.')
    asked = [loss, *(trial.loss for trial in trials if trial.loss is not None)]
    if rule == "levenberg" and not all(hasattr(each, "residuals") or hasattr(each, "of_system") for each in asked):
        raise ValueError('`loss` must be a sum of squares with a method `residuals`, such as MeanSquare, for "levenberg".')
