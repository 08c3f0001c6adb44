"""A linearly implicit method for stiff problems: RODAS of Hairer & Wanner, order 4 with an embedded 3, L-stable.

With J the Jacobian and ``E = 1 / (gamma h) - J``, stage s solves

    E U[s] = f(t + c[s] h, y + sum_r a[s, r] U[r]) + sum_r COUPLING[s, r] U[r] / h + TIME[s] h df/dt,

and the new state is ``y + sum_s b[s] U[s]``, of which the last stage estimates the error.

References
----------
.. [1] Hairer & Wanner (1996), Solving Ordinary Differential Equations II, 2nd ed., section IV.7 and the program RODAS,
   whose figures these are.
"""

from __future__ import annotations

import numpy as np

from neurodynamics.schemes.tableaus import Tableau, lower_triangle

GAMMA = 0.25
COUPLING = lower_triangle([
    [],
    [-5.6688],
    [-2.430093356833875, -0.2063599157091915],
    [-0.1073529058151375, -9.594562251023355, -20.47028614809616],
    [7.496443313967647, -10.24680431464352, -33.99990352819905, 11.7089089320616],
    [8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054],
])  # fmt: skip
TIME = np.array([0.25, -0.1043, 0.1035, -0.0362, 0.0, 0.0])
_A = lower_triangle([
    [],
    [1.544],
    [0.9466785280815826, 0.2557011698983284],
    [3.314825187068521, 2.896124015972201, 0.9986419139977817],
    [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.687886036105895],
    [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.687886036105895, 1.0],
])  # fmt: skip
_B = np.array([1.221224509226641, 6.019134481288629, 12.53708332932087, -0.687886036105895, 1.0, 1.0])
_BEND = np.array([
    [10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662, 0.0],
    [-0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872, 0.0],
])  # fmt: skip
RODAS4 = Tableau(
    "rodas4",
    4,
    a=_A,
    b=_B,
    c=np.array([0.0, 0.386, 0.21, 0.63, 1.0, 1.0]),
    error=np.eye(6)[5],
    error_order=4,
    dense=np.stack([_B + _BEND[0], _BEND[1] - _BEND[0], -_BEND[1]], axis=1),  # of (1-x) y + x (y_new + (1-x) (B0 + x B1))
)
