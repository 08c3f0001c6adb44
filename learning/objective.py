"""The loss of all trials as a function of the chosen parameters, with its gradient and residuals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from learning.chosen import Chosen
from learning.courses import Course, Way
from learning.passes import Pass, sweep_back
from learning.trials import Trial, of_system
from neurodynamics.compiling import as_workers, over_rows
from neurodynamics.systems import TRIAL_LANES, DynamicalSystem
from neurodynamics.validation import Floats
from neurodynamics.watched import stop_word


class Objective:
    """The mean loss of trials; where a trajectory leaves the numbers, or a parameter its range, it is infinite.

    Attributes
    ----------
    why : str
        Of the last value: why it is infinite.
    """

    why = ""

    def __init__(self, system: DynamicalSystem, loss: Callable, chosen: Chosen, way: Way, workers: int | None) -> None:
        self.system, self.loss, self.chosen = system, loss, chosen
        self.way = way.checked("discrete", "forward", "hybrid")
        self.workers = 1 if workers is None else as_workers(workers)
        self._courses: dict[int, tuple[Trial, Course]] = {}

    def network(self, x: Floats) -> DynamicalSystem:
        """Return the system with these values of the chosen parameters."""
        params = np.array(self.system.params)
        params[self.chosen.positions] = x
        return self.system.with_params(params)

    def start(self) -> Floats:
        """Return their values at the beginning."""
        return np.array(self.system.params)[self.chosen.positions]

    def course_of(self, net: Any, trial: Trial) -> Course:
        """Return the steps of a trial; those that do not depend on parameters are made once."""
        known = self._courses.get(id(trial))
        if known is not None and known[0] is trial:
            return known[1]
        steps = self.way.course(net, trial)
        if self._fixed(net):
            if len(self._courses) > 10_000:
                self._courses.clear()
            self._courses[id(trial)] = trial, steps
        return steps

    def _fixed(self, net: Any) -> bool:
        """Whether steps are the same for all parameters."""
        return net.kind == "map" or self.way.dt is not None

    def value(self, x: Floats, trials: Sequence[Trial]) -> float:
        """Return the mean loss."""
        return self(x, trials, back=False)[0]

    def __call__(self, x: Floats, trials: Sequence[Trial], back: bool = True) -> tuple[float, Floats]:
        """Return the mean loss and its gradient, the same to the last bit whatever the number of threads."""
        try:
            net = self.network(x)
        except ValueError as error:  # a parameter left its range
            self.why = str(error)
            return np.inf, np.zeros(x.size)
        values, blocks = np.empty(len(trials)), self._blocks(net, trials)
        rows, reasons = np.empty((len(blocks), x.size)), [""] * len(blocks)

        def on_rows(part: slice) -> None:
            for k in range(*part.indices(len(blocks))):
                try:
                    values[blocks[k]], rows[k] = self._of_block(net, [trials[i] for i in blocks[k]], back)
                except ArithmeticError as error:
                    values[blocks[k]], rows[k], reasons[k] = np.inf, 0.0, str(error)

        if self.workers == 1 or len(blocks) == 1:
            on_rows(slice(0, len(blocks)))
        else:
            over_rows(on_rows, len(blocks), self.workers, stop_word())
        if not (np.isfinite(values).all() and np.isfinite(rows).all()):
            self.why = next(filter(None, reasons), "its gradient is not finite")
            return np.inf, np.zeros(x.size)
        self.why = ""
        return float(values.mean()), rows.sum(axis=0) / len(trials)

    def _blocks(self, net: Any, trials: Sequence[Trial]) -> list[list[int]]:
        """Return which trials go side by side: those of about the same length, where they can; the same for all threads."""
        alone = self.way.method != "discrete" or self.way.window is not None or net.has("reset")
        if len(trials) == 1 or alone or any(hasattr(trial.loss or self.loss, "of_system") for trial in trials):
            return [[k] for k in range(len(trials))]
        lengths = [len(self.course_of(net, trial).times) for trial in trials] if self._fixed(net) else [0] * len(trials)
        order = sorted(range(len(trials)), key=lengths.__getitem__)
        return [order[k : k + TRIAL_LANES] for k in range(0, len(order), TRIAL_LANES)]

    def _of_block(self, net: Any, trials: Sequence[Trial], back: bool) -> tuple[Floats | float, Floats]:
        """Return the values of trials, and the sum of their gradients, zero where nobody goes back."""
        whole = np.zeros(net.param_dim)
        about = of_system(trials[0], net, self.loss)
        if about is not None:
            return about.value, self.chosen.vector(about.by_params)
        ahead = Pass(net, self.loss, trials, [self.course_of(net, trial) for trial in trials], self.way.of)
        if back:
            sweep_back(ahead, whole, self.chosen, self.way)
        return ahead.values, self.chosen.vector(whole)

    def residuals(self, x: Floats, trials: Sequence[Trial]) -> tuple[Floats, Floats]:
        """Return r with ``mean loss = r.r`` and its Jacobian, by sensitivities."""
        net = self.network(x)
        found = []
        for trial in trials:
            asked = of_system(trial, net, self.loss, each=True)
            if asked is not None:
                found.append((asked.residuals, np.where(self.chosen.free, asked.by_params[:, self.chosen.positions], 0.0)))
                continue
            ahead = Pass(net, self.loss, [trial], [self.course_of(net, trial)], self.way.of)
            loss: Any = trial.loss or self.loss
            r, weights = loss.residuals(ahead.outputs.shown, trial.targets)
            by_params = self.chosen.directions(net.param_dim)
            looks = np.unique(ahead.courses[0].looks)
            _, kept, _ = ahead.unrolled.ahead(np.zeros((net.state_dim, x.size)), by_params, keep=looks)
            J = ahead.outputs.along(kept, by_params) * weights[:, :, np.newaxis]
            found.append((r.ravel(), J.reshape(r.size, x.size)))
        scale = 1.0 / np.sqrt(len(trials))
        return scale * np.concatenate([r for r, _ in found]), scale * np.concatenate([J for _, J in found])

