"""Liquid state machines: leaky integrate-and-fire neurons with dynamic synapses, a flow with resets."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import offset, pointer_kernel
from neurodynamics.systems import dual_kernel
from neurodynamics.validation import Floats, as_count, as_generator, as_number, require_room
from recurrent.network import FRACTION, NOT_NEGATIVE, POSITIVE, RecurrentNetwork, as_square, as_vector, input_matrix

VECTORS = ("time_constants", "refractory", "threshold", "reset_potential", "drive", "use", "recovery", "facilitation")
TAU, REFRACTORY, THRESHOLD, RESET, DRIVE, USE, RECOVERY, FACILITATION, SYNAPSE = range(9)  # blocks of N parameters

# State: v, time since the last spike c, synaptic current q, facilitation f and resource r of each neuron's synapses.


@dual_kernel
def _liquid_rhs(index, t, y, n, u, m, params, p, out, k):
    """Membrane: tau v' = -v + q + drive + U u where c >= t_ref, else v' = 0; c' = 1, q' = -q/tau_s, and the synapses'."""
    N = n // 5
    v, c, q, f, r = y, offset(y, N), offset(y, 2 * N), offset(y, 3 * N), offset(y, 4 * N)
    U = SYNAPSE * N + 1 + N * N
    for i in range(N):
        current = q[i] + params[DRIVE * N + i]
        for j in range(m):
            current += params[U + j * N + i] * u[j]
        open_ = 1.0 if c[i].real >= params[REFRACTORY * N + i].real else 0.0
        out[i] = open_ * (current - v[i]) / params[TAU * N + i]
        out[N + i] = 1.0 + 0.0 * c[i]
        out[2 * N + i] = -q[i] / params[SYNAPSE * N]
        out[3 * N + i] = (params[USE * N + i] - f[i]) / params[FACILITATION * N + i]
        out[4 * N + i] = (1.0 - r[i]) / params[RECOVERY * N + i]


@pointer_kernel
def _liquid_events(index, t, y, n, u, m, params, p, out, k):
    """A neuron fires where its potential rises through the threshold."""
    for i in range(k):
        out[i] = y[i] - params[THRESHOLD * k + i]


@pointer_kernel
def _liquid_reset(index, t, y, n, u, m, params, p, out, k):
    """Spike: v = V_r, c = 0; every q_i gains W_ie f r of the neuron e that fired, r loses f r, f gains U (1 - f)."""
    N, e = n // 5, index
    for i in range(n):
        out[i] = y[i]
    out[e], out[N + e] = params[RESET * N + e], 0.0
    f, r = y[3 * N + e], y[4 * N + e]
    for i in range(N):
        out[2 * N + i] += params[SYNAPSE * N + 1 + e * N + i] * f * r
    out[4 * N + e] = r - f * r
    out[3 * N + e] = f + params[USE * N + e] * (1.0 - f)


@dual_kernel
def _liquid_outputs(index, t, y, n, u, m, params, p, out, k):
    """What the liquid shows are the synaptic currents: its spikes, filtered."""
    for i in range(k):
        out[i] = y[2 * k + i]


