"""What a trajectory settles into: rest, cycle, torus or chaos, from its exponents and its returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.lyapunov.record import LyapunovSpectrum
from analysis.lyapunov.spectrum import lyapunov_spectrum, slowest_time
from neurodynamics import DynamicalSystem, Kind, simulate
from neurodynamics.validation import Floats

LOOK_FOR = 400.0  # slowest time constants in which returns are collected, at first
LOOK_AGAIN = 4  # times as long, where there were too few
FEWEST_RETURNS = 8
CLOSED = 1e-4  # of the size of the orbit: a return this close closes it
LONGEST_CYCLE = 64  # returns
ITERATIONS = 4096


@dataclass(frozen=True, eq=False, repr=False)
class Classification:
    """What a trajectory settles into, and on what grounds.

    Attributes
    ----------
    kind : Kind
        fixed_point, limit_cycle, torus, chaos, diverges or undecided.
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
    spectrum = lyapunov_spectrum(system, y0, **options)
    nothing = np.empty((0, system.state_dim))
    if not spectrum.exponents.size:
        return Classification(spectrum.kind, spectrum, np.nan, nothing, spectrum.message)
    if spectrum.method == "eigenvalues":
        return Classification(spectrum.kind, spectrum, np.nan, spectrum.y[np.newaxis], "the trajectory is at rest")
    if np.isnan(spectrum.zero_error) and spectrum.kind == Kind.UNDECIDED:
        reason = "driven: it forgets its start" if spectrum.echo_state else "the exponents leave it open"
        return Classification(Kind.UNDECIDED, spectrum, np.nan, nothing, reason)
    returns, times = _returns(system, spectrum.y, options.get("inputs"))
    period = _period(returns, times)
    kind, reason = _verdict(spectrum, period == period)
    return Classification(kind, spectrum, period if kind == Kind.LIMIT_CYCLE else np.nan, returns, reason)


def _verdict(spectrum: LyapunovSpectrum, closes: bool) -> tuple[Kind, str]:
    kind = spectrum.kind
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
    if closes and spectrum.exponents[0] <= 3 * spectrum.errors[0]:
        return Kind.LIMIT_CYCLE, "the orbit closes, and no exponent is clearly positive"
    if kind == Kind.TORUS and not closes:
        return kind, "two exponents are zero and no orbit closes"
    return Kind.UNDECIDED, "the exponents leave it open; take a longer duration"


def _returns(system: DynamicalSystem, y: Floats, inputs: Any) -> tuple[Floats, Floats]:
    """Return states (K, N) and times (K,) of passages through a section; of a map: all states."""
    if system.kind == "map":
        run = simulate(system, ITERATIONS, y, inputs=inputs)
        return run.y.T, run.t
    span = LOOK_FOR * slowest_time(system)
    for _ in range(2):
        found = _passages(system, y, inputs, span)
        if len(found[1]) >= FEWEST_RETURNS:
            break
        span *= LOOK_AGAIN
    return found


def _passages(system: DynamicalSystem, y: Floats, inputs: Any, span: float) -> tuple[Floats, Floats]:
    run = simulate(system, span, y, inputs=inputs, rtol=1e-9, atol=1e-10, dense_output=True)
    if run.sol is None or not run.success:
        return np.empty((0, y.size)), np.empty(0)
    state = int(np.argmax(np.std(run.y, axis=1)))
    height = 0.5 * (run.y[state].min() + run.y[state].max())
    low = np.flatnonzero((run.y[state, :-1] < height) & (run.y[state, 1:] >= height))
    left, right = run.t[low], run.t[low + 1]
    for _ in range(45):
        middle = 0.5 * (left + right)
        above = np.array([run.sol(t)[state] >= height for t in middle], dtype=bool)
        left, right = np.where(above, left, middle), np.where(above, middle, right)
    times = 0.5 * (left + right)
    return np.array([run.sol(t) for t in times]).reshape(len(times), y.size), times


def _period(returns: Floats, times: Floats) -> float:
    """Return the time after which all returns repeat, nan where they do not."""
    if len(returns) < FEWEST_RETURNS:
        return np.nan
    late = returns[-LONGEST_CYCLE * 2 :]
    size = 1.0 + np.max(np.abs(late))
    for count in range(1, min(LONGEST_CYCLE, len(late) // 2) + 1):
        if np.max(np.abs(late[count:] - late[:-count])) <= CLOSED * size:
            return float(times[-1] - times[-1 - count])
    return np.nan
