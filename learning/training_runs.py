"""A run of training: steps, what was seen of them, and how it goes on from a file to the last bit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from learning.checking import length_of
from learning.checkpoints import Checkpoint, system_mark
from learning.objective import Objective
from learning.optimisers import Memory
from learning.trials import Trial, as_trials
from learning.whole_data import WHOLE_DATA
from neurodynamics.files import mark
from neurodynamics.inputs import Inputs
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Status
from neurodynamics.systems import DynamicalSystem
from neurodynamics.validation import Floats, as_floats, as_number
from neurodynamics.watched import OutOfTime, shielded

COLUMNS = ("loss", "length", "rate")
HALVINGS = 30  # of a step that leads out of what parameters may be
WORDS = {Status.INTERRUPTED: "interrupted", Status.TIMEOUT: "`timeout` was used up"}


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Record):
    """What training has found.

    Attributes
    ----------
    network : DynamicalSystem
        With the parameters of the smallest loss where each step saw all trials, else with the last.
    loss : float
        Its loss, as it was seen in training; NaN where there was no time to see any.
    history : dict of str to ndarray
        For each step, where it began: ``loss``, ``length`` of the gradient (before clipping), ``rate``; NaN where SciPy's
        methods have none. What the last step led to is in ``network`` and ``loss``.
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


