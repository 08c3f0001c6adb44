"""Integration of many states of one additive network in lanes, each until an attractor absorbs it.

Every lane has its own clock: a state that is decided makes room for the next. Where a trajectory is looked at depends on
its own steps alone, so results do not depend on the lanes, or on the threads.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from analysis.attractors.balls import Ball
from neurodynamics import DIVERGES, UNDECIDED
from neurodynamics.compiling import (
    absolute,
    call,
    fma,
    kernel,
    load,
    over_rows,
    pointer,
    row,
    select_positive,
    splat,
    store,
    width_of,
)
from neurodynamics.systems import LANES as _LANES, invert, lanes_address
from neurodynamics.validation import Floats

LANES = _LANES["float64"]
BLOCK = 4 * LANES  # states that stay together: fewer leave lanes empty
_Y, _STAGE, _K1, _K2, _K3, _K4, _ROWS = range(7)  # rows of the work of a block
LOOKS_COST = 0.25  # of the time of the steps between them
FEWEST, MOST = 4, 64  # steps between looks


def fastest_rate(network: Any) -> float:
    """Return a bound on the norm of the Jacobian: the largest sum of a row."""
    slopes = network.activation.max_slope * np.abs(network.weights * network.gains).sum(axis=1)
    return float(((np.abs(network.leaks) + slopes) / network.time_constants).max(initial=1e-300))


def absorb_in_lanes(
    network: Any,
    drive: Floats,
    states: Floats,
    balls: list[Ball],
    *,
    dt: float,
    duration: float,
    escape: float,
    workers: int,
    deadline: float | None,
    labels: np.ndarray,
    ends: Floats,
) -> None:
    """Follow states (K, N), by Runge-Kutta's method, until each enters a ball, escapes, or has used up its time.

    ``labels`` (K,) becomes the number of the ball, DIVERGES, or UNDECIDED, which it stays for what the deadline, or
    Ctrl-C, leaves; ``ends`` (K, N) become the states where that was known.
    """
    n = network.state_dim
    params = network.params.copy()
    invert(params, n)
    centers = np.array([ball.center for ball in balls]).reshape(-1, n)
    factors = np.array([ball.factor for ball in balls]).reshape(-1, n, n)
    u = np.repeat(drive, LANES)
    every = int(np.clip(len(balls) * (n + 3.0) / (LOOKS_COST * 8.0 * (n + 20.0)), FEWEST, MOST))
    looks = max(1, int(np.ceil(duration / (dt * every))))
    rhs = lanes_address(network.activation, "float64", True)
    stop = np.zeros(1, dtype=np.int64)

    def on_rows(blocks: slice) -> None:
        work = np.zeros((_ROWS, n * LANES))
        seen = np.zeros((3, LANES))
        jobs = np.zeros((2, LANES), dtype=np.int64)
        _run(rhs, params, u, dt, every, looks, escape, centers, factors, states, work, seen, jobs, labels, ends, stop,
             BLOCK * blocks.start, min(BLOCK * blocks.stop, len(states)))  # fmt: skip

    if deadline is None or time.perf_counter() < deadline:
        over_rows(on_rows, -(-len(states) // BLOCK), workers, stop, deadline)


@kernel
def _step(rhs, work, size, u, m, params, p, h):
    """One step of the classical method of Runge and Kutta."""
    y, z = row(work, _Y, size), row(work, _STAGE, size)
    k1, k2, k3, k4 = row(work, _K1, size), row(work, _K2, size), row(work, _K3, size), row(work, _K4, size)
    width = width_of(y)
    call(rhs, 0.0, y, size, u, m, params, p, k1, size)
    for i in range(0, size, width):
        store(z, i, fma(0.5 * h, load(k1, i), load(y, i)))
    call(rhs, 0.0, z, size, u, m, params, p, k2, size)
    for i in range(0, size, width):
        store(z, i, fma(0.5 * h, load(k2, i), load(y, i)))
    call(rhs, 0.0, z, size, u, m, params, p, k3, size)
    for i in range(0, size, width):
        store(z, i, fma(h, load(k3, i), load(y, i)))
    call(rhs, 0.0, z, size, u, m, params, p, k4, size)
    for i in range(0, size, width):
        slopes = (load(k1, i) + load(k4, i)) + 2.0 * (load(k2, i) + load(k3, i))
        store(y, i, fma(h / 6.0, slopes, load(y, i)))


@kernel
def _look(y, n, centers, factors, count, escape, seen):
    """Write for every lane: the squared distance from the nearest ball's center, that ball, and whether it escaped."""
    width = width_of(y)
    for v in range(0, LANES, width):
        nearest, which, away = splat(2.0), splat(-1.0), splat(0.0)
        for i in range(n):
            away = away + select_positive(escape - absolute(load(y, i * LANES + v)), 0.0, splat(1.0))
        for b in range(count):
            total = splat(0.0)
            for r in range(n):
                part = splat(0.0)
                for c in range(r, n):  # the factor is upper triangular
                    part = fma(factors[(b * n + r) * n + c], load(y, c * LANES + v) - centers[b * n + c], part)
                total = fma(part, part, total)
            which = select_positive(nearest - total, splat(1.0 * b), which)
            nearest = select_positive(nearest - total, total, nearest)
        store(seen, v, nearest)
        store(seen, LANES + v, which)
        store(seen, 2 * LANES + v, away)


@kernel
def _run(rhs, params, u, h, every, looks, escape, centers, factors, states, work, seen, jobs, labels, ends, stop, first,
         last):  # fmt: skip
    """Follow the states first .. last - 1."""
    n = states.shape[1]
    size, count, m, p = n * LANES, centers.shape[0], u.size, params.size
    at_work, at_seen, at_u, at_params = pointer(work), pointer(seen), pointer(u), pointer(params)
    at_centers, at_factors = pointer(centers), pointer(factors)
    y = row(at_work, _Y, size)
    waiting, busy = first, 0
    for lane in range(LANES):
        jobs[0, lane], jobs[1, lane] = -1, 0
        if waiting < last:
            jobs[0, lane] = waiting
            for i in range(n):
                y[i * LANES + lane] = states[waiting, i]
            waiting += 1
            busy += 1
    while busy > 0 and stop[0] == 0:
        _look(y, n, at_centers, at_factors, count, escape, at_seen)
        for lane in range(LANES):
            job = jobs[0, lane]
            if job < 0:
                continue
            inside, away = seen[0, lane] <= 1.0, seen[2, lane] > 0.0
            if not (inside or away or jobs[1, lane] >= looks):
                jobs[1, lane] += 1
                continue
            labels[job] = DIVERGES if away else np.int64(seen[1, lane]) if inside else UNDECIDED
            for i in range(n):
                ends[job, i] = y[i * LANES + lane]
            jobs[0, lane], jobs[1, lane] = -1, 0
            busy -= 1
            if waiting < last:
                jobs[0, lane] = waiting
                for i in range(n):
                    y[i * LANES + lane] = states[waiting, i]
                waiting += 1
                busy += 1
        if busy > 0:
            for _ in range(every):
                _step(rhs, at_work, size, at_u, m, at_params, p, h)
