"""Master stability function of coupled copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in
from analysis.lyapunov import Course, course_of, span_of
from analysis.synchrony.along import Perturbations, run_within
from neurodynamics import DynamicalSystem, Status
from neurodynamics.compiling import as_workers
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_floats, as_number
from neurodynamics.watched import as_on_interrupt, as_timeout

LEVEL = 2.0  # standard errors that an exponent must be away from zero
SYMMETRIC = 1e-9  # of the largest entry


@dataclass(frozen=True, eq=False, repr=False)
class MasterStability(Record):
    """Largest transversal exponent over the strength of coupling.

    Attributes
    ----------
    alphas : array, shape (A,)
        Ascending: coupling strength times eigenvalue of the Laplacian.
    values, errors : array, shape (A,)
        Largest exponent of ``d xi/dt = (J - alpha H) xi`` with its standard error, per unit time.
    coupling : array, shape (N, N)
        H.
    status : Status
    """

    alphas: Floats
    values: Floats
    errors: Floats
    coupling: Floats
    status: Status

    @property
    def stable(self) -> np.ndarray:
        """Where the exponent is below zero by two errors, (A,)."""
        return self.values + LEVEL * self.errors < 0

    @property
    def crossings(self) -> Floats:
        """Strengths at which the exponent changes its sign, by lines between exponents that differ from zero, (Z,)."""
        clear = np.abs(self.values) > LEVEL * self.errors
        v, a = self.values[clear], self.alphas[clear]
        i = np.flatnonzero(v[:-1] * v[1:] < 0)
        return a[i] - v[i] * (a[i + 1] - a[i]) / (v[i + 1] - v[i])  # type: ignore[no-any-return]

    def synchronises(self, laplacian: ArrayLike, strength: float = 1.0) -> bool | None:
        """Return whether copies on a network stay together: all transversal exponents below zero.

        Parameters
        ----------
        laplacian : array_like, shape (K, K)
            Symmetric, with rows that add up to zero: of copies ``dy_i/dt = f(y_i) - strength sum_j L_ij H y_j``.
        strength : float

        Returns
        -------
        bool or None
            False where neighbouring alphas around one of ``strength * eigenvalue`` are both above zero; None where an error,
            or a change of sign next to it, leaves that open, or it is outside of the measured alphas.
        """
        matrix, factor = as_floats(laplacian, "laplacian"), as_number(strength, "strength")
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
            raise ValueError(f"`laplacian` must have shape (K, K) with K at least 2; got {matrix.shape}.")
        slack = SYMMETRIC * len(matrix) * np.abs(matrix).max()
        if (np.abs(matrix - matrix.T) > slack).any() or (np.abs(matrix.sum(axis=1)) > slack).any():
            raise ValueError("`laplacian` must be symmetric, with rows that add up to zero.")
        verdicts = [self._decays(factor * each) for each in np.linalg.eigvalsh(matrix)[1:]]
        return False if False in verdicts else None if None in verdicts else True

    def _decays(self, alpha: float) -> bool | None:
        right = int(np.searchsorted(self.alphas, alpha))
        near = [right] if right < self.alphas.size and self.alphas[right] == alpha else [right - 1, right]
        if near[0] < 0 or near[-1] >= self.alphas.size:
            return None
        if self.stable[near].all():
            return True
        return False if (self.values - LEVEL * self.errors > 0)[near].all() else None

    plot = drawn("plot_master_stability", "Draw the function with its errors")

    def __repr__(self) -> str:
        zeros = ", ".join(f"{each:.4g}" for each in self.crossings) or "none"
        return f"MasterStability({self.alphas.size} strengths, changes of sign: {zeros})"


def master_stability(
    system: DynamicalSystem,
    alphas: ArrayLike,
    coupling: ArrayLike | None = None,
    *,
    y0: ArrayLike | None = None,
    duration: float = 1000.0,
    transient: float | None = None,
    warm_up: float | None = None,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    rng: np.random.Generator | int | None = 0,
    workers: int | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> MasterStability:
    """Return the master stability function of coupled copies of a system.

    Copies ``dy_i/dt = f(y_i) - sigma sum_j L_ij H y_j`` move together where perturbations across die out: for each
    eigenvalue gamma of the Laplacian but the first, the largest exponent of ``d xi/dt = (J - alpha H) xi`` at
    ``alpha = sigma gamma`` must be negative [1]_. Two copies with the coupling ``sigma H (y_2 - y_1)`` have
    ``alpha = 2 sigma``. For ``H = 1`` it is ``lambda_max - alpha``. Of a map: ``y_i -> f(y_i) - sigma sum_j L_ij H y_j``.

    Parameters
    ----------
    system : DynamicalSystem
        f, with compiled functions.
    alphas : array_like, shape (A,)
    coupling : array_like, shape (N, N), optional
        H; by default the identity.
    y0, duration, transient, warm_up, inputs, method, dt, rtol, rng
        As for `lyapunov_spectrum`.
    workers : int, optional
        Threads.
    timeout, on_interrupt
        As for `simulate`; averages until then.

    Returns
    -------
    MasterStability

    References
    ----------
    .. [1] Pecora & Carroll (1998), Phys. Rev. Lett. 80, 2109.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from analysis import master_stability
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> found = master_stability(net, [0.0, 0.5], duration=500)
    >>> bool(np.abs(found.values - [0.0, -0.5]).max() < 1e-3)
    True
    """
    course, generator = compiled_course(system, y0, inputs, method, dt, rtol, rng)
    strengths, n = np.sort(np.atleast_1d(as_floats(alphas, "alphas"))), system.state_dim
    if strengths.ndim != 1 or strengths.size == 0:
        raise ValueError("`alphas` must be a vector of strengths.")
    matrix = np.eye(n) if coupling is None else as_floats(coupling, "coupling")
    if matrix.shape != (n, n):
        raise ValueError(f"`coupling` must have shape (N, N) = ({n}, {n}); got {matrix.shape}.")
    length, given = span_of(system, duration, "duration"), given_times(system, transient, warm_up)
    as_on_interrupt(on_interrupt)
    call = Perturbations(course, strengths, np.ones(n), matrix, 1, length, given, as_workers(workers), generator,
                         deadline_in(as_timeout(timeout)))  # fmt: skip

    def record(status: Status) -> MasterStability:
        values, errors = call.averages()
        return MasterStability(strengths, values[:, 0], errors[:, 0], matrix, status)

    found: MasterStability = run_within(call, record, timeout, on_interrupt)
    return found


def compiled_course(system: Any, *arguments: Any) -> tuple[Course, np.random.Generator]:
    """Return the course that arguments ask for, of a system with compiled functions."""
    course, rng = course_of(system, *arguments)
    if system.host or course.drive.callable is not None:
        raise ValueError("`system` and `inputs` must be compiled here; uncompiled functions are not.")
    return course, rng


def given_times(system: DynamicalSystem, transient: Any, warm_up: Any) -> tuple[float | None, float | None]:
    """Return transient and warm-up, None where they are not given."""
    first, second = (None if value is None else span_of(system, value, name, zero=True)
                     for value, name in ((transient, "transient"), (warm_up, "warm_up")))  # fmt: skip
    return first, second
