"""Rates of leaving a memory by noise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hopfield.stochastic.langevin import Langevin
from neurodynamics.validation import Floats, as_instance


class Escape(NamedTuple):
    """How fast noise leads over a saddle: ``rate = prefactor exp(-barrier / T)``.

    Attributes
    ----------
    rate : float
        Passages over this saddle per unit of time, small temperatures.
    prefactor : float
    barrier : float
        E at the saddle less E at the minimum.
    """

    rate: float
    prefactor: float
    barrier: float


def escape_rate(flow: Langevin, minimum: ArrayLike, saddle: ArrayLike) -> Escape:
    """Return Kramers' rate (in many dimensions Eyring's and Langer's) of the way from a minimum over a saddle.

        ``k = |l| / (2 pi) sqrt(det H_min / |det H_saddle|) exp(-(E_saddle - E_min) / T)``

    H is the Hessian of E in the outputs and l the negative eigenvalue of ``D H`` at the saddle. It is the limit of small
    T: its relative error is of the order of T over the barrier [1]_.

    Parameters
    ----------
    flow : Langevin
    minimum, saddle : array_like, shape (N,)
        States u, as ``analysis.energy_landscape(flow.network)`` gives them.

    References
    ----------
    .. [1] Hanggi, Talkner & Borkovec (1990), Rev. Mod. Phys. 62, 251.

    Examples
    --------
    >>> from hopfield import GradedHopfield, Langevin, escape_rate
    >>> net = GradedHopfield([[1.0]], gain=2.0)
    >>> found = escape_rate(Langevin(net, 0.01), net.recall([1.0]).states[0], [0.0])
    >>> round(found.barrier, 6), f"{found.rate:.1e}"
    (0.163262, '4.1e-08')
    """
    flow = as_instance(flow, "flow", Langevin)
    energy = flow.network.landscape
    if flow.temperature == 0:
        raise ValueError("`flow` must have a positive temperature: without noise nothing leaves a minimum.")
    bottom, top = flow.network.check_state(minimum, "minimum"), flow.network.check_state(saddle, "saddle")
    for name, state, index in (("minimum", bottom, 0), ("saddle", top, 1)):
        if energy.index(state) != index:
            raise ValueError(f"`{name}` must be a stationary point of index {index}; it has index {energy.index(state)}.")
    D = energy._slopes(top) / flow.network.time_constants
    down = float(np.linalg.eigvalsh(np.sqrt(np.outer(D, D)) * energy.hessian(top))[0])
    ratio = _log_determinant(energy.hessian(bottom)) - _log_determinant(energy.hessian(top))
    prefactor = -down / (2 * np.pi) * float(np.exp(ratio / 2))
    barrier = energy.value(top) - energy.value(bottom)
    return Escape(prefactor * float(np.exp(-barrier / flow.temperature)), prefactor, barrier)


def _log_determinant(matrix: Floats) -> float:
    return float(np.linalg.slogdet(matrix)[1])
