"""The energy of a graded network in its role of the contract, compiled once for each activation."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from neurodynamics.activations import Activation
from neurodynamics.compiling import SystemFunction, pointer_kernel
from neurodynamics.systems import BIAS, CONSTANT, GAIN, LEAK, WEIGHTS, additive_functions


@functools.cache
def graded_functions(activation: Activation) -> dict[str, SystemFunction]:
    """Return the functions of the additive network, and the energy where the activation has a potential."""
    functions = dict(additive_functions(activation))
    if activation.potential is not None:
        functions["energy"] = SystemFunction("energy", _energy(activation.value, activation.potential))
    return functions


def _energy(phi: Any, potential: Any) -> Any:
    @pointer_kernel
    def graded_energy(index, t, y, n, u, m, params, p, out, k):
        """E = -v.Wv/2 - (c + V u).v + sum_i lambda_i [(x_i v_i - L(x_i)) / g_i - b_i v_i], x = g (y + b), v = phi(x)."""
        V = WEIGHTS * n + n * n
        v = np.empty(n)
        total = 0.0
        for i in range(n):
            g, b = params[GAIN * n + i], params[BIAS * n + i]
            x = g * (y[i] + b)
            v[i] = phi(x)
            total += params[LEAK * n + i] * ((x * v[i] - potential(x)) / g - b * v[i]) - params[CONSTANT * n + i] * v[i]
        if p > V:
            for q in range(m):
                for i in range(n):
                    total -= params[V + q * n + i] * u[q] * v[i]
        else:
            for i in range(m):
                total -= u[i] * v[i]
        for j in range(n):
            for i in range(n):
                total -= 0.5 * v[i] * params[WEIGHTS * n + j * n + i] * v[j]
        out[0] = total

    return graded_energy
