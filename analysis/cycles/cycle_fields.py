"""What searches for cycles of flows and of maps share: the record of an undecided search, errors."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from analysis.common import blows_up
from analysis.lyapunov import rest_near
from neurodynamics import DynamicalSystem, Kind, Solution, Status
from neurodynamics.validation import Floats

PUT_THERE = 1e-9  # of the size of the states: a start this close to an unstable equilibrium has been put on it


def no_cycle(system: DynamicalSystem, last: Solution | None, kind: Kind, status: Status, message: str) -> dict[str, Any]:
    """Return the fields of a `LimitCycle` that is none: the last piece of the trajectory, and what it is."""
    nan = float("nan")
    t, y = (np.empty(0), np.empty((system.state_dim, 0))) if last is None else (last.t, last.y)
    return {
        "kind": kind, "period": nan, "t": t, "y": y, "multipliers": np.empty(0, dtype=complex),
        "log_moduli": np.empty(0), "trivial_error": nan,
        "log_determinant": nan, "determinant_error": nan, "stable": False, "threshold": nan, "residual": nan, "parts": 0,
        "jacobian": jacobian_of(system), "status": status, "message": message, "sol": None,
    }  # fmt: skip


def jacobian_of(system: DynamicalSystem) -> str:
    """Where the Jacobian comes from."""
    return "analytic" if system.has("jac") else "finite differences"


def raise_where_it_ends(system: DynamicalSystem, run: Solution, drive: Floats, unit: float) -> None:
    """Raise ValueError where a run ended because its state left all bounds, or the right-hand side is no number there."""
    if run.status not in (Status.NON_FINITE, Status.STEP_TOO_SMALL):
        return
    last = f": it was last seen at {coordinates(run.final)}" if run.t.size else ""
    if run.t.size and not blows_up(system, run.y[:, -1:].T, run.y[:, :1].T, drive, unit)[0]:
        shrinks = run.status == Status.STEP_TOO_SMALL
        why = "steps shrink to nothing there" if shrinks else "the right-hand side is no number beyond"
        raise ValueError(f"`y0`: the trajectory from it ends{last}; {why}. It reaches no cycle; start elsewhere.")
    raise ValueError(f"`y0`: the trajectory from it diverges{last}. It reaches no cycle; start elsewhere.")


def raise_at_rest(system: DynamicalSystem, state: Floats, drive: Floats, *, passes: bool = False) -> None:
    """Raise ValueError where a trajectory has come to rest at this state, with the equilibrium.

    One that ``passes`` saddles as closely as it likes, where states that keep their sign are zero, rests at no saddle.
    """
    rest = rest_near(system, state, drive)
    if rest is not None and (rest.exponents[0] < 0 or (rest.distance < PUT_THERE and not passes)):
        name = "fixed point" if system.kind == "map" else "equilibrium"
        raise_rest(f"{'stable' if rest.exponents[0] < 0 else 'unstable'} {name}", rest.point)


def raise_rest(what: str, point: Floats) -> NoReturn:
    """Raise ValueError with the point at which a trajectory rests."""
    raise ValueError(
        f"`y0`: the trajectory from it comes to rest at the {what} {coordinates(point)}, so it reaches no cycle; start "
        "elsewhere, or pass a guess of the `period` of a cycle near y0."
    )


def coordinates(point: Floats) -> str:
    """Return a state as text."""
    return np.array2string(point, precision=8, separator=", ", threshold=12, max_line_width=10_000)
