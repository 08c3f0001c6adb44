"""Time series that reservoirs are measured on."""

from __future__ import annotations

import numpy as np

from neurodynamics.compiling import kernel
from neurodynamics.validation import Floats, as_count, as_generator, as_number, as_size, require_room
from neurodynamics.watched import result_of

DELAY, STEPS = 17.0, 10  # Mackey and Glass's tau, and steps between two samples


def mackey_glass(
    length: int, *, delay: float = DELAY, rng: np.random.Generator | int | None = None, transient: int = 1000
) -> Floats:
    """Return Mackey and Glass's series ``x' = 0.2 x(t - tau)/(1 + x(t - tau)^10) - 0.1 x``, one sample a unit of time.

    Integrated by the classical Runge-Kutta method with steps of 0.1 and cubic interpolation at half steps.

    Parameters
    ----------
    length : int
    delay : float
        tau, a multiple of 0.1.
    rng : Generator, int, optional
        Of the history from which the series begins.
    transient : int
        Samples that are left out.

    Examples
    --------
    >>> from recurrent import mackey_glass
    >>> mackey_glass(5, rng=0).shape
    (5,)
    """
    count, skip = as_count(length, "length", minimum=1), as_count(transient, "transient")
    require_room((count + skip) * STEPS, "length" if count >= skip else "transient")
    wait = as_number(delay, "delay", positive=True) * STEPS
    require_room(wait, "delay")
    lag = round(wait)
    if abs(lag / STEPS - delay) > 1e-9 or lag < 2:
        raise ValueError(f"`delay` must be a multiple of {1 / STEPS:g} and at least {2 / STEPS:g}; got {delay}.")
    x = np.empty(lag + 1 + (count + skip) * STEPS)
    x[: lag + 1] = 1.2 + 0.2 * (as_generator(rng).random() - 0.5)
    result_of(lambda: _integrate(x, lag, 1.0 / STEPS), operations=100.0 * x.size)
    return x[lag + 1 + skip * STEPS :: STEPS][:count].copy()


@kernel
def _integrate(x, lag, h):
    for k in range(lag, x.size - 1):
        past, next_past = x[k - lag], x[k - lag + 1]
        half = 0.5 * (past + next_past)
        if k - lag >= 1 and lag >= 3:
            half = (9.0 * (past + next_past) - x[k - lag - 1] - x[k - lag + 2]) / 16.0
        a = _slope(x[k], past)
        b = _slope(x[k] + 0.5 * h * a, half)
        c = _slope(x[k] + 0.5 * h * b, half)
        d = _slope(x[k] + h * c, next_past)
        x[k + 1] = x[k] + h / 6.0 * (a + 2.0 * b + 2.0 * c + d)


@kernel
def _slope(x, past):
    return 0.2 * past / (1.0 + past**10) - 0.1 * x


def narma10(length: int, *, rng: np.random.Generator | int | None = None) -> tuple[Floats, Floats]:
    """Return inputs u and targets y of the nonlinear moving average of order ten.

    ``y[k+1] = 0.3 y[k] + 0.05 y[k] sum_(i<10) y[k-i] + 1.5 u[k-9] u[k] + 0.1``, u uniform in (0, 0.5).

    Examples
    --------
    >>> from recurrent import narma10
    >>> u, y = narma10(100, rng=0)
    >>> u.shape, y.shape
    ((100,), (100,))
    """
    count, rng = as_size(length, "length", minimum=1), as_generator(rng)
    u, y = rng.uniform(0, 0.5, count + 10), np.zeros(count + 10)
    for k in range(9, count + 9):
        y[k + 1] = 0.3 * y[k] + 0.05 * y[k] * y[k - 9 : k + 1].sum() + 1.5 * u[k - 9] * u[k] + 0.1
    return u[9:-1], y[10:]
