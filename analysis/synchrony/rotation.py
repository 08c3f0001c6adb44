"""Rotation numbers of many members: turns an iteration, or a unit of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in, require_system, seconds_until
from analysis.lyapunov import average, span_of
from neurodynamics import DynamicalSystem, Status, simulate_ensemble
from neurodynamics.compiling import as_workers
from neurodynamics.records import Record
from neurodynamics.simulation import members_of
from neurodynamics.validation import Floats, as_floats, as_items, as_number, as_number_of, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

SAMPLES_A_TURN = 24  # of the phase of a flow, at the least
NUMBERS = 2e6  # of states that are kept at a time
TURN = 2.0 * np.pi
CLOCK = 1e-9  # of the duration: how finely the time after a transient must be told


@dataclass(frozen=True, eq=False, repr=False)
class RotationNumber(Record):
    """Mean turns of a phase.

    Attributes
    ----------
    values, errors : array, shape (B,)
        Turns an iteration (of a flow: a unit of time) of each member, with standard errors; nan where it was not followed.
    duration : float
    status : Status
    """

    values: Floats
    errors: Floats
    duration: float
    status: Status

    def __repr__(self) -> str:
        shown = ", ".join(f"{x:.6g} ± {e:.1g}" for x, e in zip(self.values[:3], self.errors[:3], strict=True))
        return f"RotationNumber({shown}{', ..' if self.values.size > 3 else ''})"


def rotation_number(
    system: DynamicalSystem,
    y0: ArrayLike,
    duration: float,
    *,
    phase: int | tuple[int, int] = 0,
    centre: ArrayLike = (0.0, 0.0),
    sampling: float | None = None,
    transient: float | None = None,
    params: Mapping[str, ArrayLike] | ArrayLike | None = None,
    inputs: Any = None,
    workers: int | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> RotationNumber:
    """Return the rotation numbers of one or many members: how often a phase goes round, on the average.

    The increments of the phase are averaged with a smooth window, which converges faster than any power of time for periodic
    and quasi-periodic motion [1]_.

    Parameters
    ----------
    system : DynamicalSystem
    y0 : array_like, shape (N,) or (B, N)
    duration : float
        To average over (of a map: iterations).
    phase : int or (int, int)
        A state that is an angle (of ``system.angles``, or in radians), or two states in whose plane the trajectory goes
        round the ``centre``, counted from the first to the second.
    centre : array_like, shape (2,)
    sampling : float, optional
        Of flows: the time between samples of the phase, in which it must go round by less than half a turn. By default a
        24th of a unit of time.
    transient : float, optional
        By default a tenth of the duration.
    params, inputs
        As for `simulate_ensemble`: what members differ in.
    workers : int, optional
        Threads.
    timeout, on_interrupt
        As for `simulate`; members that were not finished have nan.

    Returns
    -------
    RotationNumber

    References
    ----------
    .. [1] Das, Saiki, Sander & Yorke (2017), Nonlinearity 30, 4111.

    Examples
    --------
    >>> from analysis import rotation_number
    >>> from neurodynamics import models
    >>> rotation_number(models.circle_map(), [0.0], 1000, params={"omega": [0.25], "k": [0.0]}).values.round(12).tolist()
    [0.25]
    """
    if require_system(system).has("reset"):
        raise ValueError("`system` has a `reset`, at which its phase jumps; count its events instead (`simulate`).")
    starts, theta, drives = members_of(system, y0, params, inputs)
    length = span_of(system, duration, "duration")
    before = np.ceil(0.1 * length) if transient is None else span_of(system, transient, "transient", zero=True)
    require_span(system, before, length)
    step = 1.0 if system.kind == "map" else 1.0 / SAMPLES_A_TURN
    if sampling is not None:
        if system.kind == "map":
            raise ValueError("`sampling` has no meaning for a map; leave it out.")
        step = as_number(sampling, "sampling", positive=True)
    reader = PhaseReader.of(system, phase, centre)
    require_room(length / step * system.state_dim, "duration")
    seconds = as_timeout(timeout)
    call = Rotations(system, starts, theta, inputs, len(drives) > 1, reader, float(before), length, step,
                     as_workers(workers), deadline_in(seconds))  # fmt: skip
    found: RotationNumber = long_call(call.run, call.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))
    return found


def require_span(system: DynamicalSystem, transient: float, duration: float) -> None:
    """Raise where a transient is so long that the time after it cannot be told apart, or holds too many iterates."""
    if system.kind == "map":
        require_room((transient + duration) * system.state_dim, "transient")
    elif transient + duration == transient or np.spacing(transient) > CLOCK * duration:
        raise ValueError(f"`transient` must be short enough for a duration of {duration:g} after it; got {transient:g}.")


@dataclass(frozen=True)
class PhaseReader:
    """Reads turns from states."""

    states: tuple[int, ...]
    centre: Floats
    turn: float  # of an angle; 0 in a plane

    @classmethod
    def of(cls, system: DynamicalSystem, phase: Any, centre: Any) -> PhaseReader:
        """Return the reader that a user's arguments ask for, or raise."""
        middle, n = as_floats(centre, "centre"), system.state_dim
        if middle.shape != (2,):
            raise ValueError(f"`centre` must have shape (2,); got {middle.shape}.")
        if not isinstance(phase, (list, tuple, np.ndarray, range)):
            angle = as_number_of(phase, "phase", n, "state")
            return cls((angle,), middle, system.angles.mapping.get(angle, TURN))
        pair = tuple(as_number_of(each, f"phase[{i}]", n, "state") for i, each in enumerate(as_items(phase, "phase")))
        if len(pair) != 2 or pair[0] == pair[1]:
            raise ValueError(f"`phase` must be the number of an angle, or two different states; got {phase!r}.")
        return cls(pair, middle, 0.0)

    def increments(self, y: Floats) -> Floats:
        """Return turns between samples, (B, T - 1), of states (B, N, T)."""
        if self.turn:
            return np.diff(y[:, self.states[0]], axis=-1) / self.turn
        first, second = (y[:, state] - middle for state, middle in zip(self.states, self.centre, strict=True))
        steps = np.diff(np.arctan2(second, first), axis=-1) / TURN
        return steps - np.round(steps)


