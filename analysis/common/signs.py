"""States that keep their sign, as populations and concentrations do: planes ``y_i = 0`` that nothing crosses."""

from __future__ import annotations

import numpy as np

from analysis.common.at_points import jacobians_at, residuals_at
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats

MOST_STATES = 64  # in larger systems nobody looks
TRIED = np.array([0.3, 0.7, 1.3, 3.1, 10.7])  # sizes of the other states
SIZES, FACE = 10.0 ** np.arange(-3, 6), 8  # of states on faces, and how many of each
ROUNDING = 1e-9  # of the largest: a state that is zero but for rounding
LEAST = 1e-280  # a smaller state may be anything: it is lost in the absolute tolerance
RELATIVE = 1e-290  # an absolute tolerance that leaves the relative one alone


def keep_their_sign(system: DynamicalSystem, drive: Floats) -> np.ndarray:
    """Return which states (N,) of a flow stay at zero once they are there, whatever the others are."""
    n = system.state_dim
    if system.kind == "map" or system.structure("additive") is not None or n > MOST_STATES:
        return np.zeros(n, dtype=bool)
    others = np.concatenate([size * (1.0 + np.arange(n) % 3) for size in TRIED]).reshape(len(TRIED), n)
    with np.errstate(all="ignore"):
        return np.array([_stays(system, drive, np.where(np.arange(n) == i, 0.0, others), i) for i in range(n)], dtype=bool)


def never_negative(system: DynamicalSystem, drive: Floats, points: Floats) -> np.ndarray:
    """Return which states (N,) of a flow stay above zero once all of these are, as populations and concentrations do.

    On the face ``y_i = 0`` of their orthant f_i is nowhere negative. It must hold an equilibrium other than zero, of points
    (K, N), and a state whose mirror image obeys the same equations has no sign to keep; nor has one that only is pushed
    away from zero, where a stable equilibrium is on the other side.
    """
    n = system.state_dim
    if system.kind == "map" or system.host or system.structure("additive") is not None or n > MOST_STATES:
        return np.zeros(n, dtype=bool)
    rng = np.random.default_rng(0)
    some = SIZES[:, np.newaxis, np.newaxis] * rng.exponential(size=(len(SIZES), FACE, n))
    some = (some * rng.choice([-1.0, 1.0], some.shape)).reshape(-1, n)
    with np.errstate(all="ignore"):
        kept = np.array([not _is_odd(system, drive, some, i) for i in range(n)])
        kept[system.angles.states] = False
        while kept.any():
            states = np.where(kept, np.abs(some), some)
            leaves = [i for i in np.flatnonzero(kept) if not _pushes_inward(system, drive, states, int(i))]
            if not leaves:
                break
            kept[leaves] = False
    outside = points[~not_below_zero(points, kept)]
    stable = [bool(np.linalg.eigvals(J).real.max() < 0.0) for J in jacobians_at(system, outside, drive)]
    below = (outside[stable] < -_rounding(points)).any(axis=0)
    if (below & kept).any():
        kept &= ~below | keep_their_sign(system, drive)
    inside = points[not_below_zero(points, kept)]
    return kept & bool((inside[:, kept] > _rounding(points)[kept]).any())


def not_below_zero(points: Floats, kept: np.ndarray) -> np.ndarray:
    """Whether the states `kept` (N,) of each point (K, N) are not negative, but for rounding."""
    return (points[:, kept] >= -_rounding(points)[kept]).all(axis=1)  # type: ignore[no-any-return]


def _rounding(points: Floats) -> Floats:
    return ROUNDING * np.abs(points).max(axis=0, initial=0.0)


def _pushes_inward(system: DynamicalSystem, drive: Floats, states: Floats, i: int) -> bool:
    f = residuals_at(system, np.where(np.arange(states.shape[1]) == i, 0.0, states), drive)[:, i]
    fine = np.isfinite(f)
    return bool(2 * fine.sum() > fine.size and (f[fine] >= 0.0).all())


def _is_odd(system: DynamicalSystem, drive: Floats, states: Floats, i: int) -> bool:
    """Whether the equations stay as they are when state i changes its sign."""
    mirror = np.where(np.arange(states.shape[1]) == i, -1.0, 1.0)
    f, image = residuals_at(system, states, drive), residuals_at(system, states * mirror, drive) * mirror
    fine = np.isfinite(f).all(axis=1) & np.isfinite(image).all(axis=1)
    return bool(np.allclose(f[fine], image[fine], rtol=1e-9, atol=0.0))


def _stays(system: DynamicalSystem, drive: Floats, states: Floats, i: int) -> bool:
    return bool((residuals_at(system, states, drive)[:, i] == 0.0).all())


def is_next_to_zero(states: Floats) -> np.ndarray:
    """Whether each of states (K, N) that keep their sign has come so close to zero that numbers do not tell how close."""
    return ((states != 0.0) & (np.abs(states) < LEAST)).any(axis=1)  # type: ignore[no-any-return]


def careful_atol(signed: np.ndarray, atol: float | Floats) -> Floats:
    """Return absolute tolerances (N,) with which `signed` states keep their sign, however close to zero they come."""
    return np.where(signed, RELATIVE, atol)
