"""Rate-induced tipping: how fast a parameter may move for a system to follow its attractor."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.attractors import Attractors, find_attractors
from analysis.bifurcations import Parameter, system_at
from analysis.common import constant_drive, deadline_in, require_autonomous, require_system, seconds_until
from analysis.cycles import without_noise
from analysis.resilience.ramped import REACH, SHAPES, ramped
from neurodynamics import DIVERGES, UNDECIDED, DynamicalSystem, Status, simulate_ensemble
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_choice, as_floats, as_instance
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

AT_ONCE = 16  # rates between two that are tried at once
CLOSE = 1e-8  # of the rate: how closely it is bracketed
RTOL, ATOL = 1e-11, 1e-13


@dataclass(frozen=True, eq=False, repr=False)
class CriticalRate(Record):
    """The rate from which on a ramp leads elsewhere.

    Attributes
    ----------
    low, high : float
        At `low` the system ends where it does at the least rate, at `high` elsewhere; nan where all rates end alike.
    goes_to : tuple of int
        What is reached at either: ids of `attractors`, DIVERGES = -2.
    rates : array, shape (R,)
        All rates that were tried, rising.
    labels : array of int, shape (R,)
        What was reached; UNDECIDED = -1 very near to a critical rate, where trajectories follow a saddle.
    attractors : Attractors or None
        With the last value of the parameter.
    status : Status
    """

    low: float
    high: float
    goes_to: tuple[int, int]
    rates: Floats
    labels: np.ndarray
    attractors: Attractors | None
    status: Status

    @property
    def rate(self) -> float:
        """The middle of the bracket."""
        return 0.5 * (self.low + self.high)

    def __repr__(self) -> str:
        if not np.isfinite(self.rate):
            return f"CriticalRate(none: all {len(self.rates)} rates end alike)"
        first, then = self.goes_to
        return f"CriticalRate({self.rate:.8g}, bracket {self.high - self.low:.1e}, from {first} to {then})"


def critical_rate(
    system: DynamicalSystem,
    parameter: Any,
    values: ArrayLike,
    rates: ArrayLike,
    y0: ArrayLike,
    *,
    shape: str = "linear",
    inputs: Any = None,
    attractors: Attractors | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> CriticalRate:
    """Bracket the rate at which a ramp of a parameter tips a system [1]_.

    The parameter moves from one value to another; at the end of the ramp the state belongs to the basin of one of the
    attractors of the last value. Slow ramps end in the one that continues the first attractor; the critical rate is the
    first, of those that are tried, from which on another one is reached.

    Parameters
    ----------
    system : DynamicalSystem
        A compiled flow; its noise plays no part.
    parameter : str or mapping of str to float
        Such as ``"biases[0]"`` or ``"inputs[0]"``, or a direction, as for `fixed_point_branch`.
    values : array_like, shape (2,)
        Of the parameter, at the begin and at the end.
    rates : array_like, shape (2,)
        The least and the largest rate, both positive: of a linear ramp its slope, of a tanh its steepest slope.
    y0 : array_like, shape (N,)
        The state at the begin, such as an attractor of the first value.
    shape : {"linear", "tanh"}
    inputs : array_like, shape (M,), optional
        Constants.
    attractors : Attractors, optional
        Of the system with the last value; by default found here.
    timeout : float, optional
        Seconds; the bracket by then is returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with the bracket so far as ``.result``, or returns it.

    Returns
    -------
    CriticalRate

    References
    ----------
    .. [1] Ashwin, Wieczorek, Vitolo & Cox (2012), Phil. Trans. R. Soc. A 370, 1166.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import critical_rate
    >>> found = critical_rate(CTRNN([[6.0]]), "biases[0]", [-6, 0], [0.1, 1], [0.01])
    >>> found
    CriticalRate(none: all 16 rates end alike)
    """
    if require_system(system).kind != "flow" or system.host or system.has("reset"):
        raise ValueError("`system` must be a flow of compiled functions without a reset, so that its parameters can move.")
    drive = constant_drive(system, inputs)
    require_autonomous(system, drive)
    moved = Parameter.of(system, parameter, drive)
    ends, span = (_two(each, name) for each, name in ((values, "values"), (rates, "rates")))
    if ends[0] == ends[1]:
        raise ValueError(f"`values` must be two different numbers; got {ends.tolist()}.")
    if not 0 < span[0] < span[1]:
        raise ValueError(f"`rates` must be (least, largest), both positive; got {span.tolist()}.")
    if attractors is not None:
        as_instance(attractors, "attractors", Attractors)
    seconds = as_timeout(timeout)
    search = _Search(system, moved, ends, span, system.check_state(y0, "y0"),
                     as_choice(shape, "shape", SHAPES), attractors, deadline_in(seconds))  # fmt: skip
    found: CriticalRate = long_call(
        search.run, search.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


def _two(values: Any, name: str) -> Floats:
    array = as_floats(values, name)
    if array.shape != (2,):
        raise ValueError(f"`{name}` must be two numbers; got shape {array.shape}.")
    return array


class _Search:
    def __init__(self, system: DynamicalSystem, parameter: Parameter, values: Floats, rates: Floats, y0: Floats, shape: str,
                 after: Attractors | None, deadline: float | None) -> None:  # fmt: skip
        self.system, self.parameter, self.values, self.rates = without_noise(system), parameter, values, rates
        self.y0, self.shape, self.after, self.deadline = y0, shape, after, deadline
        self.tried: dict[float, int] = {}

    def _late(self) -> bool:
        return self.deadline is not None and time.perf_counter() >= self.deadline

    def so_far(self, status: Status) -> CriticalRate:
        """Return the bracket by now."""
        tried = dict(self.tried)
        rates = np.array(sorted(tried))
        labels = np.array([tried[each] for each in rates.tolist()], dtype=np.int64)
        low, high = self._bracket(rates, labels)
        pair = (tried.get(low, UNDECIDED), tried.get(high, UNDECIDED))
        return CriticalRate(low, high, pair, rates, labels, self.after, status)

    @staticmethod
    def _bracket(rates: Floats, labels: np.ndarray) -> tuple[float, float]:
        known = labels != UNDECIDED
        rates, labels = rates[known], labels[known]
        other = np.flatnonzero(labels != labels[0]) if labels.size else np.empty(0, dtype=int)
        return (float(rates[other[0] - 1]), float(rates[other[0]])) if other.size else (np.nan, np.nan)

    def run(self) -> CriticalRate:
        try:
            if self.after is None:
                end, drive = system_at(self.system, [self.parameter], [self.values[1]])
                left = seconds_until(self.deadline)
                self.after = find_attractors(end, inputs=drive, timeout=None if left is None else 0.5 * left)
            ramp = ramped(self.system, self.parameter, self.values, self.shape)
            chosen = np.geomspace(self.rates[0], self.rates[1], AT_ONCE)
            while chosen.size and not self._late():
                found = self._reached(ramp, chosen)
                if self._late():
                    break
                self.tried |= dict(zip(chosen.tolist(), found.tolist(), strict=True))
                low, high = self.so_far(Status.SUCCESS).low, self.so_far(Status.SUCCESS).high
                if not high - low > CLOSE * low:  # also where there is none
                    break
                between = np.linspace(low, high, AT_ONCE + 2)[1:-1]
                chosen = np.array([each for each in between if each not in self.tried])
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        return self.so_far(Status.TIMEOUT if self._late() else Status.SUCCESS)

    def _reached(self, ramp: DynamicalSystem, rates: Floats) -> np.ndarray:
        """Return what ramps of these rates end in."""
        assert self.after is not None
        durations = abs(self.values[1] - self.values[0]) / rates * (REACH if self.shape == "tanh" else 1.0)
        options: dict[str, Any] = {"method": "dop853", "rtol": RTOL, "atol": ATOL, "save": "final"}
        run = simulate_ensemble(ramp, 1.0, np.tile(self.y0, (len(rates), 1)), params={"duration": durations},
                                timeout=seconds_until(self.deadline), **options)  # fmt: skip
        ends = np.asarray(run.y)
        fine = np.isfinite(ends).all(axis=1)
        good = fine & (run.status >= 0)
        out = np.full(len(rates), UNDECIDED)
        out[good] = self.after._destinations(ends[good], self.deadline)
        far = np.abs(np.where(np.isfinite(ends), ends, np.inf)).max(axis=1) > self.after.escape
        out[~good & far] = DIVERGES
        return out
