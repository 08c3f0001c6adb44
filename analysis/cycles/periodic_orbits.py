"""Periodic orbits of flows and maps, to rounding, with their Floquet multipliers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import constant_drive, deadline_in, require_autonomous, require_system, without_noise
from analysis.cycles.cycle_of_flow import CycleOfFlow
from analysis.cycles.cycle_of_map import CycleOfMap
from analysis.cycles.cycle_through_resets import CycleThroughResets
from analysis.cycles.transport import RTOL
from neurodynamics import DynamicalSystem, Kind, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_floats, as_number
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

CLEARLY = 0.9  # a multiplier below shows that trajectories are drawn to a cycle; above it may be a slow passage


@dataclass(frozen=True, eq=False, repr=False)
class LimitCycle(Record):
    """A periodic orbit; or, where a trajectory settles into something else, what that is (`kind`).

    Attributes
    ----------
    kind : Kind
        limit_cycle; continuum where the orbit is closed but one of a family, or at a fold of cycles; torus or chaos where
        the trajectory does not close; undecided, for which `message` tells what to try.
    period : float
        In units of time; of a map: iterations. nan where there is no cycle.
    t, y : arrays, shapes (T,), (N, T)
        One turn, from where the state of the widest range is largest; of a flow the last point is the first again. Of what
        is not a cycle: the last piece of the trajectory.
    multipliers : complex array, shape (N,)
        Floquet multipliers by modulus, largest first. Of a flow one of them is trivial.
    log_moduli : array, shape (N,)
        Logarithms of their moduli, also of those below the smallest number.
    trivial_error : float
        How far the multiplier nearest to 1 is from it: an error figure of a flow, whose trivial multiplier is exactly 1;
        nan for a map.
    log_determinant, determinant_error : float
        Integral of the trace of the Jacobian over a turn (of a map: sum of ln |det J|), and how far the logarithms of the
        multipliers' moduli add up to something else: an error figure of all of them.
    stable : bool
        Whether all multipliers but the trivial one are inside the unit circle, by more than `threshold`.
    threshold : float
        How far a multiplier must be from the unit circle to count.
    residual : float
        By how much the orbit misses itself.
    parts : int
        Of multiple shooting.
    jacobian : {"analytic", "finite differences"}
        The latter limit the multipliers to about eight digits.
    status : Status
    message : str
    """

    kind: Kind
    period: float
    t: Floats
    y: Floats
    multipliers: np.ndarray
    log_moduli: Floats
    trivial_error: float
    log_determinant: float
    determinant_error: float
    stable: bool
    threshold: float
    residual: float
    parts: int
    jacobian: str
    status: Status
    message: str
    system: DynamicalSystem
    inputs: Floats
    sol: Any

    @property
    def success(self) -> bool:
        """Whether a periodic orbit was found."""
        return self.kind in (Kind.LIMIT_CYCLE, Kind.CONTINUUM)

    @property
    def outputs(self) -> Floats:
        """What the system shows along the orbit, shape (K, T)."""
        return self.system.outputs_of_rows(np.ascontiguousarray(self.y.T)).T

    @property
    def exponents(self) -> Floats:
        """Floquet exponents' real parts (N,), per unit of time: logarithms of the multipliers' moduli over the period."""
        return self.log_moduli / self.period

    def __call__(self, t: ArrayLike) -> Floats:
        """Return the state at any time: (N,) for a number, (N, K) for a vector; of a map at whole numbers."""
        if not self.success:
            raise ValueError(f"this is no cycle: {self.message}")
        times = as_floats(t, "t")
        if self.system.kind == "map":
            return self.y[:, np.mod(times, self.period).astype(np.int64)]
        return self.sol(np.mod(times, self.period))

    plot = drawn("plot_limit_cycle", "Draw the cycle over time")

    def __repr__(self) -> str:
        if not self.success:
            return f"LimitCycle({self.kind.value}: {self.message})"
        others = self.multipliers if np.isnan(self.trivial_error) else nontrivial(self.multipliers)
        largest = f", largest multiplier {_short(others[0])}" if others.size else ""
        verdict = "stable" if self.stable else "not stable"
        return f"LimitCycle({self.kind.value}, period {self.period:.10g}, {verdict}{largest})"


def nontrivial(multipliers: np.ndarray) -> np.ndarray:
    """Return the multipliers of a flow's cycle without the one nearest to 1."""
    return np.delete(multipliers, np.argmin(np.abs(multipliers - 1))) if multipliers.size else multipliers


