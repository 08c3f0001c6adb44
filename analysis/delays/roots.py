"""Characteristic roots of equilibria of systems with delays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import constant_drive, deadline_in, require_autonomous
from analysis.delays.linear import BY_DIFFERENCES, LinearDelays, linearised
from neurodynamics import DelayedSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

FIRST_NODES, MOST_UNKNOWNS = 16, 1600
AT_REST = 1e-6  # share of the terms of f, and of 1, that f may have left
CORRECTIONS = 12
NEAR = 1e-4  # of 1 + |s|, between an eigenvalue of the collocation and the root that it leads to
APART = 1e-9  # the same, between two roots ..
ONE = 1e-6  # .. and between two eigenvalues that may belong to one root twice
DEFECTIVE = 10.0  # times the root of the residual: the error of a double root


@dataclass(frozen=True, eq=False, repr=False)
class CharacteristicRoots(Record):
    """The rightmost characteristic roots of an equilibrium.

    Attributes
    ----------
    roots : complex array, shape (K,)
        By descending real part; growth rates and angular frequencies of the linear modes.
    residuals : array, shape (K,)
        Smallest singular value of the characteristic matrix at the root, as a share of its terms: rounding, of a root.
    errors : array, shape (K,)
        Of the roots: residual, rounding and errors of the derivatives times the condition of the root.
    unstable : int
        Number of roots with positive real part, counted by the argument principle; -1 where a root is too near the axis.
    stable : bool or None
        Whether all roots have negative real parts; None where errors leave it open, or count and roots differ.
    complete : bool
        Whether no root lies to the right of the last one, as far as collocations of different orders tell.
    point : array, shape (N,)
    delays : array, shape (D,)
        The distinct delays.
    derivatives : str
        Where they come from: see :class:`neurodynamics.Linearisation`.
    nodes : int
        Of the collocation.
    status : Status
    message : str
    """

    roots: np.ndarray
    residuals: Floats
    errors: Floats
    unstable: int
    stable: bool | None
    complete: bool
    point: Floats
    delays: Floats
    derivatives: str
    nodes: int
    status: Status
    message: str
    system: DelayedSystem | None = None

    @property
    def success(self) -> bool:
        """Whether the roots are there."""
        return self.status >= 0

    plot = drawn("plot_characteristic_roots", "Draw the roots in the complex plane")

    def __repr__(self) -> str:
        if not self.roots.size:
            return f"CharacteristicRoots({self.status.name.lower()}: {self.message})"
        verdict = {True: "stable", False: f"unstable by {self.unstable}", None: "stability undecided"}[self.stable]
        first = f"rightmost {self.roots[0]:.6g} ± {self.errors[0]:.1g}"
        return f"CharacteristicRoots({verdict}, {first}, {self.roots.size} roots)"


def characteristic_roots(
    system: DelayedSystem,
    point: ArrayLike,
    *,
    inputs: Any = None,
    count: int = 10,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> CharacteristicRoots:
    """Find the rightmost characteristic roots of an equilibrium of a system with delays.

    They solve ``det(s - A_0 - sum_d A_d exp(-s tau_d)) = 0``. The derivative along the past is collocated at Chebyshev
    points [1]_, whose eigenvalues are corrected by successive linear problems [2]_ until the residual is rounding; points
    are doubled until both agree.

    Parameters
    ----------
    system : DelayedSystem
    point : array_like, shape (N,)
        An equilibrium: one of the fixed points of ``system.undelayed``.
    inputs : optional
        Constant inputs (M,).
    count : int
        How many roots; a pair is not cut, so there may be one more.
    timeout, on_interrupt
        As for `simulate`.

    Returns
    -------
    CharacteristicRoots

    References
    ----------
    .. [1] Breda, Maset & Vermiglio (2005), SIAM J. Sci. Comput. 27, 482.
    .. [2] Ruhe (1973), SIAM J. Numer. Anal. 10, 674.

    Examples
    --------
    >>> from analysis import characteristic_roots, fixed_points
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import delayed
    >>> net = delayed(CTRNN([[0, -2], [2, 0]], activation="tanh"), 1.0)
    >>> characteristic_roots(net, fixed_points(net.undelayed).x[0]).stable
    False
    """
    if not isinstance(system, DelayedSystem):
        raise TypeError(f"`system` must be a system with delays; got {type(system).__name__}: see `stability` for others.")
    state, drive = system.check_state(point, "point"), constant_drive(system.undelayed, inputs)
    require_autonomous(system.undelayed, drive)
    wanted, limit = as_count(count, "count", minimum=1), as_timeout(timeout)
    require_room((system.state_dim * FIRST_NODES) ** 2, "count")
    _require_rest(system, state, drive)
    search = _Search(system, state, drive, wanted)
    return long_call(lambda: search.run(limit), search.record, timeout=limit, on_interrupt=as_on_interrupt(on_interrupt))


def rightmost_roots(system: DelayedSystem, point: Floats, drive: Floats, count: int) -> CharacteristicRoots:
    """Return the roots of an equilibrium, of arguments that were checked."""
    return _Search(system, point, drive, count).run(None)


def _require_rest(system: DelayedSystem, point: Floats, drive: Floats) -> None:
    past = point[[each.state for each in system.past]]
    left = system.opened.rhs(0.0, point, np.concatenate([drive, past]))
    allowed = AT_REST * (1.0 + np.abs(point))
    if not (np.abs(left) <= allowed).all():
        i = int(np.argmax(np.abs(left) / allowed))
        raise ValueError(
            f"`point` must be an equilibrium; there dy[{i}]/dt = {left[i]:g}. `fixed_points(system.undelayed)` finds them."
        )


class _Search:
    """One call: what is known so far."""

    def __init__(self, system: DelayedSystem, point: Floats, drive: Floats, wanted: int) -> None:
        self.system, self.point, self.wanted = system, point, wanted
        self.drive, self.linear, self.how = drive, LinearDelays(np.zeros((0, 0)), np.zeros(0), np.zeros((0, 0, 0))), ""
        self.roots, self.complete, self.nodes = np.zeros(0, dtype=complex), False, 0
        self.counted, self.sure = -1, False

    def run(self, limit: float | None) -> CharacteristicRoots:
        deadline = deadline_in(limit)
        status = Status.SUCCESS
        try:
            self.linear, self.how = linearised(self.system, self.point, self.drive)
            nodes, n = FIRST_NODES, len(self.point)
            while not self.complete:
                found = eigenvalues_by_collocation(self.linear, nodes)
                self._take(found[np.argsort(-found.real, kind="stable")], nodes)
                nodes *= 2
                if n * (nodes + 1) > MOST_UNKNOWNS and self.nodes:
                    break
                if deadline is not None and _late(deadline):
                    status = Status.TIMEOUT
                    break
            self.counted, self.sure = self.linear.unstable()
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return self.record(status)

    def _take(self, guesses: np.ndarray, nodes: int) -> None:
        """Correct the rightmost eigenvalues; they are complete where each leads to a root of its own, next to it."""
        guesses = guesses[guesses.imag >= -1e-12 * (1 + np.abs(guesses))]  # of a pair, the upper one
        roots, taken, fine = list[complex](), 0, True
        for guess in guesses:
            if taken >= self.wanted:
                break
            root, converged = corrected(self.linear, complex(guess))
            if abs(root.imag) <= APART * (1 + abs(root)):
                root = complex(root.real)
            fine &= converged and abs(root - guess) <= NEAR * (1 + abs(root))
            unit = 1 + abs(root)
            fine &= not any(abs(root - other) <= APART * unit and abs(guess - at) > ONE * unit
                            for other, at in zip(roots, guesses, strict=False))  # fmt: skip
            roots.append(root)
            taken += 1 if root.imag == 0 else 2
        both = [each for root in roots for each in ((root,) if root.imag == 0 else (root, root.conjugate()))]
        self.roots = np.array(sorted(both, key=lambda s: (-s.real, abs(s.imag), -s.imag)))
        self.complete, self.nodes = fine and taken >= self.wanted, nodes

    def record(self, status: Status) -> CharacteristicRoots:
        """Return what is known."""
        linear, roots = self.linear, self.roots
        figures = [_figures(linear, complex(root), BY_DIFFERENCES if self.how == "differences" else 0.0) for root in roots]
        residuals, errors = np.array(figures).reshape(-1, 2).T
        stable, why = self._verdict(errors)
        if status == Status.SUCCESS and not self.complete:
            why += " The roots on the left need more nodes than there is room for; take fewer."
        return CharacteristicRoots(
            roots, residuals, errors, self.counted if self.sure else -1, stable, self.complete, self.point, linear.delays,
            self.how, self.nodes, status, why if status == Status.SUCCESS else status.message, self.system,
        )  # fmt: skip

    def _verdict(self, errors: Floats) -> tuple[bool | None, str]:
        if not self.sure or not self.roots.size:
            return None, "A root is too near the imaginary axis for its side to be counted."
        if (np.abs(self.roots.real) <= 2 * errors)[self.roots.real >= -2 * errors].any():
            return None, "The real part of a root is within its error of 0."
        seen = int((self.roots.real > 0).sum())
        if seen != self.counted and not (seen == self.roots.size and self.counted > seen):
            return None, f"{seen} roots with positive real part were found, and {self.counted} counted by the argument."
        return self.counted == 0, "Roots and the argument principle agree."


def _late(deadline: float) -> bool:
    return deadline_in(0.0) > deadline  # type: ignore[operator]


def chebyshev(nodes: int) -> tuple[Floats, Floats]:
    """Return Chebyshev points x_0 = 1 > .. > x_M = -1, and the differentiation matrix (Trefethen 2000, chapter 6)."""
    k = np.arange(nodes + 1)
    x = np.cos(np.pi * k / nodes)
    c = np.where((k == 0) | (k == nodes), 2.0, 1.0) * (-1.0) ** k
    apart = x[:, np.newaxis] - x
    D = np.outer(c, 1 / c) / (apart + np.eye(nodes + 1))
    return x, D - np.diag(D.sum(axis=1))


def eigenvalues_by_collocation(linear: LinearDelays, nodes: int) -> np.ndarray:
    """Return the eigenvalues of the derivative along the past, collocated: N (nodes + 1) of them, the rightmost good."""
    x, D = chebyshev(nodes)
    n, reach = len(linear.now), linear.delays.max()
    matrix = np.kron(D * (2.0 / reach), np.eye(n))  # the past at the points (x - 1) reach / 2
    weights = (-1.0) ** np.arange(nodes + 1) * np.where(np.isin(np.arange(nodes + 1), (0, nodes)), 0.5, 1.0)
    first = np.zeros((n, nodes + 1, n))
    first[:, 0] += linear.now
    for delay, A in zip(linear.delays, linear.past, strict=True):
        away = 1.0 - 2.0 * delay / reach - x
        lagrange = np.isclose(away, 0.0, atol=1e-15).astype(float) if (np.abs(away) < 1e-15).any() else weights / away
        first += np.einsum("ij,k->ikj", A, lagrange / lagrange.sum())
    matrix[:n] = first.reshape(n, -1)
    return np.linalg.eigvals(matrix)  # unlike SciPy's, this lets other threads run


def corrected(linear: LinearDelays, root: complex) -> tuple[complex, bool]:
    """Return the root near a guess, and whether corrections became rounding: ``T(s) v = mu T'(s) v``, s less mu."""
    for _ in range(CORRECTIONS):
        T = linear.characteristic(np.array([root]))[0]
        try:
            mu = np.linalg.eigvals(np.linalg.solve(linear.slope(root), T))
        except np.linalg.LinAlgError:
            return root, False
        step = mu[np.argmin(np.abs(mu))]
        root -= complex(step)
        if abs(step) <= 1e-13 * (1 + abs(root)):
            return root, True
    return root, bool(abs(step) <= 1e-7 * (1 + abs(root)))  # a defective root


def _figures(linear: LinearDelays, root: complex, off: float) -> tuple[float, float]:
    """Return the residual of a root, and its error."""
    left, values, right = np.linalg.svd(linear.characteristic(np.array([root]))[0])
    size = linear.size(root)
    residual = float(values[-1] / size)
    turned = abs(left[:, -1].conj() @ linear.slope(root) @ right[-1].conj())
    share = residual + off + np.finfo(float).eps
    simple = share * size / turned if turned > 0 else np.inf
    return residual, float(min(simple, DEFECTIVE * np.sqrt(share * size)))
