"""Transient growth and decay of small perturbations of an attractor: reactivity, largest amplification, resilience."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm
from scipy.optimize import minimize_scalar

from analysis.attractors.find import Attractor
from analysis.common import evaluate_at, exponentials, jacobians_at
from neurodynamics import Kind
from neurodynamics.records import Record
from neurodynamics.validation import Floats

LOOKED_AT = 30.0  # return times in which the largest growth is sought
FINENESS, FEWEST_STEPS, MOST_STEPS = 0.1, 100, 10_000  # of the times looked at, over the size of J
PHASES = 400  # of a cycle
TURNS = 3  # of a cycle in which the largest growth is sought
ZERO = 1e-7  # relative: what does not move along a continuum


@dataclass(frozen=True)
class Response(Record):
    """What becomes of small displacements of the state.

    Attributes
    ----------
    return_time : float
        Time in which the slowest displacement falls to 1/e (of a map: iterations): ``-1 / max Re(eigenvalue)`` of a fixed
        point, ``-period / ln|multiplier|`` of a cycle.
    reactivity : float
        Largest rate of growth at the beginning, per unit of time: the largest eigenvalue of ``(J + J') / 2`` [1]_. Above
        zero some displacements grow at first. Of a map: the logarithm of the largest singular value of J.
    growth, growth_time : float
        Largest factor by which a displacement ever grows, ``max_t |exp(J t)|``, and when: 1 and 0 where none does.

    Displacements from a cycle count across it; those from a continuum, from it.

    References
    ----------
    .. [1] Neubert & Caswell (1997), Ecology 78, 653.
    """

    return_time: float
    reactivity: float
    growth: float
    growth_time: float


def response(attractor: Attractor) -> Response:
    """Return the return time, the reactivity and the largest transient growth of an attractor.

    Parameters
    ----------
    attractor : Attractor
        A fixed point, a cycle or a continuum of fixed points.

    Returns
    -------
    Response

    Raises
    ------
    ValueError
        For tori and chaotic sets, whose displacements do not all vanish.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import find_attractors, response
    >>> att = find_attractors(CTRNN([[0, 9], [0, 0]], activation="tanh"))
    >>> found = response(att[0])
    >>> round(found.return_time, 6), round(found.reactivity, 6), round(found.growth, 6), round(found.growth_time, 6)
    (1.0, 3.5, 3.352304, 0.974996)
    """
    if not isinstance(attractor, Attractor):
        raise TypeError(f"`attractor` must be one of those that find_attractors found; got {type(attractor).__name__}.")
    if attractor.kind in (Kind.TORUS, Kind.CHAOS):
        kind = attractor.kind.value
        raise ValueError(f"`attractor` must be a fixed point or a cycle; displacements do not all vanish in {kind}.")
    if attractor.kind == Kind.LIMIT_CYCLE:
        if attractor.system.kind == "map":
            return _of_map(jacobians_at(attractor.system, attractor.points, attractor.inputs))
        return _of_cycle(attractor)
    a_map = attractor.system.kind == "map"
    J = _off_the_continuum(attractor.jacobian, a_map) if attractor.kind == Kind.CONTINUUM else attractor.jacobian
    return _of_map(J[np.newaxis]) if a_map else _of_flow(J)


def _off_the_continuum(J: Floats, a_map: bool) -> Floats:
    """Return J on displacements that are orthogonal to the directions in which nothing moves."""
    _, sizes, rows = np.linalg.svd(J - np.eye(len(J)) if a_map else J)
    across = rows[sizes > ZERO * sizes.max(initial=1e-300)]
    return across @ J @ across.T


def _of_flow(J: Floats) -> Response:
    return_time = -1.0 / float(np.linalg.eigvals(J).real.max())
    reactivity = float(np.linalg.eigvalsh(0.5 * (J + J.T)).max())
    if reactivity <= 0:  # then every displacement shrinks at all times
        return Response(return_time, reactivity, 1.0, 0.0)

    def growth(t: float) -> float:
        return float(np.linalg.norm(expm(J * t), 2))

    horizon = LOOKED_AT * return_time
    steps = int(np.clip(horizon * np.linalg.norm(J, 2) / FINENESS, FEWEST_STEPS, MOST_STEPS))
    step, power, sizes = expm(J * (horizon / steps)), np.eye(len(J)), [1.0]
    for _ in range(steps):
        power = step @ power
        sizes.append(float(np.linalg.norm(power, 2)))
    best = int(np.argmax(sizes)) * horizon / steps
    around = max(best - horizon / steps, 0.0), best + horizon / steps
    found = minimize_scalar(lambda t: -growth(t), bounds=around, method="bounded", options={"xatol": 1e-10 * return_time})
    return Response(return_time, reactivity, growth(found.x), float(found.x))


def _of_map(jacobians: Floats) -> Response:
    """Displacements from any point of a cycle, of which the Jacobians (p, N, N) are given; a fixed point has p = 1."""
    period, n = jacobians.shape[:2]
    found = [_from_point(np.roll(jacobians, -first, axis=0)) for first in range(period)]
    turn = np.linalg.multi_dot([*jacobians[::-1], np.eye(n)])
    reactivity = max(float(np.linalg.norm(J, 2)) for J in jacobians)
    with np.errstate(divide="ignore"):
        growth, when = max(found)
        return Response(_return_time(turn, period), float(np.log(reactivity)), growth, when)


def _return_time(turn: Floats, period: float) -> float:
    largest = float(np.abs(np.linalg.eigvals(turn)).max(initial=0.0))
    return float(-period / np.log(largest)) if largest > 0 else 0.0


def _from_point(jacobians: Floats) -> tuple[float, float]:
    """Return the largest growth of displacements from the first point, and the first iteration that reaches it."""
    period, n = jacobians.shape[:2]
    turn = np.linalg.multi_dot([*jacobians[::-1], np.eye(n)])
    sizes, power = [1.0], np.eye(n)
    for k in range(int(np.clip(LOOKED_AT * _return_time(turn, period), n * period, MOST_STEPS))):
        power = jacobians[k % period] @ power
        sizes.append(float(np.linalg.norm(power, 2)))
    return max(sizes), float(np.argmax(sizes))


def _of_cycle(attractor: Attractor) -> Response:
    """Displacements across the cycle, from every phase; to about four digits."""
    cycle, system, drive = attractor.cycle, attractor.system, attractor.inputs
    assert cycle is not None
    step = cycle.period / PHASES
    nodes = np.ascontiguousarray(cycle(np.arange(PHASES) * step).T)
    middles = np.ascontiguousarray(cycle((np.arange(PHASES) + 0.5) * step).T)
    carry = exponentials(jacobians_at(system, middles, drive) * step)
    velocity = evaluate_at(system, "rhs", nodes, drive)
    along = velocity / np.linalg.norm(velocity, axis=1, keepdims=True)
    across = np.eye(nodes.shape[1]) - along[:, :, np.newaxis] * along[:, np.newaxis, :]
    J = jacobians_at(system, nodes, drive)
    rates = np.linalg.eigvalsh(across @ (0.5 * (J + np.swapaxes(J, 1, 2))) @ across)
    others = np.delete(cycle.multipliers, np.argmin(np.abs(cycle.multipliers - 1)))
    largest = float(np.abs(others).max(initial=0.0))
    growth, when = 1.0, 0.0
    moved = across.copy()  # from every phase at once
    for k in range(1, TURNS * PHASES + 1):
        at = (np.arange(PHASES) + k - 1) % PHASES
        moved = np.einsum("aij,ajk->aik", carry[at], moved)
        sizes = np.linalg.norm(np.einsum("aij,ajk->aik", across[(at + 1) % PHASES], moved), 2, axis=(1, 2))
        if sizes.max() > growth:
            growth, when = float(sizes.max()), k * step
        if sizes.max() < 1e-3:
            break
    return_time = -cycle.period / np.log(largest) if largest > 0 else 0.0
    reactivity = max(_without_zero(values) for values in rates)
    return Response(float(return_time), reactivity, growth, when)


def _without_zero(values: Floats) -> float:
    """Return the largest eigenvalue of a projected matrix but for the zero of the direction that was projected out."""
    return float(np.delete(values, np.argmin(np.abs(values))).max(initial=-np.inf))
