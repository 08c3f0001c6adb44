"""Training: a system, trials, a loss and an optimiser; runs that are resumed to the last bit."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.optimize

from learning.gradients import Chosen, length_of, require_differentiable
from learning.objective import Objective
from learning.optimisers import Memory, Optimiser, as_optimiser
from learning.trials import Trial, Way, as_trials
from neurodynamics.files import npz
from neurodynamics.inputs import Inputs
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.status import Status
from neurodynamics.systems import DynamicalSystem
from neurodynamics.validation import (
    Floats,
    as_count,
    as_floats,
    as_generator,
    as_mapping,
    as_number,
    as_path,
    as_real,
)
from neurodynamics.watched import OutOfTime, as_on_interrupt, as_timeout, long_call, shielded

SCHEMA = 1
COLUMNS = ("loss", "length", "rate")
HALVINGS = 30  # of a step that leads out of what parameters may be
RARELY = 1.0  # seconds between checkpoints


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """What training has found.

    Attributes
    ----------
    network : DynamicalSystem
        With the parameters of the smallest loss where each step saw all trials, else with the last.
    loss : float
        Its loss, as it was seen in training.
    history : dict of str to ndarray
        For each step ``loss``, ``length`` of the gradient (before clipping), ``rate``; NaN where SciPy's methods have none.
    reason : str
        Why it ended.
    status : Status
    kept : dict of int to DynamicalSystem
        Networks before every ``keep``-th step.
    """

    network: DynamicalSystem
    loss: float
    history: dict[str, np.ndarray]
    reason: str
    status: Status
    state: dict[str, Floats] = field(repr=False)
    kept: dict[int, DynamicalSystem] = field(default_factory=dict)

    plot = drawn("plot_fit", "Draw the loss over the steps")

    @property
    def steps(self) -> int:
        """How many there were."""
        return len(self.history["loss"])

    def __repr__(self) -> str:
        return f"Fit(loss {self.loss:.6g} after {self.steps} steps, {self.reason})"


def train(
    system: DynamicalSystem,
    data: Trial | Sequence[Trial] | Callable[[np.random.Generator], Sequence[Trial]],
    loss: Callable,
    *,
    params: Sequence[str] | str | None = None,
    optimiser: str | Optimiser = "adam",
    steps: int = 200,
    rate: float | Callable[[int], float] = 0.01,
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
        Steps at most, those of a resumed run included.
    rate : float or callable ``step -> float``
        Length of steps, or a schedule.
    batch : int, optional
        Trials in each step, drawn without replacement; by default all.
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
        anew where it was.
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
    if not callable(rate):
        as_number(rate, "rate", positive=True)
    way = Way(method, window, integrator, dt, rtol, atol, of)
    trials = data if callable(data) else as_trials(data)
    if isinstance(rule, str):
        others = {"batch": batch, "clip": clip} | ({"window": window} if rule == "levenberg" else {})
        _refuse_for_whole(rule, loss, trials, others)
    objective = Objective(system, loss, chosen, way, workers)
    run = _Training(objective, trials, rule, rate, rng)
    run.count = as_count(steps, "steps", minimum=1)
    run.batch = None if batch is None else as_count(batch, "batch", minimum=1)
    run.clip = None if clip is None else as_number(clip, "clip", positive=True)
    run.goal = -np.inf if goal is None else as_number(goal, "goal")
    run.low, run.high = _as_bounds(bounds, chosen, run.x)
    run.bounds = None if bounds is None else repr(dict(bounds))
    run.every = None if keep is None else as_count(keep, "keep", minimum=1)
    run.resume(checkpoint)
    limit = as_timeout(timeout)
    run.ends = np.inf if limit is None else time.perf_counter() + limit
    run.bar = progress_bar(run.count) if progress else None
    return long_call(run.run, run.written, timeout=limit, on_interrupt=on_interrupt, quiet=False)


def _as_bounds(bounds: Any, chosen: Chosen, start: Floats) -> tuple[Floats, Floats]:
    low, high = np.full(start.size, -np.inf), np.full(start.size, np.inf)
    for name, pair in ({} if bounds is None else as_mapping(bounds, "bounds")).items():
        places = np.isin(chosen.positions, chosen.layout.positions(name))
        ends = as_real(pair, f"bounds[{name!r}]")
        if not places.any():
            raise ValueError(f"`bounds` must name parameters that learn, those of `params`; got {name!r}.")
        if ends.shape != (2,) or not ends[0] < ends[1]:
            raise ValueError(f"`bounds[{name!r}]` must be (low, high), low below high; got {pair!r:.60}.")
        low[places], high[places] = np.maximum(low[places], ends[0]), np.minimum(high[places], ends[1])
    if ((start < low) | (start > high)).any():
        raise ValueError("`bounds` must hold the parameters of `system`, where training begins.")
    return low, high


def _refuse_for_whole(rule: str, loss: Any, trials: Any, others: dict[str, Any]) -> None:
    for name, given in (others | {"data": True if callable(trials) else None}).items():
        if given is not None:
            raise ValueError(f'`{name}`: optimiser="{rule}" looks at all of the same trials in each step, and takes none.')
    asked = [loss, *(trial.loss for trial in trials if trial.loss is not None)]
    if rule == "levenberg" and not all(hasattr(each, "residuals") or hasattr(each, "of_system") for each in asked):
        raise ValueError('`loss` must be a sum of squares with a method `residuals`, such as MeanSquare, for "levenberg".')


class _Training:
    """The parameters, the memory of the optimiser, what was seen so far, and the file."""

    count, goal, ends = 0, -np.inf, np.inf
    low = high = np.zeros(0)
    bounds: str | None = None
    batch: int | None = None
    every: int | None = None
    clip: float | None = None
    path: str | None = None

    def __init__(self, objective: Objective, trials: Any, rule: Any, rate: Any, rng: Any) -> None:
        self.objective, self.trials, self.rule, self.rate = objective, trials, rule, rate
        self.rng, self.given = as_generator(rng), rng is not None
        self.x = objective.start()
        self.best, self.best_loss = self.x.copy(), np.inf
        self.memory: Memory = {} if isinstance(rule, str) else rule.begin(self.x.size)
        self.rows: list[tuple[float, float, float]] = []
        self.kept: list[Floats] = []  # number of the step, parameters
        self.reason, self.wrote = "", time.perf_counter()
        self.bar: Any = None
        self.asked: list[Floats] = []  # what SciPy was told: value and gradient

    # The file --------------------------------------------------------------------------------------------------------

    @property
    def description(self) -> dict[str, Any]:
        """What a run must share with the file that it goes on from."""
        chosen, trials = self.objective.chosen, self.trials
        return {
            "system": type(self.objective.system).__name__, "params": list(chosen.arrays), "loss": repr(self.objective.loss),
            "optimiser": repr(self.rule), "way": list(self.objective.way), "batch": self.batch, "clip": self.clip,
            "keep": self.every, "bounds": self.bounds,
            "data": None if callable(trials) else self.data, "rate": None if callable(self.rate) else self.rate,
        }  # fmt: skip

    @functools.cached_property
    def data(self) -> str:
        """The number of trials, and a digest of what is in them."""
        digest = hashlib.sha256()
        for trial in self.trials:
            base, _, _, sampled = Inputs(trial.inputs, self.objective.system.input_dim).table
            for part in (trial.targets, trial.times, trial.y0, trial.t_span, base, sampled):
                try:
                    digest.update(np.asarray(part, dtype=np.float64).tobytes())
                except (TypeError, ValueError):  # words, or lists of unequal lengths
                    digest.update(repr(part).encode())
        return f"{len(self.trials)} trials, {digest.hexdigest()[:12]}"

    def resume(self, path: Any) -> None:
        """Go on from a file, if there is one, and keep the run in it."""
        self.path = None if path is None else as_path(path, "checkpoint")
        if self.path is None or not os.path.exists(self.path):
            return
        header, arrays = npz.read(self.path, "fit")
        if header.get("schema") != SCHEMA:
            raise ValueError(f"{self.path!r} has version {header.get('schema')} of fits; this release reads {SCHEMA}.")
        for name, value in json.loads(json.dumps(self.description)).items():
            if header.get(name) != value:
                raise ValueError(f"`{name}` is not that of the run in {self.path!r}, {header.get(name)}; got {value}. Use "
                                 "another `checkpoint`.")  # fmt: skip
        try:
            self._restore(header, arrays)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"{self.path!r} is damaged: {error}") from error

    def _restore(self, header: dict[str, Any], arrays: dict[str, Floats]) -> None:
        size = self.x.size
        if not np.array_equal(arrays["start"], self.objective.start()):
            raise ValueError("it began with other parameters")
        self.x, self.best = (as_floats(arrays[name], name) for name in ("x", "best"))
        if self.x.shape != (size,) or self.best.shape != (size,):
            raise ValueError("its parameters have another number")
        self.best_loss = float(header["best_loss"])
        memory = {name.removeprefix("memory."): a for name, a in arrays.items() if name.startswith("memory.")}
        if {name: a.shape for name, a in memory.items()} != {name: a.shape for name, a in self.memory.items()}:
            raise ValueError("the memory of its optimiser has another shape")
        self.memory = memory
        columns = [arrays[f"history.{name}"] for name in COLUMNS]
        self.rows = [tuple(map(float, row)) for row in zip(*columns, strict=True)]  # type: ignore[misc]
        self.asked, self.kept = (list(as_floats(arrays[name], name).reshape(-1, size + 1)) for name in ("asked", "kept"))
        self.rng.bit_generator.state = header["rng"]

    def written(self, status: Status) -> Fit:
        """Return what there is, and put it into the file."""
        words = {Status.INTERRUPTED: "interrupted", Status.TIMEOUT: "`timeout` was used up"}
        history = {name: np.array([row[k] for row in self.rows]) for k, name in enumerate(COLUMNS)}
        state = {"x": self.x.copy(), "best": self.best.copy(), "start": self.objective.start(),
                 "asked": np.reshape(self.asked, (len(self.asked), self.x.size + 1)),
                 "kept": np.reshape(self.kept, (len(self.kept), self.x.size + 1))}  # fmt: skip
        state |= {f"memory.{name}": array.copy() for name, array in self.memory.items()}
        whole = self.batch is None and not callable(self.trials)
        x, value = (self.best, self.best_loss) if whole else (self.x, self.rows[-1][0] if self.rows else np.inf)
        kept = {int(row[0]): self.objective.network(row[1:]) for row in self.kept}
        fit = Fit(self.objective.network(x), value, history, self.reason or words.get(status, ""), status, state, kept)
        if self.path is not None:
            header = {"schema": SCHEMA, "best_loss": float(self.best_loss), "rng": self.rng.bit_generator.state,
                      **self.description}  # fmt: skip
            with shielded():
                npz.write(self.path, "fit", header, state | {f"history.{name}": each for name, each in history.items()})
            self.wrote = time.perf_counter()
        return fit

    # The steps -------------------------------------------------------------------------------------------------------

    def run(self) -> Fit:
        """Let steps follow one another until something says stop."""
        try:
            if isinstance(self.rule, str):
                {"lbfgs": self._lbfgs, "levenberg": self._levenberg}[self.rule]()
            else:
                while not self._over():
                    self._step()
        except KeyboardInterrupt:
            return self.written(Status.INTERRUPTED)
        except OutOfTime:
            return self.written(Status.TIMEOUT)
        finally:
            if self.bar is not None:
                self.bar.close()
        status = Status.NON_FINITE if self.reason.startswith("not finite") else Status.SUCCESS
        return self.written(status)

    def _over(self) -> bool:
        if time.perf_counter() >= self.ends:
            raise OutOfTime
        if self.rows and self.rows[-1][0] <= self.goal:
            self.reason = f"loss at most {self.goal:g}"
        elif len(self.rows) >= self.count:
            self.reason = f"{self.count} steps"
        return bool(self.reason)

    def _some_trials(self) -> list[Trial]:
        trials = as_trials(self.trials(self.rng)) if callable(self.trials) else self.trials
        if self.batch is None or self.batch >= len(trials):
            return trials
        return [trials[k] for k in self.rng.choice(len(trials), self.batch, replace=False)]

    def _step(self) -> None:
        before = self.rng.bit_generator.state
        try:
            value, g = self.objective(self.x, self._some_trials())
        except BaseException:
            self.rng.bit_generator.state = before  # a step that was not taken draws nothing
            raise
        if not np.isfinite(value):
            self.reason = f"not finite in step {len(self.rows) + 1}: use a smaller rate, or `clip`"
            return
        length = length_of(g)
        if self.clip is not None and length > self.clip:
            g = g * (self.clip / length)
        rate = as_number(self.rate(len(self.rows)), "rate(step)") if callable(self.rate) else self.rate
        with shielded():
            self._see(self.x, value, length, rate)
            self.x = self._inside(self.rule.change(g, rate, self.memory))

    def _inside(self, change: Floats) -> Floats:
        """Return the parameters after a change, within bounds; it is halved while it leads out of their range."""
        for _ in range(HALVINGS):
            try:
                moved = np.clip(self.x + change, self.low, self.high)
                self.objective.network(moved)
                return moved
            except ValueError:
                change = 0.5 * change
        return self.x

    def _see(self, x: Floats, value: float, length: float, rate: float) -> None:
        if self.every is not None and len(self.rows) % self.every == 0:
            self.kept.append(np.array([len(self.rows), *x]))
        self.rows.append((value, length, rate))
        if value < self.best_loss:
            self.best_loss, self.best = value, x.copy()
        if self.path is not None and time.perf_counter() - self.wrote >= RARELY:
            self.written(Status.INTERRUPTED)
        if self.bar is not None:
            self.bar.set_description(f"loss {value:.5g}", refresh=False)
            self.bar.update(1)

    # SciPy's ---------------------------------------------------------------------------------------------------------

    def _lbfgs(self) -> None:
        told, self.rows, self.kept = iter(list(self.asked)), [], []

        def value_and_gradient(x: Floats) -> tuple[float, Floats]:
            known = next(told, None)  # of a resumed run, which asks for the same points
            if known is None:
                if time.perf_counter() >= self.ends:
                    raise OutOfTime
                value, g = self.objective(x, self.trials)
                known = np.array([value, *g])
                self.asked.append(known)
            if known[0] < self.best_loss:
                self.best_loss, self.best = float(known[0]), x.copy()
            self.x = x.copy()
            return float(known[0]), known[1:]

        def after(intermediate_result: Any) -> None:
            length = length_of(intermediate_result.get("jac", np.nan))
            self._see(intermediate_result.x, float(intermediate_result.fun), length, np.nan)
            if self.rows[-1][0] <= self.goal:
                raise StopIteration

        with np.errstate(all="ignore"):
            end = scipy.optimize.minimize(
                value_and_gradient, self.objective.start(), jac=True, method="L-BFGS-B", callback=after,
                bounds=scipy.optimize.Bounds(self.low, self.high),
                options={"maxiter": self.count, "ftol": 1e-15, "gtol": 1e-12},
            )  # fmt: skip
        self.reason = f"loss at most {self.goal:g}" if self.best_loss <= self.goal else _lower(str(end.message))

    def _levenberg(self) -> None:
        jacobian: list[Any] = [None, None]
        start, free = self.x.copy(), self.objective.chosen.free  # what a mask holds has no column

        def residuals(z: Floats) -> Floats:
            x = start.copy()
            x[free] = z
            if time.perf_counter() >= self.ends:
                raise OutOfTime
            try:
                r, J = self.objective.residuals(x, self.trials)
            except (ArithmeticError, ValueError):  # left the numbers, or its range
                return np.full_like(jacobian[1], 1e150)
            jacobian[:] = J, r
            value = float(r @ r)
            self.x = x.copy()
            if value < self.best_loss:
                self._see(x, value, length_of(2.0 * J.T @ r), np.nan)
            return r

        end = scipy.optimize.least_squares(residuals, self.x[free], jac=lambda z: jacobian[0][:, free], method="trf",
                                           max_nfev=self.count, bounds=(self.low[free], self.high[free]),
                                           ftol=1e-15, xtol=1e-12, gtol=1e-15)  # fmt: skip
        self.reason = _lower(str(end.message))


def _lower(message: str) -> str:
    return message.rstrip(".").lower().replace("`", "")