def _short(value: complex) -> str:
    return f"{value.real:.4g}" if value.imag == 0 else f"{value.real:.4g}{value.imag:+.4g}j"


def limit_cycle(
    system: DynamicalSystem,
    y0: ArrayLike,
    *,
    inputs: Any = None,
    period: float | None = None,
    rtol: float = RTOL,
    max_duration: float | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> LimitCycle:
    """Find the periodic orbit that a trajectory runs into, or the one near a guess.

    A trajectory is followed until it nearly returns to where it was; multiple shooting with the variational equation then
    takes the orbit to rounding. Orbits pass resets, whose saltation matrices enter the multipliers. Noise plays no part.

    Parameters
    ----------
    system : DynamicalSystem
        A flow or a map. For periodic inputs see `stroboscopic_map`.
    y0 : array_like, shape (N,)
        Where the trajectory starts; with `period`, a state near the orbit.
    inputs : array_like, shape (M,), optional
        Constants.
    period : float, optional
        A guess. The orbit near y0 of about this period is then found, stable or not, without a transient.
    rtol : float
        Relative tolerance of the integration in shooting.
    max_duration : float, optional
        How long to follow the trajectory; by default 10 000 slowest time constants (of a map: 10^5 iterations).
    timeout : float, optional
        Seconds for the whole call.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with an undecided record as ``.result``, or returns that.

    Returns
    -------
    LimitCycle
        Its `kind` says torus or chaos where the trajectory settles into that, and undecided where no verdict was reached.

    Raises
    ------
    ValueError
        Where the trajectory comes to rest, with the equilibrium; where it diverges.

    Notes
    -----
    The variational equation is integrated by explicit steps of order 8. Where it spans too many orders of magnitude, in
    stiff oscillations and near planes ``y_i = 0`` that nothing crosses, the orbit is the turn that trajectories repeat, to
    about 1e-9, and its multipliers but the trivial one are those of exponentials of the Jacobian.

    References
    ----------
    .. [1] Guckenheimer & Meloon (2000), SIAM J. Sci. Comput. 22, 951.
    .. [2] Bojanczyk, Golub & Van Dooren (1992), Proc. SPIE 1770, 31.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import limit_cycle
    >>> cycle = limit_cycle(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]), [0, 0])
    >>> cycle
    LimitCycle(limit_cycle, period 28.9999079, stable, largest multiplier 0.00198)
    >>> bool(cycle.trivial_error < 1e-10)
    True
    """
    drive = constant_drive(require_system(system), inputs)
    if system.state_dim == 0:
        raise ValueError("`system` has no states, so it has no cycles.")
    start = system.check_state(y0, "y0")
    guess = None if period is None else as_number(period, "period", positive=True)
    longest = None if max_duration is None else as_number(max_duration, "max_duration", positive=True)
    seconds = as_timeout(timeout)
    tolerance = as_number(rtol, "rtol", positive=True)
    kind = CycleOfMap if system.kind == "map" else CycleThroughResets if system.has("reset") else CycleOfFlow
    search = kind(without_noise(system), drive, tolerance, longest, deadline_in(seconds))

    def record(found: dict[str, Any]) -> LimitCycle:
        return LimitCycle(**found, system=system, inputs=drive)

    def work() -> LimitCycle:
        require_autonomous(system, drive)
        return record(search.near(start, guess) if guess is not None else search.reached_from(start))

    cycle: LimitCycle = long_call(
        work, lambda status: record(search.undecided(status, status.message)), timeout=seconds,
        on_interrupt=as_on_interrupt(on_interrupt),
    )
    return cycle


def closed_orbit(
    system: DynamicalSystem, y0: Floats, drive: Floats, *, units: float, deadline: float | None = None
) -> LimitCycle | None:
    """Return the cycle that the trajectory from y0 is clearly drawn into within so many slowest time constants, or None."""
    if system.kind == "map":
        return None
    search = CycleOfFlow(without_noise(system), drive, RTOL, None, deadline)
    try:
        found = LimitCycle(**search.reached_from(y0, recognise=False, units=units), system=system, inputs=drive)
    except ValueError:
        return None
    clearly = found.stable and (found.log_moduli[1:2] < np.log(CLEARLY)).all()
    return found if found.kind == Kind.LIMIT_CYCLE and clearly else None
