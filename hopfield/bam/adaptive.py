"""The adaptive BAM: couplings that learn while the layers recall."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Activation
from neurodynamics.activations import activation as activation_of
from neurodynamics.compiling import offset, pointer_kernel
from neurodynamics.systems import POSITIVE, ConstructedNetwork, dual_kernel, lifted, scratch
from neurodynamics.validation import Floats, as_floats, as_number, as_size, as_vector, require_room

RATE, VECTORS = 0, 1  # eta; behind it the gains and time constants of n_a + n_b units, then n_a times tau_m


@functools.cache
def _functions(activation: Activation) -> dict[str, Any]:
    phi, value, potential = lifted(activation), activation.value, activation.potential

    @dual_kernel
    def adaptive_bam_rhs(index, t, y, n, u, m, params, p, out, k):
        """Pair: tau x' = -x + m S(y) + I, tau y' = -y + m' S(x) + J, tau_m m_ij' = -m_ij + eta S(x_i) S(y_j)."""
        tau, tau_m, a = offset(params, VECTORS + m), offset(params, VECTORS + 2 * m), p - VECTORS - 2 * m
        b, S = m - a, scratch(out, m)
        for i in range(m):
            S[i] = phi(params[VECTORS + i] * y[i])
            out[i] = u[i] - y[i]
        for i in range(a):
            for j in range(b):
                w = y[m + i * b + j]
                out[i] += w * S[a + j]
                out[a + j] += w * S[i]
                out[m + i * b + j] = (params[RATE] * S[i] * S[a + j] - w) / tau_m[i]
        for i in range(m):
            out[i] /= tau[i]

    @pointer_kernel
    def adaptive_bam_energy(index, t, y, n, u, m, params, p, out, k):
        """E = sum_i [integral of x_i dS_i - I_i S_i] - S(x)' m S(y) + sum m^2 / (2 eta)."""
        a, total = p - VECTORS - 2 * m, 0.0
        b, S = m - a, np.empty(m)
        for i in range(m):
            g = params[VECTORS + i]
            S[i] = value(g * y[i])
            total += (y[i] - u[i]) * S[i] - potential(g * y[i]) / g
        for i in range(a):
            for j in range(b):
                w = y[m + i * b + j]
                total += w * (0.5 * w / params[RATE] - S[i] * S[a + j])
        out[0] = total

    @dual_kernel
    def adaptive_bam_outputs(index, t, y, n, u, m, params, p, out, k):
        """Unit: S(gain x)."""
        for i in range(k):
            out[i] = phi(params[VECTORS + i] * y[i])

    functions = {"rhs": adaptive_bam_rhs, "outputs": adaptive_bam_outputs}
    return functions if potential is None else functions | {"energy": adaptive_bam_energy}


class AdaptiveBAM(ConstructedNetwork):
    """Two layers whose couplings are states: they follow Hebb's rule with decay while the layers recall each other.

        ``tau dx/dt = -x + m S(y) + I,    tau dy/dt = -y + m' S(x) + J,    tau_m dm_ij/dt = -m_ij + eta S(x_i) S(y_j)``

    ``E = sum [integral of x dS - I S] - S(x)' m S(y) + sum m^2 / (2 eta)`` never rises: what it learns makes it rest.
    States are (x, y, m row by row), inputs (I, J).

    Parameters
    ----------
    units_a, units_b : int
        Sizes of the layers.
    gain, time_constants : float or array_like, shape (n_a + n_b,)
        Of the units: ``S(gain x)``, and tau.
    rate : float
        eta > 0.
    plastic_time : float or array_like, shape (n_a,)
        tau_m > 0 of the couplings of each unit of layer a, mostly much longer than tau.
    activation : str or Activation
        S.

    References
    ----------
    .. [1] Kosko (1988), Bidirectional associative memories, IEEE Trans. Syst. Man Cybern. 18, 49, section V.

    Examples
    --------
    A pair that is shown leaves its product in the couplings.

    >>> import numpy as np
    >>> from hopfield import AdaptiveBAM, simulate
    >>> net = AdaptiveBAM(3, 2, gain=4.0, plastic_time=5.0)
    >>> shown = np.array([1, -1, 1, 1, -1])
    >>> sol = simulate(net, 30, net.start(), inputs=shown)
    >>> np.sign(net.couplings(sol.final)).astype(int).tolist(), bool(sol.max_energy_rise < 1e-9)
    ([[1, -1], [-1, 1], [1, -1]], True)
    """

    options: ClassVar[tuple[str, ...]] = ("units_a", "units_b", "activation")
    limits: ClassVar = dict.fromkeys(("gain", "time_constants", "rate", "plastic_time"), POSITIVE)

    def __init__(
        self, units_a: int, units_b: int, *, gain: ArrayLike = 1.0, time_constants: ArrayLike = 1.0, rate: float = 1.0,
        plastic_time: float = 10.0, activation: str | Activation = "tanh",
    ) -> None:  # fmt: skip
        self.units_a, self.units_b = as_size(units_a, "units_a", minimum=1), as_size(units_b, "units_b", minimum=1)
        self.activation = activation_of(activation)
        m = self.units_a + self.units_b
        arrays = {
            "rate": as_number(rate, "rate"),
            "gain": as_vector(gain, "gain", m, "n_a + n_b"),
            "time_constants": as_vector(time_constants, "time_constants", m, "n_a + n_b"),
            "plastic_time": as_vector(plastic_time, "plastic_time", self.units_a, "n_a"),
        }
        require_room(self.units_a * self.units_b, "units_b")
        n = m + self.units_a * self.units_b
        self._build(_functions(self.activation), arrays, n, m, kind="flow", output_dim=m)

    def start(self, x: ArrayLike = 0.0, y: ArrayLike = 0.0, couplings: ArrayLike = 0.0) -> Floats:
        """Return a state (n_a + n_b + n_a n_b,) of both layers, (n_a,) and (n_b,), and the couplings (n_a, n_b)."""
        m = as_floats(couplings, "couplings")
        if m.ndim and m.shape != (self.units_a, self.units_b):
            raise ValueError(f"`couplings` must have shape (n_a, n_b) = {(self.units_a, self.units_b)}; got {m.shape}.")
        layers = as_vector(x, "x", self.units_a, "n_a"), as_vector(y, "y", self.units_b, "n_b")
        return np.concatenate([*layers, np.broadcast_to(m, (self.units_a, self.units_b)).ravel()])

    def couplings(self, state: ArrayLike) -> Floats:
        """Return the couplings (n_a, n_b) of a state; of states (n, T), as solutions have them, (n_a, n_b, T)."""
        states = as_floats(state, "state")
        if states.ndim not in (1, 2) or len(states) != self.state_dim:
            raise ValueError(f"`state` must have shape ({self.state_dim},) or ({self.state_dim}, T); got {states.shape}.")
        m = self.units_a + self.units_b
        return states[m:].reshape(self.units_a, self.units_b, *states.shape[1:])

    def has(self, role: str) -> bool:
        """Whether there is this function; there is an energy where the activation never decreases."""
        return super().has(role) and (role != "energy" or self.activation.monotone)
