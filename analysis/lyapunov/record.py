"""The record of a spectrum of Lyapunov exponents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.lyapunov.dimensions import dimension_of, kaplan_yorke_interval
from neurodynamics import DynamicalSystem, Kind, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats


@dataclass(frozen=True, eq=False, repr=False)
class LyapunovSpectrum(Record):
    """Lyapunov exponents with their errors and self-checks.

    Attributes
    ----------
    exponents : array, shape (k,)
        In descending order, per unit time (of a map: per iteration). Minus infinity is legal. Empty after a failure.
    standard_errors : array, shape (k,)
        Statistical errors from block averages with autocorrelation, and what algebraic growth adds where it is seen
        (exponents that fall to zero like ln t / t); 0 for exponents that are exact.
    bias : array, shape (k,)
        Estimated error by the finite step (measured less true), from step halving along the trajectory; nan where it
        was not estimated (noise).
    trace_error : float
        Sum of the exponents less the time average of the trace of J (of a map: of ``ln |det J|``), which is 0 in exact
        arithmetic; nan unless all exponents are known.
    zero_error : float
        Size of the exponent nearest to 0: a flow that neither rests nor diverges has one that is 0 exactly. nan for maps,
        driven systems, rest, and where too few exponents are known to reach it.
    kind : Kind
        What the exponents say about the motion.
    history : array, shape (k, M)
        Running averages at the times ``history_t`` (M,).
    rates : array, shape (M, k)
        Growth rates in the bins of time that the averages are taken over, columns in the order of ``exponents``.
    traces : array, shape (M,)
        Averages of the trace in those bins.
    status : Status
    message : str
    y : array, shape (N,)
        The state at the end: where to go on.
    duration, transient, warm_up : float
        Time averaged over; time before it that the state, and that state and tangent vectors were given to settle.
    method : str
        What ran: "dop853", "rk4", .., "map", or "eigenvalues" where the trajectory is at rest.
    jacobian : str
        "analytic", "differences", or "product" (a user's tangent product).
    window : str
        Weights of the time average, see :mod:`analysis.lyapunov.averages`.
    notes : tuple of str
        What a reader of the figures must know.
    """

    exponents: Floats
    standard_errors: Floats
    bias: Floats
    trace_error: float
    zero_error: float
    kind: Kind
    history: Floats
    history_t: Floats
    rates: Floats
    traces: Floats
    status: Status
    message: str
    y: Floats
    duration: float
    transient: float
    warm_up: float
    method: str
    jacobian: str
    window: str
    steps: int
    path: str
    notes: tuple[str, ...] = ()
    system: DynamicalSystem | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def success(self) -> bool:
        """Whether the exponents are there, and as precise as was asked for."""
        return self.status >= 0

    @property
    def errors(self) -> Floats:
        """Standard errors and bias together, (k,)."""
        return np.hypot(self.standard_errors, np.nan_to_num(self.bias))

    @property
    def available(self) -> float:
        """How many exponents there are: N."""
        return self.y.size

    @property
    def complete(self) -> bool:
        """Whether all of them are known."""
        return self.exponents.size == self.available > 0

    @property
    def kaplan_yorke_dimension(self) -> float:
        """The Kaplan-Yorke dimension; nan where it needs exponents that are not known."""
        if not self.exponents.size or np.isnan(self.exponents).any() or (not self.complete and self.exponents.sum() >= 0):
            return np.nan
        return dimension_of(self.exponents)

    @property
    def kaplan_yorke_interval(self) -> tuple[float, float]:
        """The Kaplan-Yorke dimension within two errors of the exponents; of a flow that moves, one is exactly zero."""
        if np.isnan(self.kaplan_yorke_dimension):
            return np.nan, np.nan
        values, errors = self.exponents.copy(), np.where(np.isfinite(self.exponents), self.errors, 0.0)
        if self.kind in (Kind.LIMIT_CYCLE, Kind.TORUS, Kind.CHAOS) and self.zero_error == self.zero_error:
            zero = int(np.argmin(np.abs(values)))
            values[zero] = errors[zero] = 0.0
        return kaplan_yorke_interval(values, errors) if np.isfinite(errors).all() else (np.nan, np.nan)

    @property
    def entropy_rate(self) -> float:
        """Sum of the positive exponents (Pesin), in nats per unit time; nan where more of them may be positive."""
        if not self.exponents.size or np.isnan(self.exponents).any() or (not self.complete and self.exponents[-1] > 0):
            return np.nan
        return float(self.exponents[self.exponents > 0].sum())

    @property
    def echo_state(self) -> bool | None:
        """Whether the system forgets its start (largest exponent below 0); None where its error leaves that open."""
        if not self.exponents.size:
            return None
        largest, error = self.exponents[0], 2.0 * self.errors[0]
        return bool(largest < 0) if abs(largest) > error else None

    plot = drawn("plot_lyapunov_spectrum", "Draw the convergence and the spectrum")

    def __repr__(self) -> str:
        if not self.exponents.size:
            return f"LyapunovSpectrum(no exponents, {self.status.name.lower()}: {self.message})"
        shown = [f"{value:.4g} ± {error:.1g}" for value, error in
                 zip(self.exponents[:3], self.errors[:3], strict=True)]  # fmt: skip
        more = f", .. {self.exponents.size} of {self.available}" if self.exponents.size > 3 else ""
        checks = [f"{name} {value:.1g}" for name, value in (("trace_error", self.trace_error),
                                                            ("zero_error", self.zero_error)) if value == value]  # fmt: skip
        flags = [] if self.success else [self.status.name.lower()]
        flags += [] if self.jacobian == "analytic" else [f"jacobian by {self.jacobian}"]
        parts = [f"{', '.join(shown)}{more}", self.kind.value, *checks, self.method, *flags]
        return f"LyapunovSpectrum({', '.join(parts)})"
