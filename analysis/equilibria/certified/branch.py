"""Branch and prune: cut boxes until each is empty, holds one proved equilibrium, or is too small to cut."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.equilibria.certified.contraction import separate, sweeps, use_rows
from analysis.equilibria.certified.memory import BOX, HIGH, LINE, LOW, PAD, S, X, columns, given, searched, tableau, vector
from analysis.equilibria.certified.proof import prove
from analysis.equilibria.certified.relaxation import evaluate
from analysis.equilibria.certified.rows import EMPTY
from analysis.equilibria.certified.tableau import linearise
from neurodynamics.compiling import kernel

STALLED = 0.8  # a round that leaves this share of the widths, or more, is the last one
OFF_CENTRE = 0.4877  # where to cut when nothing is better: symmetric networks have equilibria in the middle
EDGE = 0.05  # cuts nearer to an end than this share of the interval are moved
UNDECIDED, NOTHING, PROVED = range(3)
TOP, BOXES, POINTS, SMALL = range(4)  # of Found.count


class Found(NamedTuple):
    """The boxes still to be searched, and what was found."""

    stack: np.ndarray  # (depth, 2 n) lower and upper ends
    points: np.ndarray  # (capacity, n)
    radius: np.ndarray  # (capacity,)
    isolation: np.ndarray
    small: np.ndarray  # (capacity, 2 n) undecided boxes too small to cut
    count: np.ndarray  # type: ignore[assignment]  # (4,) boxes on the stack, boxes examined, points, small boxes


@kernel
def branch_and_prune(net, memory, variables, found, finest, widest, most):
    """Examine up to `most` boxes, or until a list is full.

    Intervals narrower than `finest` are not cut; `widest` is the largest isolation that is tried for a point.
    """
    search = searched(net, memory, variables)
    n, count, stack = search.n, found.count, found.stack
    low, high, x = vector(search, LOW), vector(search, HIGH), vector(search, X)
    for _ in range(most):
        full = (
            count[TOP] + 2 > stack.shape[0] or count[POINTS] == found.points.shape[0] or count[SMALL] == found.small.shape[0]
        )
        if count[TOP] == 0 or full:
            return
        count[TOP] -= 1
        count[BOXES] += 1
        for j in range(n):
            low[j], high[j] = stack[count[TOP], j], stack[count[TOP], n + j]
        state, radius, isolation = _examine(search, widest)
        if state == PROVED:
            for j in range(n):
                found.points[count[POINTS], j] = x[j]
            found.radius[count[POINTS]], found.isolation[count[POINTS]] = radius, isolation
            count[POINTS] += 1
        elif state == UNDECIDED:
            c, cut = _where_to_cut(search, finest)
            if c < 0:
                for j in range(n):
                    found.small[count[SMALL], j], found.small[count[SMALL], n + j] = low[j], high[j]
                count[SMALL] += 1
            else:
                for half in range(2):
                    for j in range(n):
                        stack[count[TOP] + half, j], stack[count[TOP] + half, n + j] = low[j], high[j]
                stack[count[TOP], n + c] = cut
                stack[count[TOP] + 1, c] = cut
                count[TOP] += 2


@kernel
def _examine(search, widest):
    """What the box holds, and the radius and isolation of an equilibrium that is proved."""
    line, low, high = vector(search, LINE), vector(search, LOW), vector(search, HIGH)
    left = 0.0
    while left < STALLED:
        before = _size(search)
        if sweeps(search) == EMPTY:
            return NOTHING, 0.0, 0.0
        evaluate(search.values, low, high, search.p, vector(search, S))
        evaluate(search.lines, low, high, search.p, line)
        solved = linearise(search, line, tableau(search, BOX))
        if use_rows(search) == EMPTY:
            return NOTHING, 0.0, 0.0
        if solved:
            radius, isolation = prove(search, widest)
            if radius > 0.0:
                return PROVED, radius, isolation
        if separate(search) == EMPTY or use_rows(search) == EMPTY:
            return NOTHING, 0.0, 0.0
        left = _size(search) / before if before > 0.0 else 1.0
    return UNDECIDED, 0.0, 0.0


@kernel
def _size(search):
    """Sum of the widths."""
    low, high = vector(search, LOW), vector(search, HIGH)
    size = 0.0
    for j in range(search.n):
        size += high[j] - low[j]
    return size


@kernel
def _where_to_cut(search, finest):
    """A neuron, or -1 where all intervals are fine enough, and the place.

    It is the neuron whose error of linearisation moves the rows most, cut where its line errs most; the widest, where
    all errors of linearisation are rounding.
    """
    n, p, A = search.n, search.p, columns(search)
    low, high, line, pad = vector(search, LOW), vector(search, HIGH), vector(search, LINE), given(search, PAD)
    best, c, widest, w = 0.0, -1, 1.0, -1
    for j in range(n):
        relative = (high[j] - low[j]) / finest[j]
        if relative <= 1.0:
            continue
        if relative > widest:
            widest, w = relative, j
        effect = 0.0
        for i in range(n):
            effect += max(abs(A[j * p + i]) * line[2 * p + j] - 4.0 * pad[i], 0.0)
        if effect > best:
            best, c = effect, j
    c = c if c >= 0 else w
    if c < 0:
        return -1, 0.0
    a, b, cut = low[c], high[c], line[3 * p + c]
    if not a + EDGE * (b - a) < cut < b - EDGE * (b - a):
        cut = a + OFF_CENTRE * (b - a)
    return (c, cut) if a < cut < b else (-1, 0.0)