class LiquidState(RecurrentNetwork):
    """Leaky integrate-and-fire neurons with depressing and facilitating synapses; it shows its filtered spikes.

    ``tau v' = -v + q + drive + U u``; at ``v = V_th`` neuron e fires: v goes to V_r and stays there for t_ref, and all
    ``q_i`` (``q' = -q/tau_s``) gain ``W_ie f_e r_e``. Then ``r_e`` loses ``f_e r_e`` and recovers with ``recovery``,
    ``f_e`` gains ``use (1 - f_e)`` and falls back to ``use`` with ``facilitation``. The state is ``[v, c, q, f, r]``, c the
    time since the last spike; a neuron that starts above V_th has not risen through it, and does not fire.

    Parameters
    ----------
    weights : array_like, shape (N, N)
        W, from column to row.
    input_weights : array_like, shape (N, M), optional
    time_constants, refractory, threshold, reset_potential, drive : float or array_like, shape (N,)
        Of the membranes, in milliseconds and millivolts above rest (drive is R I).
    use, recovery, facilitation : float or array_like, shape (N,)
        Of the synapses that leave a neuron.
    synaptic_time : float
        tau_s.

    References
    ----------
    .. [1] Maass, Natschlaeger & Markram (2002), Real-time computing without stable states, Neural Computation 14, 2531.
    .. [2] Markram, Wang & Tsodyks (1998), Differential signaling via the same axon of neocortical pyramidal neurons, PNAS
       95, 5323.

    Examples
    --------
    >>> from neurodynamics import simulate
    >>> from recurrent import LiquidState
    >>> net = LiquidState([[0.0]], drive=16.0)
    >>> len(simulate(net, 300.0, net.rest()).t_events[0])
    9
    """

    limits: ClassVar = dict.fromkeys(("time_constants", "recovery", "facilitation", "synaptic_time"), POSITIVE) | {
        "refractory": NOT_NEGATIVE, "use": FRACTION}  # fmt: skip

    def __init__(
        self, weights: ArrayLike, input_weights: ArrayLike | None = None, *, time_constants: ArrayLike = 30.0,
        refractory: ArrayLike = 3.0, threshold: ArrayLike = 15.0, reset_potential: ArrayLike = 13.5,
        drive: ArrayLike = 0.0, use: ArrayLike = 0.5, recovery: ArrayLike = 800.0, facilitation: ArrayLike = 5.0,
        synaptic_time: float = 3.0,
    ) -> None:  # fmt: skip
        W = as_square(weights, "weights")
        n = len(W)
        values = (time_constants, refractory, threshold, reset_potential, drive, use, recovery, facilitation)
        arrays: dict[str, Any] = {name: as_vector(v, name, n, "N") for name, v in zip(VECTORS, values, strict=True)}
        arrays["synaptic_time"] = as_number(synaptic_time, "synaptic_time", positive=True)
        arrays |= {"weights": W, "input_weights": input_matrix(input_weights, n)}
        functions = {"rhs": _liquid_rhs, "outputs": _liquid_outputs, "events": _liquid_events, "reset": _liquid_reset}
        self._build(functions, arrays, 5 * n, kind="flow", output_dim=n, event_dim=n,
                    event_directions=np.ones(n))  # fmt: skip

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside of its limits, or a neuron would fire without end."""
        super().check_params(vector)
        if (self.layout.view(vector, "reset_potential") >= self.layout.view(vector, "threshold")).any():
            raise ValueError("`reset_potential` must be below `threshold`, or a neuron would fire without end.")

    def rest(self) -> Floats:
        """Return the state of a liquid that has been silent for long: v at the reset potential."""
        n = self.output_dim
        return np.concatenate([self.reset_potential, self.refractory, np.zeros(n), self.use, np.ones(n)])

    def rates(self) -> Floats:
        """Return the rate of each neuron by its drive alone: ``1/(t_ref + tau ln((RI - V_r)/(RI - V_th)))``."""
        drive, above = np.array(self.drive), self.drive > self.threshold
        with np.errstate(all="ignore"):
            wait = self.time_constants * np.log((drive - self.reset_potential) / (drive - self.threshold))
        return np.where(above, 1.0 / (self.refractory + np.where(above, wait, 1.0)), 0.0)

    @classmethod
    def random(
        cls, units: int, inputs: int = 1, *, strength: float = 2.0, connections: float = 5.0, inhibitory: float = 0.2,
        input_scale: float = 3.0, drive: float = 14.5, rng: np.random.Generator | int | None = None,
    ) -> Self:  # fmt: skip
        """Return a random liquid, a share of whose neurons inhibits."""
        rng, n = as_generator(rng), as_count(units, "units", minimum=1)
        share = as_number(inhibitory, "inhibitory", minimum=0.0)
        if share > 1:
            raise ValueError(f"`inhibitory` is a share, at most 1; got {share:g}.")
        m, scale = as_count(inputs, "inputs"), as_number(input_scale, "input_scale")
        require_room(n * (n + m), "units" if n >= m else "inputs")
        sign = np.where(rng.random(n) < share, -1.0, 1.0)
        there = rng.random((n, n)) < as_number(connections, "connections", positive=True) / n
        weights = as_number(strength, "strength") * there * sign * rng.gamma(4.0, 0.25, (n, n))
        np.fill_diagonal(weights, 0.0)
        return cls(weights, scale * rng.uniform(0, 1, (n, m)), drive=drive)
