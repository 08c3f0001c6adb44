"""Continua of fixed points: lines, rings and sheets of them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analysis.attractors.flight import Flight
from analysis.attractors.identify import resting_at
from analysis.attractors.sets import Neighbourhood, nearest_gaps
from analysis.common import equations_at
from neurodynamics.systems import Angles
from neurodynamics.validation import Floats

MOST = 400  # points that are joined
NEIGHBOURS = 4
NEWTON_STEPS = 12
BETWEEN = 0.8  # of their distance: how near to both ends the middle of a link must be
REACH = 3.0  # times the longest link: the neighbourhood of a continuum


def continua(flight: Flight, points: Floats, scale: Floats) -> list[np.ndarray]:
    """Return which of the states of rest (K, N) are on the same continuum, as arrays of their numbers.

    Two neighbours are when the state in the middle between them, taken to rest along the shortest way, stays between them
    and is of their kind.
    """
    some = points[:MOST]
    angles = flight.system.angles
    x = angles.embed(some) / angles.weights(scale)
    count = min(NEIGHBOURS + 1, len(some))
    neighbours = cKDTree(x).query(x, k=count)[1].reshape(len(some), count)
    tried: set[tuple[int, int]] = set()
    group = np.arange(len(some))
    links = {(min(i, j), max(i, j)) for i, row in enumerate(neighbours.tolist()) for j in row if i != j}
    joined: list[tuple[int, int]] = []
    while links:
        joined += [link for link in sorted(links) if _is_joined(flight, some, scale, *link)]
        group = _groups(joined, len(some))
        tried, links = tried | links, _between_groups(x, group) - tried
    nearest = cKDTree(x).query(angles.embed(points) / angles.weights(scale))[1]
    return [np.flatnonzero(group[nearest] == g) for g in range(group.max(initial=-1) + 1)]


def _groups(links: list[tuple[int, int]], count: int) -> np.ndarray:
    rows, columns = np.array(links, dtype=int).reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _between_groups(x: Floats, group: np.ndarray) -> set[tuple[int, int]]:
    """Return the shortest link from each group to any other."""
    links = set()
    for g in range(group.max() + 1) if group.max() > 0 else ():
        own, others = np.flatnonzero(group == g), np.flatnonzero(group != g)
        distance, nearest = cKDTree(x[others]).query(x[own])
        i, j = int(own[np.argmin(distance)]), int(others[nearest[np.argmin(distance)]])
        links.add((min(i, j), max(i, j)))
    return links


def _is_joined(flight: Flight, points: Floats, scale: Floats, i: int, j: int) -> bool:
    a, b = points[i], points[j]
    apart = flight.system.angles.difference
    gap = np.linalg.norm(apart(a, b) / scale)
    if gap < 1e-9:
        return True
    middle = b + 0.5 * apart(a, b)
    if flight.sticks(middle[np.newaxis])[0]:
        return True
    for _ in range(NEWTON_STEPS):
        residual, J = equations_at(flight.system, middle[np.newaxis], flight.drive)
        middle = middle - np.linalg.lstsq(J[0], residual[0], rcond=1e-8)[0]
    rest = resting_at(flight, middle) if np.isfinite(middle).all() else None
    far = max(np.linalg.norm(apart(middle, end) / scale) for end in (a, b))
    return bool(rest is not None and rest.zeros and rest.stable and far <= BETWEEN * gap)


def around(points: Floats, scale: Floats, angles: Angles) -> Neighbourhood:
    """Return the neighbourhood of states of rest: as far as the gaps between them."""
    gap = nearest_gaps(points, scale, angles).max() if len(points) > 1 else 0.0
    return Neighbourhood(points, max(REACH * float(gap), 1e-3), scale, False, 1, angles=angles)
