"""All fixed points of a flow or a map: proved where that is possible, from many starts elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import jacobians_at, residuals_at
from analysis.equilibria.certified import Unresolved
from analysis.equilibria.linearisation import Spectra, Stability, jacobian_errors
from analysis.equilibria.point_search import PointSearch
from neurodynamics import DynamicalSystem, Status
from neurodynamics.lazily import cached_property
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.tables import state_columns, table
from neurodynamics.validation import Floats, as_number_of
from neurodynamics.watched import as_on_interrupt, long_call

WIDEST = 1e-3  # radius within which a Jacobian is compared with itself; it is estimated, and large, at degenerate points


@dataclass(frozen=True, eq=False, repr=False)
class FixedPoints(Record):
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

    @cached_property
    def jacobians(self) -> Floats:
        """Jacobians (K, N, N) of f, for a map of f^period."""
        return jacobians_at(self.system, self.x, self.inputs, self.period)

    @cached_property
    def _spectra(self) -> Spectra:
        error = np.abs(self._moved_jacobians - self.jacobians)
        error += jacobian_errors(self.system, self.x, self.inputs, self.period, self.jacobians)
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

    @cached_property
    def index(self) -> np.ndarray:
        """Number (K,) of unstable directions: proved where `index_certified`."""
        return self._proved_index if self.index_certified.all() else self._index_with_spectra

    @property
    def _index_with_spectra(self) -> np.ndarray:
        return np.where(self.index_certified, self._proved_index, self._spectra.index)

    @cached_property
    def stable(self) -> np.ndarray:
        """Whether each point (K,) attracts its neighbourhood: proved where `index_certified`."""
        if self.index_certified.all():
            return self._proved_index == 0
        return np.where(self.index_certified, self._proved_index == 0, self._spectra.stable)

    @cached_property
    def kind(self) -> np.ndarray:
        """What each point (K,) is: a :class:`PointKind`, such as "saddle-focus"."""
        return np.array([self._spectra.kind(k) for k in range(len(self))], dtype=object)

    def stability(self, k: int) -> Stability:
        """Return all about the linearisation at point k: time scales, periods, .."""
        return self._spectra[as_number_of(k, "k", len(self), "fixed point")]

    @cached_property
    def residual(self) -> Floats:
        """Largest element (K,) of f(y), for a map of f^period(y) - y."""
        return np.abs(residuals_at(self.system, self.x, self.inputs, self.period)).max(axis=1, initial=0.0)

    @cached_property
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

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame``, a row a point: its state, kind, unstable directions, and how sure that is.

        Needs the package pandas: ``pip install "neural-attractors[pandas]"``.
        """
        names = ("stable", "index", "radius", "certified", "index_certified", "hits", "orbit")
        kinds = {"kind": [str(kind) for kind in self.kind]}
        return table(state_columns(self.x) | kinds | {name: getattr(self, name) for name in names})

    plot = drawn("plot_fixed_points", "Draw the points")

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
    search = PointSearch(system, inputs, certify, bounds, period, rng, max_boxes, starts, timeout, workers, progress)
    found: FixedPoints = long_call(
        lambda: FixedPoints(**search.run()), lambda status: FixedPoints(**search.so_far(status)), timeout=search.timeout,
        on_interrupt=as_on_interrupt(on_interrupt),
    )  # fmt: skip
    return found


def none_yet(system: DynamicalSystem, drive: Floats, status: Status) -> FixedPoints:
    """Return the record of a search that was ended before it found anything."""
    search = PointSearch(system, drive, False, None, 1, 0, None, None, None, 1, False)
    return FixedPoints(**search.so_far(status))
