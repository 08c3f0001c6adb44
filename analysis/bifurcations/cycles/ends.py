"""How branches of cycles end, and what that is concluded from.

Near a homoclinic orbit to a saddle, ``p - p_h`` falls like ``exp(-rate T)``, with the slower of the saddle's leading
rates. Near a saddle-node on the cycle, T grows like ``|p - p_fold|^(-1/2)``. At a Hopf point the cycle shrinks to the
equilibrium, and at a period doubling to one that is run through twice; there the branch would run back into itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq

from analysis.bifurcations.continuation import Walk
from analysis.bifurcations.cycles.point import CyclePoint
from analysis.bifurcations.cycles.saddles import Saddle, saddle_of, slowest
from analysis.bifurcations.records import End, EndKind, SpecialKind
from analysis.bifurcations.singular import Singular, polish
from neurodynamics.validation import Floats

LINGERS = 0.2  # of the mean speed: a cycle that is as slow somewhere may be near an equilibrium
E_FOLDS = 1.5  # by which the distance to a homoclinic orbit shrinks in a step
ON_BRANCH = 1e-2  # of its length: two points of a closed branch are the same
RATE_AGREES = 0.05
SLOWEST = 0.2  # of the leading rate
SLOPE_AGREES = 0.03
CLOSE = 1e-8  # of the bounds: how near to a homoclinic orbit a branch is followed, well above the errors of cycles
DOUBLE = 0.5  # of a multiplier from 1: what is -1 for a cycle is 1 for one that is run through twice
SMALLEST_JUMP = 1e-3  # of a period: it does not shrink to nothing in a step
HALF = 0.5 + np.linspace(0, 1, 65)[:-1]


def vanished(walk: Walk, found: CyclePoint) -> End | None:
    """Return the end where the corrector left the branch for a cycle of no period."""
    if found.u.period >= SMALLEST_JUMP * walk.point.u.period:
        return None
    return walk.ended(EndKind.STALLED, "the period would shrink to nothing in one step")


def passed_hopf(walk: Walk, found: CyclePoint, cycles: Any) -> End | None:
    """Return the end at a Hopf point, where the cycle has shrunk to nothing and grown again from the other side."""
    last = walk.point.u
    if not turned_over(walk, found):
        return None
    met = polish(Singular(cycles.family, SpecialKind.H, cycles.bounds), vanishing(cycles.trail))
    if met is None:
        return walk.ended(EndKind.STALLED, "the cycle shrinks to a point, but no Hopf point was located there")
    evidence = {"amplitude": last.amplitude, "omega": float(met.u[-1]), "period": last.period}
    return End(EndKind.HOPF, float(met.u[cycles.family.n]),
               "the cycle shrinks to an equilibrium with a pair of imaginary eigenvalues", evidence)  # fmt: skip


def vanishing(trail: list[CyclePoint]) -> Floats:
    """Return state, parameters and frequency where cycles vanish: all are linear in the square of the amplitude there."""
    before, last = (np.concatenate([point.u.mean, point.u.parameters, [2 * np.pi / point.u.period], [point.u.amplitude**2]])
                    for point in (trail[-2:] if len(trail) > 1 else trail * 2))  # fmt: skip
    shrinks = before[-1] - last[-1]
    return (last - last[-1] / shrinks * (before - last) if shrinks > 0.0 else last)[:-1]


def turned_over(walk: Walk, found: CyclePoint) -> bool:
    """Whether a cycle has shrunk to a point in a step, and grown again from the other side."""
    last = walk.point.u
    if max(last.amplitude, found.u.amplitude) > walk.pace.longest * walk.point.metric.size * 2:
        return False
    u = found.u if found.u.mesh is last.mesh else found.u.on(last.mesh)
    return float(np.vdot(last.stages - last.mean, u.stages - found.u.mean)) <= 0


def passed_doubling(walk: Walk, found: CyclePoint) -> End | None:
    """Return the end at a period doubling, where the two halves of the cycle become the same and change places."""
    last = walk.point
    if np.abs(last.others - 1).min(initial=1.0) > DOUBLE:
        return None
    gaps = [point.u.at(HALF % 1.0) - point.u.at(HALF - 0.5) for point in (last, found)]
    if np.vdot(*gaps) > 0 or max(np.abs(gap).max() for gap in gaps) > walk.pace.longest * 2 * last.metric.size:
        return None
    sizes = [float(np.vdot(gap, gap)) for gap in gaps]
    share = sizes[0] / (sizes[0] - sizes[1]) if sizes[0] != sizes[1] else 0.5
    value = last.value + share * (found.value - last.value) if abs(share) < 2 else last.value
    return End(EndKind.PERIOD_DOUBLING, value, "the cycle becomes one of half its period, run through twice")


def closes(trail: list[CyclePoint], found: CyclePoint) -> bool:
    """Whether a branch comes back to its first point in a step."""
    first, last = trail[0], trail[-1]
    if len(trail) < 5 or not min(last.value, found.value) <= first.value <= max(last.value, found.value):
        return False
    if (last.value - found.value) * (first.value - trail[1].value) < 0:
        return False
    share = (first.value - last.value) / (found.value - last.value)
    gaps = [(1 - share) * last.u.period + share * found.u.period - first.u.period,
            (1 - share) * last.u.amplitude + share * found.u.amplitude - first.u.amplitude]  # fmt: skip
    scales = [first.u.period, last.metric.size]
    return max(abs(gap) / scale for gap, scale in zip(gaps, scales, strict=True)) <= ON_BRANCH


def long_period(walk: Walk, cycles: Any) -> End | None:
    """Return the end of a branch whose period grows without bound, once there is evidence, or at the limit.

    Near a saddle the step is held so short that the approach to the homoclinic orbit can be seen.
    """
    points, last = cycles.trail, cycles.trail[-1]
    if len(points) < 5 or not last.u.period > points[-2].u.period > points[-3].u.period:
        return None
    homoclinic = None
    rest = saddle_of(cycles.family, last.u) if _slow(last).any() else None
    if rest is not None and np.isfinite(rate := min(rest.rates)):
        growth = abs(last.t.period)
        walk.length = min(walk.length, E_FOLDS / (rate * growth)) if growth else walk.length
        homoclinic = _homoclinic(points, rest)
        if homoclinic is not None and abs(homoclinic.value - last.value) < CLOSE * last.metric.widths[0]:
            return homoclinic
    if last.u.period < cycles.longest_period:
        return None
    return _snic(cycles) or homoclinic or End(
        EndKind.PERIOD_LIMIT, last.value,
        f"the period is beyond {cycles.longest_period:.4g}, and neither a homoclinic orbit nor a saddle-node was recognised",
    )  # fmt: skip


def _slow(point: CyclePoint) -> np.ndarray:
    """Where a cycle is much slower than on average."""
    speeds = np.linalg.norm(point.linearised.field.f, axis=1)
    return speeds < LINGERS * speeds.mean()


def stalled(walk: Walk, cycles: Any) -> End:
    """Return the end of a branch on which no step leads on: homoclinic where there is evidence for that."""
    rest = saddle_of(cycles.family, walk.point.u) if len(cycles.trail) > 4 else None
    homoclinic = None if rest is None else _homoclinic(cycles.trail, rest)
    message = "no step along the branch is short enough; try another start or a larger number of `intervals`"
    return homoclinic or walk.ended(EndKind.STALLED, message)


def _homoclinic(points: list[CyclePoint], rest: Saddle) -> End | None:
    """The end at a homoclinic orbit, where the parameter converges with the rate that the saddle has.

    At a cycle of several saddles the rate is another one; there it must be the same twice.
    """
    rate = min(rest.rates)
    measured, chosen = _measured(points, rate)
    if measured is None or chosen is None:
        return None
    if abs(measured / rate - 1) < RATE_AGREES:
        used, message = rate, "the cycle comes close to a saddle, and the period grows with the logarithm of the distance"
    else:
        before, _ = _measured(points[:-1], rate)
        if before is None or abs(before / measured - 1) > RATE_AGREES or _stays(points[-1]) < 2:
            return None
        used, message = measured, "the cycle comes close to several equilibria, and the period grows with a constant rate"
    p, T = [point.value for point in chosen], [point.u.period for point in chosen]
    value = p[2] + (p[2] - p[1]) / np.expm1(used * (T[2] - T[1]))
    unstable, stable = rest.rates
    evidence = {"rate": measured, "leading rate": rate, "unstable rate": unstable, "stable rate": stable,
                "error": abs(value - p[2]) * abs(measured / used - 1) + 1e-10 * abs(value)} | _states(rest.x)  # fmt: skip
    return End(EndKind.HOMOCLINIC, float(value), message, evidence)


def _measured(points: list[CyclePoint], rate: float) -> tuple[float | None, list[CyclePoint] | None]:
    """The rate with which the parameter converges as the period grows, from three points."""
    chosen = _spread(points, 1.0 / rate) if np.isfinite(rate) else None
    if chosen is None:
        return None, None
    p, T = [point.value for point in chosen], [point.u.period for point in chosen]
    ratio = (p[1] - p[0]) / (p[2] - p[1])

    def mismatch(r: float) -> float:
        return float(np.expm1(r * (T[1] - T[0])) / -np.expm1(-r * (T[2] - T[1])) - ratio)

    low, high = rate * SLOWEST, rate / SLOWEST
    if not mismatch(low) * mismatch(high) < 0:
        return None, None
    return float(brentq(mismatch, low, high)), chosen


def _stays(point: CyclePoint) -> int:
    """How often on its way a cycle is slow."""
    slow = _slow(point)
    return int(np.count_nonzero(slow & ~np.roll(slow, 1)))


def _spread(points: list[CyclePoint], apart: float) -> list[CyclePoint] | None:
    """The last three points whose periods grow by enough, each from the one before."""
    chosen = [points[-1]]
    for point in points[-2::-1]:
        if chosen[-1].u.period - point.u.period >= apart:
            chosen.append(point)
        if len(chosen) == 3:
            p = [each.value for each in chosen[::-1]]
            return chosen[::-1] if (p[2] - p[1]) * (p[1] - p[0]) > 0 else None
    return None


def _states(x: Floats) -> dict[str, float]:
    return {f"x[{k}]": float(value) for k, value in enumerate(x)}


def _snic(cycles: Any) -> End | None:
    """The end at a fold of equilibria on the cycle, to which the period grows like the distance to the power -1/2."""
    found = polish(Singular(cycles.family, SpecialKind.LP, cycles.bounds), slowest(cycles.family, cycles.trail[-1].u))
    if found is None:
        return None
    a, b = cycles.trail[-2:]
    value = float(found.u[-1])
    distances = np.abs(np.array([a.value, b.value]) - value)
    slope = float(np.log(b.u.period / a.u.period) / np.log(distances[1] / distances[0]))
    if abs(slope + 0.5) > SLOPE_AGREES:
        return None
    message = "a saddle-node appears on the cycle, and the period grows like the distance to it to the power -1/2"
    evidence = {"slope": slope, "error": found.error} | _states(found.u[: cycles.family.n])
    return End(EndKind.SNIC, value, message, evidence)
