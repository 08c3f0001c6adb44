"""What was before the start: a constant, a function of time, or a solution, as interpolants like those of steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from neurodynamics.validation import Floats, as_floats

FIRST_PIECES = 16  # of a function, before its errors are looked at
NARROWEST = 1e-9  # share of the past in which a jump is located
MOST_PIECES = 1000
JUMP = 10.0  # times the tolerance: what pieces may differ by where they meet
SLACK = 1e-9  # share of the past that a solution may be too short


class Past(NamedTuple):
    """The history of a run: its state at the start, interpolants before it, and where the history jumps."""

    y0: Floats  # (N,)
    times: Floats  # (S, 3)
    rows: Floats  # (S, D + 1, N)
    jumps: list[tuple[float, int]]  # times, and which derivative


def past_of(given: Any, t0: float, reach: float, system: Any, degree: int, rtol: float, atol: Floats) -> Past:
    """Return the history of a run.

    Parameters
    ----------
    given : array_like (N,), callable ``t -> (N,)``, or Solution
        A vector is a constant history.
    t0, reach : float
        The start, and how far before it delays look.
    degree : int
        Of the interpolants, in which the function is met to the tolerances.
    """
    sol = getattr(given, "sol", None)
    if hasattr(given, "sol"):
        return _of_solution(given, sol, t0, reach, system, degree, rtol, atol)
    if callable(given):
        return _of_function(given, t0, reach, system, degree, rtol, atol)
    y0 = system.check_state(given, "y0")
    rows = np.zeros((1, degree + 1, y0.size))
    rows[0, 0] = y0
    return Past(y0, np.array([[t0 - reach, reach, t0]]), rows, [(t0, 1)])


def _of_solution(
    given: Any, sol: Any, t0: float, reach: float, system: Any, degree: int, rtol: float, atol: Floats
) -> Past:
    if sol is None or not hasattr(sol, "rows"):
        raise ValueError("`y0`, a solution, must have its interpolants; simulate it with dense_output=True.")
    begin, end, slack = sol.times[0, 0], sol.times[-1, 2], SLACK * reach
    if sol.rows.shape[2] != system.state_dim:
        raise ValueError(f"`y0`, a solution, must have state_dim = {system.state_dim} states; got {sol.rows.shape[2]}.")
    if begin > t0 - reach + slack or end < t0 - slack:
        raise ValueError(
            f"`y0`, a solution, must reach from t0 - {reach:g}, the longest delay, to t0 = {t0:g}; it has [{begin:g}, "
            f"{end:g}]."
        )
    jumps = [(float(time), int(order)) for time, order in given.options.get("jumps", ())] + [(t0, 1)]
    if sol.rows.shape[1] > degree + 1:
        as_function = _of_function(lambda t: sol(min(max(t, begin), end)), t0, reach, system, degree, rtol, atol)
        return as_function._replace(jumps=jumps)
    kept = (sol.times[:, 2] > t0 - reach) & (sol.times[:, 0] < t0)
    times, rows = sol.times[kept].copy(), np.zeros((int(kept.sum()), degree + 1, system.state_dim))
    rows[:, : sol.rows.shape[1]] = sol.rows[kept]
    times[-1, 2] = t0
    return Past(system.check_state(sol(min(t0, end)), "y0"), times, rows, jumps)


def _of_function(f: Any, t0: float, reach: float, system: Any, degree: int, rtol: float, atol: Floats) -> Past:
    """Interpolate a function at Chebyshev points, in pieces that are halved until it is met between them."""
    nodes = 0.5 - 0.5 * np.cos((np.arange(degree + 1) + 0.5) * np.pi / (degree + 1))
    between = (np.concatenate([[0.0], nodes]) + np.concatenate([nodes, [1.0]])) / 2
    inverse = np.linalg.inv(np.vander(nodes, degree + 1, increasing=True))
    looked_at = np.vander(between, degree + 1, increasing=True)

    def at(t: float) -> Floats:
        value = np.atleast_1d(as_floats(f(t), f"y0({t:g})"))
        if value.shape != (system.state_dim,):
            raise ValueError(f"`y0({t:g})` must have shape (state_dim,) = ({system.state_dim},); got {value.shape}.")
        if not np.isfinite(value).all():
            raise ValueError(f"`y0({t:g})` must be finite; got {value}.")
        return value

    y0 = at(t0)
    times: list[list[float]] = []
    rows: list[Floats] = []
    jumps: list[tuple[float, int]] = [(t0, 1)]
    edges = np.linspace(t0 - reach, t0, FIRST_PIECES + 1)
    waiting = list(zip(edges[:-1], edges[1:], strict=True))[::-1]
    while waiting:
        a, b = waiting.pop()
        c = inverse @ np.array([at(a + x * (b - a)) for x in nodes])
        seen = np.array([at(a + x * (b - a)) for x in between])
        met = (np.abs(looked_at @ c - seen) <= atol + rtol * np.abs(seen)).all()
        narrow = b - a < NARROWEST * reach
        if not met and not narrow:
            if len(times) + len(waiting) > MOST_PIECES:
                raise ValueError(f"`y0` must be smooth between a few jumps; near t = {a:g} no polynomials follow it.")
            waiting += [(0.5 * (a + b), b), (a, 0.5 * (a + b))]
            continue
        if met:  # else it holds a jump, and the pieces beside it meet at b
            times.append([a, b - a, b])
            rows.append(c)
    after = np.concatenate([np.array(rows)[1:, 0], y0[np.newaxis]])
    apart = np.abs(np.array(rows).sum(axis=1) - after) > JUMP * (atol + rtol * np.abs(after))
    jumps += [(begin, 0) for begin in np.append(np.array(times)[1:, 0], t0)[apart.any(axis=1)].tolist()]
    return Past(y0, np.array(times), np.array(rows), jumps)
