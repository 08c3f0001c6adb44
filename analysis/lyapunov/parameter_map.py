"""Exponents over one or two parameters, by parallel ensembles."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in, depends_on_time, slowest_time
from analysis.lyapunov.averages import algebraic_part, average
from analysis.lyapunov.carrier import STATUS, Carrier, OutOfTime, TimeLimit
from analysis.lyapunov.kind import kind_of
from analysis.lyapunov.scheme import Scheme, random_vectors, scheme_for
from analysis.lyapunov.spectrum import _number_of_exponents, _times
from neurodynamics import DynamicalSystem, Kind, Status
from neurodynamics.compiling import slices
from neurodynamics.mapping import Workers, answers, workers_of
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.simulation import members_of
from neurodynamics.status import shortfall
from neurodynamics.validation import Floats, as_floats, as_generator, as_instance
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call, with_own_record

BINS = 96
PARTS = 64  # of the members, for what maps and does not tell how many it serves
QUICK = 0.02  # seconds of averaging for who does not wait for more


@dataclass(frozen=True, eq=False, repr=False)
class LyapunovEnsemble(Record):
    """Exponents of B members.

    Attributes
    ----------
    exponents, standard_errors : array, shape (B, k)
        nan for members that failed or are not done, see ``status``.
    trace_error : array, shape (B,)
        Sum of the exponents less the averaged trace; nan unless all exponents are known.
    kinds : array of Kind, shape (B,)
    status : array of int, shape (B,)
    y : array, shape (B, N)
        States at the end.
    """

    exponents: Floats
    standard_errors: Floats
    trace_error: Floats
    kinds: np.ndarray
    status: np.ndarray
    y: Floats
    duration: float
    system: DynamicalSystem

    def __len__(self) -> int:
        return len(self.exponents)

    def __repr__(self) -> str:
        counts = {kind: int((self.kinds == kind).sum()) for kind in Kind}
        shown = ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count)
        shown += shortfall(self.status)
        return f"LyapunovEnsemble({len(self)} members, {self.exponents.shape[1]} exponents each: {shown})"


@dataclass(frozen=True, eq=False, repr=False)
class LyapunovMap(Record):
    """Exponents over a grid of one or two parameters.

    Attributes
    ----------
    names : tuple of str
        One or two parameters.
    values : tuple of array
        Their values.
    exponents, standard_errors : array, shape (n1, k) or (n1, n2, k)
    kinds, status : array, shape (n1,) or (n1, n2)
    """

    names: tuple[str, ...]
    values: tuple[Floats, ...]
    exponents: Floats
    standard_errors: Floats
    kinds: np.ndarray
    status: np.ndarray
    duration: float
    system: DynamicalSystem

    @property
    def largest(self) -> Floats:
        """The largest exponent, shape (n1,) or (n1, n2)."""
        return self.exponents[..., 0]

    plot = drawn("plot_lyapunov_map", "Draw the map")

    def __repr__(self) -> str:
        size = " x ".join(str(len(v)) for v in self.values)
        chaotic = int((self.kinds == Kind.CHAOS).sum())
        return f"LyapunovMap({size} over {', '.join(self.names)}; {chaotic} chaotic{shortfall(self.status)})"


def lyapunov_ensemble(
    system: DynamicalSystem,
    y0: ArrayLike | None = None,
    k: int | None = None,
    duration: float | None = None,
    *,
    params: Mapping[str, ArrayLike] | ArrayLike | None = None,
    inputs: Any = None,
    transient: float | None = None,
    warm_up: float | None = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    workers: Any = None,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> LyapunovEnsemble:
    """Measure the exponents of B members that differ in states, parameters or inputs, in parallel.

    Parameters
    ----------
    system : DynamicalSystem
    y0 : array_like, shape (N,) or (B, N), optional
        By default one random state for all.
    k, duration, transient, warm_up, method, dt, rtol
        As for `lyapunov_spectrum`. The time averages of the growth rates are taken even where a member comes to rest.
    params, inputs
        As for `simulate_ensemble`: one entry a member.
    workers : int or callable, optional
        Threads; by default one for each core. Or what maps a function over parts of the members, such as a pool of processes
        or its ``map``. Results do not depend on it.
    rng : Generator or int, optional
        For the random state and the vectors at the start; always the same by default.
    timeout, progress, on_interrupt
        As for `simulate`.

    Returns
    -------
    LyapunovEnsemble

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from analysis import lyapunov_ensemble
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> sweep = {"weights[0, 1]": np.linspace(0, 2, 5)}
    >>> lyapunov_ensemble(net, [0, 0], duration=500, params=sweep).exponents.shape
    (5, 2)
    """
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    rng = as_generator(rng)
    count = _number_of_exponents(k, system)
    if system.has("reset"):
        raise ValueError("`system` has a `reset`, which maps of exponents do not follow; `lyapunov_spectrum` does.")
    scheme = scheme_for(system, method, dt, rtol, None, None, rng)
    seconds = as_timeout(timeout)
    deadline = deadline_in(seconds)
    start = rng.normal(size=system.state_dim) if y0 is None else y0
    states, theta, drives = members_of(system, start, params, inputs)
    times = _times(system, duration, None, None, transient, warm_up, slowest_time(system, drives[0].base, states))
    bins = int(min(BINS, times["duration"])) if scheme.is_map else BINS
    width = times["duration"] / bins if not scheme.is_map else float(int(times["duration"]) // bins)
    if scheme.dt:
        width = scheme.dt * max(1, round(width / scheme.dt))
        bins = max(1, round(times["duration"] / width))
    settled = times["transient"]
    edges = settled + times["warm_up"] + width * np.arange(bins + 1)
    vectors = random_vectors(rng, count, system.state_dim)
    members = _Members(system, scheme, states, theta, drives, workers_of(workers), vectors, settled, edges, width, deadline)
    found: LyapunovEnsemble = long_call(
        lambda: members.run(bool(progress)), members.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


@dataclass(eq=False)
class _Members:
    """One call, with its arguments checked."""

    system: DynamicalSystem
    scheme: Scheme
    states: Floats
    theta: Floats
    drives: list[Any]
    workers: Workers
    vectors: Floats
    settled: float
    edges: Floats
    width: float
    deadline: float | None
    first: int = 0  # number of the first member
    breakpoints: Floats | None = None  # of the inputs of all members
    carrier: Carrier | None = None
    averaging: bool = False
    autonomous: bool = False
    answers: list[tuple[slice, LyapunovEnsemble]] = field(default_factory=list)  # of who maps

    def run(self, progress: bool) -> LyapunovEnsemble:
        bar = progress_bar(1.0) if progress else None
        carry = self._carry if self.workers.mapper is None else self._share
        try:
            carry(None if bar is None else lambda done, of: bar.update(done / of - bar.n))
            stopped = Status.SUCCESS
        except OutOfTime:
            stopped = Status.TIMEOUT
        except KeyboardInterrupt:
            stopped = Status.INTERRUPTED
        finally:
            if bar is not None:
                bar.close()
        return self.so_far(stopped, QUICK if stopped == Status.INTERRUPTED else np.inf)

    def _share(self, watch: Any) -> None:
        """Have parts of the members carried elsewhere."""
        size = len(self.states)
        breakpoints = np.unique(np.concatenate([drive.breakpoints for drive in self.drives]))
        whole = replace(self, workers=Workers(1, None), deadline=None, breakpoints=breakpoints)
        rows = slices(size, min(size, PARTS))
        parts = [whole.part(each) for each in rows]
        sent = {"system": self.system, "inputs": self.drives}
        for number, found in answers(self.workers.mapper, _Members.alone, parts, self.deadline, sent=sent):
            self.answers.append((rows[number], found))
            if watch is not None:
                watch(float(sum(len(each) for _, each in self.answers)), size)
        if len(self.answers) < len(parts):
            raise OutOfTime

    def part(self, rows: slice) -> _Members:
        """Return the call for some of the members."""
        drives = self.drives if len(self.drives) == 1 else self.drives[rows]
        return replace(self, states=self.states[rows], theta=self.theta[rows], drives=drives, first=rows.start, answers=[])

    def alone(self, seconds: float | None) -> LyapunovEnsemble:
        """Return the record of a part, in so many seconds."""
        self.deadline = deadline_in(seconds)
        found: LyapunovEnsemble = long_call(lambda: self.run(False), self.so_far, timeout=seconds)
        return found

    def _carry(self, watch: Any) -> None:
        carrier = self.carrier = Carrier(self.system, self.scheme, self.states, self.theta, self.drives,
                                         self.workers.threads, first=self.first, breakpoints=self.breakpoints)  # fmt: skip
        ends = [(self.system.with_params(self.theta[b]), self.drives[b % len(self.drives)].base) for b in (0, -1)]
        self.autonomous = not any(depends_on_time(*end) for end in ends)
        carrier.go(np.array([0.0, self.settled]), TimeLimit(self.deadline))
        carrier.set_vectors(self.vectors)
        if self.edges[0] > self.settled:
            carrier.go(np.array([self.settled, self.edges[0]]), TimeLimit(self.deadline))
        self.averaging = True
        carrier.go(self.edges, TimeLimit(self.deadline, watch))

    def so_far(self, stopped: Status, seconds: float = QUICK) -> LyapunovEnsemble:
        """Return the exponents of the members that came to the end, as far as there is time to average them."""
        until = time.perf_counter() + seconds
        k, bins = len(self.vectors), self.edges.size - 1
        if self.carrier is None:
            return _joined(_nothing(self.states, k, stopped, self.width * bins, self.system), list(self.answers))
        since = self.edges[:-1] + 0.5 * self.width - self.settled
        return _result(self.carrier, k, self.width, bins if self.averaging else 0, stopped, self, since, until)


def _nothing(states: Floats, k: int, stopped: Status, duration: float, system: Any) -> LyapunovEnsemble:
    size = len(states)
    none = np.full((size, k), np.nan)
    return LyapunovEnsemble(none, none.copy(), np.full(size, np.nan), np.full(size, Kind.UNDECIDED, dtype=object),
                            np.full(size, int(stopped)), states.copy(), duration, system)  # fmt: skip


def _joined(whole: LyapunovEnsemble, parts: list[tuple[slice, LyapunovEnsemble]]) -> LyapunovEnsemble:
    """Fill in what there is of some members."""
    for rows, part in parts:
        for name in ("exponents", "standard_errors", "trace_error", "kinds", "status", "y"):
            getattr(whole, name)[rows] = getattr(part, name)
    return whole


def _result(carrier: Carrier, k: int, width: float, bins: int, stopped: Status, call: _Members,
            since: Floats, until: float) -> LyapunovEnsemble:  # fmt: skip
    size, n = carrier.states.shape
    exponents, errors, trace_error = np.full((size, k), np.nan), np.full((size, k), np.nan), np.full(size, np.nan)
    status = np.array([int(STATUS.get(int(code), stopped)) for code in carrier.codes])
    if not bins:
        status[status >= 0] = int(stopped)
    kinds = np.array([Kind.DIVERGES if carrier.blew_up(b) else Kind.UNDECIDED for b in range(size)], dtype=object)
    for b in np.flatnonzero(status >= 0):
        if time.perf_counter() > until:
            status[b] = int(stopped)
            continue
        means = average(carrier.growth[b] / width)
        order = np.argsort(-means.values, kind="stable")
        slow = algebraic_part(carrier.growth[b] / width, means.weights, since)
        exponents[b], errors[b] = means.values[order], np.hypot(means.errors, slow)[order]
        if k == n:
            with np.errstate(invalid="ignore"):
                trace_error[b] = exponents[b].sum() - means.weights @ (carrier.traces[b] / width)
        autonomous = call.autonomous and carrier.drives[b % len(carrier.drives)].constant and not carrier.scheme.noisy
        kinds[b] = kind_of(exponents[b], errors[b], call.system.kind, autonomous, states=n, duration=width * bins,
                           warm_up=since[0] - 0.5 * width)  # fmt: skip
    return LyapunovEnsemble(exponents, errors, trace_error, kinds, status, carrier.states.copy(), width * bins, call.system)


def lyapunov_map(
    system: DynamicalSystem, params: Mapping[str, ArrayLike], k: int = 1, duration: float | None = None, **options: Any
) -> LyapunovMap:
    """Measure exponents over one or two parameters.

    Parameters
    ----------
    system : DynamicalSystem
    params : mapping of str to array_like
        One or two names of parameters with their values, ``{"weights[0, 1]": np.linspace(-8, 8, 100)}``.
    k : int
        How many exponents; 1 by default (2 tell cycles from tori).
    duration, options
        As for :func:`lyapunov_ensemble`; ``y0`` is one state.

    Returns
    -------
    LyapunovMap

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from analysis import lyapunov_map
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> grid = {"weights[0, 1]": np.linspace(0, 2, 4), "biases[0]": np.linspace(-3, -2, 3)}
    >>> lyapunov_map(net, grid, duration=200, y0=[0, 0]).largest.shape
    (4, 3)
    """
    as_instance(system, "system", DynamicalSystem)
    if not isinstance(params, Mapping) or not 1 <= len(params) <= 2:
        raise ValueError("`params` must be a dict of one or two parameter names with their values.")
    names = tuple(params)
    values = tuple(np.atleast_1d(as_floats(params[name], f"params[{name!r}]")) for name in names)
    for name, array in zip(names, values, strict=True):
        if array.ndim != 1:
            raise ValueError(f"`params[{name!r}]` must be a vector of values; got shape {array.shape}.")
        system.layout.index(name)
    grid = np.meshgrid(*values, indexing="ij")
    flat = {name: axis.ravel() for name, axis in zip(names, grid, strict=True)}
    start, shape = options.pop("y0", None), grid[0].shape

    def of(found: LyapunovEnsemble) -> LyapunovMap:
        return LyapunovMap(names, values, found.exponents.reshape(*shape, -1), found.standard_errors.reshape(*shape, -1),
                           found.kinds.reshape(shape), found.status.reshape(shape), found.duration, system)  # fmt: skip

    ensemble = with_own_record(lambda: lyapunov_ensemble(system, start, k, duration, params=flat, **options), of)
    return of(ensemble)
