"""SciPy's methods for losses of all trials at once: L-BFGS, and least squares by Levenberg and Marquardt's trust regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.optimize

from learning.checking import length_of
from neurodynamics.validation import Floats

RISE = 10.0  # of the loss where there is none, in units of what the slope promised: how far a search along a line goes back
TRIES = 25  # values of the loss in one step of L-BFGS, at most


class _Stopped(Exception):
    """The reason why no step follows."""


class _Point(NamedTuple):
    """Where the next step begins."""

    x: Floats
    value: float
    g: Floats


def lbfgs(run: Any) -> str:
    """Take steps of L-BFGS within bounds; return why it ended. A resumed run asks for the same points, and is told again."""
    told, run.rows, run.kept = iter(list(run.asked)), [], []
    here: list[_Point] = []
    last: list[_Point] = []

    def answer(x: Floats) -> Floats:
        run.over()
        value, g = run.objective(x, run.trials)
        if not np.isfinite(value) and here:  # a wall, from which the search along the line turns back
            value = here[0].value + RISE * abs(float(here[0].g @ (x - here[0].x)))
        elif not np.isfinite(value):
            raise _Stopped(run.lost())
        run.asked.append(np.array([value, *g]))
        return run.asked[-1]  # type: ignore[no-any-return]

    def value_and_gradient(x: Floats) -> tuple[float, Floats]:
        known = next(told, None)
        value, *g = answer(x) if known is None else known
        run.x = x.copy()
        run.saw(x, float(value))
        last[:] = [_Point(run.x, float(value), np.array(g))]
        here[:] = here or last
        return last[0].value, last[0].g.copy()

    def after(intermediate_result: Any) -> None:
        run.note(here[0].x, here[0].value, length_of(here[0].g))
        here[:] = last  # what a search along a line ends with
        if run.over():
            raise StopIteration

    try:
        with np.errstate(all="ignore"):
            end = scipy.optimize.minimize(
                value_and_gradient, run.objective.start(), jac=True, method="L-BFGS-B", callback=after,
                bounds=scipy.optimize.Bounds(run.low, run.high),
                options={"maxiter": run.count, "maxfun": TRIES * (run.count + 1), "ftol": 1e-15, "gtol": 1e-12},
            )  # fmt: skip
    except _Stopped as stopped:
        return str(stopped)
    return run.reason or _in_words(str(end.message))


def levenberg(run: Any) -> str:
    """Take steps of least squares within bounds; return why it ended. Each step that is tried counts."""
    start, free = run.best.copy(), run.objective.chosen.free  # what a mask holds has no column
    here: list[_Point] = []
    last: list[Any] = [None, None]  # residuals and their Jacobian where they were known last

    def tried(x: Floats) -> bool:
        """Find residuals; whether there are any."""
        try:
            last[:] = run.objective.residuals(x, run.trials)
        except (ArithmeticError, ValueError) as error:
            if not here and isinstance(error, ValueError):  # of the arguments
                raise
            run.objective.why = str(error)
            return False
        return bool(np.isfinite(last[0]).all() and np.isfinite(last[1]).all())

    def residuals(z: Floats) -> Floats:
        if run.over() and here:
            raise _Stopped(run.reason)
        if here:
            run.note(here[0].x, here[0].value, length_of(here[0].g))
        run.x = start.copy()
        run.x[free] = z
        if not tried(run.x):
            if not here:
                raise _Stopped(run.lost())
            return np.full(last[0].shape, np.nan)  # from where SciPy goes back to a smaller step
        r, J = last
        point = _Point(run.x, float(r @ r), 2.0 * J.T @ r)
        run.saw(point.x, point.value)
        if not here or point.value < here[0].value:
            here[:] = [point]
        return r

    try:
        with np.errstate(all="ignore"):  # of steps that are next to nothing, SciPy forms the cubes of their damping
            end = scipy.optimize.least_squares(
                residuals, start[free], jac=lambda z: last[1][:, free], method="trf", max_nfev=run.count - len(run.rows) + 1,
                bounds=(run.low[free], run.high[free]), ftol=1e-15, xtol=1e-12, gtol=1e-15,
            )  # fmt: skip
    except _Stopped as stopped:
        return str(stopped)
    return f"{len(run.rows)} steps" if end.status == 0 else _in_words(str(end.message))


def _in_words(message: str) -> str:
    """Return a message of SciPy as a reason."""
    if message.startswith("ABNORMAL"):
        return "no smaller loss along the last direction: it is as small as rounding lets it be, or its gradient is wrong"
    return message.rstrip(".: ").lower().replace("`", "")


WHOLE_DATA: dict[str, Callable[[Any], str]] = {"lbfgs": lbfgs, "levenberg": levenberg}
