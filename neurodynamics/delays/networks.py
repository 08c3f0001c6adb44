"""Additive networks whose connections have delays."""

from __future__ import annotations

import functools
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.activations import Activation
from neurodynamics.compiling import offset
from neurodynamics.delays.system import DelayedSystem, PastState
from neurodynamics.files import Saved
from neurodynamics.systems import WEIGHTS, DynamicalSystem, Recipe, dual_functions, dual_kernel, jacobian_of, lifted, maker
from neurodynamics.validation import Floats, as_floats, entry

NOW = -1.0  # the place of a state that is taken without delay
TAIL = 4  # numbers behind the routes that say how they are read


class DelayedNetwork(Saved, DelayedSystem):
    """What :func:`delayed` returns: an additive network and the delays of its connections.

    Attributes
    ----------
    network : AdditiveNetwork
        The network without delays; its parameters are those of this system.
    connection_delays : array, shape (N, N)
        tau_ij, from column to row.
    """

    network: DynamicalSystem
    connection_delays: Floats

    @property
    def undelayed(self) -> DynamicalSystem:  # type: ignore[override]
        """The network without delays."""
        return self.network

    def with_delays(self, delays: ArrayLike | float) -> Self:
        """Return the same network with other delays, a number for all connections or a matrix (N, N)."""
        return delayed(self.network, delays)._with_added(self._added)

    def replace(self, **changes: Any) -> Self:
        """Return the network with some of its constructor's arguments, or the ``delays``, replaced."""
        delays = changes.pop("delays", self.connection_delays)
        return delayed(self.network.replace(**changes), delays)._with_added(self._added)  # type: ignore[attr-defined]

    def _with_vector(self, vector: Floats) -> Self:
        return delayed(self.network.with_params(vector), self.connection_delays)._with_added(self._added)


@maker
def delayed(network: DynamicalSystem, delays: ArrayLike | float) -> Any:
    """Return an additive network with a constant delay on each connection.

        ``tau_i dy_i/dt = -lambda_i y_i + sum_j W_ij phi(g_j (y_j(t - tau_ij) + b_j)) + sum_k V_ik u_k + c_i``

    Parameters
    ----------
    network : AdditiveNetwork
        A CTRNN, a graded Hopfield network, .. without noise.
    delays : float or array_like, shape (N, N)
        ``delays[i, j]`` is that of the connection **from j to i**, in units of time, not negative; 0 is no delay. A number
        is the delay of all. Those of connections of weight 0 count nothing.

    Returns
    -------
    DelayedNetwork

    References
    ----------
    .. [1] Marcus & Westervelt (1989), Phys. Rev. A 39, 347.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import delayed, simulate
    >>> ring = delayed(CTRNN([[0, -2], [2, 0]], activation="tanh"), [[0, 1.0], [0.5, 0]])
    >>> ring
    DelayedNetwork(2 states, 2 past states, delays 0.5 .. 1)
    >>> simulate(ring, 20, [0.1, 0.0]).success
    True
    """
    found = network.structure("additive") if isinstance(network, DynamicalSystem) else None
    if found is None or isinstance(network, DelayedSystem):
        raise TypeError(
            f"`network` must be an additive network without delays, such as a CTRNN; got {type(network).__name__}. Other "
            "equations with delays are a DelayedSystem, or `delayed_feedback` of a system."
        )
    if network.has("diffusion"):
        raise ValueError("`network` must have no noise: methods for noise do not keep the past that delays look at.")
    if network.has("events"):
        raise ValueError("`network` must have no events; add them to the network with delays.")
    tau = _delays(delays, network.state_dim)
    past, routes = _routes(network.weights, tau, network)  # type: ignore[attr-defined]
    names = {name: network.layout.view(network.params, name) for name in network.layout.shapes}
    rhs = _delayed_rhs(network.activation)  # type: ignore[attr-defined]
    opened = DynamicalSystem(rhs, network.state_dim, names | {"routes": routes}, network.input_dim + len(past),
                             jac=jacobian_of(rhs), outputs=dual_functions(network.activation)[1],  # type: ignore[attr-defined]
                             output_dim=network.output_dim)  # fmt: skip
    closed = object.__new__(DelayedNetwork)
    closed.__dict__ |= {"network": network, "connection_delays": tau}
    closed._close(opened, past, Recipe(delayed, (network, tau)), network)
    return closed


def _delays(delays: Any, n: int) -> Floats:
    given = as_floats(delays, "delays")
    if given.shape not in ((), (n, n)):
        raise ValueError(f"`delays` must be a number or have shape (N, N) = ({n}, {n}); got {given.shape}.")
    off = np.argwhere(~(np.isfinite(given) & (given >= 0)))
    if len(off):
        index = tuple(int(i) for i in off[0])
        raise ValueError(f"`{entry('delays', index)}` must be finite and not negative; got {given[index]:g}.")
    tau = np.array(np.broadcast_to(given, (n, n)))
    tau.flags.writeable = False
    return tau


def _routes(weights: Floats, tau: Floats, network: Any) -> tuple[tuple[PastState, ...], Floats]:
    """Return the past states that the connections need, each once, and which neurons each of them reaches.

    The routes are rows ``j, place among the past states or NOW, count, neurons ..``; behind them stand their length, their
    number, that of the past states, and whether inputs have weights.
    """
    past: list[PastState] = []
    rows: list[list[float]] = []
    for delay in np.unique(tau):
        for j in np.flatnonzero(((tau == delay) & (weights != 0)).any(axis=0)).tolist():
            reached = np.flatnonzero((tau[:, j] == delay) & (weights[:, j] != 0)).tolist()
            rows.append([j, len(past) if delay else NOW, len(reached), *reached])
            if delay:
                past.append(PastState(j, float(delay)))
    if not past:
        raise ValueError("`delays` must be positive for at least one connection whose weight is not 0.")
    numbers = [float(x) for each in rows for x in each]
    weighted = float("input_weights" in network.layout.shapes)
    return tuple(past), np.array([*numbers, len(numbers), len(rows), len(past), weighted])


@functools.cache
def _delayed_rhs(activation: Activation) -> Any:
    phi = lifted(activation)

    @dual_kernel
    def delayed_rhs(index, t, y, n, u, m, params, p, out, k):
        """tau_i dy_i/dt = -lambda_i y_i + sum_j W_ij phi(g_j (y_j(t - tau_ij) + b_j)) + sum_k V_ik u_k + c_i."""
        leak, b, g, c = offset(params, n), offset(params, 2 * n), offset(params, 3 * n), offset(params, 4 * n)
        W, V, tail = offset(params, WEIGHTS * n), offset(params, WEIGHTS * n + n * n), offset(params, p - TAIL)
        routes = offset(params, p - TAIL - int(tail[0].real))
        driven, weighted = m - int(tail[2].real), tail[3].real > 0.0
        for i in range(n):
            acc = c[i] - leak[i] * y[i]
            if weighted:
                for q in range(driven):
                    acc += V[q * n + i] * u[q]
            elif driven > 0:
                acc += u[i]
            out[i] = acc
        for _ in range(int(tail[1].real)):
            j, place, reached = int(routes[0].real), int(routes[1].real), int(routes[2].real)
            x = u[driven + place] if place >= 0 else y[j]
            o = phi(g[j] * (x + b[j]))
            for r in range(3, 3 + reached):
                i = int(routes[r].real)
                out[i] = out[i] + W[j * n + i] * o
            routes = offset(routes, 3 + reached)
        for i in range(n):
            out[i] = out[i] / params[i]

    return delayed_rhs
