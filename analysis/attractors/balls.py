"""Absorbing balls: ellipsoids around a stable fixed point from which no trajectory returns.

With P from the Lyapunov equation of the Jacobian, ``V = z'Pz`` falls along every trajectory inside ``V <= r^2`` when it
does so for every Jacobian that occurs there. In an additive network that is every matrix
``(-lambda + W diag(g s)) / tau`` with slopes s of the activation between the bounds on the ball: a proof, but for the
rounding of eigenvalues, against which MARGIN stands. Elsewhere V is looked at in many points of shells that grow until
one speaks against it, and half of that radius is taken.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cholesky, solve_continuous_lyapunov, solve_discrete_lyapunov, solve_triangular

from analysis.common import evaluate_at
from analysis.equilibria import evaluate, is_relaxable, relaxation
from neurodynamics import AdditiveNetwork, DynamicalSystem
from neurodynamics.compiling import WIDTH
from neurodynamics.validation import Floats

CORNERS_UP_TO = 6  # neurons: the worst slopes are at a corner of their box, and there are 2^N
MARGIN = 1e-6  # relative, of eigenvalues
HALVINGS = 12  # of the logarithm of the radius
SMALLEST = 1e-7  # of the size of things
DIRECTIONS = 256
GROWTH = 1.2  # from shell to shell
KEPT = 0.5  # of a radius that no point spoke against


@dataclass(frozen=True, eq=False)
class Ball:
    """The states y with ``|factor (y - center)| <= 1``; `verified`: it is proved that they all go to the center."""

    center: Floats
    factor: Floats
    verified: bool

    def holds(self, states: Floats) -> np.ndarray:
        """Whether each of the states (K, N) is inside."""
        with np.errstate(all="ignore"):
            return (((states - self.center) @ self.factor.T) ** 2).sum(axis=1) <= 1.0


def absorbing_ball(
    system: DynamicalSystem, drive: Floats, x: Floats, radius: float, size: float, rng: np.random.Generator
) -> Ball | None:
    """Return a ball around a stable fixed point, None where no size will do.

    Parameters
    ----------
    radius : float
        How far the fixed point may be from x, in every coordinate.
    size : float
        Of the part of the space that is looked at; balls may be twice as large.
    """
    root = _root_of_lyapunov(system, evaluate_at(system, "jac", x[np.newaxis], drive)[0])
    if root is None:
        return None
    shape = _Shape(root, solve_triangular(root, np.eye(x.size)))
    proved = isinstance(system, AdditiveNetwork) and is_relaxable(system.activation)
    contracts = _Slopes(system, x, radius, shape) if proved else _Samples(system, drive, x, shape, rng)
    ends = SMALLEST * size / shape.longest, 2.0 * size / shape.longest
    largest = _largest(contracts, *ends) if proved else _last(contracts, *ends)
    inside = largest * (1.0 - MARGIN) - np.linalg.norm(root, 2) * radius * np.sqrt(x.size)
    if not inside > 0:
        return None
    return Ball(x, root / (inside if proved else KEPT * inside), proved)


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
    """Whether V falls in many points of a shell."""

    def __init__(self, system: DynamicalSystem, drive: Floats, x: Floats, shape: _Shape, rng: np.random.Generator) -> None:
        self.system, self.drive, self.x, self.shape = system, drive, x, shape
        directions = rng.normal(size=(DIRECTIONS, x.size))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        self.directions = np.vstack([directions, np.eye(x.size), -np.eye(x.size)])

    def __call__(self, r: float) -> bool:
        w = r * self.directions
        with np.errstate(all="ignore"):
            value = evaluate_at(self.system, "rhs", self.x + w @ self.shape.inverse.T, self.drive)
            if self.system.kind == "flow":
                return bool(((w * (value @ self.shape.root.T)).sum(axis=1) < 0).all())
            after = (value - self.x) @ self.shape.root.T
            return bool(((after**2).sum(axis=1) < (w**2).sum(axis=1)).all())
