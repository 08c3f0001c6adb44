"""All fixed points of a flow or a map: proved where that is possible, from many starts elsewhere."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis._constant_inputs import constant_drive, require_autonomous, require_system
from analysis._equilibria import Enclosures, Unresolved, enclose_equilibria
from analysis._equilibria.certify import MAX_BOXES
from analysis._evaluate import jacobians_at, residuals_at
from analysis._multistart import Found, Multistart
from analysis._net_inputs import NetInputs, is_out_of_budget, why_not_certified
from analysis.stability import DIFFERENCES, Spectra, Stability
from neurodynamics import DynamicalSystem, Interrupted, Status
from neurodynamics.progress import progress_bar
from neurodynamics.validation import Floats, as_count, as_floats, as_number

CERTIFY_UP_TO = 20  # neurons of a dense network that a search of MAX_BOXES usually decides
TRIAL = 5e8  # boxes times N^3 that are tried on larger ones, which may be easy: about a second
WIDEST = 1e-3  # radius within which a Jacobian is compared with itself; it is estimated, and large, at degenerate points
UNKNOWN = -1


@dataclass(frozen=True, eq=False, repr=False)
class FixedPoints:
    """Fixed points of a flow, or points of cycles of one period of a map, in lexicographic order.

    An index or a mask selects points; ``len`` counts them; iterating gives the states.

    Attributes
    ----------
    x : array, shape (K, N)
        States.
    radius : array, shape (K,)
        Where `certified`: exactly one fixed point lies within it, in every coordinate, proved. Elsewhere an estimate of
        the distance from the exact one.
    certified : array of bool, shape (K,)
        Whether existence and uniqueness are proved.
    index_certified : array of bool, shape (K,)
        Whether the number of unstable directions is proved.
    complete : bool
        Whether it is proved that there are no others (within `bounds`, where they were given).
    reason : str
        Why the list is not complete, or not certified.
    unresolved : tuple of Unresolved
        Connected sets about which nothing is proved: folds, continua (with their null directions), or what a budget left.
    boxes : int
        How many boxes were examined.
    starts, hits, missed : int, array (K,), float
        From how many random starts points were sought, how often each was found, and an estimate of how many were not
        found; 0 for a complete list.
    status : Status
    period : int
        Of the points of a map.
    orbit : array of int, shape (K,)
        Which points are on the same cycle of a map.
    bounds : array, shape (N, 2), or None
        Where points were sought; None: everywhere.
    """

    x: Floats
    radius: Floats
    certified: np.ndarray
    index_certified: np.ndarray
    complete: bool
    reason: str
    unresolved: tuple[Unresolved, ...]
    boxes: int
    starts: int
    hits: np.ndarray
    missed: float
    status: Status
    period: int
    orbit: np.ndarray
    bounds: Floats | None
    system: DynamicalSystem
    inputs: Floats
    _proved_index: np.ndarray = field(repr=False)

    # What there is to know about each point ---------------------------------------------------------------------------

    @functools.cached_property
    def jacobians(self) -> Floats:
        """Jacobians (K, N, N) of f, for a map of f^period."""
        return jacobians_at(self.system, self.x, self.inputs, self.period)

    @functools.cached_property
    def _spectra(self) -> Spectra:
        error = np.linalg.norm(self._moved_jacobians - self.jacobians, axis=(1, 2))
        if not self.system.has("jac"):
            error = error + DIFFERENCES * np.linalg.norm(self.jacobians, axis=(1, 2))
        return Spectra.of(self.jacobians, self.system.kind, np.where(np.isfinite(error), error, 0.0))

    @property
    def _moved_jacobians(self) -> Floats:
        """Jacobians at the edge of the radius: how uncertain they are."""
        signs = np.where(np.arange(self.x.shape[1]) % 2, -1.0, 1.0)
        radius = np.minimum(self.radius, WIDEST)[:, np.newaxis]
        return jacobians_at(self.system, self.x + signs * radius, self.inputs, self.period)

    @property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues (K, N) of the Jacobian, the least stable first; of a map, multipliers."""
        return self._spectra.eigenvalues

    @property
    def eigenvectors(self) -> np.ndarray:
        """Eigenvectors (K, N, N): column j of ``eigenvectors[k]`` belongs to ``eigenvalues[k, j]``."""
        return self._spectra.eigenvectors

    @property
    def threshold(self) -> Floats:
        """How far each eigenvalue (K, N) may be off; growth below it counts as zero."""
        return self._spectra.threshold

    @functools.cached_property
    def index(self) -> np.ndarray:
        """Number (K,) of unstable directions: proved where `index_certified`."""
        return self._proved_index if self.index_certified.all() else self._index_with_spectra

    @property
    def _index_with_spectra(self) -> np.ndarray:
        return np.where(self.index_certified, self._proved_index, self._spectra.index)

    @functools.cached_property
    def stable(self) -> np.ndarray:
        """Whether each point (K,) attracts its neighbourhood: proved where `index_certified`."""
        if self.index_certified.all():
            return self._proved_index == 0
        return np.where(self.index_certified, self._proved_index == 0, self._spectra.stable)

    @functools.cached_property
    def kind(self) -> np.ndarray:
        """What each point (K,) is: a :class:`PointKind`, such as "saddle-focus"."""
        return np.array([self._spectra.kind(k) for k in range(len(self))], dtype=object)

    def stability(self, k: int) -> Stability:
        """Return all about the linearisation at point k: time scales, periods, .."""
        return self._spectra[range(len(self))[k]]

    @functools.cached_property
    def residual(self) -> Floats:
        """Largest element (K,) of f(y), for a map of f^period(y) - y."""
        return np.abs(residuals_at(self.system, self.x, self.inputs, self.period)).max(axis=1, initial=0.0)

    @functools.cached_property
    def outputs(self) -> Floats:
        """What the system shows at each point, (K, outputs)."""
        return self.system.outputs_of_rows(np.ascontiguousarray(self.x))

    # A collection -----------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.x)

    def __iter__(self) -> Iterator[Floats]:
        return iter(self.x)

    def __getitem__(self, chosen: Any) -> FixedPoints:
        rows = np.atleast_1d(np.arange(len(self))[np.asarray(chosen) if isinstance(chosen, (list, tuple)) else chosen])
        all_of_them = np.array_equal(np.sort(rows), np.arange(len(self)))
        reason = self.reason if all_of_them else "a selection"
        per_point = ("x", "radius", "certified", "index_certified", "hits", "orbit", "_proved_index")
        return replace(self, complete=self.complete and all_of_them, reason=reason,
                       **{name: getattr(self, name)[rows] for name in per_point})  # fmt: skip

    def plot(self, ax: Any = None, **style: Any) -> Any:
        """Draw the points; see :func:`analysis.plotting.plot_fixed_points`."""
        from analysis import plotting

        return plotting.plot_fixed_points(self, ax=ax, **style)

    def __repr__(self) -> str:
        count = f"{len(self)} point{'' if len(self) == 1 else 's'}"
        if self.period > 1:
            count += f" of period {self.period}"
        within = " within bounds" if self.bounds is not None else ""
        state = f"complete{within}: certified" if self.complete else f"incomplete: {self.reason}"
        return f"FixedPoints({count}, {int(self.stable.sum())} stable, {state})"


