"""One trajectory from its start to a record: settle, warm up, average, stop."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.common import deadline_in, depends_on_time
from analysis.lyapunov import flow as F
from analysis.lyapunov.averages import Average, algebraic_part, average, running
from analysis.lyapunov.bias import number_of_probes, probe
from analysis.lyapunov.carrier import Carrier, OutOfTime, TimeLimit
from analysis.lyapunov.kind import kind_of
from analysis.lyapunov.pool import pooled
from analysis.lyapunov.record import LyapunovSpectrum
from analysis.lyapunov.rest import AT_REST, BESIDE, Rest, rest_near, started_at
from analysis.lyapunov.scheme import Scheme, random_vectors
from analysis.lyapunov.through_resets import CarrierThroughResets
from neurodynamics import DynamicalSystem, Kind, Status
from neurodynamics.inputs import Inputs
from neurodynamics.lazily import cached_property
from neurodynamics.progress import progress_bar
from neurodynamics.systems import Angles
from neurodynamics.validation import Floats

UNSTABLE = 1e-9  # an exponent above is positive
FEWEST_BINS, MOST_BINS = 64, 1024
GROWN, STEADILY = 1e6, 6  # times and looks in a row: a state that has only grown until then is on its way to infinity
KEPT = 0.7  # of the logarithmic growth of the first half of the looks, in the second
MOST_STEPS_A_BIN = 20_000  # more are lost when a run is stopped
STEPS_A_BIN = 8  # fewer waste time on cutting steps at the edges of bins
LONGER = 1.5  # a run that has not reached its tolerance goes on until it is so much longer


@dataclass(frozen=True)
class Measurement:
    """What all trajectories of a call share."""

    system: DynamicalSystem
    k: int
    scheme: Scheme
    inputs: Inputs
    window: str
    product: Any
    timeout: float | None
    progress: bool
    duration: float
    transient: float
    warm_up: float
    tolerance: float | None
    max_duration: float
    unit: float = 1.0

    @cached_property
    def autonomous(self) -> bool:
        """Whether nothing depends on time or chance."""
        return self.inputs.constant and not self.scheme.noisy and not depends_on_time(self.system, self.inputs.base)

    @property
    def knows_trace(self) -> bool:
        """Whether a Jacobian, and not tangent products alone, is there."""
        return self.product is None and (self.system.has("jac") or not self.system.host)

    @property
    def jacobian(self) -> str:
        """Where tangent products come from."""
        if self.product is not None:
            return "product"
        return "analytic" if self.system.has("jac") else "differences"


class Trajectories:
    """One call: records of trajectories from several starts, of which one is under way."""

    def __init__(self, job: Measurement, starts: list[Floats], rng: np.random.Generator) -> None:
        self.job, self.starts, self.rng = job, starts, rng
        self.records: list[LyapunovSpectrum] = []
        self.under_way: tuple[Carrier, _Findings] | None = None

    def run(self) -> LyapunovSpectrum:
        """Measure from all starts, as long as there is time."""
        deadline = deadline_in(self.job.timeout)
        for start in self.starts:
            record = self._measure(start, deadline)
            self.under_way = None
            self.records.append(record)
            if record.status in (Status.INTERRUPTED, Status.TIMEOUT):
                break
        return self._together(self.records)

    def so_far(self, status: Status) -> LyapunovSpectrum:
        """Return what there is while the measurement goes on."""
        records = list(self.records)
        if self.under_way is not None:
            carrier, found = self.under_way
            records.append(_record(self.job, carrier, found.seen(carrier), status))
        return self._together(records or [_nothing(self.job, self.starts[0], status)], status)

    @staticmethod
    def _together(records: list[LyapunovSpectrum], status: Status | None = None) -> LyapunovSpectrum:
        whole = pooled(records) if len(records) > 1 else records[0]
        stopped = min(record.status for record in records[-1:]) if status is None else status
        return replace(whole, status=stopped) if stopped in (Status.INTERRUPTED, Status.TIMEOUT) else whole

    def _carrier(self, start: Floats) -> Carrier:
        job = self.job
        kind = CarrierThroughResets if job.system.has("reset") else Carrier
        return kind(job.system, job.scheme, start[np.newaxis], job.system.params[np.newaxis], [job.inputs],
                    product=job.product)  # fmt: skip

    def _measure(self, start: Floats, deadline: float | None) -> LyapunovSpectrum:
        """Return the record of the trajectory from a start."""
        carrier, found = self._carrier(start), _Findings(self.job.system.angles)
        self.under_way = carrier, found
        with _Bar(self.job) as bar:
            try:
                end = _run(self.job, carrier, found, TimeLimit(deadline, bar.watch), bar, self.rng)
            except OutOfTime:
                end = Status.TIMEOUT
            except KeyboardInterrupt:
                end = Status.INTERRUPTED
        if found.running:
            found.take(carrier)
        return _record(self.job, carrier, found, end)


class _Findings:
    """What a run has found so far."""

    def __init__(self, angles: Angles) -> None:
        self.angles = angles
        self.rest: Rest | None = None
        self.beside = False  # next to an unstable equilibrium on which it did not start
        self.autonomous = False
        self.width = 0.0
        self.rates: list[Floats] = []
        self.traces: list[Floats] = []
        self.bias: list[Floats] = []
        self.sizes: list[float] = []  # of the state, every now and then
        self.running = False  # whether bins are being filled now

    def take(self, carrier: Carrier) -> None:
        """Keep the bins that are finished."""
        done = carrier.finished
        self.rates.append(carrier.growth[0, :done] / self.width)
        self.traces.append(carrier.traces[0, :done] / self.width)
        self.look(carrier)
        self.running = False

    def seen(self, carrier: Carrier) -> _Findings:
        """Return a copy of what another thread is adding to, with the bins that it has finished."""
        twin = copy.copy(self)
        twin.rates, twin.traces, twin.sizes = list(self.rates), list(self.traces), list(self.sizes)
        if twin.running and len(twin.rates) == len(twin.traces):
            twin.take(carrier)
        count = min(len(twin.rates), len(twin.traces))
        twin.rates, twin.traces = twin.rates[:count], twin.traces[:count]
        return twin

    def look(self, carrier: Carrier) -> None:
        """Keep the size of the state."""
        self.sizes.append(float(np.max(np.abs(self.angles.wrap(carrier.states[0])), initial=0.0)))

    @property
    def leaves(self) -> Kind | None:
        """DIVERGES where the state has grown throughout, by much, at its rate; UNDECIDED where that is not yet much."""
        sizes = np.array(self.sizes)
        if len(sizes) < STEADILY or not (sizes[1:] > sizes[:-1]).all() or not _keeps_its_rate(sizes):
            return None
        return Kind.DIVERGES if sizes[-1] > GROWN * sizes[0] else Kind.UNDECIDED

    @property
    def bins(self) -> int:
        """Finished bins."""
        return sum(map(len, self.rates))


def _keeps_its_rate(sizes: Floats) -> bool:
    """Whether growth is exponential at least; an angle that goes round grows in proportion to time."""
    logs = np.log(np.maximum(sizes, 1e-300))
    half = len(logs) // 2
    return bool(logs[-1] - logs[half] > KEPT * (logs[half] - logs[0]))


def _run(job: Measurement, carrier: Carrier, found: _Findings, limits: TimeLimit, bar: _Bar, rng: Any) -> Status:
    found.autonomous = job.autonomous
    carrier.go(np.array([0.0, job.transient]), limits)
    if carrier.codes[0] < 0:
        return carrier.status()
    found.rest = _rest(job, carrier, found)
    if found.rest is not None:
        return Status.SUCCESS
    found.look(carrier)
    start = job.transient + job.warm_up
    carrier.set_vectors(random_vectors(rng, job.k, carrier.n))
    steps = carrier.counts[0, F.STEPS]
    if job.warm_up > 0:
        carrier.go(np.array([job.transient, start]), limits)
    bins = _number_of_bins(job, int(carrier.counts[0, F.STEPS] - steps))
    found.width = job.duration / bins if not carrier.scheme.is_map else float(max(1, int(job.duration) // bins))
    duration, reached, found.beside = job.duration, 0.0, False
    while carrier.codes[0] >= 0:
        _bins(job, carrier, found, start, round(duration / found.width), limits, bar)
        reached = found.width * found.bins
        if carrier.codes[0] < 0:
            break
        found.rest = _rest(job, carrier, found)
        if found.rest is not None or job.tolerance is None:
            return Status.SUCCESS
        if np.max(_average(job, found).errors) <= job.tolerance:
            return Status.SUCCESS
        if reached >= job.max_duration * (1 - 1e-9):
            return Status.MAX_STEPS
        duration = min(LONGER * duration, job.max_duration)
    return carrier.status()


def _bins(
    job: Measurement, carrier: Carrier, found: _Findings, start: float, total: int, limits: TimeLimit, bar: _Bar
) -> None:
    """Fill the bins up to `total`, in a few pieces with a probe of the bias after each."""
    pieces = np.unique(np.linspace(found.bins, total, number_of_probes(carrier.scheme.order) + 1).astype(int))
    for first, last in zip(pieces[:-1], pieces[1:], strict=True):
        found.running = True
        carrier.go(start + found.width * np.arange(first, last + 1), limits)
        found.take(carrier)
        if carrier.codes[0] < 0:
            return
        bar.done(found.bins / total)
        if carrier.can_probe and not carrier.scheme.is_map and not carrier.scheme.noisy:
            found.bias.append(probe(carrier))


def _number_of_bins(job: Measurement, steps: int) -> int:
    if job.scheme.is_map:
        return int(min(job.duration, max(MOST_BINS, job.duration / MOST_STEPS_A_BIN)))
    a_step = job.warm_up / steps if steps else job.duration / MOST_BINS
    most = max(MOST_BINS, job.duration / (MOST_STEPS_A_BIN * a_step))
    bins = int(np.clip(job.duration / (STEPS_A_BIN * a_step), FEWEST_BINS, most))
    if job.scheme.adaptive:
        return bins
    return max(1, round(job.duration / (job.scheme.dt * max(1, round(job.duration / bins / job.scheme.dt)))))


def _rest(job: Measurement, carrier: Carrier, found: _Findings) -> Rest | None:
    """Return the equilibrium that the trajectory has reached: a stable one, or that on which it started.

    Next to another one it may be on its way past, as on a heteroclinic cycle, however slow it is.
    """
    if not job.autonomous or job.product is not None or (job.system.host and not job.system.has("jac")):
        return None
    rest = rest_near(job.system, carrier.states[0].copy(), job.inputs.base)
    unstable = rest is not None and rest.exponents[0] > UNSTABLE
    found.beside = unstable and not started_at(rest.point, job.system, carrier.starts[0])  # type: ignore[union-attr]
    return None if found.beside or (unstable and rest.distance > AT_REST) else rest  # type: ignore[union-attr]


def _average(job: Measurement, found: _Findings) -> Average:
    return average(np.concatenate(found.rates), job.window)


# The record ----------------------------------------------------------------------------------------------------------


def _record(job: Measurement, carrier: Carrier, found: _Findings, end: Status) -> LyapunovSpectrum:
    enough = found.bins > 0 and end not in (Status.NON_FINITE, Status.STEP_TOO_SMALL)
    if found.rest is not None:
        figures = _figures_at_rest(job, found.rest, found)
    elif enough:
        figures = _figures_on_the_way(job, found)
    else:
        figures = _no_figures(job, carrier.blew_up(0))
    return LyapunovSpectrum(
        **figures, status=end, message=_message(end, job, found), y=carrier.states[0].copy(),
        duration=found.bins * found.width, transient=job.transient, warm_up=job.warm_up, jacobian=job.jacobian,
        steps=int(carrier.counts[0, F.STEPS]), path="host" if carrier.host else "compiled", system=job.system,
        options=job.scheme.settings,
    )  # fmt: skip


def _nothing(job: Measurement, start: Floats, end: Status) -> LyapunovSpectrum:
    """Return the record of a trajectory that has not begun: nothing may be compiled yet."""
    return LyapunovSpectrum(
        **_no_figures(job, False), status=end, message=_message(end, job, _Findings(job.system.angles)), y=start.copy(),
        duration=0.0, transient=job.transient, warm_up=job.warm_up, jacobian=job.jacobian, steps=0,
        path="host" if job.system.host else "compiled", system=job.system, options=job.scheme.settings,
    )  # fmt: skip


def _message(end: Status, job: Measurement, found: _Findings) -> str:
    if end == Status.MAX_STEPS:
        return f"`max_duration` was used up before the standard errors fell to {job.tolerance:g}; raise it or `tolerance`."
    if end in (Status.TIMEOUT, Status.INTERRUPTED):
        return f"{end.message} The averages hold {found.bins * found.width:g} units of time."
    if end == Status.SUCCESS:
        return "The averages are complete." if found.rest is None else "The trajectory is at rest; the exponents are exact."
    return f"{end.message} There are no exponents of a trajectory that does not go on."


def _figures_on_the_way(job: Measurement, found: _Findings) -> dict[str, Any]:
    rates, traces = np.concatenate(found.rates), np.concatenate(found.traces)
    means = average(rates, job.window)
    order = np.argsort(-means.values, kind="stable")
    values, rates = means.values[order], rates[:, order]
    bias = np.mean(found.bias, axis=0)[order] if found.bias else np.full(job.k, 0.0 if job.scheme.is_map else np.nan)
    with np.errstate(invalid="ignore"):
        complete = job.k == job.system.state_dim and job.knows_trace and np.isfinite(traces).all()
        trace_error = float(values.sum() - means.weights @ traces) if complete else np.nan
    times = job.warm_up + found.width * (np.arange(len(rates)) + 0.5)
    errors = np.hypot(means.errors[order], algebraic_part(rates, means.weights, times))
    whole = np.hypot(errors, np.nan_to_num(bias))
    leaves = found.leaves if found.autonomous else None
    if leaves is None and found.beside:
        leaves = Kind.UNDECIDED
    flows = job.system.kind == "flow" and found.autonomous
    known = flows and (values[-1] <= 2 * np.nan_to_num(errors[-1]) or values.size == job.system.state_dim)
    return {
        "exponents": values, "standard_errors": errors, "bias": bias, "trace_error": trace_error,
        "zero_error": float(np.min(np.abs(values))) if known else np.nan,
        "kind": kind_of(values, whole, job.system.kind, found.autonomous, duration=found.bins * found.width,
                        states=job.system.state_dim + 2 * job.system.has("reset"), warm_up=job.warm_up, unit=job.unit,
                        leaves=leaves),
        "history": running(rates), "history_t": found.width * np.arange(1, len(rates) + 1), "rates": rates, "traces": traces,
        "method": job.scheme.name, "window": means.window, "notes": _notes(job, found),
    }  # fmt: skip


def _figures_at_rest(job: Measurement, rest: Rest, found: _Findings) -> dict[str, Any]:
    exponents = rest.exponents[: job.k]
    zeros = np.zeros(job.k)
    trace_error = 0.0
    if job.k == job.system.state_dim and job.system.kind == "flow":
        trace_error = float(exponents.sum() - np.trace(job.system.jac(0.0, rest.point, job.inputs.base)))
    notes = _notes(job)
    kind = Kind.FIXED_POINT
    if rest.exponents[0] > UNSTABLE:
        notes = (*notes, "the trajectory rests on an unstable equilibrium")
    elif rest.exponents[0] > -UNSTABLE:
        kind = Kind.UNDECIDED
        notes = (*notes, "the equilibrium has an exponent of zero: its stability is not decided by the linearisation")
    return {
        "exponents": exponents, "standard_errors": zeros, "bias": zeros, "zero_error": np.nan,
        "trace_error": trace_error if job.k == job.system.state_dim else np.nan, "kind": kind,
        "history": exponents[:, np.newaxis], "history_t": np.array([job.duration]), "rates": exponents[np.newaxis],
        "traces": np.full(1, exponents.sum()), "method": "eigenvalues", "window": "none", "notes": notes,
    }  # fmt: skip


def _no_figures(job: Measurement, blew_up: bool) -> dict[str, Any]:
    kind = Kind.DIVERGES if blew_up else Kind.UNDECIDED
    nothing = np.empty(0)
    return {
        "exponents": nothing, "standard_errors": nothing, "bias": nothing, "trace_error": np.nan, "zero_error": np.nan,
        "kind": kind, "history": np.empty((0, 0)), "history_t": nothing, "rates": np.empty((0, 0)), "traces": nothing,
        "method": job.scheme.name, "window": "none", "notes": _notes(job),
    }  # fmt: skip


def _notes(job: Measurement, found: _Findings | None = None) -> tuple[str, ...]:
    notes = []
    if found is not None and found.autonomous and found.leaves is not None:
        notes.append("the state has grown all the way: the averages are over no attractor")
    if found is not None and found.beside:
        notes.append(BESIDE)
    if job.jacobian == "differences":
        notes.append("tangent products by finite differences: the system has no `jac`")
    activation = getattr(job.system, "activation", None)
    if activation is not None and not activation.smooth:
        notes.append(f"the activation {activation.name!r} has corners: its derivative is taken almost everywhere")
    return tuple(notes)


class _Bar:
    """A progress bar over bins, where one is wanted."""

    def __init__(self, job: Measurement) -> None:
        self._bar = progress_bar(1.0) if job.progress else None
        self.watch: Callable[[float, float], None] | None = None

    def done(self, share: float) -> None:
        if self._bar is not None:
            self._bar.update(max(0.0, share - self._bar.n))

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._bar is not None:
            self._bar.close()
