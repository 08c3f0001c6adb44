"""Minimum action paths: how small noise leads from one state to another, and the quasi-potential between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import dst
from scipy.linalg import expm, solve_continuous_lyapunov
from scipy.optimize import minimize

from analysis.common import constant_drive, deadline_in, evaluate_at, jacobians_at
from analysis.noise.action import SAME, Action, amplitudes_at, require_flow
from neurodynamics import DynamicalSystem, Status
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, require_room
from neurodynamics.watched import OutOfTime, as_on_interrupt, as_timeout, long_call, stop_word

COARSEST = 12  # segments to begin with
ITERATIONS, ROUNDS = 200, 60  # of L-BFGS between spreading the points evenly, and how often that is done
AT_REST = 1e-6  # share of the linear terms over the way
STEPS, DECAYED = 1000, 12.0  # of the linear path, and how many of its slowest times it takes
CONVERGED = 1e-6  # change of the action from round to round, as a share of its terms


@dataclass(frozen=True, eq=False, repr=False)
class ActionPath(Record):
    """A path of least action.

    Attributes
    ----------
    path : array, shape (K + 1, N)
        From the start to the end, evenly spaced in units of the noise.
    actions : array, shape (K + 1,)
        The action up to each point.
    action : float
        Its value at the end: from an attractor to a state whose basin boundary it meets first, the quasi-potential.
    error : float
        How much the action changed when points were doubled the last two times; nan where that was not reached.
    status : Status
        MAX_STEPS where the path still moved.
    message : str
    """

    path: Floats
    actions: Floats
    action: float
    error: float
    status: Status
    message: str
    system: DynamicalSystem

    @property
    def success(self) -> bool:
        """Whether the path converged at every number of points."""
        return self.status >= 0

    def __repr__(self) -> str:
        if not self.success:
            return f"ActionPath({self.status.name.lower()}: {self.message})"
        return f"ActionPath(action {self.action:.6g} ± {self.error:.1g}, {len(self.path) - 1} segments)"


def minimum_action_path(
    system: DynamicalSystem,
    start: ArrayLike,
    end: ArrayLike,
    *,
    inputs: Any = None,
    noise: ArrayLike | None = None,
    points: int = 192,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> ActionPath:
    """Find the path on which small noise most probably leads from one state to another.

    For ``dy_i = b_i dt + sqrt(eps) g_i dW_i`` it minimises the geometric action [1]_

        S = int (|b| |phi'| - b . phi') ds,   x . y = sum_i x_i y_i / g_i^2,

    which is 0 along trajectories. From an attractor to a saddle on the boundary of its basin the least action is the
    quasi-potential of Freidlin and Wentzell [2]_: escapes over that saddle take times that grow as ``exp(S / eps)``, and
    the stationary density falls as ``exp(-V / eps)``. In a gradient system, b = -grad U and g = 1, V is 2 U.

    The action of a polygon is minimised by L-BFGS, each point moving across the path, in turns with spreading the points
    evenly, while points are doubled.

    Parameters
    ----------
    system : DynamicalSystem
        A flow.
    start, end : array_like, shape (N,)
        Mostly an attractor and a saddle; see `fixed_points`.
    inputs : optional
        Constant inputs (M,).
    noise : float or array_like, shape (N,), optional
        Amplitudes g; by default those of the system's ``diffusion``, where they are constant, or 1 where it has none.
    points : int
        Segments of the path at the least, 48 or more: 12 are doubled until there are as many.
    timeout, on_interrupt
        As for `simulate`.

    Returns
    -------
    ActionPath
        A local minimum, reached from the straight line or from the exact path of the linear system at the start, whichever
        costs less: another way may cost still less.

    References
    ----------
    .. [1] Heymann & Vanden-Eijnden (2008), Comm. Pure Appl. Math. 61, 1052.
    .. [2] Freidlin & Wentzell (2012), Random Perturbations of Dynamical Systems, Springer.

    Examples
    --------
    >>> from analysis import minimum_action_path
    >>> from neurodynamics import DynamicalSystem
    >>> def well(t, y, u, params, out):  # U = (y^2 - 1)^2 / 4: V = 2 U = 0.5 at the saddle
    ...     out[0] = y[0] - y[0] ** 3
    >>> round(minimum_action_path(DynamicalSystem(well, 1), [-1.0], [0.0]).action, 3)
    0.5
    """
    drive = constant_drive(system, inputs)
    require_flow(system, drive)
    first, last = system.check_state(start, "start"), system.check_state(end, "end")
    if np.array_equal(first, last):
        raise ValueError("`end` must be another state than `start`.")
    count = as_count(points, "points", minimum=4 * COARSEST)
    require_room(count * system.state_dim**2, "points")
    line = first + np.linspace(0.0, 1.0, COARSEST + 1)[:, np.newaxis] * (last - first)
    g = amplitudes_at(system, line, drive, noise)
    if np.ptp(g, axis=0).max() > SAME * g.max():
        raise ValueError("`noise` must be given: the system's `diffusion` depends on the state, which paths do not follow.")
    seconds = as_timeout(timeout)
    search = _Search(Action(system, drive, g[0]), line / g[0], count, deadline_in(seconds))
    return long_call(search.run, search.record, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))


class _Search:
    """One call: the path so far, in units of the noise."""

    def __init__(self, action: Action, nodes: Floats, points: int, deadline: float | None) -> None:
        self.action, self.nodes, self.points, self.deadline = action, nodes, points, deadline
        self.error = np.nan
        self.stop = stop_word()

    def run(self) -> ActionPath:
        self.stop, status = stop_word(), Status.SUCCESS
        try:
            values, settled = list[float](), True
            self._begin()
            while status is Status.SUCCESS:
                value, change, converged = self._settle()
                settled = settled and converged
                if not np.isfinite(value):
                    return self.record(Status.NON_FINITE)
                if len(self.nodes) > self.points:
                    self.error = abs(value - values[-2]) + change
                    return self.record(Status.SUCCESS if settled else Status.MAX_STEPS)
                values.append(value)
                self.nodes = even(self.nodes, 2 * len(self.nodes) - 1)
        except OutOfTime:
            status = Status.TIMEOUT
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return self.record(status)

    def _begin(self) -> None:
        """Take the better of two ways: the straight one, and the exact one of the linear system at the start."""
        straight, other = self.nodes, linear_way(self.action, self.nodes)
        if other is not None:
            first = self._settle()[0]
            straight, self.nodes = self.nodes, other
            if not self._settle()[0] < first:
                self.nodes = straight

    def _settle(self) -> tuple[float, float, bool]:
        """Minimise, with the points spread evenly; return the action, its last change, and whether that is small."""
        before, change = np.inf, np.inf
        for _ in range(ROUNDS):
            self.nodes = even(self._descended(), len(self.nodes))
            actions, size = self.action.of(self.nodes)
            before, change = float(actions[-1]), abs(float(actions[-1]) - before)
            if change <= CONVERGED * size or not np.isfinite(size):
                return before, change, True
        return before, change, False

    def _descended(self) -> Floats:
        nodes = self.nodes
        tangents = nodes[2:] - nodes[:-2]
        waves = np.sin(np.arange(1, len(nodes) - 1) * (0.5 * np.pi / (len(nodes) - 1)))[:, np.newaxis]
        tangents /= np.linalg.norm(tangents, axis=1)[:, np.newaxis]

        def across(moves: Floats) -> Floats:
            return moves - np.einsum("ki,ki->k", moves, tangents)[:, np.newaxis] * tangents

        def smooth(flat: Floats) -> Floats:
            """Divide the waves along the path by their frequencies: moves are then about equally stiff."""
            spectrum = dst(flat.reshape(-1, nodes.shape[1]), 1, axis=0, norm="ortho") / waves
            return np.asarray(dst(spectrum, 1, axis=0, norm="ortho"))

        def value(flat: Floats) -> tuple[float, Floats]:
            if self.stop[0] or (self.deadline is not None and deadline_in(0.0) > self.deadline):  # type: ignore[operator]
                raise OutOfTime
            tried = nodes.copy()
            tried[1:-1] += across(smooth(flat))
            total, gradient = self.action.with_gradient(tried)
            return total, smooth(across(gradient[1:-1])).ravel()

        if nodes.shape[1] == 1:  # there is no other way
            return nodes
        options = {"maxiter": ITERATIONS, "maxcor": 20, "ftol": 1e-13, "gtol": 1e-10}
        found = minimize(value, np.zeros(nodes[1:-1].size), jac=True, method="L-BFGS-B", options=options)
        moved = nodes.copy()
        moved[1:-1] += across(smooth(found.x))
        return moved

    def record(self, status: Status) -> ActionPath:
        """Return what is known."""
        actions, _ = self.action.of(self.nodes)
        message = "The action converged: a local minimum." if status is Status.SUCCESS else status.message
        if status is Status.MAX_STEPS:
            message = "The path still moved after the last round; `error` says by how much the action did."
        return ActionPath(self.nodes * self.action.amplitudes, actions, float(actions[-1]), self.error, status, message,
                          self.action.system)  # fmt: skip


def linear_way(action: Action, nodes: Floats) -> Floats | None:
    """Return the path of least action in the linear system at the start, or None where that is no stable focus.

    With ``A S + S A' = -1`` it is a solution of ``dx/dt = (A + S^-1) x``: around a focus it winds, as no straight line will.
    """
    start, way = nodes[:1], nodes[-1] - nodes[0]
    g = action.amplitudes
    rest = np.linalg.norm(evaluate_at(action.system, "rhs", start * g, action.drive) / g)
    A = jacobians_at(action.system, start * g, action.drive)[0] * g / g[:, np.newaxis]
    if not np.isfinite(A).all() or rest > AT_REST * np.linalg.norm(A) * np.linalg.norm(way):
        return None
    rates = np.linalg.eigvals(A)
    if not np.iscomplex(rates).any() or rates.real.max() >= -AT_REST * np.linalg.norm(A):
        return None
    S = solve_continuous_lyapunov(A, -np.eye(len(A)))
    step = expm(-(A + np.linalg.inv(S)) * (DECAYED / -rates.real.max() / STEPS))
    states = [way]
    for _ in range(STEPS):
        states.append(step @ states[-1])
    path = nodes[0] + np.array([*states, 0.0 * way])[::-1]
    path[-1] = nodes[-1]
    return even(path, len(nodes)) if np.isfinite(path).all() else None


def even(nodes: Floats, count: int) -> Floats:
    """Return so many points on a polygon, evenly spaced by its length."""
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(nodes, axis=0), axis=1))])
    at = np.linspace(0.0, s[-1], count)
    spread = np.stack([np.interp(at, s, column) for column in nodes.T], axis=1)
    spread[0], spread[-1] = nodes[0], nodes[-1]
    return spread
