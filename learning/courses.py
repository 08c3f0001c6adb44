"""A trial as steps of a system: where they end, what drives them, and after which the loss looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from learning.sweeps import evaluate_inputs_at
from learning.trials import Trial, span_of
from neurodynamics.inputs import Inputs
from neurodynamics.lazily import cached_property
from neurodynamics.schemes import Tableau, method_named
from neurodynamics.simulation import simulate
from neurodynamics.status import Status
from neurodynamics.systems import started_in
from neurodynamics.validation import (
    Floats,
    as_choice,
    as_count,
    as_number,
    require_room,
)

EXPLICIT = ("euler", "heun", "midpoint", "rk4", "dopri5", "dop853")
SAME = 1e-9  # of the span: times that are the same


@dataclass(frozen=True)
class Course:
    """A trial of a system as steps: what is integrated, and after which steps it is looked at.

    Attributes
    ----------
    y0 : ndarray, shape (N,)
    inputs : Inputs
    times : ndarray, shape (S + 1,)
        Ends of the steps.
    tableau : Tableau
    looks : ndarray of int, shape (L,)
        After which steps the outputs are looked at.
    jumps : dict of int to int
        Which "steps" are resets, and of which event.
    a_map : bool
        Whether steps are iterations.
    """

    y0: Floats
    inputs: Inputs
    times: Floats
    tableau: Tableau
    looks: np.ndarray
    jumps: dict[int, int]
    a_map: bool = False

    @cached_property
    def _whole(self) -> tuple[Floats, Floats, Floats]:
        return self._stages(0, len(self.times) - 1)

    def part(self, first: int, length: int) -> tuple[Floats, Floats, Floats]:
        """Return the beginnings (length,), the lengths, and the inputs at the stages (length, R, M) of some steps.

        Before the first step there are copies of it of no length, in which nothing happens.
        """
        if first <= 0 and first + length == len(self.times) - 1:
            parts = self._whole
        else:
            parts = self._stages(max(first, 0), max(first + length, 1))
        if first >= 0:
            return parts
        t, h, u = (np.concatenate([np.repeat(each[:1], -first, axis=0), each])[:length] for each in parts)
        h[:-first] = 0.0
        return t, h, u

    def _stages(self, first: int, last: int) -> tuple[Floats, Floats, Floats]:
        """Return the same for steps that there are; inputs are taken on the smooth piece that holds the step."""
        times, c = self.times[first : last + 1], np.ascontiguousarray(self.tableau.c[: self.tableau.stages])
        base, terms, number, data = self.inputs.table
        if self.inputs.constant:
            return times[:-1], np.diff(times), np.broadcast_to(base, (last - first, c.size, base.size))
        u = np.empty((last - first, c.size, base.size))
        if self.inputs.callable is None:
            evaluate_inputs_at(base, terms, number, data, times, c, self.a_map, u)
        else:
            for k, (t, end) in enumerate(zip(times[:-1], times[1:], strict=True)):
                for r in range(c.size):
                    self.inputs.evaluate(t + c[r] * (end - t), t if self.a_map else 0.5 * (t + end), u[k, r])
        return times[:-1], np.diff(times), u


class Way(NamedTuple):
    """How trajectories are computed, and differentiated."""

    method: str = "discrete"
    window: int | None = None
    integrator: str | None = None
    dt: float | None = None
    rtol: float = 1e-6
    atol: float = 1e-9
    of: str = "outputs"

    def checked(self, *methods: str) -> Way:
        """Return it, if it is one of these methods, and has no window with another than "discrete"."""
        as_choice(self.method, "method", methods)
        as_choice(self.of, "of", ("outputs", "states"))
        if self.window is not None:
            as_count(self.window, "window", minimum=1)
            if self.method != "discrete":
                raise ValueError(f'`window` goes with method="discrete" alone; got method={self.method!r}.')
        if self.integrator is not None:
            as_choice(self.integrator, "integrator", EXPLICIT)
        return self

    def course(self, system: Any, trial: Trial) -> Course:
        """Return the steps of a trial; those of an adaptive method are those that it takes for these parameters."""
        tolerances = as_number(self.rtol, "rtol", positive=True), as_number(self.atol, "atol", minimum=0.0)
        y0 = np.zeros(system.state_dim) if trial.y0 is None else trial.y0
        state = started_in(system.domain, system.check_state(y0, "y0"), "y0")
        jumps: dict[int, int] = {}
        inputs = Inputs(trial.inputs, system.input_dim)
        start, end = span_of(trial.t_span)
        name = self._method_for(system)
        if system.kind == "map":
            grid = _iterations(start, end)
        else:
            events = _events(system, trial, state, start, end, tolerances) if system.has("reset") else []
            grid = _step_ends(system, trial, state, inputs, start, end, name, self.dt, tolerances, [t for t, _ in events])
            grid, jumps = _with_jumps(grid, events)
        tableau = method_named(name).tableau
        assert tableau is not None
        given: Any = trial.times
        looks = np.arange(1, len(grid)) if given is None else _places(given, grid, start, end)
        return Course(state, inputs, grid, tableau, looks, jumps, system.kind == "map")

    def _method_for(self, system: Any) -> str:
        """Return the method of integration; an iteration of a map is taken as Euler's step without a length."""
        if system.kind == "map":
            for name in ("integrator", "dt"):
                if getattr(self, name) is not None:
                    raise ValueError(f"`{name}` is for flows; a map goes by iterations. Leave it out.")
            return "euler"
        given = self.integrator
        return as_choice(("dop853" if self.dt is None else "rk4") if given is None else given, "integrator", EXPLICIT)


