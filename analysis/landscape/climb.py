"""Eigenvector following from minima to saddles, in the metric in which the network is a gradient flow [1]_.

A step is Newton's with the modes reflected: up along the followed one, down along all others.

References
----------
.. [1] Cerjan & Miller (1981), J. Chem. Phys. 75, 2800; Wales (2003), Energy Landscapes, section 6.2.
"""

from __future__ import annotations

import time

import numpy as np

from analysis.landscape.spaces import NeuronSpace, PatternSpace
from neurodynamics.validation import Floats

Space = NeuronSpace | PatternSpace

STEPS = 80
TRUST = 0.1  # of the size of things: the longest step
FLAT = 1e-12  # growth rates below count as this
NEAR = 1e-9  # of the size: a Newton step so short is the last one
FIRST = 0.02  # of the size: the push off a minimum
MODES = 8  # the softest ones of each minimum
WORK = 2e9  # operations times starts times steps, all in all: a few seconds
BATCH = 1e7  # operations of one step of a batch


def climb(space: Space, minima: Floats, size: float, deadline: float | None) -> Floats:
    """Return where one gets from minima (M, d) by following each of the softest modes, both ways: (B, d)."""
    d = space.dim
    afford = int(WORK / (STEPS * space.work * 2 * max(len(minima), 1)))
    local = space.local(minima)
    _, vectors = np.linalg.eigh(local.matrices)
    starts, followed = [], []
    for k in range(max(1, min(d, MODES, afford))):
        mode = vectors[:, :, -1 - k]
        push = np.einsum("bij,bj->bi", local.frame, mode)
        push *= FIRST * size / np.maximum(np.linalg.norm(push, axis=1, keepdims=True), 1e-300)
        starts += [minima + push, minima - push]
        followed += [mode, mode]
    return _in_batches(space, np.concatenate(starts), np.concatenate(followed), size, deadline)


def newton(space: Space, starts: Floats, size: float, deadline: float | None) -> Floats:
    """Return where Newton's method leads to from starts (B, d): to points of any index, or nowhere."""
    return _in_batches(space, starts, None, size, deadline)


def _in_batches(space: Space, z: Floats, followed: Floats | None, size: float, deadline: float | None) -> Floats:
    reached = [np.empty((0, space.dim))]
    step = max(1, int(BATCH / space.work))
    for first in range(0, len(z), step):
        if deadline is not None and time.perf_counter() >= deadline:
            break
        rows = slice(first, first + step)
        reached.append(_follow(space, z[rows], None if followed is None else followed[rows], size, deadline))
    return np.concatenate(reached)


def _follow(space: Space, z: Floats, mode: Floats | None, size: float, deadline: float | None) -> Floats:
    z, moving = z.copy(), np.arange(len(z))
    for _ in range(STEPS):
        if not moving.size or (deadline is not None and time.perf_counter() >= deadline):
            break
        local = space.local(z[moving])
        values, vectors = np.linalg.eigh(local.matrices)
        parts = np.einsum("bi,bij->bj", local.force, vectors)
        if mode is None:
            parts = -parts / np.where(np.abs(values) > FLAT, values, FLAT)
        else:
            rows = np.arange(len(moving))
            chosen = np.abs(np.einsum("bi,bij->bj", mode[moving], vectors)).argmax(axis=1)
            chosen = np.where(values[:, -1] > 0, values.shape[1] - 1, chosen)  # past the inflection: what leads over
            mode[moving] = vectors[rows, :, chosen]
            parts = parts / np.maximum(np.abs(values), FLAT)
            parts[rows, chosen] *= -1
        step = np.einsum("bij,bj->bi", local.frame, np.einsum("bij,bj->bi", vectors, parts))
        length = np.linalg.norm(step, axis=1)
        z[moving] += step * np.minimum(1.0, TRUST * size / np.maximum(length, 1e-300))[:, np.newaxis]
        moving = moving[np.isfinite(length) & (length > NEAR * size)]
    return z
