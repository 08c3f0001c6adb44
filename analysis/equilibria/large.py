"""Fixed points of systems too large for a matrix: Newton's method with Krylov solvers, and the leading eigenvalues."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs, lgmres

from analysis.common import constant_drive, deadline_in, require_autonomous, require_system
from neurodynamics import DynamicalSystem, Status, linearise
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_generator, as_number
from neurodynamics.watched import OutOfTime, as_on_interrupt, as_timeout, long_call

STEPS, HALVINGS = 50, 12  # of Newton's method, and of a step that does not lower the residual
FORCING, MOST = 1e-3, 0.1  # of a linear solution: how small its residual is made, at best and at worst
VECTORS = 40  # Krylov vectors between restarts


@dataclass(frozen=True, eq=False, repr=False)
class LargeFixedPoint(Record):
    """A fixed point of a large system, with its leading eigenvalues.

    Attributes
    ----------
    y : array, shape (N,)
    residual : float
        Largest element of f(y), of a map of f(y) - y.
    eigenvalues : array, shape (k,)
        Of the Jacobian, the least stable first: of a flow those of the largest real parts, of a map of the largest moduli.
    errors : array, shape (k,)
        ``|J v - z v|`` for unit vectors v: J is that close to a matrix with the eigenvalue z.
    products : int
        How many products of the Jacobian with a vector it took.
    reason : str
        What was not reached; empty where everything was.
    status : Status
        MAX_STEPS where Newton's method did not come down to the tolerance, or no eigenvalue converged.
    """

    y: Floats
    residual: float
    eigenvalues: np.ndarray
    errors: Floats
    products: int
    reason: str
    system: DynamicalSystem
    status: Status

    @property
    def stable(self) -> bool | None:
        """Whether all eigenvalues found are on the stable side by more than their errors; None where that is open."""
        if not self.eigenvalues.size or not self.status.success:
            return None
        growth = self.eigenvalues.real if self.system.kind == "flow" else np.abs(self.eigenvalues) - 1.0
        if (growth > self.errors).any():
            return False
        return True if (growth < -self.errors).all() else None

    def __repr__(self) -> str:
        word = {True: "stable", False: "unstable", None: "stability undecided"}[self.stable]
        leading = f", leading eigenvalue {self.eigenvalues[0]:.6g}" if self.eigenvalues.size else ""
        return f"LargeFixedPoint({self.y.size} states, residual {self.residual:.1e}, {word}{leading})"


def fixed_point_near(
    system: DynamicalSystem,
    y0: ArrayLike,
    *,
    inputs: Any = None,
    eigenvalues: int = 6,
    product: Callable | None = None,
    tolerance: float = 1e-10,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> LargeFixedPoint:
    """Find the fixed point that Newton's method leads to, and its leading eigenvalues, by products with vectors alone.

    No Jacobian is formed: 10^5 states with sparse or low-rank couplings take little more memory than these. The linear
    equations are solved by LGMRES as exactly as the residual deserves, the eigenvalues by Arnoldi's method (ARPACK).

    Parameters
    ----------
    system : DynamicalSystem
        A flow or a map; also a host system of Python functions.
    y0 : array_like, shape (N,)
    inputs : array_like, shape (M,), optional
        Constants.
    eigenvalues : int
        How many; fewer than N - 1.
    product : callable ``(t, y, u, params, q, out)``, optional
        Sets `out` to the product of the Jacobian with q, as for `lyapunov_spectrum`. By default that of
        `neurodynamics.linearise`: exact where it can be, otherwise a central difference.
    tolerance : float
        Of the largest element of the residual, where rounding allows it.
    rng : Generator or int, optional
        For the first vector of Arnoldi's method; always the same by default.
    timeout : float, optional
        Seconds; what there is by then is returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what there is as ``.result``, or returns it.

    Returns
    -------
    LargeFixedPoint

    References
    ----------
    .. [1] Knoll & Keyes (2004), J. Comput. Phys. 193, 357.
    .. [2] Lehoucq, Sorensen & Yang (1998), ARPACK Users' Guide, SIAM.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import fixed_point_near
    >>> from neurodynamics import DynamicalSystem
    >>> v = np.ones(10_000) / 100
    >>> def low_rank(t, y, u, params, out):
    ...     out[:] = -y + 0.5 * v * (v @ np.tanh(y)) + 0.1 * v
    >>> found = fixed_point_near(DynamicalSystem(low_rank, 10_000, host=True), np.zeros(10_000), eigenvalues=2)
    >>> found.stable, bool(abs(found.eigenvalues[0] + 0.5) < 1e-4), bool(abs(found.y.sum() / 100 - 0.2) < 1e-5)
    (True, True, True)
    """
    require_system(system)
    drive = constant_drive(system, inputs)
    n, count, seconds = system.state_dim, as_count(eigenvalues, "eigenvalues"), as_timeout(timeout)
    if count >= max(n - 1, 1):
        raise ValueError(f"`eigenvalues` must be fewer than N - 1 = {n - 1}; got {count}; see `stability`.")
    if product is not None and not callable(product):
        raise TypeError(f"`product` must be a function (t, y, u, params, q, out); got {type(product).__name__}.")
    start, random = system.check_state(y0, "y0"), as_generator(rng)
    limit = as_number(tolerance, "tolerance", positive=True)
    search = _Search(system, drive, start, product, deadline_in(seconds))
    found: LargeFixedPoint = long_call(
        lambda: search.run(count, limit, random), search.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


class _Search:
    def __init__(self, system: DynamicalSystem, drive: Floats, y: Floats, product: Callable | None,
                 deadline: float | None) -> None:  # fmt: skip
        self.system, self.drive, self.y, self.product, self.deadline = system, drive, y.copy(), product, deadline
        self.residual, self.products, self.reason = np.inf, 0, ""
        self.eigenvalues, self.errors = np.empty(0, dtype=complex), np.empty(0)

    def so_far(self, status: Status) -> LargeFixedPoint:
        """Return what there is by now."""
        return LargeFixedPoint(self.y, self.residual, self.eigenvalues, self.errors, self.products, self.reason, self.system,
                               status)  # fmt: skip

    def run(self, count: int, tolerance: float, rng: np.random.Generator) -> LargeFixedPoint:
        try:
            require_autonomous(self.system, self.drive)
            self._newton(tolerance)
            if count and not self.reason:
                self._arnoldi(count, rng)
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        except OutOfTime:
            return self.so_far(Status.TIMEOUT)
        return self.so_far(Status.MAX_STEPS if self.reason else Status.SUCCESS)

    def _equation(self, y: Floats) -> Floats:
        if self.deadline is not None and time.perf_counter() >= self.deadline:
            raise OutOfTime
        f = self.system.rhs(0.0, y, self.drive)
        return f if self.system.kind == "flow" else self.system.angles.difference(f, y)

    def _jacobian(self, y: Floats, shift: float) -> LinearOperator:
        """Return J - shift as an operator."""
        at = None if self.product is not None else linearise(self.system, y, self.drive)

        def times(v: Floats) -> Floats:
            if self.deadline is not None and time.perf_counter() >= self.deadline:
                raise OutOfTime
            self.products += 1
            q = np.ascontiguousarray(v, dtype=float).ravel()
            if at is not None:
                return at.jvp(q) - shift * q
            out = np.zeros_like(q)
            self.product(0.0, y, self.drive, self.system.params, q, out)  # type: ignore[misc]
            return out - shift * q

        return LinearOperator((y.size, y.size), matvec=times, dtype=float)

    def _newton(self, tolerance: float) -> None:
        f = self._equation(self.y)
        shift = 0.0 if self.system.kind == "flow" else 1.0
        for _ in range(STEPS):
            self.residual = float(np.abs(f).max(initial=0.0))
            if self.residual <= tolerance:
                return
            exact = float(np.clip(self.residual, FORCING, MOST))
            step, _ = lgmres(self._jacobian(self.y, shift), -f, rtol=exact, atol=0.0, inner_m=VECTORS, maxiter=10)
            size = np.linalg.norm(f)
            for halving in range(HALVINGS):
                y = self.y + 0.5**halving * step
                after = self._equation(y)
                if np.linalg.norm(after) < (1.0 - 1e-4 * 0.5**halving) * size:
                    break
            else:
                self.reason = f"no step lowers the residual, {self.residual:.1e}; begin elsewhere or raise `tolerance`"
                return
            self.y, f = y, after
        self.reason = f"after {STEPS} steps of Newton's method the residual is {self.residual:.1e}"

    def _arnoldi(self, count: int, rng: np.random.Generator) -> None:
        J, n = self._jacobian(self.y, 0.0), self.y.size
        which = "LR" if self.system.kind == "flow" else "LM"
        try:
            values, vectors = eigs(J, k=count, which=which, v0=rng.normal(size=n), ncv=min(n, max(VECTORS, 3 * count)))
        except ArpackNoConvergence as few:
            values, vectors = few.eigenvalues, few.eigenvectors
            self.reason = f"{len(values)} of {count} eigenvalues converged"
        order = np.argsort(-values.real if which == "LR" else -np.abs(values), kind="stable")
        self.eigenvalues, vectors = values[order], vectors[:, order]
        off = [J.matvec(v.real) + 1j * J.matvec(v.imag) - z * v for z, v in zip(self.eigenvalues, vectors.T, strict=True)]
        self.errors = np.array([np.linalg.norm(each) for each in off])
