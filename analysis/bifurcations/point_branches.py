"""Branches of equilibria of a flow, or of fixed points of a map, with their special points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations.continuation import STOPPED, Corrected, Followed, follow as followed
from analysis.bifurcations.equilibria import Equilibria, Spot
from analysis.bifurcations.family import Family
from analysis.bifurcations.forms.normal_forms import null_vectors
from analysis.bifurcations.locating import events_between, judged_by_kernel, touches
from analysis.bifurcations.records import End, EndKind, Points, SpecialPoint
from analysis.bifurcations.setting import Setting
from analysis.bifurcations.singular import null_space, tangents
from analysis.bifurcations.special import Event, occurrences, special_point, status_of
from analysis.bifurcations.spectral_tests import CRITICAL, WIDE
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.tables import state_columns, table
from neurodynamics.validation import Floats, as_number
from neurodynamics.watched import long_call

CENTRE = 1e-12  # growth below which an eigenvalue is neutral
SAME = 1e-6  # relative distance of states that are one
RANDOM, ASTRAY = 10, 1.0  # directions tried for each dimension of a kernel; how far they may be off
ASIDE = 0.01  # of the bounds: their part in the parameter, since derivatives may be singular where that is zero
ALIKE = 0.999  # cosine between directions that are one


class At(NamedTuple):
    """Unknowns by themselves."""

    u: Floats


@dataclass(frozen=True, eq=False, repr=False)
class FixedPointBranch(Record):
    """A curve of equilibria over one parameter; of a map, of fixed points or of points of one period. ``len`` counts points.

    Attributes
    ----------
    parameter : str
    values : array, shape (K,)
        Of the parameter, in the order of the curve.
    x : array, shape (K, N)
    eigenvalues : complex array, shape (K, N)
        The least stable first; of maps, multipliers.
    index : array of int, shape (K,)
        Unstable directions.
    stable : array of bool, shape (K,)
    error : array, shape (K,)
        Relative length of Newton's last step.
    tangents : array, shape (K, N + 1)
        Directions of the curve in (x, p).
    points : Points
        Special points in the order of the curve, by label: ``branch.points["LP1"]``.
    neutral : array
        Values at which a sum of two real eigenvalues vanishes (maps: a product is 1): neutral saddles, which are no
        bifurcations of equilibria.
    ends : tuple of End
        Why the curve ends on either side.
    status : Status
    bounds : array, shape (2,)
    """

    parameter: str
    values: Floats
    x: Floats
    eigenvalues: np.ndarray
    index: np.ndarray
    stable: np.ndarray
    error: Floats
    tangents: Floats
    points: Points
    neutral: Floats
    ends: tuple[End, End]
    status: Status
    bounds: Floats
    family: Family

    @property
    def system(self) -> DynamicalSystem:
        """The system, with the parameters with which it was given."""
        return self.family.system

    @property
    def outputs(self) -> Floats:
        """What the system shows, (K, outputs)."""
        if not self._shows_with_parameters:
            return self.system.outputs_of_rows(np.ascontiguousarray(self.x))
        unknowns = np.column_stack([self.x, self.values])
        rows = [self.system.outputs_of_rows(u[np.newaxis, : self.family.n].copy(), self.family.params(u)) for u in unknowns]
        return np.concatenate(rows) if rows else np.empty((0, self.system.output_dim))

    @property
    def _shows_with_parameters(self) -> bool:
        return self.system.has("outputs") and bool(self.family.directions.any())

    def __len__(self) -> int:
        return len(self.values)

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame``, a row a point of the curve, by the parameter: its state, and how stable it is.

        Needs the package pandas: ``pip install "neural-attractors[pandas]"``.
        """
        facts = {"stable": self.stable, "index": self.index, "error": self.error}
        return table(state_columns(self.x) | facts, self.values, self.parameter)

    def at(self, value: float) -> Floats:
        """Return the states (K, N) where the branch passes a value of the parameter, refined by Newton's method."""
        value = as_number(value, "value")
        problem, (unknowns, fold) = Equilibria(self.family, self.bounds), self._with_folds()
        row, values, found = np.append(np.zeros(self.family.n), 1.0), unknowns[:, -1], list[Floats]()
        for k in np.flatnonzero((values[:-1] - value) * (values[1:] - value) <= 0.0):
            a, b = (k + 1, k) if fold[k + 1] else (k, k + 1)
            share = (value - values[a]) / (values[b] - values[a]) if values[a] != values[b] else 0.0
            for part in (np.sqrt(share) if fold[a] else share, 1.0) if values[a] != values[b] else (0.0, 1.0):
                guess = problem.placed(unknowns[a] + part * (unknowns[b] - unknowns[a]), 0, value)
                met = problem.correct(guess, row, 1e-9)
                if met is not None and all(np.abs(met.u - u).max() > SAME * max(1.0, np.abs(u).max()) for u in found):
                    found.append(met.u)
                if met is not None and values[a] != values[b]:
                    break
        return np.array([u[:-1] for u in found]).reshape(-1, self.family.n)

    def _with_folds(self) -> tuple[Floats, np.ndarray]:
        """The unknowns (x, p) of the points and of the folds between them, and which are folds."""
        folds = [point.data for point in self.points.of_kind("LP") if "step" in point.data]
        unknowns, after = np.column_stack([self.x, self.values]), [data["step"] + 1 for data in folds]
        which = np.insert(np.zeros(len(unknowns), dtype=bool), after, True)
        rows = np.array([data["z"] for data in folds]).reshape(-1, unknowns.shape[1])
        return np.insert(unknowns, after, rows, axis=0), which

    plot = drawn("plot_fixed_point_branch", "Draw the branch")

    def __repr__(self) -> str:
        span = f"{self.values.min():.6g} .. {self.values.max():.6g}" if len(self) else "empty"
        ends = " and ".join(str(end.kind) for end in self.ends)
        return (f"FixedPointBranch({self.parameter} {span}, {len(self)} points, ends: {ends}; "
                f"{', '.join(self.points.labels) or 'no special points'})")  # fmt: skip