class Training:
    """The parameters, the memory of the optimiser, what was seen so far, and the file."""

    count, goal, ends = 0, -np.inf, np.inf
    low = high = np.zeros(0)
    batch: int | None = None
    every: int | None = None
    clip: float | None = None
    file: Checkpoint | None = None

    def __init__(self, objective: Objective, trials: Any, rule: Any, rate: Any, rng: np.random.Generator) -> None:
        self.objective, self.trials, self.rule, self.rate, self.rng = objective, trials, rule, rate, rng
        self.x = objective.start()
        self.best, self.best_loss = self.x.copy(), np.inf
        self.memory: Memory = {} if isinstance(rule, str) else rule.begin(self.x.size)
        self.rows: list[tuple[float, float, float]] = []
        self.kept: list[Floats] = []  # number of the step, parameters
        self.reason = ""
        self.bar: Any = None
        self.asked: list[Floats] = []  # what "lbfgs" was told: value and gradient

    # The file --------------------------------------------------------------------------------------------------------

    def marks(self) -> dict[str, Any]:
        """Return what a run must share with the file that it goes on from."""
        objective, trials = self.objective, self.trials
        new = callable(trials)
        return {
            "system": system_mark(objective.system), "params": list(objective.chosen.arrays), "loss": mark(objective.loss),
            "optimiser": mark(self.rule), **objective.way._asdict(), "batch": self.batch, "clip": self.clip,
            "keep": self.every, "rate": mark(self.rate),
            "Trial.loss": [] if new else sorted({mark(trial.loss) for trial in trials if trial.loss is not None}),
            "data": mark(trials) if new else f"{len(trials)} {mark(list(map(self._parts_of, trials)))}",
        }  # fmt: skip

    def _parts_of(self, trial: Trial) -> list[Any]:
        inputs = Inputs(trial.inputs, self.objective.system.input_dim)
        given = inputs.table[0] if inputs.constant else trial.inputs
        return [trial.targets, trial.times, trial.y0, trial.t_span, trial.loss, given]

    def keep_in(self, file: Checkpoint) -> None:
        """Keep the run in a file, and go on from it where it is there."""
        self.file = file
        found = file.read()
        try:
            if found is not None:
                self._restore(*found)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"{file.path!r} is damaged: {error}") from error

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
        self.rng.bit_generator.state = header["rng state"]

    def written(self, status: Status) -> Fit:
        """Return what there is, and put it into the file."""
        history = {name: np.array([row[k] for row in self.rows]) for k, name in enumerate(COLUMNS)}
        state = {"x": self.x.copy(), "best": self.best.copy(), "start": self.objective.start(),
                 "asked": np.reshape(self.asked, (len(self.asked), self.x.size + 1)),
                 "kept": np.reshape(self.kept, (len(self.kept), self.x.size + 1))}  # fmt: skip
        state |= {f"memory.{name}": array.copy() for name, array in self.memory.items()}
        x, value = (self.best, self.best_loss) if self.whole else (self.x, self.rows[-1][0] if self.rows else np.inf)
        kept = {int(row[0]): self.objective.network(row[1:]) for row in self.kept}
        fit = Fit(self.objective.network(x), value if np.isfinite(value) else np.nan, history,
                  self.reason or WORDS.get(status, ""), status, state, kept)  # fmt: skip
        if self.file is not None:
            header = {"best_loss": float(self.best_loss), "rng state": self.rng.bit_generator.state}
            self.file.write(header, state | {f"history.{name}": each for name, each in history.items()})
        return fit

    # The steps -------------------------------------------------------------------------------------------------------

    @property
    def whole(self) -> bool:
        """Whether each step sees all of the same trials."""
        return self.batch is None and not callable(self.trials)

    def run(self) -> Fit:
        """Let steps follow one another until something says stop."""
        try:
            if isinstance(self.rule, str):
                if not self.over():
                    self.reason = WHOLE_DATA[self.rule](self)
            else:
                while not self.over():
                    self._step()
                if self.whole and np.isfinite(value := self.objective.value(self.x, self.trials)):
                    self.saw(self.x, value)  # where the last step led to
        except KeyboardInterrupt:
            return self.written(Status.INTERRUPTED)
        except OutOfTime:
            return self.written(Status.TIMEOUT)
        finally:
            if self.bar is not None:
                self.bar.close()
        status = Status.NON_FINITE if self.reason.startswith("not finite") else Status.SUCCESS
        return self.written(status)

    def over(self) -> bool:
        """Whether enough was done; raise OutOfTime where there is no more time."""
        if time.perf_counter() >= self.ends:
            raise OutOfTime
        if self.rows and min(self.rows[-1][0], self.best_loss if self.whole else np.inf) <= self.goal:
            self.reason = f"loss at most {self.goal:g}"
        elif len(self.rows) >= self.count:
            self.reason = f"{len(self.rows)} steps"
        return bool(self.reason)

    def lost(self) -> str:
        """Return why there is no step from here."""
        remedy = "begin elsewhere, or set `bounds`" if isinstance(self.rule, str) else "use a smaller rate, or `clip`"
        return f"not finite in step {len(self.rows) + 1} ({self.objective.why.rstrip('.')}): {remedy}"

    def _some_trials(self) -> list[Trial]:
        trials = as_trials(self.trials(self.rng), "data(rng)") if callable(self.trials) else self.trials
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
            self.reason = self.lost()
            return
        length, number = length_of(g), len(self.rows)
        if self.clip is not None and length > self.clip:
            g = g * (self.clip / length)
        rate = as_number(self.rate(number), f"rate({number})", minimum=0.0) if callable(self.rate) else self.rate
        with shielded():
            self.note(self.x, value, length, rate)
            self.x = self._inside(self._change(g, rate))

    def _change(self, g: Floats, rate: float) -> Floats:
        change = as_floats(self.rule.change(g, rate, self.memory), "optimiser.change(..)")
        if change.shape != g.shape:
            raise ValueError(f"`optimiser.change(..)` must return one number a parameter, {g.shape}; got {change.shape}.")
        return change

    def _inside(self, change: Floats) -> Floats:
        """Return the parameters after a change, within bounds and their range."""
        return self._moved(self.x, np.arange(self.x.size), change)

    def _moved(self, x: Floats, places: np.ndarray, change: Floats) -> Floats:
        """Return x after a change at some places; those that leave their range go a smaller part of the way."""
        for halved in range(1 if places.size > 1 else HALVINGS):
            moved = x.copy()
            moved[places] = np.clip(x + 0.5**halved * change, self.low, self.high)[places]
            try:
                self.objective.network(moved)
                return moved
            except ValueError:
                continue
        for part in np.array_split(places, 2) if places.size > 1 else ():
            x = self._moved(x, part, change)
        return x

    def saw(self, x: Floats, value: float) -> None:
        """Remember the best."""
        if value < self.best_loss:
            self.best_loss, self.best = value, x.copy()

    def note(self, x: Floats, value: float, length: float, rate: float = np.nan) -> None:
        """Note a step that begins at x."""
        if self.every is not None and len(self.rows) % self.every == 0:
            self.kept.append(np.array([len(self.rows), *x]))
        self.rows.append((value, length, rate))
        self.saw(x, value)
        if self.file is not None and self.file.due:
            self.written(Status.INTERRUPTED)
        if self.bar is not None:
            self.bar.set_description(f"loss {value:.5g}", refresh=False)
            self.bar.update(len(self.rows) - self.bar.n)
