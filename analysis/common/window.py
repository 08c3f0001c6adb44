"""The box that is looked at by default: where the fixed points are, and the motion around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import matrix_balance

from analysis.common.at_points import jacobians_at
from analysis.common.autonomous import without_noise
from analysis.common.boxes import phase_box
from analysis.common.signs import careful_atol, keep_their_sign, never_negative, not_below_zero
from analysis.common.time_scales import slowest_time
from neurodynamics import DynamicalSystem, Status, simulate_ensemble
from neurodynamics.notices import quiet
from neurodynamics.validation import Floats

AROUND, ABOVE = 3.0, 0.5  # of the spread of the fixed points; of the largest, where none is below zero
CHANGES = 2.0  # steps after which the flow is another
MARGIN = 0.1  # of the extent of the motion
FEW, LARGE = 8, 64  # points that are looked at; states above which nobody looks at units
CHANGE, DIRECTIONS, OCTAVES = 0.5, 8, np.arange(-40.0, 41.0)  # a unit: where the Jacobian has changed by so much
STARTS, DURATION, TIMES, MOST_STEPS = 24, 60.0, 400, 20_000  # of the motion: in slowest times
SLOW, SLOWEST = 30.0, 300.0  # of the longest time constants, and at most so many times as long
PRECISION = 1e-5
LEAVING = 1.5  # times as far away in the second half of a run: it does not come back


def box_around(system: DynamicalSystem, drive: Floats, points: Floats, seconds: float | None = None) -> Floats:
    """Return the box (N, 2) of a system with fixed points (K, N): what there is to see of it.

    Of networks with bounded activations that is the box which every trajectory enters. Elsewhere it reaches three times the
    spread of the fixed points away from them, or as far as each state must change for the system to behave
    differently; and it holds the motion from there that comes back. States that cannot become negative do not.

    ``seconds`` limits the time for following motion, which takes a number of steps at most; where it is 0, nothing is
    evaluated, and the box reaches three times the spread of the fixed points.
    """
    net = system.structure("additive")
    if net is not None and np.isfinite(net.activation.range).all() and (net.leaks > 0).all():
        return phase_box(net, inputs=drive)  # type: ignore[arg-type]
    n, angles = system.state_dim, system.angles
    points = points if len(points) else np.zeros((1, n))
    if seconds == 0.0:
        reach = AROUND * (np.ptp(points, axis=0).max() or 1.0)
        return angles.box(np.column_stack([points.min(axis=0) - reach, points.max(axis=0) + reach]))
    kept = never_negative(system, drive, points)
    inside = points[not_below_zero(points, kept)]
    low, high = inside.min(axis=0), inside.max(axis=0)
    units = _units(system, drive, inside)
    reach = np.maximum(AROUND * (high - low), units)
    box = np.column_stack([low - reach, high + reach])
    box[kept] = np.column_stack([np.zeros(n), np.maximum((1.0 + ABOVE) * high, units)])[kept]
    box = _with_motion(system, drive, angles.box(box), seconds)
    box[kept, 0] = 0.0
    return angles.box(box)


def _units(system: DynamicalSystem, drive: Floats, points: Floats) -> Floats:
    """Return by how much each state (N,) must change to matter as much as the others, and for the flow to be another.

    Units with which the Jacobian is balanced differ from state to state; all are as large as the spread of the points, and
    as steps after which the Jacobian has changed.
    """
    n, spread = system.state_dim, np.ptp(points, axis=0)
    if system.host or system.integrates or n > LARGE:
        return np.full(n, AROUND * max(spread.max(initial=0.0), 1.0))
    some = points[:: -(-len(points) // FEW)]
    with np.errstate(all="ignore"):
        J = jacobians_at(system, some, drive)
        some, J = some[np.isfinite(J).all(axis=(1, 2))], J[np.isfinite(J).all(axis=(1, 2))]
        if not len(J):
            return np.full(n, AROUND * max(spread.max(initial=0.0), 1.0))
        units = matrix_balance(np.abs(J).mean(axis=0), permute=False, separate=True)[1][0]
        steps = [_step(system, drive, x, at_x, units) for x, at_x in zip(some, J, strict=True)]
    size = min(steps)
    if not np.isfinite(size):  # linear
        size = 0.0 if spread.any() else AROUND / CHANGES / units.max()
    return units * max(CHANGES * size, float((spread / units).max()))


def _step(system: DynamicalSystem, drive: Floats, x: Floats, J: Floats, units: Floats) -> float:
    """Return after how many units the Jacobian has changed in most directions; infinity: nowhere."""
    away = np.random.default_rng(0).normal(size=(DIRECTIONS, x.size))
    away *= units / np.linalg.norm(away, axis=1, keepdims=True)
    steps = 2.0**OCTAVES * max(1.0, float(np.abs(x / units).max()))
    states = x + steps[:, np.newaxis, np.newaxis] * away
    change = jacobians_at(system, states.reshape(-1, x.size), drive).reshape(*states.shape, x.size) - J
    change, J = (np.linalg.norm(each * units / units[:, np.newaxis], axis=(-2, -1)) for each in (change, J))
    far = np.median(change, axis=1) >= CHANGE * J
    return float(steps[np.argmax(far)]) if far.any() and J > 0 else np.inf


def _with_motion(system: DynamicalSystem, drive: Floats, box: Floats, seconds: float | None) -> Floats:
    """Return a box that also holds trajectories from within that come back to where they were."""
    if system.host or system.integrates:
        return box
    starts = np.random.default_rng(0).uniform(box[:, 0], box[:, 1], (STARTS, len(box)))
    times = np.linspace(0.0, _duration(system, drive, starts), TIMES)
    options: dict[str, Any] = {}
    if system.kind == "flow":
        atol = careful_atol(keep_their_sign(system, drive), PRECISION * np.ptp(box, axis=1))
        options = {"max_steps": MOST_STEPS, "t_eval": times, "rtol": PRECISION, "atol": atol,
                   "method": "dopri5"}  # fmt: skip
    with quiet(), np.errstate(all="ignore"):
        duration = times[-1] if system.kind == "flow" else TIMES
        run = simulate_ensemble(without_noise(system), duration, starts, inputs=drive, timeout=seconds, **options)
        middle, size = box.mean(axis=1)[:, np.newaxis], np.ptp(box, axis=1)[:, np.newaxis]
        away = (np.abs(run.y - middle) / size).max(axis=1)
        half = away.shape[1] // 2
        back = np.nanmax(away[:, half:], axis=1, initial=0.0) <= LEAVING * np.nanmax(away[:, :half], axis=1, initial=0.0)
    seen = run.y[back & ~np.isin(run.status, (Status.NON_FINITE, Status.STEP_TOO_SMALL))]
    if not np.isfinite(seen).any(axis=(0, 2)).all():
        return box
    low, high = np.nanmin(seen, axis=(0, 2)), np.nanmax(seen, axis=(0, 2))
    margin = MARGIN * (high - low)
    return np.column_stack([np.minimum(box[:, 0], low - margin), np.maximum(box[:, 1], high + margin)])


def _duration(system: DynamicalSystem, drive: Floats, states: Floats) -> float:
    """Return a time for many turns, or for the slowest motion where that takes longer."""
    with np.errstate(all="ignore"):
        J = jacobians_at(system, states, drive)
        rates = np.abs(np.linalg.eigvals(J[np.isfinite(J).all(axis=(1, 2))])).min(axis=1, initial=np.inf)
    many = DURATION * slowest_time(system, drive, states)
    slow = SLOW / float(np.median(rates)) if len(rates) and np.median(rates) > 0 else 0.0
    return max(many, min(slow, SLOWEST * many))