def fixed_point_branch(
    system: DynamicalSystem,
    parameter: Any,
    bounds: ArrayLike,
    *,
    start: Any = None,
    inputs: Any = None,
    period: int = 1,
    step: float | None = None,
    max_points: int | None = None,
    rtol: float | None = None,
    normal_forms: bool = True,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> FixedPointBranch:
    """Follow an equilibrium of a flow, or a fixed point of a map, while a parameter varies, and find its bifurcations.

    Folds (LP), Hopf points (H), branch points (BP), of maps period doublings (PD) and Neimark-Sacker points (NS) are
    located by Newton's method on augmented systems. Stability may change in no other way.

    Parameters
    ----------
    system : DynamicalSystem
        A flow or a map; stroboscopic and Poincare maps included.
    parameter : str or dict
        An entry ``"biases[0]"``, a whole array ``"biases"`` (all entries have the value), an input ``"inputs[0]"``, the
        step ``"dt"`` of a discretised flow, or a direction ``{"weights[0, 1]": 1, "weights[1, 0]": -1}``: each entry is its
        weight times the value.
    bounds : array_like, shape (2,)
        Least and largest value.
    start : array_like of shape (N,), FixedPoints, LimitCycle of a map, or SpecialPoint, optional
        What to begin with, corrected first. By default the first stable point, or else the first, of `fixed_points` at the
        value that the system has, or at the nearest bound.
    inputs : array_like, shape (M,), optional
        Constants.
    period : int
        Of a map: follow points with f^period(y) = y.
    step : float, optional
        Longest step, relative to the width of the bounds and to the size of the states; 0.02 by default.
    max_points : int, optional
        In each direction; 2000 by default.
    rtol : float, optional
        Relative length of Newton's last step; 1e-9 by default. Points are far more exact, as it converges quadratically.
    normal_forms : bool
        Whether to compute normal forms of the special points.
    timeout : float, optional
        Seconds; what was found until then is returned, and the end of the branch says so.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    FixedPointBranch

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import fixed_point_branch
    >>> branch = fixed_point_branch(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-3, -1.75]), "biases[0]", (-6, 0))
    >>> branch.points
    H1    Hopf                 biases[0] = -3.00161333019      period 33.71716679     l1 = -1.02463  supercritical
    H2    Hopf                 biases[0] = -2.49838666981      period 33.71716679     l1 = -1.02463  supercritical
    >>> round(branch.points["H2"].value, 12)
    -2.498386669812
    """
    setting = Setting.of(system, [parameter], [bounds], inputs, period, step, max_points, rtol, normal_forms, timeout,
                         on_interrupt, progress)  # fmt: skip
    problem = Equilibria(setting.family, setting.bounds[0])
    branch: FixedPointBranch = long_call(
        lambda: follow(problem, setting.first_point(problem, start), setting),
        lambda status: _so_far(problem, setting, status), timeout=setting.clock.timeout, on_interrupt=on_interrupt,
    )  # fmt: skip
    return branch


def _so_far(problem: Equilibria, setting: Setting, status: Status) -> FixedPointBranch:
    """Return the points that are there while the curve is followed, before special ones are located."""
    nothing = Followed([], (End(STOPPED[status], np.nan, status.message),) * 2)
    spots, ends = setting.under_way.followed(status) or nothing
    return _branch(problem, spots, Points(), np.empty(0), ends, status)


def follow(problem: Equilibria, first: Corrected, setting: Setting) -> FixedPointBranch:
    """Follow the curve through a point in both directions, towards larger values."""
    spots, ends = followed(problem, first, setting.pace, setting.clock, under_way=setting.under_way)
    if ends[0].kind == ends[1].kind == EndKind.BOUNDS and ends[0].value == ends[1].value and len(spots) > 2:
        ends = replace(ends[0], kind=EndKind.FOLDED_BACK), replace(ends[1], kind=EndKind.FOLDED_BACK)
    if spots[0].u[-1] > spots[-1].u[-1]:
        spots, ends = [spot.turned() for spot in spots[::-1]], (ends[1], ends[0])
    rows = _without_critical(spots)
    certain = [spots[k] for k in rows]
    found, located = occurrences(_eventful(problem, certain), lambda k: _events(problem, certain, k, setting), setting.clock)
    points = [special_point(problem.family, event, setting, forms=setting.normal_forms and "kernel" not in event.message,
                            step=int(rows[k]))
              for k, event in _distinct(problem, found) if event.kind is not None]  # fmt: skip
    neutral = np.array([event.u[-1] for _, event in found if event.kind is None])
    return _branch(problem, spots, Points.numbered(points), neutral, ends, status_of(ends, located))


def _tests_of(spots: list[Spot]) -> Floats:
    return np.array([spot.tests for spot in spots]).reshape(-1, 4)


def _without_critical(spots: list[Spot]) -> Floats:
    """Return all points but those that lie on a special point to rounding: the signs of their tests are random."""
    critical = np.abs(_tests_of(spots)).min(axis=1) < CRITICAL
    padded = np.concatenate([[True], critical, [True]])
    alone = critical & ~padded[:-2] & ~padded[2:]
    return np.flatnonzero(~alone)


def _eventful(problem: Equilibria, spots: list[Spot]) -> list[int]:
    """Return the steps k, from point k to k + 1, in which something may happen."""
    if not problem.family.smooth:
        return list(range(len(spots) - 1))
    negative, unstable = _tests_of(spots) < 0.0, np.array([spot.unstable for spot in spots])
    changes = (negative[1:] != negative[:-1]).any(axis=1) | (unstable[1:] != unstable[:-1])
    near = np.abs([spot.zero for spot in spots])
    least = np.zeros(len(spots), dtype=bool)
    least[1:-1] = (near[1:-1] < near[:-2]) & (near[1:-1] < near[2:])
    return np.flatnonzero(changes | least[:-1]).tolist()


def _events(problem: Equilibria, spots: list[Spot], k: int, setting: Setting) -> list[Event]:
    a, b = spots[k : k + 2]
    events = list(events_between(problem, a, b, setting.clock))
    if not events and k and problem.family.smooth:
        touched = touches(problem, spots[k - 1], a, b)
        events = [touched] if touched is not None else []
    return [judged_by_kernel(problem, event) for event in events]


def _distinct(problem: Equilibria, found: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
    """Leave out what was seen from the other side: points that lie exactly on a special point see it twice."""
    out: list[tuple[int, Event]] = []
    for k, event in found:
        last = next((each for _, each in out[::-1] if each.kind is not None), None)
        alike = last is not None and last.kind == event.kind
        if not alike or np.abs((last.u - event.u) / problem.scale(event.u)).max() >= SAME:  # type: ignore[union-attr]
            out.append((k, event))
    return out


def _branch(problem: Equilibria, spots: list[Spot], points: Points, neutral: Floats, ends: Any,
            status: Status) -> FixedPointBranch:  # fmt: skip
    family = problem.family
    unknowns = np.array([spot.u for spot in spots]).reshape(-1, family.n + 1)
    values = np.array([spot.values for spot in spots], dtype=complex).reshape(-1, family.n)
    growth = np.abs(values) - 1.0 if family.is_map else values.real
    return FixedPointBranch(
        family.parameters[0].name, unknowns[:, -1], unknowns[:, :-1], values,
        np.array([spot.unstable for spot in spots], dtype=int), np.all(growth < -CENTRE, axis=1),
        np.array([spot.error for spot in spots]), np.array([spot.t for spot in spots]).reshape(unknowns.shape), points,
        neutral, ends, status, problem.bounds[0], family,
    )  # fmt: skip


# From special points -------------------------------------------------------------------------------------------------


def crossing(point: SpecialPoint, setting: Setting) -> list[Corrected]:
    """Return a point of each curve through a branch point."""
    problem, z = Equilibria(point.data["family"], setting.bounds[0]), point.data["z"]
    kernel = null_space(problem.family, z)
    if kernel.shape[1] < 2:
        found = [_leaving(problem, z, t) for t in tangents(problem.family, z)]
    else:
        aside = [np.append(a, side * ASIDE * problem.width) for a in _all_around(kernel) for side in (1.0, -1.0)]
        space = np.linalg.svd(problem.family(z)[1])[2][-kernel.shape[1] - 1 :]
        found = [_leaving(problem, z, space.T @ space[:, -1]), *(_leaving(problem, z, t, ASTRAY) for t in aside)]
    return _apart([first for first in found if first is not None], z)


def _all_around(kernel: Floats) -> Floats:
    """Directions in the plane, or space, of a kernel (N, k): those of symmetries of the states, and others at random."""
    n, k = kernel.shape
    units = np.eye(n)
    i, j = np.triu_indices(n, 1) if n <= WIDE else (np.empty(0, int), np.empty(0, int))
    given = np.concatenate([units, units[i] - units[j], units[i] + units[j]]) @ kernel
    random = np.random.default_rng(0).standard_normal((RANDOM * k, k))
    inside = np.concatenate([given[np.linalg.norm(given, axis=1) > 1e-6], random])
    return inside / np.linalg.norm(inside, axis=1)[:, np.newaxis] @ kernel.T


def _apart(found: list[Corrected], z: Floats) -> list[Corrected]:
    """Leave out what leaves along the same line as another."""
    out: list[Corrected] = []
    for each in found:
        way = (each.u - z) / np.linalg.norm(each.u - z)
        if all(abs(way @ (other.u - z)) < ALIKE * np.linalg.norm(other.u - z) for other in out):
            out.append(each)
    return out


def branches_at(point: SpecialPoint, setting: Setting) -> tuple[FixedPointBranch, ...]:
    """Follow both curves through a branch point."""
    problem = Equilibria(point.data["family"], setting.bounds[0])
    return tuple(follow(problem, first, setting) for first in crossing(point, setting))


def _leaving(problem: Equilibria, z: Floats, t: Floats, astray: float = 0.3) -> Corrected | None:
    """Return a point of the curve that leaves z along t, or as far beside it as `astray` times the distance."""
    scale = problem.scale(z)
    t = t / np.linalg.norm(t / scale)
    for length in (1e-2, 3e-3, 1e-3, 1e-4):
        for sign in (1.0, -1.0):
            guess = z + sign * length * t
            if not problem.bounds[0, 0] <= guess[-1] <= problem.bounds[0, 1]:
                continue
            found = problem.correct(guess, t / scale**2, 1e-9, At(z))
            if found is not None and np.linalg.norm((found.u - guess) / scale) < astray * length:
                return found
    return None


def doubled(point: SpecialPoint, setting: Setting) -> FixedPointBranch:
    """Follow the points of twice the period that are born at a period doubling."""
    old, z = point.data["family"], point.data["z"]
    q, _ = null_vectors(old.linear(old(z)[1]), -1.0)
    problem = Equilibria(Family(old.system, old.parameters, old.drive, 2 * old.period), setting.bounds[0])
    first = _leaving(problem, z, np.append(q, 0.0))
    if first is None:
        raise ValueError(f"no orbit of twice the period was found near {point.label}.")
    return follow(problem, first, setting)
