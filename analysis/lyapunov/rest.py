"""Convergence of a trajectory to a fixed point, and the exponents there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurodynamics.validation import Floats

SLOW = 1e-5  # a speed below this share of the state is worth a Newton iteration
NEAR = 1e-3  # an equilibrium must lie this close, in units of the state
CONVERGED = 1e-12
AT_REST = 1e-10  # a start this close to an unstable equilibrium has been put on it
STEPS = 20
BESIDE = ("it ends next to an unstable equilibrium on which it did not start: it may be on its way past, as on a "
          "heteroclinic cycle, or on its stable manifold")  # fmt: skip


@dataclass(frozen=True)
class Rest:
    """An equilibrium or a fixed point of a map, its exponents in descending order, and how far away the state was."""

    point: Floats
    exponents: Floats
    distance: float


def rest_near(system: Any, y: Floats, inputs: Floats) -> Rest | None:
    """Return the state of rest that a trajectory has reached, or None where it moves.

    The exponents there are exact: real parts of the eigenvalues of the Jacobian; of a map, logarithms of their moduli.
    """
    a_map = system.kind == "map"
    y = system.angles.wrap(y)
    scale = 1.0 + np.max(np.abs(y), initial=0.0)
    residual = _residual(system, y, inputs, a_map)
    if not np.max(np.abs(residual), initial=0.0) <= SLOW * scale:
        return None
    point = y.copy()
    for _ in range(STEPS):
        jacobian = system.jac(0.0, point, inputs) - (np.eye(y.size) if a_map else 0.0)
        if not np.isfinite(jacobian).all():
            return None
        step = np.linalg.lstsq(jacobian, -residual, rcond=None)[0]
        point = point + step
        if not np.max(np.abs(point - y), initial=0.0) <= NEAR * scale:
            return None
        residual = _residual(system, point, inputs, a_map)
        if np.max(np.abs(step), initial=0.0) <= CONVERGED * scale:
            break
    if not np.max(np.abs(residual), initial=0.0) <= 1e3 * CONVERGED * scale:
        return None
    jacobian = system.jac(0.0, point, inputs)
    if not np.isfinite(jacobian).all():
        return None
    eigenvalues = np.linalg.eigvals(jacobian)
    with np.errstate(divide="ignore"):
        exponents = np.log(np.abs(eigenvalues)) if a_map else eigenvalues.real
    return Rest(point, np.sort(exponents)[::-1], float(np.max(np.abs(point - y), initial=0.0)) / scale)


def started_at(point: Floats, system: Any, start: Floats) -> bool:
    """Whether a trajectory started on an equilibrium."""
    scale = 1.0 + np.max(np.abs(point), initial=0.0)
    return bool(np.max(np.abs(system.angles.difference(start, point)), initial=0.0) <= AT_REST * scale)


def _residual(system: Any, y: Floats, inputs: Floats, a_map: bool) -> Floats:
    value = system.rhs(0.0, y, inputs)
    return system.angles.difference(value, y) if a_map else value