def _iterations(start: float, end: float) -> Floats:
    if not (start.is_integer() and end.is_integer()):
        raise ValueError(f"`t_span` of a map must be whole numbers of iterations; got ({start:g}, {end:g}).")
    require_room(end - start, "t_span")
    return np.arange(start, end + 1)


def _step_ends(system: Any, trial: Trial, y0: Floats, inputs: Inputs, start: float, end: float, name: str,
               dt: float | None, tolerances: tuple[float, float], resets: list[float]) -> Floats:  # fmt: skip
    """Return the ends of steps; times of targets, of resets and of jumps of inputs are among them."""
    wanted = [np.array(resets)] if trial.times is None else [np.array(resets), np.asarray(trial.times)]
    jumps = inputs.breakpoints[(inputs.breakpoints > start) & (inputs.breakpoints < end)]
    if method_named(name).constant_step:
        if dt is None:
            raise ValueError(f'`dt` must be given with integrator="{name}".')
        h = as_number(dt, "dt", positive=True)
        require_room((end - start) / h * (system.state_dim + 2), "t_span` in steps of `dt")
        count = max(round((end - start) / h), 1)
        short = count if count * h >= (end - start) * (1 - SAME) else count + 1
        ends = np.append(start + h * np.arange(short), end)
    else:
        if dt is not None:
            raise ValueError(f'`dt` does not go with integrator="{name}", which chooses its steps; give `rtol`, `atol`.')
        run = simulate(system, (start, end), y0, inputs=trial.inputs, method=name, rtol=tolerances[0], atol=tolerances[1],
                       dense_output=True)  # fmt: skip
        if not run.success or run.sol is None:
            raise ArithmeticError(f"the trajectory ends at t = {run.t[-1]:g}: {run.message}")
        ends = np.concatenate([[start], run.sol.times[:, 2]])
    return _distinct(np.concatenate([ends, jumps, *wanted]), start, end)


def _events(system: Any, trial: Trial, y0: Floats, start: float, end: float, tolerances: Any) -> list[tuple[float, int]]:
    """Return the times of resets, and their events, in order."""
    run = simulate(system, (start, end), y0, inputs=trial.inputs, method="dop853", rtol=min(tolerances[0], 1e-9),
                   atol=min(tolerances[1], 1e-12), save="final")  # fmt: skip
    if not run.success or run.status == Status.EVENT:
        raise ArithmeticError(f"the trajectory ends before `t_span` does: {run.status.message}")
    return sorted((float(t), event) for event, times in enumerate(run.t_events) for t in times)


def _with_jumps(grid: Floats, events: list[tuple[float, int]]) -> tuple[Floats, dict[int, int]]:
    """Put each reset between two steps, as one whose ends are the same time."""
    if not events:
        return grid, {}
    after = [int(np.argmin(np.abs(grid - t))) for t, _ in events]
    places = [k + number for number, k in enumerate(after)]
    return np.insert(grid, [k + 1 for k in after], grid[after]), dict(zip(places, (e for _, e in events), strict=True))


def _distinct(times: Floats, start: float, end: float) -> Floats:
    times = np.sort(times[(times >= start) & (times <= end)])
    apart = np.append(True, np.diff(times) > SAME * (end - start))
    kept = times[apart]
    kept[0], kept[-1] = start, end
    return kept


def _places(times: Floats, grid: Floats, start: float, end: float) -> np.ndarray:
    slack = SAME * (end - start)
    outside = np.flatnonzero((times < start - slack) | (times > end + slack))
    if outside.size:
        raise ValueError(f"`times[{outside[0]}]` = {times[outside[0]]:g} is outside `t_span` = ({start:g}, {end:g}).")
    places = np.clip(np.searchsorted(grid, times + slack, side="right") - 1, 0, len(grid) - 1)  # after a reset
    if (np.abs(grid[places] - times) > 2 * slack).any():
        raise ValueError("`times` of a map must be whole numbers of iterations.")
    return places
