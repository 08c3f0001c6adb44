"""Conditional Lyapunov exponents of the part of a system that is driven by the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in
from analysis.lyapunov import span_of
from analysis.synchrony.along import Perturbations, run_within
from analysis.synchrony.transversal import LEVEL, compiled_course, given_times
from neurodynamics import DynamicalSystem, Status
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_items, as_number_of
from neurodynamics.watched import as_on_interrupt, as_timeout


@dataclass(frozen=True, eq=False, repr=False)
class ConditionalExponents(Record):
    """Conditional Lyapunov exponents of a response.

    Attributes
    ----------
    exponents, errors : array, shape (N - D,)
        In descending order with standard errors, per unit time.
    driven, responding : tuple of int
        The states that are handed over, and the others.
    status : Status
    """

    exponents: Floats
    errors: Floats
    driven: tuple[int, ...]
    responding: tuple[int, ...]
    status: Status

    @property
    def synchronises(self) -> bool | None:
        """Whether a response follows its drive: all exponents are below zero; None where errors leave that open."""
        largest, error = self.exponents[0], self.errors[0]
        return bool(largest < 0) if abs(largest) > LEVEL * error else None

    def __repr__(self) -> str:
        shown = ", ".join(f"{x:.4g} ± {e:.1g}" for x, e in zip(self.exponents[:3], self.errors[:3], strict=True))
        return f"ConditionalExponents({shown}, driven by {self.driven})"


def conditional_exponents(
    system: DynamicalSystem,
    driven: ArrayLike,
    y0: ArrayLike | None = None,
    duration: float = 1000.0,
    *,
    transient: float | None = None,
    warm_up: float | None = None,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> ConditionalExponents:
    """Return the conditional exponents of a copy that is handed some states of the original.

    A copy whose states ``driven`` are replaced by those of the original follows it where all exponents of the rest, along
    the same trajectory, are negative: replacement synchronisation [1]_.

    Parameters
    ----------
    system : DynamicalSystem
        With compiled functions.
    driven : sequence of int
        The states that are handed over.
    y0, duration, transient, warm_up, inputs, method, dt, rtol, rng
        As for `lyapunov_spectrum`.
    timeout, on_interrupt
        As for `simulate`; averages until then.

    Returns
    -------
    ConditionalExponents

    References
    ----------
    .. [1] Pecora & Carroll (1990), Phys. Rev. Lett. 64, 821.

    Examples
    --------
    >>> from analysis import conditional_exponents
    >>> from neurodynamics import models
    >>> conditional_exponents(models.lorenz(), [1], [1, 1, 1], 50).exponents.round(2).tolist()  # - beta, - sigma
    [-2.67, -10.0]
    """
    course, generator = compiled_course(system, y0, inputs, method, dt, rtol, rng)
    n = system.state_dim
    handed = sorted({as_number_of(each, f"driven[{i}]", n, "state") for i, each in enumerate(as_items(driven, "driven"))})
    if not 0 < len(handed) < n:
        raise ValueError(f"`driven` must name some of the {n} states and not all; got {len(handed)}.")
    responds = np.ones(n)
    responds[handed] = 0.0
    length, given = span_of(system, duration, "duration"), given_times(system, transient, warm_up)
    as_on_interrupt(on_interrupt)
    call = Perturbations(course, np.zeros(1), responds, np.zeros((n, n)), n - len(handed), length, given, 1, generator,
                         deadline_in(as_timeout(timeout)))  # fmt: skip

    def record(status: Status) -> ConditionalExponents:
        values, errors = (part[0] for part in call.averages())
        order = np.argsort(-values)
        return ConditionalExponents(values[order], errors[order], tuple(handed),
                                    tuple(int(i) for i in np.flatnonzero(responds)), status)  # fmt: skip

    found: ConditionalExponents = run_within(call, record, timeout, on_interrupt)
    return found
