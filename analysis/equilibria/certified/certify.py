"""Every equilibrium of an additive network, with proof.

In net-input variables an equilibrium is a solution of ``x = beta + A phi(x)``. A box that holds all of them is cut until
each part is empty, holds exactly one, or is too small to cut; nothing is dropped. Parts that are too small are searched
again with finer and finer cuts, one connected set after the other: close pairs of equilibria come apart, a fold remains
a few boxes, and a continuum shows by the growing number of its boxes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.equilibria.certified.budget import Budget
from analysis.equilibria.certified.clusters import Unresolved, connected, describe
from analysis.equilibria.certified.explore import Explorer
from analysis.equilibria.certified.index import UNKNOWN, proved_index
from analysis.equilibria.certified.memory import PAD, prepare, ranges_around
from analysis.equilibria.certified.relaxation import is_relaxable, relaxation
from analysis.equilibria.certified.rounding import UNIT
from analysis.equilibria.certified.start import first_box
from neurodynamics.activations import Activation, activation as find_activation
from neurodynamics.status import Interrupted
from neurodynamics.validation import as_floats

MAX_BOXES = 2_000_000
FINENESS = (2.0**-8, 2.0**-14, 2.0**-20, 2.0**-27)  # of the natural width: where boxes are no longer cut, in turn
MOST_SMALL = 20_000  # undecided boxes of the first fineness
GROWTH = 4, 64  # where k boxes become more than 4 k + 64 finer ones, there is a continuum


@dataclass(frozen=True, eq=False)
class Enclosures:
    """All equilibria of a network in a box.

    Attributes
    ----------
    x : ndarray, shape (K, N)
        Equilibria in net-input variables, polished to rounding, in lexicographic order.
    radius : ndarray, shape (K,)
        Exactly one equilibrium lies within `radius` of ``x[k]`` in every coordinate: proved.
    isolation : ndarray, shape (K,)
        And no other one lies within `isolation` of it: proved.
    index : ndarray of int, shape (K,)
        Proved number of unstable directions of the flow; -1 where the proof did not succeed or no rates were given.
    stable_proved : ndarray of int, shape (K,)
        1 stable, -1 unstable, 0 unknown.
    unresolved : list of Unresolved
        Connected sets about which nothing is proved.
    boxes : int
        How many boxes were examined.
    complete : bool
        Whether every equilibrium in the searched box is in `x`: nothing is unresolved.
    reason : str
        Why the list is not complete; empty if it is.
    lower, upper : ndarray, shape (N,)
        The box that was searched. Without `bounds`, it holds every equilibrium there is.
    """

    x: np.ndarray
    radius: np.ndarray
    isolation: np.ndarray
    index: np.ndarray
    stable_proved: np.ndarray
    unresolved: list[Unresolved]
    boxes: int
    complete: bool
    reason: str
    lower: np.ndarray
    upper: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        state = "complete" if self.complete else f"incomplete: {self.reason}"
        return f"Enclosures({len(self)} points, {self.boxes} boxes, {state})"


def enclose_equilibria(
    A: ArrayLike,
    beta: ArrayLike,
    activation: str | Activation,
    *,
    bounds: tuple[ArrayLike, ArrayLike] | None = None,
    rates: ArrayLike | None = None,
    weight_error: float = 0.0,
    beta_error: ArrayLike = 0.0,
    max_boxes: int = MAX_BOXES,
    timeout: float | None = None,
    workers: int = 1,
    refine: bool = True,
    progress: Callable[[int, int, int], object] | None = None,
) -> Enclosures:
    """Find all solutions of ``x = beta + A phi(x)``, and prove each of them.

    For the network ``tau_i y_i' = -lambda_i y_i + sum_j W_ij phi(g_j (y_j + b_j)) + I_i`` take x = g (y + b),
    ``A[i, j] = g_i W[i, j] / lambda_i`` and ``beta_i = g_i (b_i + I_i / lambda_i)``, gains of any sign, zero included.

    Parameters
    ----------
    A : array_like, shape (N, N)
    beta : array_like, shape (N,)
    activation : str or Activation
        One whose shape is known: see ``is_relaxable``.
    bounds : (array_like, array_like), optional
        Least and largest net inputs; the list is complete between them. Needed where the activation is unbounded and
        the weights do not limit its growth.
    rates : array_like, shape (N,), optional
        ``lambda / tau`` of each neuron, positive; without them there is no index.
    weight_error, beta_error : float, array_like, optional
        Relative error of every weight and absolute error of every beta. All proofs hold for each network within them.
    max_boxes, timeout : int, float, optional
        What the search may cost. Where it is not enough, the result holds what was found, and the rest as unresolved.
    workers : int, default 1
        Threads. The result is the same for any number.
    refine : bool
        Whether to search again, with finer cuts, where small boxes remain, and to describe what is unresolved. Without it
        a list is complete, or found not to be, soon.
    progress : callable, optional
        Called as ``progress(boxes examined, points found, boxes waiting)`` a few times a second or oftener.

    Returns
    -------
    Enclosures

    Raises
    ------
    ValueError
        Where the activation's shape is not known, or bounds are needed.
    Interrupted
        By Ctrl-C, with the partial result.
    """
    A, beta, activation = as_floats(A, "A"), as_floats(beta, "beta"), find_activation(activation)
    n = beta.size
    if beta.ndim != 1 or n == 0 or A.shape != (n, n):
        raise ValueError(f"`A` and `beta` must have shapes (N, N) and (N,); got {A.shape} and {beta.shape}.")
    if not is_relaxable(activation):
        raise ValueError(f"`activation` must be one whose shape is known, for proofs; {activation.name!r} is not.")
    beta_error = np.zeros(n) + as_floats(beta_error, "beta_error")
    low, high = _searched_box(A, beta, activation, bounds, beta_error, weight_error)
    kernels = relaxation(activation)
    net = prepare(A, beta, kernels, low, high, weight_error=weight_error, beta_error=beta_error)
    width = (activation.range[1] - activation.range[0]) / activation.max_slope
    natural = np.minimum(high - low, width)
    rounding = 16.0 * (net.block.reshape(-1, net.p)[2 * n + PAD, :n] + UNIT * np.maximum(np.abs(low), np.abs(high)))
    widest = width if np.isfinite(width) else max(float((high - low).max()), 1.0)
    explorer = Explorer(net, widest, max(1, workers))
    budget = Budget(max_boxes, timeout, progress, n)  # the clock starts when all is compiled
    left = [np.concatenate([low, high])[None]] if (low <= high).all() else []
    remaining = _explore_finer(explorer, left, natural, rounding, budget, FINENESS if refine else FINENESS[:1])
    if remaining and not refine:
        budget.reason = budget.reason or "not refined"
        remaining = []
    unresolved = [describe(boxes.reshape(-1, 2, n), cause, A, beta, activation) for boxes, cause in remaining]
    x, radius, isolation = _distinct(np.concatenate([np.zeros((0, n + 2)), *explorer.points]), low, high)
    index = np.full(len(x), UNKNOWN)
    if rates is not None and len(x):
        rates = np.zeros(n) + as_floats(rates, "rates")
        index = proved_index(A, rates, ranges_around(kernels.slopes, x, radius), weight_error)
    result = Enclosures(
        x, radius, isolation, index, np.where(index == UNKNOWN, 0, np.where(index == 0, 1, -1)), unresolved,
        budget.boxes, not (unresolved or budget.reason), _reason(budget, unresolved), low, high,
    )  # fmt: skip
    if budget.interrupted:
        raise Interrupted(result)
    return result


def _searched_box(
    A: np.ndarray, beta: np.ndarray, activation: Activation, bounds: Any, beta_error: np.ndarray, weight_error: float
) -> tuple[np.ndarray, np.ndarray]:
    box = first_box(A, beta, activation, beta_error, weight_error)
    if bounds is None:
        if box is None:
            raise ValueError(
                f"`bounds` are needed: {activation.name!r} is unbounded, and the weights do not limit its growth."
            )
        return box
    low, high = (np.zeros(beta.size) + as_floats(end, "bounds") for end in bounds)
    if (low > high).any():
        raise ValueError(f"`bounds` must be (least, most) with least <= most; got {bounds}.")
    return (low, high) if box is None else (np.maximum(low, box[0]), np.minimum(high, box[1]))


def _explore_finer(
    explorer: Explorer, left: list[np.ndarray], natural: np.ndarray, rounding: np.ndarray, budget: Budget,
    stages: tuple[float, ...],
) -> list[tuple[np.ndarray, str]]:
    """Search with finer and finer cuts; return the connected sets that remain, and why."""
    remaining = []
    for stage, fineness in enumerate(stages):
        found = []
        for boxes in left:
            most = MOST_SMALL if stage == 0 else GROWTH[0] * len(boxes) + GROWTH[1]
            small, rest = explorer.explore(boxes, np.maximum(fineness * natural, rounding), budget, most)
            if budget.reason:
                remaining.append((np.concatenate([small, rest]), "budget"))
            elif len(small) > most:
                remaining.append((boxes if stage else np.concatenate([small, rest]), "degenerate"))
            else:
                found.append(small)
        left = [part for small in found for part in _connected(small)]
    remaining += [(boxes, "degenerate") for boxes in left]
    return [(part, cause) for boxes, cause in remaining for part in _connected(boxes)]


def _connected(boxes: np.ndarray) -> list[np.ndarray]:
    return [boxes[members] for members in connected(boxes.reshape(-1, 2, boxes.shape[1] // 2))]


def _distinct(found: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each equilibrium once, in lexicographic order, without those that surely lie outside the box.

    Two proofs are of the same equilibrium where their enclosures meet: each isolation is several radii long. Otherwise
    the enclosures are disjoint and so are the equilibria.
    """
    x, radius = found[:, :-2], found[:, -2]
    inside = ((x + radius[:, None] >= low) & (x - radius[:, None] <= high)).all(axis=1)
    found = found[inside]
    order = np.lexsort([*found[:, :-2].T[::-1], found[:, -2]])  # the smallest radius first
    found = found[order]
    x, radius = found[:, :-2], found[:, -2]
    n = x.shape[1]
    # along a line in general position, only equal points have nearly equal places
    direction = np.modf(np.arange(1, n + 1) * 0.6180339887498949)[0] + 0.5
    direction /= direction.sum()
    place = x @ direction
    sorted_ = np.argsort(place, kind="stable")
    reach = 2.0 * radius.max(initial=0.0) + 16.0 * UNIT * np.abs(x).max(initial=0.0)
    keep = np.ones(len(x), bool)
    for shift in range(1, len(x)):
        a, b = sorted_[:-shift], sorted_[shift:]
        near = place[b] - place[a] <= reach
        if not near.any():
            break
        a, b = a[near], b[near]
        rounding = 4.0 * UNIT * np.abs(x[a]).max(axis=1)
        same = np.abs(x[a] - x[b]).max(axis=1) <= radius[a] + radius[b] + rounding
        keep[np.maximum(a, b)[same]] = False
    found = found[keep]
    found = found[np.lexsort(found[:, :-2].T[::-1])]
    return np.ascontiguousarray(found[:, :-2]), found[:, -2].copy(), found[:, -1].copy()


def _reason(budget: Budget, unresolved: list[Unresolved]) -> str:
    sets = "1 connected set of boxes is" if len(unresolved) == 1 else f"{len(unresolved)} connected sets of boxes are"
    if budget.reason:
        return f"{budget.reason}; {sets} left"
    return f"{sets} too degenerate to decide" if unresolved else ""
