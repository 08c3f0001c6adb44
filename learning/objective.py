"""The loss of all trials as a function of the chosen parameters, with its gradient and residuals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from learning.gradients import Chosen, Pass, sweep_back
from learning.trials import EXPLICIT, Course, Trial, course, of_system
from learning.unrolled import NotFinite
from neurodynamics.compiling import as_workers, over_rows
from neurodynamics.systems import DynamicalSystem
from neurodynamics.validation import Floats, as_choice
from neurodynamics.watched import stop_word


class Way(NamedTuple):
    """How trajectories are computed, and differentiated."""

    method: str = "discrete"
    window: int | None = None
    integrator: str | None = None
    dt: float | None = None
    rtol: float = 1e-6
    atol: float = 1e-9
    of: str = "outputs"


class Objective:
    """The mean loss of trials; where a trajectory leaves the numbers, or a parameter its range, it is infinite."""

    def __init__(self, system: DynamicalSystem, loss: Callable, chosen: Chosen, way: Way, workers: int | None) -> None:
        as_choice(way.method, "method", ("discrete", "forward", "hybrid"))
        as_choice(way.of, "of", ("outputs", "states"))
        if way.integrator is not None:
            as_choice(way.integrator, "integrator", EXPLICIT)
        self.system, self.loss, self.chosen, self.way = system, loss, chosen, way
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
        way = self.way
        steps = course(net, trial, method=way.integrator, dt=way.dt, rtol=way.rtol, atol=way.atol)
        if net.kind == "map" or way.dt is not None:
            if len(self._courses) > 10_000:
                self._courses.clear()
            self._courses[id(trial)] = trial, steps
        return steps

    def __call__(self, x: Floats, trials: Sequence[Trial]) -> tuple[float, Floats]:
        """Return the mean loss and its gradient, the same to the last bit whatever the number of threads."""
        try:
            net = self.network(x)
        except ValueError:  # a parameter left its range
            return np.inf, np.zeros(x.size)
        values, rows = np.empty(len(trials)), np.empty((len(trials), x.size))

        def on_rows(part: slice) -> None:
            for k in range(*part.indices(len(trials))):
                values[k], rows[k] = self._of_trial(net, trials[k])

        if self.workers == 1 or len(trials) == 1:
            on_rows(slice(0, len(trials)))
        else:
            over_rows(on_rows, len(trials), self.workers, stop_word())
        if not (np.isfinite(values).all() and np.isfinite(rows).all()):
            return np.inf, np.zeros(x.size)
        return float(values.mean()), rows.mean(axis=0)

    def _of_trial(self, net: Any, trial: Trial) -> tuple[float, Floats]:
        asked = of_system(trial, net, self.loss)
        if asked is not None:
            return asked.value, self.chosen.vector(asked.by_params)
        try:
            ahead = Pass(net, self.loss, trial, self.course_of(net, trial), self.way.of)
        except ArithmeticError:
            return np.inf, np.zeros(self.chosen.positions.size)
        whole = np.zeros(net.param_dim)
        sweep_back(ahead, whole, self.chosen, self.way.method, self.way.window)
        return ahead.value, self.chosen.vector(whole)

    def residuals(self, x: Floats, trials: Sequence[Trial]) -> tuple[Floats, Floats]:
        """Return r with ``mean loss = r.r`` and its Jacobian, by sensitivities."""
        net = self.network(x)
        found = []
        for trial in trials:
            asked = of_system(trial, net, self.loss, each=True)
            if asked is not None:
                found.append((asked.residuals, np.where(self.chosen.free, asked.by_params[:, self.chosen.positions], 0.0)))
                continue
            ahead = Pass(net, self.loss, trial, self.course_of(net, trial), self.way.of)
            loss: Any = trial.loss or self.loss
            r, weights = loss.residuals(ahead.outputs.shown, trial.targets)
            by_params = self.chosen.directions(net.param_dim)
            looks = np.unique(ahead.steps.looks)
            _, kept, _ = ahead.unrolled.ahead(np.zeros((net.state_dim, x.size)), by_params, keep=looks)
            J = ahead.outputs.along(kept, by_params) * weights[:, :, np.newaxis]
            found.append((r.ravel(), J.reshape(r.size, x.size)))
        scale = 1.0 / np.sqrt(len(trials))
        return scale * np.concatenate([r for r, _ in found]), scale * np.concatenate([J for _, J in found])


__all__ = ["NotFinite", "Objective", "Way"]