@dataclass(eq=False)
class Rotations:
    """One call: members some at a time."""

    system: DynamicalSystem
    starts: Floats
    theta: Floats
    inputs: Any
    own_inputs: bool  # whether each member has its own
    reader: PhaseReader
    transient: float
    duration: float
    step: float
    workers: int
    deadline: float | None

    def __post_init__(self) -> None:
        self.values, self.errors = (np.full(len(self.starts), np.nan) for _ in range(2))

    def run(self) -> RotationNumber:
        """Follow all members, or as many as there is time for."""
        count = int(np.ceil(self.duration / self.step))
        t = self.transient + self.step * np.arange(count + 1)
        many = max(1, int(NUMBERS / (count * self.system.state_dim)))
        try:
            for first in range(0, len(self.starts), many):
                rows = slice(first, first + many)
                run = simulate_ensemble(
                    self.system, (0, t[-1]), self.starts[rows], params=self.theta[rows], **self._times(t),
                    inputs=self.inputs[rows] if self.own_inputs else self.inputs, workers=self.workers,
                    timeout=seconds_until(self.deadline), on_interrupt="return",
                )  # fmt: skip
                rates = self.reader.increments(run.y[:, :, -t.size :]).T / self.step
                done = np.isfinite(rates).all(axis=0)
                means = average(rates[:, done], "smooth")
                self.values[rows][done], self.errors[rows][done] = means.values, means.errors
                stopped = [each for each in (Status.INTERRUPTED, Status.TIMEOUT) if (run.status == each).any()]
                if stopped:
                    return self.so_far(stopped[0])
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        return self.so_far(Status.SUCCESS)

    def _times(self, t: Floats) -> dict[str, Any]:
        return {} if self.system.kind == "map" else {"t_eval": t}

    def so_far(self, status: Status) -> RotationNumber:
        """Return what is known by now."""
        return RotationNumber(self.values.copy(), self.errors.copy(), self.duration, status)
