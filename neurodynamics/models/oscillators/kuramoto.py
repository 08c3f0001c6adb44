"""Kuramoto's phase oscillators, each coupled to all."""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem
from neurodynamics.validation import as_floats


@kernel
def rhs(t, y, u, params, out):
    """theta_i' = omega_i + K/N sum_j sin(theta_j - theta_i)."""
    n = y.size
    s, c = 0.0, 0.0
    for j in range(n):
        s += math.sin(y[j])
        c += math.cos(y[j])
    for i in range(n):
        out[i] = params[i] + params[n] / n * (s * math.cos(y[i]) - c * math.sin(y[i]))


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = K/N cos(theta_j - theta_i) beside the diagonal; every row sums to 0."""
    n = y.size
    for i in range(n):
        out[i, i] = 0.0
        for j in range(n):
            if j != i:
                out[i, j] = params[n] / n * math.cos(y[j] - y[i])
                out[i, i] -= out[i, j]


def kuramoto(*, frequencies: ArrayLike = (-0.5, 0.0, 0.5), coupling: float = 1.0) -> DynamicalSystem:
    """Return N phase oscillators: ``theta_i' = omega_i + K/N sum_j sin(theta_j - theta_i)``.

    Two of them run in step where K is larger than the difference of their frequencies. Phases are angles.

    Parameters
    ----------
    frequencies : array_like, shape (N,)
        Natural angular frequencies omega.
    coupling : float
        K.

    References
    ----------
    .. [1] Kuramoto (1975), Lect. Notes Phys. 39, 420.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> pair = models.kuramoto(frequencies=[0, 1], coupling=2)
    >>> first, second = simulate(pair, 30, [0, 0]).final
    >>> round(float(second - first), 6)  # arcsin(1/2)
    0.523599
    """
    omega = as_floats(frequencies, "frequencies")
    if omega.ndim != 1:
        raise ValueError(f"`frequencies` must have shape (N,); got {omega.shape}.")
    return DynamicalSystem(rhs, omega.size, {"frequencies": omega, "coupling": coupling}, jac=jac, angles=range(omega.size))
