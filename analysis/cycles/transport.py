"""The variational equation: final states and their derivatives with respect to the initial ones, to rounding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.lyapunov import Carrier, OutOfTime, Scheme, TimeLimit, flow
from neurodynamics import METHODS, DynamicalSystem, Status
from neurodynamics.inputs import Inputs
from neurodynamics.validation import Floats

RTOL = 1e-13
TINY = 1e-3  # of the relative tolerance: the absolute one


@dataclass(frozen=True, eq=False)
class Transported:
    """Where B states got to.

    Attributes
    ----------
    y : array, shape (B, N)
        The states at the end.
    tangent : array, shape (B, N, N)
        Their derivatives with respect to the states at the start.
    trace : array, shape (B,)
        Integral of the trace of the Jacobian along each path: the logarithm of the determinant of `tangent`.
    """

    y: Floats
    tangent: Floats
    trace: Floats


class Unreachable(Exception):
    """A state could not be carried to its end; the status says why."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.message)
        self.status = status


def tiny(rtol: float, states: Floats) -> float:
    """Return an absolute tolerance that leaves the relative one alone where none of the states (K, N) is near zero."""
    return TINY * rtol * max(1.0, float(np.abs(states).max(axis=0, initial=0.0).min(initial=np.inf)))


def transport(
    system: DynamicalSystem,
    states: Floats,
    duration: float,
    drive: Inputs,
    *,
    start: float = 0.0,
    rtol: float = RTOL,
    tangents: bool = True,
    deadline: float | None = None,
) -> Transported:
    """Carry B states (B, N) along for the same time, with their tangent matrices; without noise.

    Raises
    ------
    Unreachable
        Where a state diverges or the time is up.
    """
    size, n = states.shape
    scheme = Scheme("dop853", METHODS["dop853"].tableau, True, rtol=rtol, atol=tiny(rtol, states))
    carrier = Carrier(system, scheme, states, np.tile(system.params, (size, 1)), [drive])
    carrier.begin(start)
    if tangents:
        carrier.set_vectors(np.eye(n))
        carrier.counts[:, flow.TOGETHER] = 1
    try:
        growth, trace = carrier.go(np.array([start, start + duration]), TimeLimit(deadline))
    except OutOfTime as late:
        raise Unreachable(Status.TIMEOUT) from late
    if carrier.failed.any():
        raise Unreachable(carrier.status(int(np.argmax(carrier.failed))))
    matrices = np.exp(growth[:, 0, 0])[:, np.newaxis, np.newaxis] * carrier.vectors if tangents else np.empty((size, 0, n))
    return Transported(carrier.states.copy(), np.ascontiguousarray(matrices.transpose(0, 2, 1)), trace[:, 0].copy())
