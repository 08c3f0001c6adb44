"""Absorbing balls: ellipsoids around a stable fixed point from which no trajectory returns.

With P from the Lyapunov equation of the Jacobian, ``V = z'Pz`` falls along every trajectory inside ``V <= r^2`` when it
does so for every Jacobian that occurs there. In an additive network that is every matrix
``(-lambda + W diag(g s)) / tau`` with slopes s of the activation between the bounds on the ball: a proof, but for the
rounding of eigenvalues, against which MARGIN stands. Elsewhere nothing is known between the points that are looked at, and
in many dimensions they miss nearly all directions. So balls there are small (LOCAL), where a smooth f is its linearisation,
V and the Jacobian are looked at in points of shells, and trajectories are followed the rest of the way.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cholesky, solve_continuous_lyapunov, solve_discrete_lyapunov, solve_triangular

from analysis.common import evaluate_at
from analysis.equilibria import evaluate, is_relaxable, relaxation
from neurodynamics import DynamicalSystem
from neurodynamics.compiling import WIDTH
from neurodynamics.systems import NO_ANGLES, Angles
from neurodynamics.validation import Floats

CORNERS_UP_TO = 6  # neurons: the worst slopes are at a corner of their box, and there are 2^N
MARGIN = 1e-6  # relative, of eigenvalues
HALVINGS = 12  # of the logarithm of the radius
SMALLEST = 1e-7  # of the size of things
LOCAL = 1e-3  # of the extent of each state: the largest ball without a proof
DIRECTIONS, JACOBIANS, ELEMENTS = 256, 64, 2e5  # in a shell; fewer Jacobians where they have more elements together
GROWTH = 4.0  # from shell to shell
KEPT = 0.5  # of a radius that no point spoke against, and of the contraction at the center


@dataclass(frozen=True, eq=False)
class Ball:
    """The states y with ``|factor (y - center)| <= 1``; `verified`: it is proved that they all go to the center."""

    center: Floats
    factor: Floats
    verified: bool
    angles: Angles = NO_ANGLES

    def holds(self, states: Floats) -> np.ndarray:
        """Whether each of the states (K, N) is inside."""
        with np.errstate(all="ignore"):
            return ((self.angles.difference(states, self.center) @ self.factor.T) ** 2).sum(axis=1) <= 1.0


def absorbing_ball(
    system: DynamicalSystem, drive: Floats, x: Floats, radius: float, scale: Floats, rng: np.random.Generator
) -> Ball | None:
    """Return a ball around a stable fixed point, None where no size will do.

    Parameters
    ----------
    radius : float
        How far the fixed point may be from x, in every coordinate.
    scale : array, shape (N,)
        Extent of the part of the space that is looked at; proved balls may be twice as large.
    """
    network = system.structure("additive")
    proved = network is not None and is_relaxable(network.activation)
    unit = np.ones(x.size) if proved else scale / scale.max()
    J = evaluate_at(system, "jac", x[np.newaxis], drive)[0]
    root = _root_of_lyapunov(system, J * unit / unit[:, np.newaxis])
    if root is None:
        return None
    root = root / unit
    shape = _Shape(root, solve_triangular(root, np.eye(x.size)))
    contracts = _Slopes(system, x, radius, shape) if proved else _Samples(system, drive, x, shape, rng)
    high = 2.0 * float(scale.max()) / shape.longest if proved else LOCAL / float((shape.reach / scale).max())
    low = min(SMALLEST * float(scale.max()) / shape.longest, high)
    largest = _largest(contracts, low, high) if proved else _last(contracts, low, high)
    inside = largest * (1.0 - MARGIN) - np.linalg.norm(root, 2) * radius * np.sqrt(x.size)
    if not inside > 0:
        return None
    return Ball(x, root / (inside if proved else KEPT * inside), proved, system.angles)


def _root_of_lyapunov(system: DynamicalSystem, J: Floats) -> Floats | None:
    """Return R, upper triangular, with P = R'R and J'P + PJ = -1, of a map J'PJ - P = -1; None where P is not positive."""
    n = len(J)
    try:
        P = solve_continuous_lyapunov(J.T, -np.eye(n)) if system.kind == "flow" else solve_discrete_lyapunov(J.T, np.eye(n))
        return cholesky(0.5 * (P + P.T) / np.max(np.abs(P)))
    except (np.linalg.LinAlgError, ValueError):
        return None


@dataclass(frozen=True, eq=False)
class _Shape:
    """An ellipsoid ``|root z| <= r``: inverse @ (a vector of length r) gives its points."""

    root: Floats
    inverse: Floats

    @property
    def reach(self) -> Floats:
        """How far it reaches along each coordinate, for r = 1."""
        return np.linalg.norm(self.inverse, axis=1)

    @property
    def longest(self) -> float:
        return float(self.reach.max())


