"""Additive networks as kernels of numbers, dual numbers and recorded numbers."""

from __future__ import annotations

import functools
from typing import Any

from neurodynamics.activations import Activation
from neurodynamics.compiling import offset, pointer
from neurodynamics.systems.additive_kernels import WEIGHTS
from neurodynamics.systems.dual import dual_kernel, lifted, scratch
from neurodynamics.systems.tape import add_product


@functools.cache
def dual_functions(activation: Activation) -> tuple[Any, Any]:
    """Return the right-hand side and the outputs of additive networks for numbers and dual numbers."""
    phi = lifted(activation)

    @dual_kernel
    def additive_dual_outputs(index, t, y, n, u, m, params, p, out, k):
        """Outputs: phi(g_j (y_j + b_j))."""
        b, g = offset(params, 2 * n), offset(params, 3 * n)
        for j in range(n):
            out[j] = phi(g[j] * (y[j] + b[j]))

    @dual_kernel
    def additive_dual_rhs(index, t, y, n, u, m, params, p, out, k):
        """Rate: tau_i dy_i/dt = -lambda_i y_i + sum_j W_ij phi(g_j (y_j + b_j)) + sum_k V_ik u_k + c_i."""
        c = offset(params, 4 * n)
        V = WEIGHTS * n + n * n
        o = scratch(out, n)
        additive_dual_outputs(index, t, y, n, u, m, params, p, pointer(o), n)
        for i in range(n):
            acc = c[i] - params[n + i] * y[i]
            if p == V and m > 0:
                acc += u[i]
            for q in range(m if p > V else 0):
                acc += params[V + q * n + i] * u[q]
            out[i] = acc
        add_product(params, WEIGHTS * n, o, n, out, n)
        for i in range(n):
            out[i] /= params[i]

    return additive_dual_rhs, additive_dual_outputs
