"""What a trajectory settles into: rest, cycle, torus or chaos, from its exponents and its returns."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in, depends_on_time, require_system, seconds_until, slowest_time
from analysis.lyapunov.kind import are_zero, signs
from analysis.lyapunov.record import LyapunovSpectrum
from analysis.lyapunov.rest import BESIDE
from analysis.lyapunov.spectrum import lyapunov_spectrum
from neurodynamics import DynamicalSystem, Kind, Status, simulate
from neurodynamics.inputs import Inputs
from neurodynamics.records import Record
from neurodynamics.validation import Floats
from neurodynamics.watched import as_timeout, long_call, with_own_record

LOOK_FOR = 400.0  # slowest time constants in which returns are collected, at first
LOOK_AGAIN = 4  # times as long, where there were too few
FEWEST_RETURNS = 8
CLOSED = 1e-4  # of the size of the orbit: a return this close closes it
ROUNDING = 1e-9  # of the size of the states: what tolerances leave of a return
LONGEST_CYCLE = 64  # returns
ITERATIONS = 4096


@dataclass(frozen=True, eq=False, repr=False)
class Classification(Record):
    """What a trajectory settles into, and on what grounds.

    Attributes
    ----------
    kind : Kind
        fixed_point, limit_cycle, continuum (a closed orbit of a family), torus, chaos, diverges or undecided.
    spectrum : LyapunovSpectrum
    period : float
        Of a cycle, in units of time (of a map: iterations); nan otherwise.
    returns : array, shape (K, N)
        Where the trajectory went through a section; of a map: its states.
    reason : str
    """

    kind: Kind
    spectrum: LyapunovSpectrum
    period: float
    returns: Floats
    reason: str

    @property
    def status(self) -> Status:
        """How the measurement ended."""
        return self.spectrum.status

    def __repr__(self) -> str:
        period = f", period {self.period:.6g}" if self.period == self.period else ""
        return f"Classification({self.kind.value}{period}: {self.reason})"


def classify(system: DynamicalSystem, y0: ArrayLike | None = None, **options: Any) -> Classification:
    """Tell what the trajectory from y0 settles into.

    The exponents with their errors say whether neighbours part; whether the trajectory closes is seen where it returns to
    a section across its fastest state. Both must agree.

    Parameters
    ----------
    system : DynamicalSystem
    y0, options
        As for :func:`lyapunov_spectrum`.

    Returns
    -------
    Classification

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import classify
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> classify(net, [0, 0])
    Classification(limit_cycle, period 28.9999: the orbit closes, and its other exponents are negative)
    """
    seconds, begin = as_timeout(options.get("timeout")), time.perf_counter()
    nowhere = np.empty((0, require_system(system).state_dim))

    def undecided(spectrum: LyapunovSpectrum) -> Classification:
        return Classification(Kind.UNDECIDED, spectrum, np.nan, nowhere, spectrum.message)

    on_interrupt = options.get("on_interrupt", "raise")
    spectrum = with_own_record(lambda: lyapunov_spectrum(system, y0, **options), undecided)
    left = None if seconds is None else max(0.0, begin + seconds - time.perf_counter())
    verdict: Classification = long_call(
        lambda: _classified(system, spectrum, options.get("inputs"), deadline_in(left)),
        lambda status: undecided(replace(spectrum, status=status, message=status.message)),
        timeout=left, on_interrupt=on_interrupt,
    )  # fmt: skip
    return verdict


def _classified(system: DynamicalSystem, spectrum: LyapunovSpectrum, inputs: Any, deadline: float | None) -> Classification:
    nothing = np.empty((0, system.state_dim))
    if not spectrum.exponents.size:
        return Classification(spectrum.kind, spectrum, np.nan, nothing, spectrum.message)
    if spectrum.method == "eigenvalues":
        return Classification(spectrum.kind, spectrum, np.nan, spectrum.y[np.newaxis], "the trajectory is at rest")
    if spectrum.kind == Kind.DIVERGES:
        return Classification(spectrum.kind, spectrum, np.nan, nothing, "the state has grown all the way, and goes on to")
    if BESIDE in spectrum.notes:
        return Classification(Kind.UNDECIDED, spectrum, np.nan, nothing, BESIDE)
    drive = Inputs(inputs, system.input_dim)
    free = (system.kind == "map" and not system.has("diffusion") and drive.constant
            and not depends_on_time(system, drive.base))  # fmt: skip
    if np.isnan(spectrum.zero_error) and spectrum.kind == Kind.UNDECIDED and not free:
        reason = "driven: it forgets its start" if spectrum.echo_state else "the exponents leave it open"
        return Classification(Kind.UNDECIDED, spectrum, np.nan, nothing, reason)
    seen = _returns(system, spectrum.y, inputs, deadline)
    period = _period(seen)
    kind, reason = _verdict(spectrum, period == period)
    closed = kind in (Kind.LIMIT_CYCLE, Kind.CONTINUUM)
    return Classification(kind, spectrum, period if closed else np.nan, seen.states, reason)


def _verdict(spectrum: LyapunovSpectrum, closes: bool) -> tuple[Kind, str]:
    kind, a_map = spectrum.kind, spectrum.system is not None and spectrum.system.kind == "map"
    sign = signs(spectrum.exponents, spectrum.errors)
    if kind == Kind.CHAOS:
        if closes:
            return Kind.UNDECIDED, "the orbit closes but is unstable: y0 lies on an unstable symmetric state; perturb it"
        return kind, "neighbours part exponentially"
    if kind == Kind.FIXED_POINT:
        return kind, "all exponents are negative"
    if kind == Kind.LIMIT_CYCLE:
        if closes:
            return kind, "the orbit closes, and its other exponents are negative"
        return Kind.UNDECIDED, "the exponents are those of a cycle, but no orbit closes; take a longer transient"
    if closes and sign[0] <= 0:
        if sign.count(0) > (0 if a_map else 1):
            return Kind.CONTINUUM if _neutral(spectrum, 1 if a_map else 2) else Kind.UNDECIDED, (
                "the orbit closes, but another exponent is zero: it is one of a family, or at a bifurcation")
        return Kind.LIMIT_CYCLE, "the orbit closes, and no exponent is clearly positive"
    if kind == Kind.TORUS or (a_map and sign[0] == 0 and _neutral(spectrum, 1)):
        return Kind.TORUS, f"{'an exponent is' if a_map else 'two exponents are'} zero and no orbit closes"
    return Kind.UNDECIDED, "the exponents leave it open; take a longer duration"


def _neutral(spectrum: LyapunovSpectrum, count: int) -> bool:
    """Whether so many of the largest exponents are known to be zero, over the whole run."""
    return are_zero(spectrum.exponents[:count], spectrum.errors[:count], spectrum.duration)


class _Returns(NamedTuple):
    """States (K, N) and times (K,) of passages through a section, of a map all; and the extent of the orbit.

    What is compared are the embedded states.
    """

    states: Floats
    embedded: Floats
    times: Floats
    extent: float


def _returns(system: DynamicalSystem, y: Floats, inputs: Any, deadline: float | None) -> _Returns:
    if system.kind == "map":
        run = simulate(system, ITERATIONS, y, inputs=inputs)
        x = system.angles.embed(run.y.T)
        return _Returns(run.y.T, x, run.t, float(np.ptp(x[-2 * LONGEST_CYCLE :], axis=0).max()))
    span = LOOK_FOR * slowest_time(system, Inputs(inputs, system.input_dim).base, y[np.newaxis])
    for _ in range(2):
        found = _passages(system, y, inputs, span, deadline)
        if len(found.times) >= FEWEST_RETURNS:
            break
        span *= LOOK_AGAIN
    return found


def _passages(system: DynamicalSystem, y: Floats, inputs: Any, span: float, deadline: float | None) -> _Returns:
    run = simulate(system, span, y, inputs=inputs, rtol=1e-9, atol=1e-10, dense_output=True,
                   timeout=seconds_until(deadline))  # fmt: skip
    if run.sol is None or not run.success:
        nothing = np.empty((0, y.size))
        return _Returns(nothing, nothing, np.empty(0), 0.0)
    embed = system.angles.embed
    x = embed(run.y.T)
    state = int(np.argmax(np.std(x, axis=0)))
    height = 0.5 * (x[:, state].min() + x[:, state].max())
    low = np.flatnonzero((x[:-1, state] < height) & (x[1:, state] >= height))
    left, right = run.t[low], run.t[low + 1]
    for _ in range(45):
        middle = 0.5 * (left + right)
        above = embed(run.sol(middle).T)[:, state] >= height
        left, right = np.where(above, left, middle), np.where(above, middle, right)
    times = 0.5 * (left + right)
    states = run.sol(times).T
    return _Returns(states, embed(states), times, float(np.ptp(x, axis=0).max()))


def _period(seen: _Returns) -> float:
    """Return the time after which all returns repeat, nan where they do not."""
    if len(seen.embedded) < FEWEST_RETURNS:
        return np.nan
    late = seen.embedded[-LONGEST_CYCLE * 2 :]
    limit = max(CLOSED * seen.extent, ROUNDING * float(np.max(np.abs(late))))
    for count in range(1, min(LONGEST_CYCLE, len(late) // 2) + 1):
        if np.max(np.abs(late[count:] - late[:-count])) <= limit:
            return float(seen.times[-1] - seen.times[-1 - count])
    return np.nan
