"""The search for fixed points: by proof, by many random starts, or by one after the other."""

from __future__ import annotations

import copy
import time
from typing import Any

import numpy as np

from analysis.common import beyond_reset, constant_drive, jacobians_at, require_autonomous, require_system
from analysis.equilibria.certified import Enclosures, enclose_equilibria
from analysis.equilibria.certified.certify import MAX_BOXES
from analysis.equilibria.equal_neurons import Classes, fewer_neurons
from analysis.equilibria.multistart import Found, Multistart
from analysis.equilibria.net_inputs import UNIT, NetInputs, is_out_of_budget, why_not_certified
from analysis.equilibria.overlaps import OverlapSearch, overlaps_of
from analysis.equilibria.starts import reach_of_starts
from neurodynamics import DynamicalSystem, Interrupted, Status
from neurodynamics.compiling import as_workers
from neurodynamics.progress import progress_bar
from neurodynamics.validation import Floats, as_auto, as_count, as_floats, as_generator, as_number

CERTIFY_UP_TO = 20  # neurons of a dense network that a search of MAX_BOXES usually decides
TRIAL = 5e8  # boxes times N^3 that are tried on larger ones, which may be easy: about a second
OF_TRIAL = 0.25  # of the time, if there is a limit, for that trial
UNKNOWN = -1


