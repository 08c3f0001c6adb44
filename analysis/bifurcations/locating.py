"""Special points of a branch of equilibria: detected, told apart, and located by Newton's method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.bifurcations.continuation import Clock, between, locate
from analysis.bifurcations.corners import distances, has_corners
from analysis.bifurcations.equilibria import Equilibria, Spot
from analysis.bifurcations.records import SpecialKind
from analysis.bifurcations.singular import ZERO, Polished, Singular, branch_point, polish
from analysis.bifurcations.special import Event
from analysis.bifurcations.spectral_tests import BRANCH, CRITICAL, FLIP, FOLD, PAIRS, WIDE, critical_pair
from neurodynamics.validation import Floats

DEEPEST = 14  # bisections of a step until at most one thing happens in it
WIDTHS = 0.1, 1e-5  # of a step: where Newton's method takes over, at the first try and at the second
SOLVED = 1e-11  # distance from a corner that is none
NEUTRAL = 1e-10  # of a step: how exact neutral saddles are, where that is cheap
ROOM = 1e-3  # of a step: a root of the augmented system further outside it is another point
MEETS = 1e-6  # |w . F_p|, relative: at a branch point it vanishes
SLOW = 1e-10  # last step of Newton's method, which is at rounding where it converges quadratically
VERTEX = 1e-4  # relative: how far from the vertex it may then have stopped
TOUCHES = 1e-7  # relative: an eigenvalue as small as that at its minimum touches zero
NAMES = ("the direction in the parameter", "the determinant", "a sum of two eigenvalues", "an eigenvalue near -1")


def events_between(problem: Equilibria, a: Spot, b: Spot, clock: Clock, depth: int = 0) -> Iterator[Event]:
    """Find what happens between two neighbouring points, in order."""
    if has_corners(problem.family):
        yield from _corners(problem, a, b)
        return
    changed = [k for k in (FOLD, BRANCH, PAIRS, FLIP) if _sign(a.tests[k]) != _sign(b.tests[k])]
    jump = abs(b.unstable - a.unstable)
    if max(abs(each.tests[PAIRS]) for each in (a, b)) < CRITICAL:  # all along, as in conservative systems: signs say nothing
        changed, jump = [k for k in changed if k != PAIRS], len({FOLD, BRANCH, FLIP}.intersection(changed))
    if jump == 0 and (not changed or (changed == [PAIRS] and problem.family.n > WIDE)):
        return
    if clock.over:
        yield _undecided(a, b, "the time was up where stability changes")
        return
    alone = len(changed) == 1 and jump in ((0, 2) if changed == [PAIRS] else (1,))
    alone |= changed == [FOLD, BRANCH] and jump == 0  # the vertex of a pitchfork, where an eigenvalue touches zero
    if alone:
        yield _located(problem, a, b, changed[0])
        return
    middle = _spot(problem, a, b, 0.5) if depth < DEEPEST else None
    if middle is not None:
        yield from events_between(problem, a, middle, clock, depth + 1)
        yield from events_between(problem, middle, b, clock, depth + 1)
        return
    for k in changed:
        yield _located(problem, a, b, k)
    if not changed:
        yield _undecided(a, b, f"the number of unstable directions changes by {jump}")


def touches(problem: Equilibria, a: Spot, b: Spot, c: Spot) -> Event | None:
    """Find a zero eigenvalue that is touched, without a change of sign, near the middle one of three points."""
    sizes = [abs(each.zero) for each in (a, b, c)]
    if not (sizes[1] < sizes[0] and sizes[1] < sizes[2]) or not _sign(a.zero) == _sign(b.zero) == _sign(c.zero):
        return None
    bend = sizes[0] - 2 * sizes[1] + sizes[2]
    least = sizes[1] - (sizes[2] - sizes[0]) ** 2 / (8 * bend) if bend > 0 else sizes[1]
    if least > 0.25 * sizes[1]:
        return None
    left, right = a, c
    for _ in range(60):  # thirds, towards the smaller value
        one, two = (_spot(problem, left, right, share) for share in (0.4, 0.6))
        if one is None or two is None:
            return None
        left, right = (left, two) if abs(one.zero) < abs(two.zero) else (one, right)
        best = min((one, two), key=lambda each: abs(each.zero))
        size = max(1.0, float(np.abs(best.values).max()))
        if abs(best.zero) <= TOUCHES * size:
            found = branch_point(problem.family, best.u)
            kind = SpecialKind.BP if found is not None else SpecialKind.UNDECIDED
            found = found or Polished(best.u, best.error, abs(best.zero))
            return Event(kind, found.u, 0.0, found.error, found.residual, "an eigenvalue touches zero without crossing it")
        if float(np.linalg.norm(right.u - left.u)) < 1e-9:
            return None
    return None


def _sign(value: float) -> float:
    return -1.0 if value < 0 else 1.0


def _spot(problem: Equilibria, a: Spot, b: Spot, share: float) -> Spot | None:
    found = between(problem, a, b, share, 1e-10)
    return None if found is None else problem.spots([found])[0]


def _undecided(a: Spot, b: Spot, what: str) -> Event:
    gap = float(np.abs(b.u - a.u).max())
    return Event(SpecialKind.UNDECIDED, 0.5 * (a.u + b.u), 0.0, gap, float("nan"), f"{what}, and was not located")


def _located(problem: Equilibria, a: Spot, b: Spot, test: int) -> Event:
    scale = problem.scale(a.u)
    chord = (b.u - a.u) / scale
    for width in WIDTHS:
        found = _zero_of(problem, a, b, test, width)
        if found is None:
            break
        guess = (_of_zero, _of_zero, _of_pair, _of_flip)[(FOLD, BRANCH, PAIRS, FLIP).index(test)](problem, found)
        if guess is not None and guess.kind is None and problem.family.n <= WIDE:
            found = _zero_of(problem, a, b, test, NEUTRAL) or found
            return Event(None, found.u, 0.0, found.error, 0.0)
        if guess is not None and -ROOM <= chord @ ((guess.u - a.u) / scale) / (chord @ chord) <= 1.0 + ROOM:
            return guess
    return _degenerate(problem, a, b, test) or _undecided(a, b, f"{NAMES[test]} changes sign")


def _degenerate(problem: Equilibria, a: Spot, b: Spot, test: int) -> Event | None:
    """A fold or branch point at which more than one eigenvalue is zero, which no augmented system defines."""
    found = _zero_of(problem, a, b, test, WIDTHS[-1]) if test in (FOLD, BRANCH) else None
    if found is None:
        return None
    zeros = np.abs(found.values - (1.0 if problem.family.is_map else 0.0)) <= 1e-2 * max(1.0, np.abs(found.values).max())
    if zeros.sum() < 2:
        return None
    kind = SpecialKind.LP if test == FOLD else SpecialKind.BP
    return Event(kind, found.u, 0.0, abs(found.zero) ** 2, abs(found.zero), f"{zeros.sum()} eigenvalues are zero there")


def _corners(problem: Equilibria, a: Spot, b: Spot) -> Iterator[Event]:
    """Where the slope of a unit jumps between two points, in order."""
    family = problem.family
    before, after = distances(family, a.u), distances(family, b.u)
    found = []
    for k in np.flatnonzero((before < 0.0) != (after < 0.0)):
        share = float(before[k] / (before[k] - after[k]))

        def distance(point: Any, k: int = int(k)) -> float:
            return float(distances(family, point.u)[k])

        met = locate(problem, a, b, distance, 1e-10)
        smooth = met is not None and abs(float(distances(family, met.u)[k])) < SOLVED
        u = met.u if met is not None and smooth else _straight_on(family, a if abs(before[k]) < abs(after[k]) else b, int(k))
        change = "; unstable directions change" if a.unstable != b.unstable else ""
        error = met.error if met is not None and smooth else float(np.abs(b.u - a.u).max()) ** 2
        message = f"the slope of unit {k % family.n} jumps{change}"
        found.append((share, Event(SpecialKind.CORNER, u, 0.0, error, abs(float(distances(family, u)[k])), message)))
    yield from (event for _, event in sorted(found, key=lambda each: each[0]))


def _straight_on(family: Any, spot: Spot, k: int) -> Floats:
    """Where the tangent of a point beside a sharp corner meets it: pieces are straight in biases and inputs."""
    now, ahead = (float(distances(family, spot.u + step * spot.t)[k]) for step in (0.0, 1.0))
    return spot.u - now / (ahead - now) * spot.t


def _zero_of(problem: Equilibria, a: Spot, b: Spot, test: int, width: float) -> Spot | None:
    def value(point: Any) -> float:
        return (point if isinstance(point, Spot) else problem.spots([point])[0]).tests[test]

    found = locate(problem, a, b, value, 1e-10, width)
    return None if found is None else problem.spots([found])[0]


def _of_zero(problem: Equilibria, spot: Spot) -> Event | None:
    """A fold, or a branch point where ``w . F_p`` vanishes as well."""
    family, kind = problem.family, SpecialKind.LP
    met = polish(Singular(family, kind, problem.bounds), spot.u)
    _, D = family(spot.u if met is None else met.u)
    w = np.linalg.svd(D[:, : family.n])[0][:, -1]
    meets = abs(w @ D[:, -1]) <= (MEETS if met is not None else MEETS**0.5) * max(1.0, float(np.abs(D).max()))
    vertex = met is not None and met.error > SLOW  # that of a pitchfork: the augmented system of folds is singular there
    if meets or vertex:
        at = branch_point(family, spot.u)
        beside = met is None or at is None or np.abs(at.u - met.u).max() <= VERTEX * max(1.0, np.abs(at.u).max())
        met, kind = (met, kind) if at is None or not (meets or beside) else (at, SpecialKind.BP)
    return None if met is None else Event(kind, met.u, 0.0, met.error, met.residual)


def judged_by_kernel(problem: Equilibria, event: Event) -> Event:
    """Say of a fold or branch point where several eigenvalues vanish that it is neither a simple one."""
    family = problem.family
    if event.kind not in (SpecialKind.LP, SpecialKind.BP) or not family.smooth:
        return event
    D = family(event.u)[1]
    left, sizes, _ = np.linalg.svd(D[:, : family.n])
    kernel = int((sizes <= ZERO * max(1.0, float(sizes[0]))).sum())
    if kernel < 2:
        return event
    crosses = float(np.abs(left[:, -kernel:].T @ D[:, -1]).max()) <= MEETS * max(1.0, float(np.abs(D).max()))
    note = (f"a kernel of dimension {kernel}: {kernel} eigenvalues are zero; branches in it are sought in many directions"
            if crosses else f"{kernel} eigenvalues are zero, and whether branches cross is undecided")  # fmt: skip
    return event._replace(kind=SpecialKind.BP if crosses else SpecialKind.UNDECIDED, message=note)


def _of_flip(problem: Equilibria, spot: Spot) -> Event | None:
    found = polish(Singular(problem.family, SpecialKind.PD, problem.bounds), spot.u)
    return None if found is None else Event(SpecialKind.PD, found.u, np.pi, found.error, found.residual)


def _of_pair(problem: Equilibria, spot: Spot) -> Event | None:
    """A Hopf or Neimark-Sacker point, a neutral saddle, or two real eigenvalues that cross together."""
    is_map = problem.family.is_map
    one, two = critical_pair(spot.values, is_map)
    size = max(1.0, float(np.abs(spot.values).max()))
    if one.imag == 0.0 and two.imag == 0.0:
        if abs(one - (1.0 if is_map else 0.0)) + abs(two - (1.0 if is_map else 0.0)) <= 1e-3 * size:
            found = branch_point(problem.family, spot.u)
            found = found or Polished(spot.u, spot.error, abs(spot.zero))
            return Event(SpecialKind.BP, found.u, 0.0, found.error, found.residual, "two eigenvalues cross zero together")
        return Event(None, spot.u, 0.0, spot.error, 0.0)
    kind = SpecialKind.NS if is_map else SpecialKind.H
    angle = abs(float(np.angle(one))) if is_map else abs(one.imag)
    polished = polish(Singular(problem.family, kind, problem.bounds), np.append(spot.u, angle))
    if polished is None:
        return None
    return Event(kind, polished.u[:-1], abs(float(polished.u[-1])), polished.error, polished.residual)
