"""Exact optima of small problems: all states, all subsets of cities, all colourings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurodynamics.validation import Floats

MOST_UNITS, MOST_CITIES, MOST_NODES = 24, 14, 14
ROWS = 256  # states of one half that are looked at together


def least_energy(w: Floats, bias: Floats, values: tuple[float, float]) -> float:
    """Return the least ``-x.Wx/2 - bias.x`` over all x of two values; W symmetric.

    All pairs of states of two halves of the units: what the halves do to each other is one matrix product.
    """
    half = len(bias) // 2
    left, right = all_states(half, values), all_states(len(bias) - half, values)
    own = [-np.einsum("ki,ki->k", x @ part / 2 + b, x) for x, part, b in
           ((left, w[:half, :half], bias[:half]), (right, w[half:, half:], bias[half:]))]  # fmt: skip
    best = np.inf
    for first in range(0, len(left), ROWS):
        rows = slice(first, first + ROWS)
        pairs = own[0][rows, None] + own[1] - left[rows] @ w[:half, half:] @ right.T
        best = min(best, float(pairs.min()))
    return best


def all_states(count: int, values: tuple[float, float]) -> Floats:
    """Return all states of some units, shape (2^count, count)."""
    bits = np.arange(2**count)[:, None] >> np.arange(count) & 1
    return np.where(bits == 1, values[1], values[0])


def shortest_tour(distances: Floats) -> float:
    """Return the length of the shortest tour, by the dynamic programme of Held and Karp.

    ``L(S, j) = min_{i in S - j} L(S - j, i) + d_ij``: the shortest way from city 0 through all of S that ends in j.
    """
    d, count = distances[1:, 1:], len(distances) - 1
    lengths = np.full((2**count, count), np.inf)
    lengths[1 << np.arange(count), np.arange(count)] = distances[0, 1:]
    subsets = np.arange(2**count)
    sizes = (subsets[:, None] >> np.arange(count) & 1).sum(axis=1)
    for size in range(1, count):
        of_size = subsets[sizes == size]
        for j in range(count):
            before = of_size[of_size >> j & 1 == 0]
            lengths[before | 1 << j, j] = (lengths[before] + d[:, j]).min(axis=1)
    return float((lengths[-1] + distances[1:, 0]).min())


def fewest_conflicts(adjacent: NDArray[np.bool_], colours: int) -> int:
    """Return the least number of edges between nodes of one colour, by branching node by node and bounding.

    A new colour is tried once only: which of the unused ones it is makes no difference.
    """
    count = len(adjacent)
    order = np.argsort(-adjacent.sum(axis=1), kind="stable")
    near = adjacent[np.ix_(order, order)]
    chosen, best = np.full(count, -1), int(near.sum() // 2)

    def extend(node: int, used: int, conflicts: int) -> None:
        nonlocal best
        if conflicts >= best:
            return
        if node == count:
            best = conflicts
            return
        wrong = np.bincount(chosen[:node][near[node, :node]], minlength=colours)
        for colour in np.argsort(wrong[: min(used + 1, colours)], kind="stable"):
            chosen[node] = colour
            extend(node + 1, max(used, int(colour) + 1), conflicts + int(wrong[colour]))

    extend(0, 0, 0)
    return best
