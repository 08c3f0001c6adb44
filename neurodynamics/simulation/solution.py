"""The result of one simulation."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import evaluate_rows
from neurodynamics.files import Saved
from neurodynamics.inputs import Inputs
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.simulation.labelled import solution_dataset, write_csv
from neurodynamics.status import Status
from neurodynamics.tables import state_columns, table
from neurodynamics.validation import Floats, as_floats

if TYPE_CHECKING:
    from neurodynamics.systems import DynamicalSystem


@dataclass(frozen=True, eq=False)
class DenseOutput:
    """The solution as a function of time: one polynomial a step.

    Parameters
    ----------
    times : array, shape (S, 3)
        Start of a step, its length, and where its polynomial ends to be valid (earlier than the step where an event
        cut it).
    rows : array, shape (S, D + 1, N)
        ``y(t) = rows[0] + sum_d rows[d] x**d`` with x the fraction of the step.
    domain : Box, Simplex or None
        Onto which states are set back.
    """

    times: Floats
    rows: Floats
    domain: Any = None

    def __call__(self, t: ArrayLike) -> Floats:
        """Return the state at the times t: (N,) for a number, (N, T) for a vector."""
        wanted = as_floats(t, "t")
        times = np.atleast_1d(wanted)
        ends = self.times[:, 2]
        forward = self.times[-1, 2] >= self.times[0, 0]
        require_inside(times, self.times[0, 0], self.times[-1, 2])
        steps = np.searchsorted(ends if forward else -ends, times if forward else -times)
        steps = np.clip(steps, 0, len(ends) - 1)
        x = (times - self.times[steps, 0]) / self.times[steps, 1]
        y = self.rows[steps, -1]
        for d in range(self.rows.shape[1] - 2, -1, -1):
            y = y * x[:, np.newaxis] + self.rows[steps, d]
        y = y if self.domain is None else self.domain.project(y)
        return y.T if wanted.ndim else y[0]


def require_inside(t: Floats, start: float, end: float) -> None:
    """Raise where a time is outside what was integrated."""
    low, high = min(start, end), max(start, end)
    slack = 1e-9 * (high - low)
    if t.size and (t.min() < low - slack or t.max() > high + slack):
        raise ValueError(f"`t` must lie in [{low:g}, {high:g}]; got [{t.min():g}, {t.max():g}].")


class End(NamedTuple):
    """Where a run ended that an event, or a limit before the first point, has ended: time and state (N,)."""

    t: float
    y: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Solution(Record, Saved):
    """A trajectory, with what is needed to judge it.

    Attributes
    ----------
    t : array, shape (T,)
        Times (for a map: numbers of iterations).
    y : array, shape (N, T)
        States.
    status : Status
        How the run ended; ``success`` and ``message`` say it in short and in a sentence.
    method, reason : str
        The method that was used, and why where none was asked for.
    path : {"compiled", "scipy", "host"}
        What ran: a compiled integrator, SciPy's solver, or an integrator over Python functions.
    t_events, y_events : list of array
        Times (K,) and states (K, N) of each event.
    sol : callable or None
        The solution as a function of time, with ``dense_output=True``.
    nfev, steps, rejected : int
        Evaluations of the right-hand side; accepted and rejected steps.
    options : dict
        Tolerances, dt, seed, ..
    end : End or None
        Time and state at the event that ended the run, which need not be among the times asked for.
    """

    t: Floats
    y: Floats
    status: Status
    message: str
    method: str
    reason: str
    path: str
    t_events: list[Floats]
    y_events: list[Floats]
    sol: Any
    nfev: int
    steps: int
    rejected: int
    system: DynamicalSystem | None = None
    inputs: Inputs | None = None
    options: dict[str, Any] = field(default_factory=dict)
    end: End | None = None

    @property
    def success(self) -> bool:
        """Whether the end, or a terminal event, was reached with finite states."""
        return self.status >= 0

    @property
    def outputs(self) -> Floats:
        """What the system showed along the trajectory, shape (K, T)."""
        if self.system is None:
            raise ValueError("this solution was loaded without its system; pass `system=` to `load`.")
        return self.system.outputs_of_rows(self.y.T).T

    @property
    def input_values(self) -> Floats:
        """The inputs along the trajectory, shape (M, T)."""
        if self.inputs is None:
            raise ValueError("this solution does not hold its inputs.")
        return self.inputs.at(self.t)

    @property
    def final(self) -> Floats:
        """The last state, shape (N,), or that at the event that ended the run: the start of a run that goes on from here."""
        return (self.y[:, -1] if self.end is None else self.end.y).copy()

    @property
    def energies(self) -> Floats:
        """The energy along the trajectory, with the inputs of the moment, shape (T,); for systems that have one."""
        if self.system is None:
            raise ValueError("this solution was loaded without its system; pass `system=` to `load`.")
        energy = self.system.function("energy")
        states = np.ascontiguousarray(self.y.T)
        known = self.inputs is not None and self.system.input_dim
        inputs = np.ascontiguousarray(self.input_values.T) if known else np.zeros((len(states), self.system.input_dim))
        if self.system.host:
            return np.array([energy.source(y, u, self.system.params) for y, u in zip(states, inputs, strict=True)])
        values = np.empty((len(states), 1))
        evaluate_rows(energy.address, self.t, states, inputs, self.system.params, values)
        return values[:, 0]

    @property
    def max_energy_rise(self) -> float:
        """The largest step upwards of the energy from one point of the solution to the next; never, if not positive."""
        return float(np.diff(self.energies).max(initial=-np.inf))

    def to_pandas(self) -> Any:
        """Return the states as a ``pandas.DataFrame`` (T, N): a row a time, columns ``y[0]``, ``y[1]``, ..

        Needs the package pandas: ``pip install "neural-attractors[pandas]"``.
        """
        return table(state_columns(self.y.T), self.t, "time")

    def to_xarray(self) -> Any:
        """Return an ``xarray.Dataset``: ``y`` (state, time), ``outputs``, ``inputs``, ``params`` and how they came to be.

        Needs the package xarray: ``pip install "neural-attractors[xarray]"``.
        """
        return solution_dataset(self)

    def to_csv(self, path: str | os.PathLike) -> None:
        """Write the states to a text file, as a whole or not at all: a line a time, ``time,y[0],y[1],..`` above them.

        The numbers have 17 digits: ``numpy.loadtxt(path, delimiter=",", skiprows=1)`` gives the same.

        Parameters
        ----------
        path : str or path
            Taken as it is. A file of that name is replaced.
        """
        write_csv(self, path)

    plot_energy = drawn("plot_energy", "Draw the energy over time")

    plot = drawn("plot_time_series", "Draw the time series")

    def __repr__(self) -> str:
        span = f"t = {self.t[0]:g} .. {self.t[-1]:g}, " if self.t.size else ""
        n = self.y.shape[0]
        end = "" if self.status == Status.SUCCESS else f" {self.message}"
        return f"Solution({self.status.name.lower()}, {n} states, {span}{self.t.size} points, {self.method}){end}"
