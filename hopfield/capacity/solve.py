"""SciPy's solvers in one unknown, imported when they are first needed: they take longer to import than all the rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LAST_PLACES = 4 * np.finfo(float).eps


def root(f: Callable[[float], float], low: float, high: float, precision: float = 1e-15) -> float:
    """Return a zero of f between two numbers where it has opposite signs."""
    from scipy.optimize import brentq

    return float(brentq(f, low, high, xtol=precision, rtol=LAST_PLACES))


def peak(f: Callable[[float], float], low: float, high: float, precision: float) -> tuple[float, float]:
    """Return where f is largest between two numbers, and its value there."""
    from scipy.optimize import minimize_scalar

    best = minimize_scalar(lambda x: -f(x), bounds=(low, high), method="bounded", options={"xatol": precision})
    return float(best.x), float(-best.fun)
