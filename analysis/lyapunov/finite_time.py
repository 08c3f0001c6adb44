"""Finite-time Lyapunov exponents, along a trajectory and as a field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in
from analysis.lyapunov.carrier import STATUS, Carrier, OutOfTime, TimeLimit
from analysis.lyapunov.flow import DONE, TOGETHER
from analysis.lyapunov.scheme import Scheme, scheme_for
from neurodynamics import DynamicalSystem, Status
from neurodynamics.compiling import as_workers
from neurodynamics.inputs import Inputs
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.simulation import members_of
from neurodynamics.validation import Floats, as_count, as_floats, as_instance, as_items, as_number, dimensions, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call, with_own_record

MEMORY = 2e8  # bytes of tangent vectors at a time
SOME = 1000  # tangent maps that are decomposed at a time, so that Ctrl-C finds those before
UNDER_WAY = -1000  # in the place of a status
RTOL = 1e-6  # a picture needs no more


@dataclass(frozen=True, eq=False)
class FiniteTimeExponents(Record):
    """Finite-time Lyapunov exponents ``ln(sigma_i) / T``, with sigma_i the singular values of the tangent map over T.

    Attributes
    ----------
    exponents : array, shape (N,) or (B, N)
        In descending order; those whose singular value is below rounding next to the largest are nan.
    y0, y_end : array, shape (N,) or (B, N)
    duration : float
    status : array of int, shape () or (B,)
        A `Status` a start.
    """

    exponents: Floats
    y0: Floats
    y_end: Floats
    duration: float
    status: np.ndarray

    @property
    def largest(self) -> Floats:
        """The largest exponent of each start."""
        return self.exponents[..., 0]


@dataclass(frozen=True, eq=False)
class FiniteTimeField(Record):
    """The largest finite-time exponent on a plane of starts; its ridges are separatrices.

    Attributes
    ----------
    x, y : array, shape (nx,), (ny,)
        The states of the two neurons ``plane`` that the starts differ in.
    values : array, shape (ny, nx)
        The exponent of the start ``(x[i], y[j])`` is ``values[j, i]``; nan where the trajectory diverged, or was
        not followed to its end.
    status : array of int, shape (ny, nx)
        A `Status` a start.
    """

    x: Floats
    y: Floats
    values: Floats
    plane: tuple[int, int]
    duration: float
    system: DynamicalSystem
    status: np.ndarray

    plot = drawn("plot_finite_time_field", "Draw the field")

    def __repr__(self) -> str:
        return f"FiniteTimeField({self.values.shape[1]} x {self.values.shape[0]}, duration {self.duration:g})"


def finite_time_lyapunov(
    system: DynamicalSystem,
    y0: ArrayLike,
    duration: float,
    *,
    t0: float = 0.0,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    workers: int | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> FiniteTimeExponents:
    """Return the finite-time Lyapunov exponents of one or many starts.

    Parameters
    ----------
    system : DynamicalSystem
    y0 : array_like, shape (N,) or (B, N)
    duration : float
        T (of a map: iterations).
    t0 : float
        Time of the start; matters for driven systems.
    inputs, method, dt, rtol
        As for `lyapunov_spectrum`; rtol is 1e-6 by default.
    workers : int, optional
        Threads; by default one for each core.
    timeout, on_interrupt
        As for `simulate`; starts that were not finished have nan.

    Returns
    -------
    FiniteTimeExponents

    References
    ----------
    .. [1] Shadden, Lekien & Marsden (2005), Physica D 212, 271.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import finite_time_lyapunov
    >>> net = CTRNN([[0.0, 0.0], [0.0, 0.0]], time_constants=[1.0, 2.0])
    >>> finite_time_lyapunov(net, [0.3, 0.7], duration=5).exponents.round(6)
    array([-0.5, -1. ])
    """
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    if system.has("reset"):
        raise ValueError("`system` has a `reset`, which finite-time exponents do not follow; `lyapunov_spectrum` does.")
    span = as_number(duration, "duration", positive=True)
    if system.kind == "map":
        span = float(as_count(duration, "duration", minimum=1))
    begin = as_number(t0, "t0")
    flow = system.kind == "flow"
    rtol = RTOL if rtol is None and dt is None and flow and method in (None, "dop853", "dopri5") else rtol
    scheme = scheme_for(system, method, dt, rtol, None, None, np.random.default_rng(0))
    starts, theta, _ = members_of(system, y0, None, None)
    drive = Inputs(inputs, system.input_dim)
    seconds = as_timeout(timeout)
    members = _Members(system, scheme, drive, starts, theta, begin, span, as_workers(workers), deadline_in(seconds))
    found: FiniteTimeExponents = long_call(
        members.run, members.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    if np.ndim(y0) > 1:
        return found
    return FiniteTimeExponents(found.exponents[0], found.y0[0], found.y_end[0], found.duration, found.status[0])


@dataclass(eq=False)
class _Members:
    """One call, with its arguments checked; members are carried along many at a time."""

    system: DynamicalSystem
    scheme: Scheme
    drive: Inputs
    starts: Floats
    theta: Floats
    begin: float
    span: float
    workers: int
    deadline: float | None

    def __post_init__(self) -> None:
        self.exponents, self.ends = np.full(self.starts.shape, np.nan), np.full(self.starts.shape, np.nan)
        self.status = np.full(len(self.starts), UNDER_WAY)

    def run(self) -> FiniteTimeExponents:
        n = self.system.state_dim
        many = max(1, int(MEMORY / (8.0 * n * (n + 1))))
        stopped = Status.SUCCESS
        for first in range(0, len(self.starts), many):
            rows = slice(first, min(first + many, len(self.starts)))
            stopped = self._carry(rows)
            if stopped is not Status.SUCCESS:
                break
        return self.so_far(stopped)

    def _carry(self, rows: slice) -> Status:
        carrier = Carrier(self.system, self.scheme, self.starts[rows], self.theta[rows], [self.drive], self.workers)
        carrier.counts[:, TOGETHER] = 1
        carrier.begin(self.begin)
        carrier.set_vectors(np.eye(self.system.state_dim))
        stopped = Status.SUCCESS
        try:
            carrier.go(np.array([self.begin, self.begin + self.span]), TimeLimit(self.deadline))
        except OutOfTime:
            stopped = Status.TIMEOUT
        except KeyboardInterrupt:
            stopped = Status.INTERRUPTED
        done = np.flatnonzero(carrier.codes == DONE)
        for part in np.array_split(done, max(1, -(-len(done) // SOME))):
            here = rows.start + part
            self.ends[here] = carrier.states[part]
            self.exponents[here] = _exponents(carrier.vectors[part], carrier.growth[part, 0, 0], self.span)
        ended = np.array([int(STATUS.get(int(code), UNDER_WAY)) for code in carrier.codes])
        self.status[rows] = ended
        return stopped

    def so_far(self, stopped: Status) -> FiniteTimeExponents:
        """Return what is known of the members by now."""
        status = np.where(self.status == UNDER_WAY, int(stopped), self.status)
        return FiniteTimeExponents(self.exponents.copy(), self.starts, self.ends.copy(), duration=self.span, status=status)


def _exponents(vectors: Floats, log_scale: Floats, span: float) -> Floats:
    singular = np.linalg.svd(vectors, compute_uv=False)
    resolved = singular > 10 * np.finfo(float).eps * singular[:, :1]
    with np.errstate(divide="ignore"):
        logs = np.where(resolved, np.log(singular), np.nan)
    return (logs + log_scale[:, np.newaxis]) / span


def finite_time_field(
    system: DynamicalSystem,
    duration: float,
    bounds: ArrayLike,
    *,
    plane: tuple[int, int] = (0, 1),
    at: ArrayLike | None = None,
    resolution: int | tuple[int, int] = 200,
    **options: Any,
) -> FiniteTimeField:
    """Return the largest finite-time Lyapunov exponent on a plane of starts.

    Parameters
    ----------
    system : DynamicalSystem
    duration : float
    bounds : array_like, shape (2, 2)
        ``((x_low, x_high), (y_low, y_high))``.
    plane : (int, int)
        The two states that the starts differ in.
    at : array_like, shape (N,), optional
        The other states; 0 by default.
    resolution : int or (int, int)
        Starts along x and y.
    options
        As for :func:`finite_time_lyapunov`.

    Returns
    -------
    FiniteTimeField

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import finite_time_field
    >>> net = CTRNN([[0, -8], [-8, 0]], constant_inputs=4)
    >>> field = finite_time_field(net, 5, [[-6, 6], [-6, 6]], resolution=21)
    >>> bool((field.values.argmax(axis=0) == range(21)).all())  # the ridge is the separatrix y1 = y2
    True
    """
    as_instance(system, "system", DynamicalSystem)
    box = as_floats(bounds, "bounds")
    if box.shape != (2, 2) or not (box[:, 0] < box[:, 1]).all():
        raise ValueError(f"`bounds` must be ((x_low, x_high), (y_low, y_high)) with low < high; got {bounds!r}.")
    pair = [as_count(index, f"plane[{position}]") for position, index in enumerate(as_items(plane, "plane"))]
    if len(pair) != 2:
        raise ValueError(f"`plane` must name two states; got {len(pair)}.")
    i, j = pair
    if i == j or max(i, j) >= system.state_dim:
        raise ValueError(f"`plane` must name two different states below {system.state_dim}; got {plane}.")
    sides = [resolution] * 2 if dimensions(resolution) == 0 else as_items(resolution, "resolution")
    if len(sides) != 2:
        raise ValueError(f"`resolution` must be a number or two; got {len(sides)}.")
    nx, ny = (as_count(side, "resolution", minimum=2) for side in sides)
    require_room(nx * ny * system.state_dim**2, "resolution")
    x, y = np.linspace(box[0][0], box[0][1], nx), np.linspace(box[1][0], box[1][1], ny)
    starts = np.tile(np.zeros(system.state_dim) if at is None else system.check_state(at, "at"), (nx * ny, 1))
    starts[:, i], starts[:, j] = np.tile(x, ny), np.repeat(y, nx)

    def of(found: FiniteTimeExponents) -> FiniteTimeField:
        return FiniteTimeField(x, y, found.largest.reshape(ny, nx), (i, j), found.duration, system,
                               found.status.reshape(ny, nx))  # fmt: skip

    field: FiniteTimeField = with_own_record(lambda: of(finite_time_lyapunov(system, starts, duration, **options)), of)
    return field