class PointSearch:
    """One call, with its arguments checked; what it returns are the fields of a `FixedPoints`."""

    def __init__(self, system: Any, inputs: Any, certify: Any, bounds: Any, period: Any, rng: Any, max_boxes: Any,
                 starts: Any, timeout: Any, workers: Any, progress: Any) -> None:  # fmt: skip
        self.system = require_system(system)
        self.drive = constant_drive(system, inputs)
        self.period = as_count(period, "period", minimum=1)
        if self.period > 1 and system.kind == "flow":
            raise ValueError("`period` has a meaning for maps only; for cycles of a flow see limit_cycle.")
        certify = as_auto(certify, "certify")
        self.obstacle = why_not_certified(system)
        if certify is True and self.obstacle:
            raise ValueError(f"`certify` must be 'auto' or False here: {self.obstacle}.")
        self.certify = certify
        self.bounds = _as_bounds(bounds, system.state_dim)
        self.rng = as_generator(rng)
        self.max_boxes = None if max_boxes is None else as_count(max_boxes, "max_boxes")
        self.starts = None if starts is None else as_count(starts, "starts")
        self.timeout = None if timeout is None else as_number(timeout, "timeout", minimum=0.0)
        self.workers = as_workers(workers)
        self.progress = bool(progress)
        self.deadline = None if self.timeout is None else time.perf_counter() + self.timeout
        self.symmetric = _is_symmetric(system)
        self.weight_error = 0.0  # of the weights of the classes
        self.of_classes: tuple[Classes, PointSearch] | None = None
        self._so_far: tuple[dict[str, Any] | None, str, Found] | None = None

    def run(self) -> dict[str, Any]:
        """Search, in the way that the system and the arguments allow."""
        require_autonomous(self.system, self.drive)
        if self.system.state_dim == 0:
            return self._without_states()
        classes = fewer_neurons(self.system, self.drive, CERTIFY_UP_TO)
        if classes is not None and (self.bounds is None or (np.diff(classes.bounds(self.bounds)) >= 0).all()):
            self.of_classes = classes, self._of_classes(classes)
            return self._expanded(classes, self.of_classes[1].run())
        if self.certify is False or self.obstacle:
            return self._from_starts(None, self.obstacle or "no proof was asked for")
        try:
            found, interrupted = self._enclosed()
        except ValueError as error:
            if self.certify is True or "`bounds`" not in str(error) or self.bounds is not None:
                raise
            return self._from_starts(None, "the activation is unbounded and no `bounds` were given")
        proved = self._proved(found, interrupted)
        self._so_far = proved, found.reason, Found.of(proved["x"])
        undecided = not found.complete and is_out_of_budget(found)
        if interrupted or self.certify is True or not undecided or self.timeout == 0:
            return proved
        return self._from_starts(proved, found.reason)

    # Neurons that are equal are counted once ----------------------------------------------------------------------------

    def _of_classes(self, classes: Classes) -> PointSearch:
        inner = copy.copy(self)
        inner.system, inner.drive = classes.of(self.system.structure("additive"), self.drive)  # type: ignore[arg-type]
        inner.weight_error = UNIT
        inner.bounds = None if self.bounds is None else classes.bounds(self.bounds)
        return inner

    def _expanded(self, classes: Classes, found: dict[str, Any]) -> dict[str, Any]:
        """Return what was found of the classes as states of all neurons."""
        x = classes.expand(found["x"])
        rows = np.lexsort(x.T[::-1])
        per_point = ("radius", "certified", "index_certified", "hits", "_proved_index")
        return found | {name: found[name][rows] for name in per_point} | {
            "x": x[rows], "unresolved": tuple(map(classes.unresolved, found["unresolved"])),
            "system": self.system, "inputs": self.drive, "bounds": self.bounds,
        }  # fmt: skip

    # With proof ------------------------------------------------------------------------------------------------------

    def _enclosed(self) -> tuple[Enclosures, bool]:
        self.net = NetInputs.of(self.system, self.drive)  # type: ignore[arg-type]
        most = MAX_BOXES if self.max_boxes is None else self.max_boxes
        n = self.system.state_dim
        seconds = self.timeout
        if self.certify == "auto" and self.max_boxes is None and n > CERTIFY_UP_TO:
            most = max(1, int(TRIAL / n**3))
            seconds = None if seconds is None else OF_TRIAL * seconds
        bar = progress_bar(most) if self.progress else None

        def show(boxes: int, points: int, waiting: int) -> None:
            if bar is not None:
                bar.update(boxes - bar.n)

        try:
            found = enclose_equilibria(
                self.net.A, self.net.beta, self.net.network.activation, bounds=self.net.bounds(self.bounds),
                rates=self.net.rates, weight_error=self.net.weight_error + self.weight_error, beta_error=self.net.beta_error,
                max_boxes=most, timeout=seconds, workers=self.workers, progress=show if self.progress else None,
            )  # fmt: skip
        except Interrupted as stopped:
            return stopped.result, True
        finally:
            if bar is not None:
                bar.close()
        return found, False

    def _proved(self, found: Enclosures, interrupted: bool) -> dict[str, Any]:
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

    def _from_starts(self, proved: dict[str, Any] | None, why: str) -> dict[str, Any]:
        search = Multistart(self.system, self.drive, self.period, self.bounds)
        found = Found.of(np.empty((0, self.system.state_dim)) if proved is None else proved["x"])
        self._so_far = proved, why, found
        overlaps = overlaps_of(self.system, self.drive) if self.period == 1 else None
        options: dict[str, Any] = {"starts": self.starts, "deadline": self.deadline, "progress": self.progress}
        if overlaps is None:
            search.run(self.rng, found, **options)
        else:
            why = f"{why}; sought in the overlaps with {overlaps.dim} pattern{'s' if overlaps.dim > 1 else ''}"
            few = OverlapSearch(overlaps, self.system, self.drive)
            few.in_states(few.run(self.rng, Found.of(overlaps.from_states(found.x)), **options), search, found)
        search.sort_flat(found, self.deadline)
        beyond = beyond_reset(self.system, found.x, self.drive)
        found.x, found.error, found.hits = found.x[~beyond], found.error[~beyond], found.hits[~beyond]
        if beyond.any():
            why = f"{why}; {int(beyond.sum())} point(s) beyond a reset are left out"
        found.missing = search.missing(found)
        orbit = search.keep_exact_period(found) if self.period > 1 else np.arange(len(found.x))
        status = Status.INTERRUPTED if found.interrupted else Status.TIMEOUT if found.timed_out else Status.SUCCESS
        return self._listed(proved, self._why_incomplete(why, found), found, orbit, status)

    def so_far(self, status: Status) -> dict[str, Any]:
        """Return what there is while the search is still under way."""
        if self.of_classes is not None:
            classes, inner = self.of_classes
            return self._expanded(classes, inner.so_far(status))
        ended = "interrupted" if status == Status.INTERRUPTED else "`timeout` was used up"
        proved, why, found = self._so_far or (None, "nothing was found yet", Found.of(np.empty((0, self.system.state_dim))))
        seen = found.seen()
        why = f"{ended}; {why}; {seen.starts} random starts, some of which were still on their way"
        return self._listed(proved, why, seen, np.arange(len(seen.x)), status)

    def _listed(
        self, proved: dict[str, Any] | None, reason: str, found: Found, orbit: np.ndarray, status: Status
    ) -> dict[str, Any]:
        count = 0 if proved is None or self.period > 1 else len(proved["x"])
        certified = np.arange(len(found.x)) < count
        radius, index = found.error.copy(), np.full(len(found.x), UNKNOWN)
        if proved is not None:
            radius[:count], index[:count] = proved["radius"], proved["_proved_index"]
        unresolved = (*(() if proved is None else proved["unresolved"]), *found.sets)
        rows = np.lexsort(found.x.T[::-1])
        return self._result(
            found.x[rows], radius[rows], certified=certified[rows], index=index[rows], complete=False,
            reason=reason, unresolved=unresolved, boxes=0 if proved is None else proved["boxes"], status=status,
            starts=found.starts, hits=found.hits[rows], missed=found.missed, orbit=_renumbered(orbit[rows]),
        )  # fmt: skip

    def _why_incomplete(self, why: str, found: Found) -> str:
        ended = f"{found.reason}; " if found.reason else ""
        where = reach_of_starts(self.system, self.bounds)
        missed = f", about {found.missed:.2g} points missed" if found.missed == found.missed else ""
        if not found.sets and not self._any_attracts(found):
            missed = ", none of the points attracts, so some are missed"
        if found.missing:
            missed += f", at least {found.missing} of them because the indices do not sum to 1"
        sets = f"; {len(found.sets)} set(s) of points that are not isolated, or a tail, see `unresolved`"
        return f"{ended}{why}; {found.starts} random starts{where}{missed}{sets if found.sets else ''}"

    def _any_attracts(self, found: Found) -> bool:
        """Whether a symmetric network, which comes to rest from nearly everywhere, has a stable point in the list."""
        if not self.symmetric or not len(found.x):
            return True
        J = jacobians_at(self.system, found.x, self.drive)
        return bool((np.linalg.eigvals(J).real.max(axis=1) < 0).any())

    def _without_states(self) -> dict[str, Any]:
        return self._result(np.zeros((1, 0)), np.zeros(1), certified=np.ones(1, dtype=bool), index=np.zeros(1, dtype=int),
                            complete=True, reason="", unresolved=(), boxes=0, status=Status.SUCCESS)  # fmt: skip

    def _result(self, x: Floats, radius: Floats, *, certified: np.ndarray, index: np.ndarray, complete: bool, reason: str,
                unresolved: tuple, boxes: int, status: Status, starts: int = 0, hits: Any = None, missed: float = 0.0,
                orbit: Any = None) -> dict[str, Any]:  # fmt: skip
        if not complete and not starts:
            missed = float("nan")
        return {
            "x": x, "radius": radius, "certified": certified, "index_certified": index != UNKNOWN, "complete": complete,
            "reason": reason, "unresolved": unresolved, "boxes": boxes, "starts": starts,
            "hits": np.zeros(len(x), dtype=np.int64) if hits is None else hits, "missed": missed, "status": status,
            "period": self.period, "orbit": np.arange(len(x)) if orbit is None else orbit, "bounds": self.bounds,
            "system": self.system, "inputs": self.drive, "_proved_index": index,
        }  # fmt: skip


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


def _is_symmetric(system: DynamicalSystem) -> bool:
    """Whether a system is a symmetric network, which comes to rest from nearly everywhere."""
    net = system.structure("additive")
    return net is not None and bool(np.allclose(net.weights, net.weights.T))


def _renumbered(orbit: np.ndarray) -> np.ndarray:
    """Number the orbits in the order of their first points."""
    _, first, inverse = np.unique(orbit, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse] if orbit.size else orbit