def _largest(contracts: Any, low: float, high: float) -> float:
    """Return the largest radius at which V falls in the whole ball, 0 where it does not even at the smallest."""
    if contracts(high):
        return high
    if not contracts(low):
        return 0.0
    for _ in range(HALVINGS):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if contracts(middle) else (low, middle)
    return low


def _last(contracts: Any, low: float, high: float) -> float:
    """Return the last radius, from the smallest upwards, on whose shell V was seen to fall everywhere."""
    last = 0.0
    while low <= high and contracts(low):
        last, low = low, GROWTH * low
    return last


class _Slopes:
    """Whether V falls for all slopes that occur in the ball."""

    def __init__(self, network: Any, x: Floats, radius: float, shape: _Shape) -> None:
        self.network, self.shape, self.uncertain = network, shape, radius
        self.arguments = network.gains * (x + network.biases)
        rates = network.time_constants[:, np.newaxis]
        self.leak = shape.root @ np.diag(-network.leaks / network.time_constants) @ shape.inverse
        self.columns = shape.root @ (network.weights * network.gains / rates)  # column j times row j of the inverse
        self.scale = float(np.abs(self.leak).max() + network.activation.max_slope * np.abs(self.columns).max())

    def __call__(self, r: float) -> bool:
        spread = np.abs(self.network.gains) * (r * self.shape.reach + 2.0 * self.uncertain)
        low, high = slopes_between(self.network.activation, self.arguments - spread, self.arguments + spread)
        if len(low) <= CORNERS_UP_TO:
            corners = np.array(list(itertools.product(*zip(low, high, strict=True))))
            growth = np.linalg.eigvalsh(self._symmetric(corners)).max()
        else:
            middle, half = 0.5 * (low + high), 0.5 * (high - low)
            around = (np.abs(self.columns) * half) @ np.abs(self.shape.inverse)
            growth = np.linalg.eigvalsh(self._symmetric(middle[np.newaxis])).max()
            growth += np.linalg.eigvalsh(0.5 * (around + around.T)).max()
        return bool(growth < -MARGIN * self.scale)

    def _symmetric(self, slopes: Floats) -> Floats:
        matrices = self.leak + np.einsum("ij,cj,jk->cik", self.columns, slopes, self.shape.inverse)
        return 0.5 * (matrices + np.swapaxes(matrices, 1, 2))


def slopes_between(activation: Any, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return bounds on the slopes of an activation of known shape on intervals, rounded outwards."""
    n = low.size
    width = -(-n // WIDTH) * WIDTH
    ends = np.zeros((2, width))
    ends[:, :n] = low, high
    out = np.zeros((2, width))
    evaluate(relaxation(activation).slopes, ends[0], ends[1], width, out.ravel())
    return out[0, :n], out[1, :n]


class _Samples:
    """Whether V falls, and neighbours come closer, in many points of a shell."""

    def __init__(self, system: DynamicalSystem, drive: Floats, x: Floats, shape: _Shape, rng: np.random.Generator) -> None:
        self.system, self.drive, self.x, self.shape = system, drive, x, shape
        directions = rng.normal(size=(DIRECTIONS, x.size))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        self.directions = np.vstack([directions, np.eye(x.size), -np.eye(x.size)])
        few = int(np.clip(ELEMENTS / x.size**2, 2, JACOBIANS))
        self.some = self.directions[np.linspace(0, len(self.directions) - 1, few).astype(int)]
        self.allowed = KEPT * float(self._growth(0.0).max())
        self.smooth = bool((self._growth(1e-6 * LOCAL) <= self.allowed).all())

    def __call__(self, r: float) -> bool:
        w = r * self.directions
        with np.errstate(all="ignore"):
            value = evaluate_at(self.system, "rhs", self.x + w @ self.shape.inverse.T, self.drive)
            if self.system.kind == "flow":
                falls = ((w * (value @ self.shape.root.T)).sum(axis=1) < 0).all()
            else:
                after = self.system.angles.difference(value, self.x) @ self.shape.root.T
                falls = ((after**2).sum(axis=1) < (w**2).sum(axis=1)).all()
            return bool(falls) and (not self.smooth or bool((self._growth(r) <= self.allowed).all()))

    def _growth(self, r: float) -> Floats:
        """Return how fast neighbours part, at most, in points of a shell: negative where they come closer."""
        points = self.x + r * self.some @ self.shape.inverse.T if r else self.x[np.newaxis]
        J = self.shape.root @ evaluate_at(self.system, "jac", points, self.drive) @ self.shape.inverse
        if not np.isfinite(J).all():
            return np.full(len(J), np.inf)
        if self.system.kind == "map":
            return np.linalg.norm(J, 2, axis=(1, 2)) - 1.0
        return np.linalg.eigvalsh(0.5 * (J + np.swapaxes(J, 1, 2))).max(axis=1)
