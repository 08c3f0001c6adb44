"""Krotov and Hopfield's flow of two layers, the features and the memories, given by two Lagrangians."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from hopfield.dense.memories import as_memories
from neurodynamics import Activation
from neurodynamics.activations import activation as activation_of
from neurodynamics.compiling import kernel, offset, pointer_kernel
from neurodynamics.systems import POSITIVE, ConstructedNetwork, Limit, add_product, dual_kernel, lifted, scratch
from neurodynamics.validation import Floats, as_choice, as_number, as_vector, require_positive

HIDDEN = ("softmax", "power")
DEGREES = Limit("a whole number from 2 to 100", lambda d: (d >= 2) & (d <= 100) & (d == np.round(d)))
BETA, GAIN, DEGREE, VECTORS = range(4)  # places of the parameters; behind them currents (N), time constants (N), memories


@kernel
def softmax(h, q, n, p, f):
    """L = ln (sum_m exp(beta h_m)) / beta,  f_m = exp(beta h_m) / sum."""
    top, total = h[0].real, 0.0 * q[BETA]
    for m in range(p):
        top = max(top, h[m].real)
    for m in range(p):
        f[m] = np.exp(q[BETA] * (h[m] - top))
        total += f[m]
    for m in range(p):
        f[m] /= total
    return top + np.log(total) / q[BETA]


@kernel
def power(h, q, n, p, f):
    """L = sum_m x_m^d N / (beta d),  f_m = x_m^(d-1),  x = beta h / N where that is positive, else 0."""
    L, degree = 0.0 * q[BETA], int(q[DEGREE].real)
    for m in range(p):
        x = q[BETA] * h[m] / n
        f[m] = 1.0 + 0.0 * x if x.real > 0.0 else 0.0 * x
        for _ in range(degree - 1):
            f[m] *= x
        L += x * f[m] * n / (q[BETA] * degree)
    return L


@functools.cache
def _functions(activation: Activation, hidden: str, layers: int) -> dict[str, Any]:
    """Return the functions; in one layer the memories follow at once, h = Xi g."""
    phi, value, potential = lifted(activation), activation.value, activation.potential
    lagrangian: Any = {"softmax": softmax, "power": power}[hidden]

    @dual_kernel
    def dense_flow_rhs(index, t, y, n, u, m, params, p, out, k):
        """Feature: tau_i v_i' = sum_m xi_mi f_m - v_i + I_i; memory: tau_h h_m' = sum_i xi_mi g_i - h_m."""
        N = m
        currents, tau = offset(params, VECTORS), offset(params, VECTORS + N)
        count = (p - VECTORS - 2 * N) // (N + layers - 1)
        at = VECTORS + 2 * N + (layers - 1) * count
        g, sums, f = scratch(out, N), scratch(out, count), scratch(out, count)
        for i in range(N):
            g[i] = phi(params[GAIN] * y[i])
        for q in range(count):
            sums[q] = 0.0 * y[0]
        add_product(params, at, g, N, sums, count)
        if layers == 1:
            lagrangian(sums, params, N, count, f)
        else:
            tau_h = offset(params, VECTORS + 2 * N)
            for q in range(count):
                out[N + q] = (sums[q] - y[N + q]) / tau_h[q]
                sums[q] = y[N + q]
            lagrangian(sums, params, N, count, f)
        for i in range(N):
            total = u[i] + currents[i] - y[i]
            for q in range(count):
                total += params[at + i * count + q] * f[q]
            out[i] = total / tau[i]

    @pointer_kernel
    def dense_flow_energy(index, t, y, n, u, m, params, p, out, k):
        """E = [sum (v_i - I_i) g_i - L_v] + [sum h_m f_m - L_h] - sum f_m xi_mi g_i."""
        N, total = m, 0.0
        count = (p - VECTORS - 2 * N) // (N + layers - 1)
        at = VECTORS + 2 * N + (layers - 1) * count
        h, f = np.zeros(count), np.empty(count)
        for i in range(N):
            x = params[GAIN] * y[i]
            g = value(x)
            total += (y[i] - params[VECTORS + i] - u[i]) * g - potential(x) / params[GAIN]
            for q in range(count):
                h[q] += params[at + i * count + q] * g
        if layers == 1:
            out[0] = total - lagrangian(h, params, N, count, f)
        else:
            own = np.empty(count)
            for q in range(count):
                own[q] = y[N + q]
            total -= lagrangian(own, params, N, count, f)
            for q in range(count):
                total += (own[q] - h[q]) * f[q]
            out[0] = total

    @dual_kernel
    def dense_flow_outputs(index, t, y, n, u, m, params, p, out, k):
        """Feature: g_i = phi(gain v_i)."""
        for i in range(k):
            out[i] = phi(params[GAIN] * y[i])

    functions = {"rhs": dense_flow_rhs, "outputs": dense_flow_outputs}
    return functions if potential is None else functions | {"energy": dense_flow_energy}


class DenseFlow(ConstructedNetwork):
    """A dense memory in continuous time: features v that are driven by memories h, and drive them.

        ``tau_i dv_i/dt = sum_m xi_mi f_m - v_i + I_i,    tau_h dh_m/dt = sum_i xi_mi g_i - h_m``

    where ``f = dL_h/dh`` and ``g = dL_v/dv`` are the slopes of two Lagrangians that are convex. Therefore
    ``E = [sum (v_i - I_i) g_i - L_v] + [sum h_m f_m - L_h] - sum f_m xi_mi g_i`` never rises [1]_. Without
    ``memory_time`` memories follow at once, ``h = Xi g``: states are v alone.

    Parameters
    ----------
    memories : array_like, shape (p, N)
        Xi, real numbers, a memory in each row.
    hidden : {"softmax", "power"}
        L_h: ``ln (sum exp(beta h)) / beta``, or ``N sum x^d / (beta d)`` of ``x = beta h / N`` where that is positive.
    activation : str or Activation, optional
        phi of the features, ``g = phi(gain v)``, and L_v its potential. By default "linear" for "softmax", where fixed
        points are those of :class:`SoftmaxMemory`, and "tanh" for "power", which needs a bounded range.
    beta, gain : float
        Positive.
    degree : int
        d, of "power", from 2 to 100.
    currents, time_constants : float or array_like, shape (N,)
        I and tau.
    memory_time : float or array_like, shape (p,), optional
        tau_h. States are then (v, h).

    References
    ----------
    .. [1] Krotov & Hopfield (2021), Large associative memory problem in neurobiology and machine learning, ICLR.

    Examples
    --------
    >>> from hopfield import DenseFlow, simulate
    >>> net = DenseFlow([[3.0, 0.0], [0.0, 3.0]], beta=2.0)
    >>> sol = simulate(net, 20, [1.0, 0.5])
    >>> sol.final.round(4).tolist(), bool(sol.max_energy_rise < 1e-12)
    ([3.0, 0.0], True)
    """

    options: ClassVar[tuple[str, ...]] = ("hidden", "activation")
    limits: ClassVar = dict.fromkeys(("beta", "gain", "time_constants"), POSITIVE) | {"degree": DEGREES}

    def __init__(
        self, memories: ArrayLike, hidden: str = "softmax", activation: str | Activation | None = None, *,
        beta: float = 1.0, gain: float = 1.0, degree: int = 3, currents: ArrayLike = 0.0, time_constants: ArrayLike = 1.0,
        memory_time: ArrayLike | None = None,
    ) -> None:  # fmt: skip
        self.hidden = as_choice(hidden, "hidden", HIDDEN)
        usual = "linear" if self.hidden == "softmax" else "tanh"
        self.activation = activation_of(usual if activation is None else activation)
        if self.hidden == "power" and not np.isfinite(self.activation.range).all():
            raise ValueError(
                "`activation` must have a bounded range where `hidden` is 'power', or the energy has no minimum; "
                f"got {self.activation.name!r}. Use 'tanh', 'erf' or 'arctangent'."
            )
        Xi = as_memories(memories).astype(float)
        p, n = Xi.shape
        arrays: dict[str, Any] = {
            "beta": as_number(beta, "beta"), "gain": as_number(gain, "gain"), "degree": as_number(degree, "degree"),
            "currents": as_vector(currents, "currents", n, "N"),
            "time_constants": as_vector(time_constants, "time_constants", n, "N"),
        }  # fmt: skip
        if memory_time is not None:
            arrays["memory_time"] = as_vector(memory_time, "memory_time", p, "p")
        arrays["memories"] = Xi
        functions = _functions(self.activation, self.hidden, 1 if memory_time is None else 2)
        self._build(functions, arrays, n if memory_time is None else n + p, n, kind="flow", output_dim=n)

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is not allowed."""
        super().check_params(vector)
        if "memory_time" in self.layout.shapes:
            require_positive(self.layout.view(vector, "memory_time"), "memory_time")

    def has(self, role: str) -> bool:
        """Whether there is this function; there is an energy where the visible activation never decreases."""
        return super().has(role) and (role != "energy" or self.activation.monotone)
