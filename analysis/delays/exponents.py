"""Lyapunov exponents of systems with delays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.common import deadline_in, depends_on_time, slowest_time
from analysis.delays.rest import exponents_at_rest
from analysis.delays.tangent import with_tangent_vectors
from analysis.lyapunov import LyapunovSpectrum, algebraic_part, average, kind_of, running
from neurodynamics import DelayedSystem, Kind, Status
from neurodynamics.delays import Past
from neurodynamics.inputs import Inputs
from neurodynamics.methods import protocol as P
from neurodynamics.progress import progress_bar
from neurodynamics.simulation import DelayedRun, method_for_delays, plan_flow, with_past
from neurodynamics.validation import Floats, as_count, as_generator, as_number
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

DURATION, SETTLE, WARM_UP = 1000.0, 0.1, 0.05  # in units of the system; shares of the duration
RTOL, ATOL = 1e-7, 1e-9
SHORTEST = 0.2  # units of time between two looks at tangent vectors, where delays are shorter
STATES = 3  # at least as many as chaos needs
MOST_BINS = 1024
WAVES = 2  # more in the first tangent vectors than there are of them


@dataclass(frozen=True, eq=False, repr=False)
class DelayedLyapunovSpectrum(LyapunovSpectrum):
    """The largest Lyapunov exponents of a system with delays, which has infinitely many; see :class:`LyapunovSpectrum`.

    ``y`` is the last state alone, without its past; ``bias`` is not estimated, and there is no trace.
    """

    @property
    def available(self) -> float:
        """How many exponents there are: infinitely many."""
        return np.inf


def delayed_lyapunov_spectrum(
    system: DelayedSystem,
    y0: Any = None,
    k: int = 1,
    duration: float | None = None,
    *,
    transient: float | None = None,
    warm_up: float | None = None,
    inputs: Any = None,
    method: str | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    rng: np.random.Generator | int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> DelayedLyapunovSpectrum:
    """Measure the k largest Lyapunov exponents of a system with delays, with their errors.

    The state is a piece of the past as long as the longest delay, and so is a tangent vector [1]_: vectors are carried by
    the variational equation ``v' = D_y f v + sum_k D_z f v_{i_k}(t - tau_k)``, as interpolants beside those of the state,
    and made orthonormal in the product of ``R^N`` and ``L^2`` over the past, which is exact for interpolants.

    Parameters
    ----------
    system : DelayedSystem
    y0 : array_like (N,), callable or Solution, optional
        History, as for `simulate`; by default a random constant.
    k : int
        How many exponents.
    duration : float, optional
        Time to average over; by default 1000 units, which are the longest delay or the slowest time constant.
    transient, warm_up : float, optional
        Time for the state to settle, and for state and vectors together; by default 0.1 and 0.05 of the duration.
    inputs : optional
        As for `simulate`.
    method : {"dop853", "dopri5"}, optional
    rtol, atol : float
        Of state and tangent vectors, whose norm is 1, alike.
    rng : optional
        Seed or generator for start and tangent vectors.
    timeout, progress, on_interrupt
        As for `simulate`; what was averaged until then is in the record.

    Returns
    -------
    DelayedLyapunovSpectrum

    References
    ----------
    .. [1] Farmer (1982), Physica D 4, 366.

    Examples
    --------
    >>> from analysis import delayed_lyapunov_spectrum
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import delayed
    >>> loop = delayed(CTRNN([[-3.0]], activation="tanh"), 2.0)  # beyond its Hopf point
    >>> delayed_lyapunov_spectrum(loop, k=2, duration=400, rng=0).kind
    <Kind.LIMIT_CYCLE: 'limit_cycle'>
    """
    if not isinstance(system, DelayedSystem):
        raise TypeError(f"`system` must be a system with delays; got {type(system).__name__}: see `lyapunov_spectrum`.")
    rng, count = as_generator(rng), as_count(k, "k", minimum=1)
    start = rng.normal(size=system.state_dim) if y0 is None else y0
    drive = Inputs(inputs, system.input_dim)
    tolerances = as_number(rtol, "rtol", positive=True), as_number(atol, "atol", positive=True)
    times = [None if each is None else as_number(each, name, minimum=0.0)
             for each, name in ((transient, "transient"), (warm_up, "warm_up"))]  # fmt: skip
    length = None if duration is None else as_number(duration, "duration", positive=True)
    limit = as_timeout(timeout)
    job = _Measurement(system, start, count, drive, method, *tolerances, rng)

    def work() -> DelayedLyapunovSpectrum:
        job.plan_times(length, *times)
        return job.run(limit, bool(progress))

    return long_call(work, job.record, timeout=limit, on_interrupt=as_on_interrupt(on_interrupt))


class _Measurement:
    """One call: the state and its tangent vectors on their way, and their growth so far."""

    def __init__(self, system: DelayedSystem, start: Any, k: int, drive: Inputs, method: Any, rtol: float, atol: float,
                 rng: np.random.Generator) -> None:  # fmt: skip
        self.system, self.k, self.drive, self.rng = system, k, drive, rng
        self.given = {"method": method_for_delays(method, rtol)[0], "rtol": rtol, "atol": atol, "dt": None, "t_eval": None,
                      "first_step": None, "max_step": None}  # fmt: skip
        self.t, self.reach, self.steps, self.done = 0.0, system.longest_delay, 0, 0.0
        plan, _ = plan_flow(system.opened, (0.0, 1.0), drive, self.given, "final", False, None)
        self.past = with_past(system, plan, start, drive)[1]
        self.first_step: float | None = None
        self.rates: list[Floats] = []
        self.exact, self.width, self.duration, self.transient, self.warm_up = True, 1.0, 0.0, 0.0, 0.0
        self.rest: tuple[Floats, Floats] | None = None

    def plan_times(self, duration: float | None, transient: float | None, warm_up: float | None) -> None:
        """Choose the times, in the units of the system."""
        unit = slowest_time(self.system.undelayed, self.drive.base, self.past.y0[np.newaxis])
        self.unit = max(unit, self.reach)
        self.autonomous = self.drive.constant and not depends_on_time(self.system.undelayed, self.drive.base)
        self.duration = DURATION * self.unit if duration is None else duration
        self.transient = SETTLE * self.duration if transient is None else transient
        self.warm_up = WARM_UP * self.duration if warm_up is None else warm_up
        self.width = max(self.reach, SHORTEST * unit)
        self.pieces = max(1, round(self.duration / self.width))
        self.width = self.duration / self.pieces

    def run(self, limit: float | None, progress: bool) -> DelayedLyapunovSpectrum:
        """Settle, warm up, average."""
        bar = progress_bar(1.0) if progress else None
        deadline = deadline_in(limit)
        status = Status.SUCCESS
        try:
            status = self._go(self.system, self.transient, deadline)
            if status == Status.SUCCESS and not self._rests():
                both, self.exact = with_tangent_vectors(self.system, self.k)
                self.past = self._first_vectors()
                warm = max(1, round(self.warm_up / self.width))
                for piece in range(-warm if self.warm_up > 0 else 0, self.pieces):
                    width = self.width if piece >= 0 else self.warm_up / warm
                    status = self._go(both, width, deadline)
                    if status != Status.SUCCESS:
                        break
                    growth = self._orthonormalise()
                    if piece >= 0:
                        self.rates.append(growth / self.width)
                    if bar is not None:
                        bar.update(max(piece, 0) / self.pieces - bar.n)
                else:
                    self._rests()
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        finally:
            if bar is not None:
                bar.close()
        return self.record(status)

    def _rests(self) -> bool:
        """Whether the state is at rest, where the exponents are known."""
        if self.autonomous:
            self.rest = exponents_at_rest(self.system, self.past, self.drive.base, self.k)
        return self.rest is not None

    def _go(self, system: DelayedSystem, duration: float, deadline: float | None) -> Status:
        """Follow the system from its past for a time."""
        if duration == 0.0:
            return Status.SUCCESS
        given = self.given | {"first_step": self.first_step}
        plan, _ = plan_flow(system.opened, (self.t, self.t + duration), self.drive, given, "final", False, None)
        plan, _ = with_past(system, plan, self.past.y0, self.drive)
        run = DelayedRun(system, plan, self.past, self.drive)
        status = Status(run.to_end(None, deadline, None))
        self.steps += run.steps
        if status == Status.SUCCESS:
            self.first_step = float(run.clock[P.H])
            run.points()
            self.t = plan.t_end
            self.past = Past(run.y[: system.state_dim].copy(), *run.segment(), [])
        return status

    def _first_vectors(self) -> Past:
        """Return the past with random tangent vectors: sums of the slowest waves in the longest delay."""
        y0, times, rows, jumps = self.past
        n, waves = y0.size, self.k + WAVES
        weights = self.rng.normal(size=(waves, self.k * n))
        degree = rows.shape[1] - 1
        x = 0.5 - 0.5 * np.cos((np.arange(degree + 1) + 0.5) * np.pi / (degree + 1))
        inverse = np.linalg.inv(np.vander(x, degree + 1, increasing=True))

        def at(t: Floats) -> Floats:
            return np.cos(np.pi * np.multiply.outer((t - self.t) / self.reach, np.arange(waves))) @ weights

        vectors = np.array([inverse @ at(start + x * length) for start, length, _ in times])
        whole = np.concatenate([rows, vectors], axis=2)
        self.past = Past(np.concatenate([y0, at(np.array([self.t]))[0]]), times, whole, [(self.t, 1)])
        self._orthonormalise()
        return self.past

    def _orthonormalise(self) -> Floats:
        """Make the tangent vectors orthonormal, and return the logarithms of their growth (k,)."""
        y0, times, rows, jumps = self.past
        n = self.system.state_dim
        vectors = rows[:, :, n:].reshape(*rows.shape[:2], self.k, n)
        begins = np.maximum(times[:, 0], self.t - self.reach)
        lengths = np.maximum(times[:, 2] - begins, 0.0)
        x, weights = np.polynomial.legendre.leggauss(rows.shape[1])
        places = (begins[:, np.newaxis] + lengths[:, np.newaxis] * (0.5 + 0.5 * x) - times[:, :1]) / times[:, 1:2]
        powers = places[:, :, np.newaxis] ** np.arange(rows.shape[1])
        values = np.einsum("sgd,sdkn->sgnk", powers, vectors)
        values *= np.sqrt(0.5 * weights * lengths[:, np.newaxis] / self.reach)[:, :, np.newaxis, np.newaxis]
        ends = y0[n:].reshape(self.k, n).T
        R = np.linalg.qr(np.concatenate([values.reshape(-1, self.k), ends]), mode="r")
        with np.errstate(divide="ignore"):
            growth = np.log(np.abs(np.diag(R)))
        if np.isfinite(growth).all():
            back = np.linalg.inv(R)
            whole = rows.copy()
            whole[:, :, n:] = np.einsum("sdkn,kj->sdjn", vectors, back).reshape(*rows.shape[:2], -1)
            self.past = Past(np.concatenate([y0[:n], (ends @ back).T.ravel()]), times, whole, jumps)
        return growth

    def record(self, status: Status) -> DelayedLyapunovSpectrum:
        """Return what there is so far."""
        rates = np.array(list(self.rates)).reshape(-1, self.k)
        group = max(1, len(rates) // MOST_BINS)
        rates = rates[: len(rates) // group * group].reshape(-1, group, self.k).mean(axis=1)
        enough = len(rates) > 0 and status not in (Status.NON_FINITE, Status.STEP_TOO_SMALL)
        if self.rest is not None:
            figures, rates = self._figures_at_rest(*self.rest), rates[:0]
        else:
            figures = self._figures(rates, group * self.width) if enough else _no_figures(status)
        reached = len(self.rates) * self.width
        complete = "The averages are complete."
        if self.rest is not None:
            complete = "The trajectory is at rest; the exponents are those of the characteristic roots."
        message = complete if status >= 0 else f"{status.message} The averages hold {reached:g} units."
        notes = () if self.exact else ("tangent products by finite differences: the right-hand side is a user's",)
        if self.rest is not None and self.rest[0][0] > 0:
            notes = (*notes, "the trajectory rests on an unstable equilibrium")
        return DelayedLyapunovSpectrum(
            **figures, trace_error=np.nan, traces=np.full(len(figures["rates"]), np.nan), status=status, message=message,
            y=self.past.y0[: self.system.state_dim].copy(), duration=reached, transient=self.transient,
            warm_up=self.warm_up, jacobian="analytic" if self.exact else "differences",
            steps=self.steps, path="compiled", notes=notes, system=self.system,
            options={name: self.given[name] for name in ("rtol", "atol")},
        )  # fmt: skip

    def _figures(self, rates: Floats, width: float) -> dict[str, Any]:
        means = average(rates)
        order = np.argsort(-means.values, kind="stable")
        values, rates = means.values[order], rates[:, order]
        since = self.warm_up + width * (np.arange(len(rates)) + 0.5)
        errors = np.hypot(means.errors[order], algebraic_part(rates, means.weights, since))
        reaches_zero = self.autonomous and values[-1] <= 2 * np.nan_to_num(errors[-1])
        kind = kind_of(values, errors, "flow", self.autonomous, states=STATES, duration=width * len(rates),
                       warm_up=self.warm_up, unit=self.unit)  # fmt: skip
        return {
            "exponents": values, "standard_errors": errors, "bias": np.full(self.k, np.nan), "window": means.window,
            "zero_error": float(np.min(np.abs(values))) if reaches_zero else np.nan, "kind": kind, "rates": rates,
            "history": running(rates), "history_t": width * np.arange(1, len(rates) + 1), "method": self.given["method"],
        }  # fmt: skip

    def _figures_at_rest(self, values: Floats, errors: Floats) -> dict[str, Any]:
        return {
            "exponents": values, "standard_errors": errors, "bias": np.zeros(self.k), "zero_error": np.nan, "window": "none",
            "kind": Kind.FIXED_POINT, "rates": values[np.newaxis], "history": values[:, np.newaxis],
            "history_t": np.array([self.duration]), "method": "characteristic roots",
        }  # fmt: skip


def _no_figures(status: Status) -> dict[str, Any]:
    nothing = np.empty(0)
    kind = Kind.DIVERGES if status == Status.NON_FINITE else Kind.UNDECIDED
    return {"exponents": nothing, "method": "none", "standard_errors": nothing, "bias": nothing, "zero_error": np.nan,
            "kind": kind, "history": np.empty((0, 0)), "history_t": nothing, "rates": np.empty((0, 0)),
            "window": "none"}  # fmt: skip
