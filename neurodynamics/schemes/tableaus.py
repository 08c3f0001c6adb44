"""Explicit Runge-Kutta methods: one tableau each.

References
----------
.. [1] Hairer, Norsett & Wanner (1993), Solving Ordinary Differential Equations I, 2nd ed., sections II.4 to II.6.
.. [2] Shampine (1986), Some practical Runge-Kutta formulas, Math. Comp. 46, 135: the interpolant of dopri5.
.. [3] Hairer & Wanner (1996), Solving Ordinary Differential Equations II, 2nd ed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurodynamics.schemes import dop853
from neurodynamics.validation import Floats


@dataclass(frozen=True, eq=False)
class Tableau:
    """Coefficients of an explicit Runge-Kutta method; a pair with error control has `error`, `error_order` and `dense`.

    Parameters
    ----------
    name, order
        Name and order of convergence.
    a : array, shape (R, R)
        Strictly lower triangular. Rows 0 to ``stages - 1`` are the stages. In a pair, row ``stages`` is the new
        solution, whose derivative starts the next step, and rows beyond it are stages of the interpolant.
    b : array, shape (stages,)
        Weights of the solution.
    c : array, shape (R,)
        Nodes.
    error, error_3 : array, shape (stages + 1,), optional
        Weights of the error estimate, and of the second one that DOP853 mixes in.
    error_order : int
        Order of the estimate; the local error behaves like ``h**error_order``.
    dense : array, shape (R, D), optional
        ``y(t + x h) = y + h sum_s sum_d dense[s, d] x**(d + 1) k_s``.
    stiff_above : float
        The run is called stiff, and may be handed over to LSODA, when ``|h lambda|``, estimated from the last two
        derivatives, exceeds this ([3]_, IV.2); by default never.
    """

    name: str
    order: int
    a: Floats
    b: Floats
    c: Floats
    error: Floats | None = None
    error_3: Floats | None = None
    error_order: int = 0
    dense: Floats | None = None
    stiff_above: float = np.inf

    @property
    def stages(self) -> int:
        """Number of stages of a step."""
        return self.b.size


def lower_triangle(rows: Any, size: int | None = None) -> Floats:
    """Return a matrix from rows given as sequences from the left, or as {column: value}."""
    a = np.zeros((len(rows), size or len(rows)))
    for i, row in enumerate(rows):
        for j, value in row.items() if isinstance(row, dict) else enumerate(row):
            a[i, j] = value
    return a


def _explicit(name: str, order: int, a: Any, b: Any) -> Tableau:
    matrix = lower_triangle(a)
    return Tableau(name, order, matrix, np.array(b, dtype=np.float64), matrix.sum(axis=1))


EULER = _explicit("euler", 1, [[]], [1])
MIDPOINT = _explicit("midpoint", 2, [[], [1 / 2]], [0, 1])
HEUN = _explicit("heun", 2, [[], [1]], [1 / 2, 1 / 2])
RK4 = _explicit("rk4", 4, [[], [1 / 2], [0, 1 / 2], [0, 0, 1]], [1 / 6, 1 / 3, 1 / 3, 1 / 6])

_A5 = lower_triangle([
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
])  # fmt: skip
DOPRI5 = Tableau(
    "dopri5",
    5,
    a=_A5,
    b=_A5[6, :6].copy(),
    c=np.array([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]),
    error=np.array([71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]),
    error_order=5,
    dense=np.array([
        [1, -8048581381 / 2820520608, 8663915743 / 2820520608, -12715105075 / 11282082432],
        [0, 0, 0, 0],
        [0, 131558114200 / 32700410799, -68118460800 / 10900136933, 87487479700 / 32700410799],
        [0, -1754552775 / 470086768, 14199869525 / 1410260304, -10690763975 / 1880347072],
        [0, 127303824393 / 49829197408, -318862633887 / 49829197408, 701980252875 / 199316789632],
        [0, -282668133 / 205662961, 2019193451 / 616988883, -1453857185 / 822651844],
        [0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423],
    ]),
    stiff_above=3.25,
)  # fmt: skip


def _dense_853(b: Floats, d: Floats) -> Floats:
    """Expand DOP853's interpolant, nested in x and 1 - x, into powers of x.

    With F0 = dy, F1 = h k_0 - dy, F2 = 2 dy - h (k_0 + k_12) and F3.. = h D k,
    ``y(x) = y + x (F0 + (1-x) (F1 + x (F2 + (1-x) (F3 + x (F4 + (1-x) (F5 + x F6))))))``.
    """
    step, first, last = b, np.eye(16)[0], np.eye(16)[12]
    f = np.vstack([step, first - step, 2 * step - first - last, d])
    powers = np.zeros((16, 8))
    for i in range(6, -1, -1):
        powers[:, 0] += f[i]
        factor = [0.0, 1.0] if i % 2 == 0 else [1.0, -1.0]  # x or 1 - x
        powers = np.array([np.convolve(row, factor)[:8] for row in powers])
    return np.ascontiguousarray(powers[:, 1:])


_B8 = lower_triangle([dop853.B], 16)[0]
DOP853 = Tableau(
    "dop853",
    8,
    a=lower_triangle(dop853.A),
    b=_B8[:12].copy(),
    c=np.array(dop853.C),
    error=lower_triangle([dop853.E5], 13)[0],
    error_3=lower_triangle([dop853.E3], 13)[0],
    error_order=8,
    dense=_dense_853(_B8, lower_triangle(dop853.D, 16)),
    stiff_above=6.1,
)
