"""The Wada property: every boundary point of a basin is one of all basins. By the grid method and by merging."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation

from analysis.attractors import Basins, on_boundary
from analysis.common import deadline_in
from neurodynamics import UNDECIDED, Status
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_instance, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

WADA, NOT_WADA = 0.95, 0.5  # share of the boundary from which on, and up to which, a verdict is given
MOST = 16  # refinements: 2^15 states beside each cell
FATTEST = 5  # cells that a boundary is made wider by


@dataclass(frozen=True, eq=False, repr=False)
class Wada(Record):
    """How much of a boundary between basins is one between all of them.

    Attributes
    ----------
    ids : array of int, shape (A,)
        The basins: all labels in the plane but UNDECIDED.
    cells : int
        How many cells lie on a boundary.
    shares : array, shape (Q,)
        Share of these beside which all basins are found: among the neighbours at first, then with 1, 3, 7, .. further
        states between a cell and a neighbour (the grid method [1]_). It goes to 1 for basins of Wada.
    outside : array, shape (5,)
        The largest share of the boundary of one basin with the rest that is farther than 1, .., 5 cells from the boundary
        of another one (merging [2]_). 0 for basins of Wada, where all these boundaries are the same.
    status : Status
    """

    ids: np.ndarray
    cells: int
    shares: Floats
    outside: Floats
    status: Status

    @property
    def verdict(self) -> bool | None:
        """Whether the basins are Wada as far as this resolution shows: both methods agree; None where that is open."""
        if len(self.ids) < 3 or not self.cells:
            return False if len(self.ids) < 3 else None
        if self.shares[-1] >= WADA and self.outside[-1] <= 1.0 - WADA:
            return True
        return False if self.status.success and self.shares[-1] <= NOT_WADA else None

    def __repr__(self) -> str:
        word = {True: "Wada", False: "not Wada", None: "undecided"}[self.verdict]
        return (f"Wada({word}: {len(self.ids)} basins, {100 * self.shares[-1]:.4g} % of the boundary beside all of them, "
                f"{100 * self.outside[-1]:.4g} % off another one's)")  # fmt: skip


def wada(basins: Basins, *, refinements: int = 6, timeout: float | None = None, on_interrupt: str = "raise") -> Wada:
    """Tell whether basins in a plane have the Wada property.

    Parameters
    ----------
    basins : Basins
        Of a plane, or of a line.
    refinements : int
        How often the states between a boundary cell and a neighbour are doubled in search of the other basins.
    timeout : float, optional
        Seconds; the shares of the refinements that were finished are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what is known as ``.result``, or returns it.

    Returns
    -------
    Wada

    References
    ----------
    .. [1] Daza, Wagemakers, Sanjuan & Yorke (2015), Sci. Rep. 5, 16579.
    .. [2] Daza, Wagemakers & Sanjuan (2018), Sci. Rep. 8, 9954.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import basins, find_attractors, wada
    >>> wada(basins(find_attractors(CTRNN([[8, 0], [0, 8]], biases=-4)), resolution=50), refinements=2).verdict
    False
    """
    if not as_instance(basins, "basins", Basins).axes:
        raise ValueError("`basins` must be those of a plane; samples have no boundaries. Give `plane` to `basins`.")
    seconds = as_timeout(timeout)
    count = as_count(refinements, "refinements")
    if count > MOST:
        raise ValueError(f"`refinements` must be at most {MOST}, since each doubles the states; got {count}.")
    require_room(basins.labels.size * 2.0**count, "refinements")
    test = _Test(basins, count, deadline_in(seconds))
    found: Wada = long_call(test.run, test.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))
    return found


class _Test:
    def __init__(self, basins: Basins, refinements: int, deadline: float | None) -> None:
        self.basins, self.refinements, self.deadline = basins, refinements, deadline
        self.ids = np.unique(basins.labels[basins.labels != UNDECIDED])
        self.cells, self.shares, self.outside = 0, [0.0], np.zeros(FATTEST)

    def so_far(self, status: Status) -> Wada:
        """Return the shares of what is finished."""
        return Wada(self.ids, self.cells, np.array(self.shares), self.outside, status)

    def run(self) -> Wada:
        try:
            self.outside = _merged(self.basins.labels, self.ids)
            return self.so_far(self._grid())
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)

    def _grid(self) -> Status:
        labels = self.basins.labels
        cells = np.argwhere(on_boundary(labels) & (labels != UNDECIDED))
        self.cells = len(cells)
        if not len(cells):
            return Status.SUCCESS
        seen = np.zeros((len(cells), len(self.ids)), dtype=bool)
        other = cells.copy()
        for shift in np.ndindex(*(3,) * labels.ndim):
            near = np.clip(cells + np.array(shift) - 1, 0, np.array(labels.shape) - 1)
            found = labels[tuple(near.T)]
            seen |= found[:, np.newaxis] == self.ids
            differs = (found != labels[tuple(cells.T)]) & (found != UNDECIDED)
            other[differs] = near[differs]
        self.shares = [float(seen.all(axis=1).mean())]
        ends = [self.basins.states[np.ravel_multi_index(tuple(each.T), labels.shape)] for each in (cells, other)]
        for q in range(1, self.refinements + 1):
            left = np.flatnonzero(~seen.all(axis=1))
            if len(self.ids) < 3 or not left.size:
                break
            shares = np.arange(1, 2**q, 2)[:, np.newaxis] / 2**q
            between = ends[0][left, np.newaxis] + shares * (ends[1] - ends[0])[left, np.newaxis]
            found = self.basins.attractors._destinations(between.reshape(-1, between.shape[-1]), self.deadline, fine=True)
            if self.deadline is not None and time.perf_counter() >= self.deadline:
                return Status.TIMEOUT
            seen[left] |= (found.reshape(len(left), -1, 1) == self.ids).any(axis=1)
            self.shares.append(float(seen.all(axis=1).mean()))
        return Status.SUCCESS


def _merged(labels: np.ndarray, ids: np.ndarray) -> Floats:
    """Return the largest share of one basin's boundary that is outside another one's, made wider by 1, .., 5 cells."""
    slim = [on_boundary(labels == each) for each in ids]
    around = np.ones((3,) * labels.ndim, dtype=bool)
    out = np.zeros(FATTEST)
    for width in range(1, FATTEST + 1):
        fat = [binary_dilation(each, around, width) for each in slim]
        out[width - 1] = max((float((a & ~b).sum() / max(a.sum(), 1)) for a in slim for b in fat), default=0.0)
    return out
