"""Arnold tongues: where a driven oscillator, or a map of the circle, is locked to rational rotation numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in, require_system
from analysis.lyapunov import span_of
from analysis.synchrony.rotation import SAMPLES_A_TURN, PhaseReader, Rotations, require_span
from neurodynamics import DynamicalSystem, Sine, Status
from neurodynamics.compiling import as_workers
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.simulation import members_of
from neurodynamics.validation import (
    Floats,
    as_count,
    as_floats,
    as_mapping,
    as_number,
    as_number_of,
    as_size,
    require_positive,
    require_room,
)
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

DRIVE = ("frequency", "amplitude")
PERIODS = 200  # of the drive, by default
MOST_FRACTIONS = 1000  # denominators that are tried


@dataclass(frozen=True, eq=False, repr=False)
class ArnoldTongues(Record):
    """Rotation numbers over a plane of parameters, and where they are locked.

    Attributes
    ----------
    names : (str, str)
    values : (array, array), shapes (n1,), (n2,)
    rotation, errors : array, shape (n1, n2)
        Turns an iteration, or a period of the drive, with standard errors; nan where they were not found.
    tolerance : float
        Distance to a fraction within which a member counts as locked to it, if its error is below as well.
    status : Status
    """

    names: tuple[str, str]
    values: tuple[Floats, Floats]
    rotation: Floats
    errors: Floats
    tolerance: float
    status: Status

    def locked(self, p: int, q: int = 1) -> np.ndarray:
        """Return where the rotation number is p / q within the tolerance, bool (n1, n2)."""
        number = as_size(p, "p") / as_size(q, "q", minimum=1)
        with np.errstate(invalid="ignore"):
            return (np.abs(self.rotation - number) <= self.tolerance) & (self.errors <= self.tolerance)  # type: ignore[no-any-return]

    def boundaries(self, p: int, q: int = 1) -> Floats:
        """Return the least and the largest locked value of the first parameter for each of the second, (n2, 2).

        The boundaries of the tongue lie within one step of the grid beyond; nan where nothing is locked.
        """
        inside, x = self.locked(p, q), self.values[0]
        ends = np.full((inside.shape[1], 2), np.nan)
        for j in np.flatnonzero(inside.any(axis=0)):
            ends[j] = x[inside[:, j]].min(), x[inside[:, j]].max()
        return ends

    def fractions(self, largest: int = 5) -> list[tuple[int, int]]:
        """Return the fractions (p, q) with q up to ``largest`` to which some member is locked, in ascending order."""
        limit = as_count(largest, "largest", minimum=1)
        if limit > MOST_FRACTIONS:
            raise ValueError(f"`largest` must be at most {MOST_FRACTIONS}: fractions are tried one by one; got {limit}.")
        top = np.nanmax(self.rotation, initial=0.0)
        every = [(p, q) for q in range(1, limit + 1) for p in range(int(np.ceil(top * q)) + 1) if gcd(p, q) == 1]
        return sorted((pair for pair in every if self.locked(*pair).any()), key=lambda pair: pair[0] / pair[1])

    plot = drawn("plot_arnold_tongues", "Draw the tongues")

    def __repr__(self) -> str:
        shown = ", ".join(f"{p}/{q}" for p, q in self.fractions()[:9])
        return f"ArnoldTongues({self.rotation.shape[0]} x {self.rotation.shape[1]}, locked: {shown or 'none'})"


def arnold_tongues(
    system: DynamicalSystem,
    params: Mapping[str, ArrayLike],
    y0: ArrayLike,
    duration: float | None = None,
    *,
    drive: int = 0,
    phase: int | tuple[int, int] = 0,
    centre: ArrayLike = (0.0, 0.0),
    transient: float | None = None,
    tolerance: float = 1e-4,
    workers: int | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> ArnoldTongues:
    """Return the Arnold tongues of a driven oscillator or of a map of the circle.

    Rotation numbers over a plane of parameters (`rotation_number`). Locking is told by the number alone: a member that is
    not locked, but as near to a fraction as the tolerance, counts as locked.

    Parameters
    ----------
    system : DynamicalSystem
    params : mapping
        Two parameters with their values, ``{"omega": (n1,), "k": (n2,)}``; or of a flow that is driven, ``{"frequency": ..,
        "amplitude": ..}`` of a sine. Rotation numbers are then turns a period of the drive.
    y0 : array_like, shape (N,)
    duration : float, optional
        To average over (of a map: iterations); by default 200 periods of the slowest drive, or 1000 iterations.
    drive : int
        The input that is driven.
    phase, centre
        What turns, as for `rotation_number`.
    transient : float, optional
        By default half of the duration: locking takes its time.
    tolerance : float
    workers : int, optional
        Threads.
    timeout, on_interrupt
        As for `simulate`; members that were not finished have nan.

    Returns
    -------
    ArnoldTongues

    References
    ----------
    .. [1] Pikovsky, Rosenblum & Kurths (2001), Synchronization, Cambridge, chapters 3 and 7.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import arnold_tongues
    >>> from neurodynamics import models
    >>> found = arnold_tongues(models.circle_map(), {"omega": np.linspace(0, 0.2, 21), "k": [0.5]}, [0.0])
    >>> found.boundaries(0).round(2).tolist()  # up to K / (2 pi)
    [[0.0, 0.07]]
    """
    require_system(system)
    given = {name: np.atleast_1d(as_floats(values, f"params[{name!r}]"))
             for name, values in as_mapping(params, "params").items()}  # fmt: skip
    if len(given) != 2 or any(values.ndim != 1 or not values.size for values in given.values()):
        raise ValueError("`params` must name two parameters with a vector of values each.")
    names, (first, second) = tuple(given), given.values()
    grid = [each.ravel() for each in np.meshgrid(first, second, indexing="ij")]
    forced = set(names) == set(DRIVE) and system.kind == "flow"
    named: Any = dict(zip(names, grid, strict=True))
    inputs: Any = None
    source = as_count(drive, "drive")
    turns, step = 1.0, 1.0 if system.kind == "map" else 1.0 / SAMPLES_A_TURN
    if forced:
        if system.input_dim == 0:
            raise ValueError("`system` has no inputs to be driven by; name two of its parameters in `params`.")
        number = as_number_of(source, "drive", system.input_dim, "input")
        frequency, amplitude = (grid[names.index(name)] for name in DRIVE)
        require_positive(frequency, "params['frequency']")
        turns = 1.0 / frequency
        step = float(turns.min()) / SAMPLES_A_TURN
        named, inputs = None, [[Sine(a, f) if i == number else 0.0 for i in range(system.input_dim)]
                               for a, f in zip(amplitude, frequency, strict=True)]  # fmt: skip
    usual = 1000.0 if system.kind == "map" else PERIODS * float(np.max(turns))
    length = usual if duration is None else span_of(system, duration, "duration")
    before = np.ceil(0.5 * length) if transient is None else span_of(system, transient, "transient", zero=True)
    near, reader = as_number(tolerance, "tolerance", positive=True), PhaseReader.of(system, phase, centre)
    require_room(grid[0].size * system.state_dim + length / step * system.state_dim, "duration")
    require_span(system, before, length)
    start = system.check_state(y0, "y0")
    starts, theta, drives = members_of(system, np.tile(start, (grid[0].size, 1)), named, inputs)
    seconds = as_timeout(timeout)
    call = Rotations(system, starts, theta, inputs, len(drives) > 1, reader, float(before), length, step,
                     as_workers(workers), deadline_in(seconds))  # fmt: skip

    def record(status: Status) -> ArnoldTongues:
        shape, found = (first.size, second.size), call.so_far(status)
        rotation, errors = (np.reshape(each * turns, shape) for each in (found.values, found.errors))
        return ArnoldTongues((names[0], names[1]), (first, second), rotation, errors, near, status)

    result: ArnoldTongues = long_call(lambda: record(call.run().status), record, timeout=seconds,
                                      on_interrupt=as_on_interrupt(on_interrupt))  # fmt: skip
    return result
