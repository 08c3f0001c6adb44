"""Losses that ask for fixed points at given states, and for how fast what is near comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg

from neurodynamics.systems import Replay, replay_of
from neurodynamics.validation import Floats, as_choice, as_floats, as_number

STEP = float(np.finfo(float).eps) ** (1 / 3)  # of central differences


class Asked(NamedTuple):
    """Residuals (R,), whose sum of squares is the loss, and their derivatives by all parameters: of the sum, or of each."""

    residuals: Floats
    by_params: Floats

    @property
    def value(self) -> float:
        """The loss."""
        return float(self.residuals @ self.residuals)


@dataclass(frozen=True)
class FixedPoints:
    """Be a fixed point here: the mean square of ``f(x)``, of a map ``f(x) - x``, at the states x that are the targets.

    No trajectory is computed; inputs of the trial, constants, are those under which the points are to be fixed.

    Parameters
    ----------
    margin : float, optional
        How stable they are to be, 0 or above: real parts of eigenvalues at most ``-margin``, moduli of a map's at most
        ``1 - margin``; the squares of what is above are added, summed over eigenvalues and averaged over points.
    of : {"eigenvalues", "norm"}
        What the margin is of; with "norm" the eigenvalues of the symmetric part of the Jacobian, singular values of a map's:
        then all distances shrink from the first moment on, at this rate.
    weight : float
        Of what the margin adds.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from learning import gradient, losses
    >>> net = CTRNN([[2.0]], biases=[-1.0])
    >>> g = gradient(net, losses.FixedPoints(margin=0.7), targets=[[1.0]], params="biases")
    >>> round(g.value, 4), g.by["biases"].round(4).tolist()    # f = 0, and the eigenvalue is -1 + 2/4
    (0.04, [0.0])
    """

    margin: float | None = None
    of: str = "eigenvalues"
    weight: float = 1.0

    def __post_init__(self) -> None:
        as_choice(self.of, "of", ("eigenvalues", "norm"))
        as_number(self.weight, "weight", minimum=0.0)
        if self.margin is not None:
            as_number(self.margin, "margin", minimum=0.0)

    def __call__(self, shown: Floats, targets: Any) -> tuple[float, Floats]:
        """Return the value and the gradient of what is left of f at the states."""
        return float((shown * shown).mean()), 2.0 * shown / shown.size

    def of_system(self, system: Any, targets: Any, u: Floats, *, each: bool = False) -> Asked:
        """Return what a system lacks, with derivatives (P,) of the loss, or (R, P) of each residual."""
        points, a_map = as_states(targets, system.state_dim), system.kind == "map"
        if self.margin is not None and a_map and self.margin > 1:
            raise ValueError(f"`margin` of a map must be at most 1; got {self.margin:g}.")
        scale = 1.0 / np.sqrt(points.size)
        found = [self._at(_Near(system, x, u), a_map, scale, each) for x in points]
        rows = np.concatenate([one.by_params for one in found])
        return Asked(np.concatenate([one.residuals for one in found]), rows if each else rows.sum(axis=0))

    def _at(self, near: _Near, a_map: bool, scale: float, each: bool) -> Asked:
        r = scale * (near.f - near.y if a_map else near.f)
        seeds = scale * np.eye(r.size) if each else 2.0 * scale * r[:, np.newaxis]
        rows = near.by_params(seeds)
        if self.margin is None:
            return Asked(r, rows)
        bound = 1.0 - self.margin if a_map else -self.margin
        root = scale * np.sqrt(self.weight * r.size)
        level, left, right = _rates(near.jacobian(), a_map, self.of == "norm")
        over = root * np.maximum(level - bound, 0.0)
        slopes = np.zeros((r.size, rows.shape[1]))
        for k in np.flatnonzero(over):
            slopes[k] = root * near.of_jacobian(left[:, k], right[:, k])
        return Asked(np.concatenate([r, over]), np.concatenate([rows, slopes if each else 2.0 * over[np.newaxis] @ slopes]))


class _Near:
    """A right-hand side at a point, and its derivatives by parameters there and nearby."""

    def __init__(self, system: Any, y: Floats, u: Floats) -> None:
        self.replay: Replay = replay_of(system)
        self.system, self.y, self.u, self.params = system, y, u, np.asarray(system.params)
        self.f = np.asarray(system.rhs(0, y, u))

    def by_params(self, seeds: Floats, y: Floats | None = None) -> Floats:
        """Return the derivatives (k, P) of combinations (N, k) of f."""
        at = self.replay.at(0.0, self.y if y is None else y, self.u, self.params)
        first = self.y.size + self.u.size
        return at.back(seeds)[first : first + self.params.size].T

    def jacobian(self) -> Floats:
        return self.replay.at(0.0, self.y, self.u, self.params).back(np.eye(self.y.size))[: self.y.size].T

    def of_jacobian(self, left: np.ndarray, right: np.ndarray) -> Floats:
        """Return the derivatives (P,) of ``Re left* J right`` by the parameters: central differences along ``right``."""
        total = np.zeros(self.params.size)
        for w, v in ((left.real, right.real), (left.imag, right.imag)):
            if v.any():
                h = STEP * max(1.0, float(np.abs(self.y).max())) / float(np.abs(v).max())
                ahead, behind = (self.by_params(w[:, np.newaxis], self.y + side * h * v)[0] for side in (1, -1))
                total += (ahead - behind) / (2.0 * h)
        return total


def _rates(J: Floats, a_map: bool, norm: bool) -> tuple[Floats, np.ndarray, np.ndarray]:
    """Return what is bounded (N,), and vectors with ``d level = Re left* dJ right``."""
    if norm and a_map:
        left, level, right = np.linalg.svd(J)
        return level, left, right.T
    if norm:
        level, vectors = np.linalg.eigh(0.5 * (J + J.T))
        return level, vectors, vectors
    values, left, right = scipy.linalg.eig(J, left=True, right=True)
    left = left / np.conj(np.sum(left.conj() * right, axis=0))
    if a_map:
        return np.abs(values), left * np.where(values == 0, 0, values / np.maximum(np.abs(values), 1e-300)), right
    return values.real, left, right


def as_states(targets: Any, n: int) -> Floats:
    """Return the states (K, N) that are to be fixed."""
    points = as_floats(targets, "targets")
    points = points[np.newaxis] if points.ndim == 1 else points
    if points.ndim != 2 or points.shape[1] != n or not len(points):
        raise ValueError(f"`targets` must be states, shape (K, N) = (K, {n}); got {points.shape}.")
    return points
