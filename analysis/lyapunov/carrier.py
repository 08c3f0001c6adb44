"""Integration of trajectories with their tangent vectors: memory, and calls of the drivers.

One trajectory and a thousand take the same compiled path: a loop over members, in threads where there are several.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.common import blows_up, seconds_a_call
from analysis.lyapunov import flow as F
from analysis.lyapunov.directional import directional_slope, has_directions_only
from analysis.lyapunov.host import host_functions
from analysis.lyapunov.inline import can_be_inlined, inlined_slope
from analysis.lyapunov.map import advance_map
from analysis.lyapunov.scheme import Scheme, tangent_rtol_of
from analysis.lyapunov.slopes import DIFFUSION, JAC, RHS, TANGENT, Signals, width_of_state
from neurodynamics import Status
from neurodynamics.compiling import copy, host_version, kernel, over_rows
from neurodynamics.validation import Floats
from neurodynamics.watched import heed

PENDING = 99
WORK_A_SLICE = 2e7  # multiplications between looks at the word that stops all workers: about 10 ms
SECONDS_A_SLICE = 0.02  # where a function of a user takes longer
THREADS_BELOW = 128  # neurons from which BLAS has the cores
STATUS = {F.DONE: Status.SUCCESS, F.NON_FINITE: Status.NON_FINITE, F.STEP_TOO_SMALL: Status.STEP_TOO_SMALL}


@functools.cache
def carry_kernel(advance: Any) -> Any:
    """Return the loop over members for a driver."""

    @kernel
    def carry_members(functions, pair, bins, signals, params, clocks, counts, y, work, growth, traces, codes, stop,
                      first, last, budget, to_end):  # fmt: skip
        """Carry the members first .. last - 1 to the last edge, or for one budget of steps."""
        base, terms, spans, u = signals.base, signals.terms, signals.n_terms, signals.u
        for b in range(first, last):
            own = Signals(base[b], terms[spans[b, 0] :], spans[b, 1] - spans[b, 0], signals.data, u, signals.varying)
            copy(base[b], u)
            while codes[b] == PENDING and stop[0] == 0:
                code = advance(functions, pair, bins, own, params[b], clocks[b], counts[b], y[b], work, growth[b],
                               traces[b], budget)  # fmt: skip
                if code != F.BUDGET_USED:
                    codes[b] = code
                elif not to_end:
                    break

    return carry_members


@dataclass(frozen=True)
class TimeLimit:
    """When to stop: the time on the performance counter, and whom to tell how far it went."""

    deadline: float | None = None
    watch: Callable[[float, float], None] | None = None  # (done, of)


class OutOfTime(Exception):
    """The deadline of :meth:`Carrier.go` passed; that of a long call is another, in :mod:`neurodynamics.watched`."""


class Carrier:
    """B trajectories with k tangent vectors each.

    Parameters
    ----------
    system : DynamicalSystem
    scheme : Scheme
    states : array, shape (B, N)
    theta : array, shape (B, P)
        The parameters of each.
    drives : list of Inputs
        One for all, or B.
    workers : int
    product : callable, optional
        The user's tangent product, for systems that run uncompiled.
    first : int
        Number of the first trajectory, which its noise depends on.
    breakpoints : array, optional
        Where all take a new step; by default where one of their inputs has a breakpoint.
    """

    can_probe = True  # whether another one can take its place for a while, with other steps

    def __init__(
        self, system: Any, scheme: Scheme, states: Floats, theta: Floats, drives: list, workers: int = 1,
        product: Any = None, *, first: int = 0, breakpoints: Floats | None = None,
    ) -> None:  # fmt: skip
        self.system, self.scheme, self.theta, self.drives, self.workers = system, scheme, theta, drives, workers
        self.n = system.state_dim
        self.k, self.product = 0, product
        self.starts, size = states.copy(), len(states)
        self.y = np.zeros((size, width_of_state(self.n, 0)))
        self.y[:, : self.n] = states
        self.clocks = np.zeros((size, F.CLOCK_SIZE))
        self.clocks[:, F.H] = 0.0 if scheme.adaptive else scheme.dt
        self.counts = np.zeros((size, F.COUNT_SIZE), dtype=np.int64)
        self.counts[:, F.EVERY] = 1
        self.counts[:, F.MEMBER] = first + np.arange(size)
        self.codes = np.zeros(size, dtype=np.int64)
        self.stop = np.zeros(1, dtype=np.int64)
        self.host = system.host or product is not None or any(drive.callable is not None for drive in drives)
        self._functions: Any = host_functions(system, product) if self.host else addresses_of(system)
        self._signals = _signals_of_members(drives, size)
        own = np.unique(np.concatenate([drive.breakpoints for drive in drives]))
        self._breaks = own if breakpoints is None else breakpoints

    @property
    def states(self) -> Floats:
        """Where the trajectories are, (B, N)."""
        return self.y[:, : self.n]

    @property
    def time(self) -> float:
        """The time that all members which did not fail have reached."""
        return float(np.max(self.clocks[:, F.T], initial=0.0))

    @property
    def failed(self) -> np.ndarray:
        """Which members failed, (B,)."""
        return self.codes < 0

    def status(self, member: int = 0) -> Status:
        """Return how a member fared so far."""
        return STATUS.get(int(self.codes[member]), Status.INTERRUPTED)

    def blew_up(self, member: int) -> bool:
        """Whether a member failed because it grew, and not where f is not defined."""
        if self.codes[member] not in (F.NON_FINITE, F.STEP_TOO_SMALL):
            return False
        system, drive = self.system.with_params(self.theta[member]), self.drives[member % len(self.drives)]
        rows = slice(member, member + 1)
        return bool(blows_up(system, self.states[rows], self.starts[rows], drive.base, self.clocks[member, F.T])[0])

    def begin(self, t: float) -> None:
        """Set the time at which all members are."""
        self.clocks[:, F.T] = t

    def set_vectors(self, vectors: Floats) -> None:
        """Give every member the tangent vectors (k, N), or (B, k, N)."""
        size, n, k = len(self.y), self.n, vectors.shape[-2]
        y = np.zeros((size, width_of_state(n, k)))
        y[:, :n] = self.states
        y[:, n + 1 : n + 1 + k * n] = np.broadcast_to(vectors, (size, k, n)).reshape(size, k * n)
        self.y, self.k = y, k
        if not self.host and has_directions_only(self.system, k):
            self._slope = directional_slope(self.system.function("rhs"))
            self._functions[TANGENT] = self._slope.address

    @property
    def vectors(self) -> Floats:
        """The tangent vectors, (B, k, N)."""
        return self.y[:, self.n + 1 : self.n + 1 + self.k * self.n].reshape(-1, self.k, self.n)

    def go(self, edges: Floats, limits: TimeLimit | None = None, scheme: Scheme | None = None) -> tuple[Floats, Floats]:
        """Carry all members along through bins of time; return growth (B, bins, k) and integrals of the trace (B, bins).

        A member that fails, and those that a deadline or Ctrl-C stops, keep what they have in the bins that they finished
        (``finished``).
        """
        size, bins = len(self.y), len(edges) - 1
        self.growth, self.traces = np.zeros((size, bins, self.k)), np.zeros((size, bins))
        self.counts[:, F.EDGE] = 0
        self.counts[:, F.FRESH] = 1
        self.counts[:, F.SINCE] = 0
        self.counts[:, F.PIECE] = np.searchsorted(self._breaks, edges[0], "right")
        if not self.host and self.k:
            self.y[:, self.n] = 0.0
        self.codes[self.codes == F.DONE] = PENDING
        limits = limits or TimeLimit()
        make_advance = self._maker(np.ascontiguousarray(edges, dtype=np.float64), scheme or self.scheme)
        if size == 1 or self.host:
            late = self._one_by_one(make_advance(), limits, bins)
        else:
            late = self._in_threads(make_advance, limits, bins)
        if not self.host:
            self.system.raise_failures()
        if late:
            raise OutOfTime
        return self.growth, self.traces

    @property
    def finished(self) -> int:
        """Bins that all members finished."""
        return int(np.min(self.counts[:, F.EDGE], initial=self.growth.shape[1]))

    def _one_by_one(self, on_rows: Any, limits: TimeLimit, bins: int) -> bool:
        for b in range(len(self.y)):
            while self.codes[b] == PENDING:
                on_rows(slice(b, b + 1), False)
                heed()
                if limits.watch is not None:
                    limits.watch(float(self.counts[:, F.EDGE].sum()), bins * len(self.y))
                if limits.deadline is not None and time.perf_counter() > limits.deadline:
                    return True
        return False

    def _in_threads(self, make_advance: Any, limits: TimeLimit, bins: int) -> bool:
        def watch() -> None:
            if limits.watch is not None:
                limits.watch(float(self.counts[:, F.EDGE].sum()), bins * len(self.y))

        self.stop[0] = 0
        workers = self.workers if self.n < THREADS_BELOW else 1
        return over_rows(lambda rows: make_advance()(rows, True), len(self.y), workers, self.stop, limits.deadline, watch)

    def _maker(self, edges: Floats, scheme: Scheme) -> Any:
        n, k = self.n, self.k
        advance = advance_map if scheme.is_map else F.advance_flow
        budget = max(4, int(WORK_A_SLICE / (12.0 * (n * n * max(k, 1) + 50))))
        if not self.host and len(self.y):
            calls = max(scheme.stages, 1) * (1 + 2 * n if k else 1)
            seconds = calls * seconds_a_call(self.system, self.starts[0], self.drives[0].base)
            budget = max(1, min(budget, int(SECONDS_A_SLICE / seconds)))
        needs_jacobian = self.host or (k > 0 and self._functions[TANGENT] == 0)
        tangent_rtol = tangent_rtol_of(self.system, scheme.rtol)

        def make_advance() -> Any:
            """Return what carries a slice of the members, with scratch of its own."""
            work = np.zeros((scheme.stages + 1 + F.EXTRA_ROWS, self.y.shape[1]))
            jacobian = np.zeros((n, n) if needs_jacobian else (0, 0))
            breaks = self._breaks
            part = F.Bins(edges, edges.size, breaks, breaks.size, scheme.rtol, tangent_rtol, scheme.atol, scheme.h_max, n, k,
                          jacobian)  # fmt: skip
            signals = self._signals._replace(u=np.zeros(self.system.input_dim))

            def on_rows(rows: slice, to_end: bool) -> None:
                if self.host:
                    self._host_steps(advance, scheme, part, work, rows.start, budget)
                    return
                carry_kernel(advance)(
                    self._functions, scheme.pair, part, signals, self.theta, self.clocks, self.counts, self.y, work,
                    self.growth, self.traces, self.codes, self.stop, rows.start, rows.stop, budget, to_end,
                )  # fmt: skip

            return on_rows

        return make_advance

    def _host_steps(self, advance: Any, scheme: Scheme, part: F.Bins, work: Floats, b: int, budget: int) -> None:
        drive = self.drives[b if len(self.drives) > 1 else 0]
        table: Any = drive.table
        signals = Signals(table.base, table.terms, table.n_terms, table.data, drive.base.copy(), not drive.constant)
        functions = self._functions(part.jacobian)
        code = host_version(advance)(
            functions, scheme.pair, part, signals, self.theta[b], self.clocks[b], self.counts[b], self.y[b], work,
            self.growth[b], self.traces[b], min(budget, 100),
        )  # fmt: skip
        if code != F.BUDGET_USED:
            self.codes[b] = code


def addresses_of(system: Any) -> np.ndarray:
    """Return the addresses of what a flow with tangent vectors calls, 0 where the system has none."""
    functions = np.zeros(4, dtype=np.int64)
    functions[RHS] = system.address("rhs")
    if system.structure("additive") is not None:
        from analysis.lyapunov.additive import additive_tangent

        functions[TANGENT] = additive_tangent(system.activation).address
    elif can_be_inlined(system):
        inlined = inlined_slope(system.function("rhs"), system.function("jac"), system.state_dim)
        functions[TANGENT] = inlined.address
    else:
        functions[JAC] = system.function("jac").address
    if system.has("diffusion"):
        functions[DIFFUSION] = system.address("diffusion")
    return functions


def _signals_of_members(drives: list, size: int) -> Signals:
    """Return constants (B, M), the terms of all members behind each other, first and last of each (B, 2), and their data."""
    drives = drives * size if len(drives) == 1 and size > 1 and drives[0].constant else drives
    if len(drives) == 1:
        drive = drives[0]
        spans = np.repeat(np.array([[0, len(drive.terms)]]), size, axis=0)
        return Signals(np.tile(drive.base, (size, 1)), drive.terms, spans, drive.data, None, not drive.constant)
    base = np.array([drive.base for drive in drives])
    ends = np.cumsum([0, *(len(drive.terms) for drive in drives)])
    starts = np.cumsum([0, *(drive.data.size for drive in drives)])
    terms = np.concatenate([drive.shifted_terms(int(start)) for drive, start in zip(drives, starts, strict=False)])
    data = np.concatenate([drive.data for drive in drives])
    varying = any(not drive.constant for drive in drives)
    return Signals(base, terms, np.column_stack([ends[:-1], ends[1:]]), data, None, varying)