def fixed_points(
    system: DynamicalSystem,
    *,
    inputs: Any = None,
    certify: bool | str = "auto",
    bounds: ArrayLike | None = None,
    period: int = 1,
    rng: np.random.Generator | int | None = None,
    max_boxes: int | None = None,
    starts: int | None = None,
    timeout: float | None = None,
    workers: int = 1,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> FixedPoints:
    """Find the fixed points of a flow or a map.

    For additive networks such as CTRNNs **all** of them are found, and each is proved, by interval arithmetic: a box that
    holds all equilibria is cut until every part is empty or holds exactly one. Elsewhere the list comes from Levenberg and
    Marquardt's method at random starts, with an estimate of how many were missed.

    Parameters
    ----------
    system : DynamicalSystem
    inputs : array_like, shape (M,), optional
        Constants. For periodic inputs see `stroboscopic_map`.
    certify : {"auto", True, False}
        True: with proof, or an error that says why not. "auto": with proof where possible; for dense networks above
        about 20 neurons, where the search takes long, for about a second, and then from random starts.
    bounds : array_like, shape (N, 2) or (2,), optional
        Rows (least, largest), one a state, or one for all. Only fixed points between them are wanted; needed for
        networks with unbounded activations whose weights do not limit their growth.
    period : int
        Of a map: points with f^period(y) = y, without those of shorter periods.
    rng : Generator or int, optional
        For the random starts.
    max_boxes : int, optional
        Boxes that may be examined; two millions by default.
    starts : int, optional
        Random starts. By default as many as it takes until no point was found only once, up to a limit.
    timeout : float, optional
        Seconds for the whole call. What was found until then is returned.
    workers : int
        Threads for the proof.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    FixedPoints

    Notes
    -----
    The noise of a system plays no part.

    References
    ----------
    .. [1] Neumaier (1990), Interval Methods for Systems of Equations, chapter 5.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import fixed_points
    >>> found = fixed_points(CTRNN([[0, -8], [-8, 0]], constant_inputs=4))
    >>> found
    FixedPoints(3 points, 2 stable, complete: certified)
    >>> found[found.stable].outputs.round(3).tolist()
    [[0.021, 0.979], [0.979, 0.021]]
    """
    search = _Search(system, inputs, certify, bounds, period, rng, max_boxes, starts, timeout, workers, progress)
    found = search.run()
    if found.status == Status.INTERRUPTED and on_interrupt == "raise":
        raise Interrupted(found)
    return found


class _Search:
    """One call, with its arguments checked."""

    def __init__(self, system: Any, inputs: Any, certify: Any, bounds: Any, period: Any, rng: Any, max_boxes: Any,
                 starts: Any, timeout: Any, workers: Any, progress: Any) -> None:  # fmt: skip
        self.system = require_system(system)
        self.drive = constant_drive(system, inputs)
        self.period = as_count(period, "period", minimum=1)
        if self.period > 1 and system.kind == "flow":
            raise ValueError("`period` has a meaning for maps only; for cycles of a flow see limit_cycle.")
        if not (isinstance(certify, bool) or certify == "auto"):
            raise ValueError(f"`certify` must be 'auto', True or False; got {certify!r}.")
        self.obstacle = why_not_certified(system)
        if certify is True and self.obstacle:
            raise ValueError(f"`certify` must be 'auto' or False here: {self.obstacle}.")
        require_autonomous(system, self.drive)
        self.certify = certify
        self.bounds = _as_bounds(bounds, system.state_dim)
        self.rng = np.random.default_rng(rng)
        self.max_boxes = None if max_boxes is None else as_count(max_boxes, "max_boxes")
        self.starts = None if starts is None else as_count(starts, "starts")
        self.timeout = None if timeout is None else as_number(timeout, "timeout", minimum=0.0)
        self.workers = as_count(workers, "workers", minimum=1)
        self.progress = bool(progress)
        self.deadline = None if self.timeout is None else time.perf_counter() + self.timeout

    def run(self) -> FixedPoints:
        if self.system.state_dim == 0:
            return self._without_states()
        if self.certify is False or self.obstacle:
            return self._from_starts(None, self.obstacle or "no proof was asked for")
        try:
            found, interrupted = self._enclosed()
        except ValueError as error:
            if self.certify is True or "`bounds`" not in str(error) or self.bounds is not None:
                raise
            return self._from_starts(None, "the activation is unbounded and no `bounds` were given")
        proved = self._proved(found, interrupted)
        undecided = not found.complete and is_out_of_budget(found)
        if interrupted or self.certify is True or not undecided or self.timeout == 0:
            return proved
        return self._from_starts(proved, found.reason)

    # With proof ------------------------------------------------------------------------------------------------------

    def _enclosed(self) -> tuple[Enclosures, bool]:
        self.net = NetInputs.of(self.system, self.drive)  # type: ignore[arg-type]
        most = MAX_BOXES if self.max_boxes is None else self.max_boxes
        n = self.system.state_dim
        if self.certify == "auto" and self.max_boxes is None and n > CERTIFY_UP_TO:
            most = max(1, int(TRIAL / n**3))
        bar = progress_bar(most) if self.progress else None

        def show(boxes: int, points: int, waiting: int) -> None:
            if bar is not None:
                bar.update(boxes - bar.n)

        try:
            found = enclose_equilibria(
                self.net.A, self.net.beta, self.net.network.activation, bounds=self.net.bounds(self.bounds),
                rates=self.net.rates, weight_error=self.net.weight_error, beta_error=self.net.beta_error,
                max_boxes=most, timeout=self.timeout, workers=self.workers, progress=show if self.progress else None,
            )  # fmt: skip
        except Interrupted as stopped:
            return stopped.result, True
        finally:
            if bar is not None:
                bar.close()
        return found, False

    def _proved(self, found: Enclosures, interrupted: bool) -> FixedPoints:
        x = self.net.states(found.x)
        radius = self.net.radii(found.x, found.radius)
        rows = np.lexsort(x.T[::-1])
        if self.bounds is not None:  # neurons without gain are bounded here only
            slack = radius[rows, np.newaxis]
            inside = (x[rows] + slack >= self.bounds[:, 0]) & (x[rows] - slack <= self.bounds[:, 1])
            rows = rows[inside.all(axis=1)]
        index = found.index[rows]
        status = Status.INTERRUPTED if interrupted else Status.SUCCESS
        if not interrupted and is_out_of_budget(found):
            status = Status.TIMEOUT if "timeout" in found.reason else Status.MAX_STEPS
        return self._result(
            x[rows], radius[rows], certified=np.ones(len(rows), dtype=bool), index=index, complete=found.complete,
            reason=found.reason, unresolved=tuple(self.net.unresolved(each) for each in found.unresolved),
            boxes=found.boxes, status=status,
        )  # fmt: skip

    # From random starts ----------------------------------------------------------------------------------------------

    def _from_starts(self, proved: FixedPoints | None, why: str) -> FixedPoints:
        search = Multistart(self.system, self.drive, self.period, self.bounds)
        known = np.empty((0, self.system.state_dim)) if proved is None else proved.x
        found = search.run(self.rng, starts=self.starts, known=known, deadline=self.deadline, progress=self.progress)
        orbit = search.keep_exact_period(found) if self.period > 1 else np.arange(len(found.x))
        count = len(known) if self.period == 1 else 0
        certified = np.arange(len(found.x)) < count
        radius, index = found.error.copy(), np.full(len(found.x), UNKNOWN)
        if proved is not None:
            radius[:count], index[:count] = proved.radius, proved._proved_index
        status = Status.INTERRUPTED if found.interrupted else Status.TIMEOUT if found.timed_out else Status.SUCCESS
        rows = np.lexsort(found.x.T[::-1])
        return self._result(
            found.x[rows], radius[rows], certified=certified[rows], index=index[rows], complete=False,
            reason=_why_incomplete(why, found), unresolved=() if proved is None else proved.unresolved,
            boxes=0 if proved is None else proved.boxes, status=status, starts=found.starts, hits=found.hits[rows],
            missed=found.missed, orbit=_renumbered(orbit[rows]),
        )  # fmt: skip

    def _without_states(self) -> FixedPoints:
        return self._result(np.zeros((1, 0)), np.zeros(1), certified=np.ones(1, dtype=bool), index=np.zeros(1, dtype=int),
                            complete=True, reason="", unresolved=(), boxes=0, status=Status.SUCCESS)  # fmt: skip

    def _result(self, x: Floats, radius: Floats, *, certified: np.ndarray, index: np.ndarray, complete: bool, reason: str,
                unresolved: tuple, boxes: int, status: Status, starts: int = 0, hits: Any = None, missed: float = 0.0,
                orbit: Any = None) -> FixedPoints:  # fmt: skip
        if not complete and not starts:
            missed = float("nan")
        return FixedPoints(
            x, radius, certified, index != UNKNOWN, complete, reason, unresolved, boxes, starts,
            np.zeros(len(x), dtype=np.int64) if hits is None else hits, missed, status, self.period,
            np.arange(len(x)) if orbit is None else orbit, self.bounds, self.system, self.drive, index,
        )  # fmt: skip


def _as_bounds(bounds: Any, n: int) -> Floats | None:
    if bounds is None:
        return None
    array = as_floats(bounds, "bounds")
    if array.shape == (2,):
        array = np.tile(array, (n, 1))
    if array.shape != (n, 2) or not (array[:, 0] <= array[:, 1]).all():
        rows = f"rows (least, largest), one for each of {n} states, or one for all"
        raise ValueError(f"`bounds` must be {rows}; got {array.tolist()}.")
    return array


def _why_incomplete(why: str, found: Found) -> str:
    ended = f"{found.reason}; " if found.reason else ""
    return f"{ended}{why}; {found.starts} random starts, about {found.missed:.2g} points missed"


def _renumbered(orbit: np.ndarray) -> np.ndarray:
    """Number the orbits in the order of their first points."""
    _, first, inverse = np.unique(orbit, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse] if orbit.size else orbit
