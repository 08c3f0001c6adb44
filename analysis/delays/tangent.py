"""A system with delays together with its tangent vectors, as one system with delays.

    v' = d/deps f(t, y + eps v, z + eps z_v, u),    z_v[k](t) = v_{i_k}(t - tau_k)

The state is y, then the vectors one after the other; the past states of each delay lie side by side, those of y first.
"""

from __future__ import annotations

import numpy as np

from neurodynamics import DelayedSystem, DynamicalSystem, delayed_feedback
from neurodynamics.compiling import CUBE_ROOT_EPS, call, keep, kernel, offset, pointer, pointer_kernel
from neurodynamics.systems import DUAL_UNIT, dual_address

HEAD = 6  # addresses of f and of its dual twin (or 0), N, M, K, P


def with_tangent_vectors(system: DelayedSystem, vectors: int) -> tuple[DelayedSystem, bool]:
    """Return the system with so many tangent vectors, and whether its derivatives are exact."""
    opened, n = system.opened, system.state_dim
    rhs = opened.function("rhs")
    dual = dual_address(rhs.source)
    head = [rhs.address, dual, n, system.input_dim, len(system.past), opened.param_dim]
    inputs = system.input_dim + len(system.past) * (1 + vectors)
    both = DynamicalSystem(_tangent_rhs, n * (1 + vectors), np.array([*map(float, head), *opened.params]), inputs)
    pairs = [(each.state + n * j, each.delay) for each in system.past for j in range(1 + vectors)]
    carried = delayed_feedback(both, pairs)
    carried.__dict__["_kept"] = rhs  # what the addresses point to
    return carried, dual != 0


@pointer_kernel
def _tangent_rhs(index, t, y, n, u, m, params, p, out, k):
    """f, and its derivatives along the vectors."""
    n0, driven, past, p0, q = int(params[2]), int(params[3]), int(params[4]), int(params[5]), offset(params, HEAD)
    w = np.empty(driven + past)
    for i in range(driven):
        w[i] = u[i]
    for i in range(past):
        w[driven + i] = u[driven + i * (n // n0)]
    call(int(params[0]), t, y, n0, pointer(w), driven + past, q, p0, out, n0)
    if params[1] != 0.0:
        _by_dual_numbers(int(params[1]), t, y, n // n0, n0, u, w, driven, past, q, p0, out)
    else:
        _by_differences(int(params[0]), t, y, n // n0, n0, u, w, driven, past, q, p0, out)
    keep(w)


@kernel
def _by_dual_numbers(f, t, y, copies, n, u, w, driven, past, q, p, out):
    cy, cw, cf = np.empty(n, np.complex128), np.empty(driven + past, np.complex128), np.empty(n, np.complex128)
    cq = np.empty(p, np.complex128)
    for i in range(p):
        cq[i] = q[i]
    for i in range(driven):
        cw[i] = w[i]
    for j in range(1, copies):
        for i in range(n):
            cy[i] = complex(y[i], DUAL_UNIT * y[j * n + i])
        for i in range(past):
            cw[driven + i] = complex(w[driven + i], DUAL_UNIT * u[driven + i * copies + j])
        call(f, t, pointer(cy), n, pointer(cw), driven + past, pointer(cq), p, pointer(cf), n)
        for i in range(n):
            out[j * n + i] = cf[i].imag / DUAL_UNIT
    keep((cy, cw, cq, cf))


@kernel
def _by_differences(f, t, y, copies, n, u, w, driven, past, q, p, out):
    x, ahead, behind, z, size = np.empty(n), np.empty(n), np.empty(n), w.copy(), 1.0
    for i in range(n):
        size = max(size, abs(y[i]))
    for i in range(past):
        size = max(size, abs(w[driven + i]))
    for j in range(1, copies):
        length = 0.0
        for i in range(n):
            length = max(length, abs(y[j * n + i]))
        for i in range(past):
            length = max(length, abs(u[driven + i * copies + j]))
        step = CUBE_ROOT_EPS * size / length if length > 0.0 else 0.0
        for side in (1.0, -1.0):
            for i in range(n):
                x[i] = y[i] + side * step * y[j * n + i]
            for i in range(past):
                z[driven + i] = w[driven + i] + side * step * u[driven + i * copies + j]
            call(f, t, pointer(x), n, pointer(z), driven + past, q, p, pointer(ahead if side > 0.0 else behind), n)
        for i in range(n):
            out[j * n + i] = (ahead[i] - behind[i]) / (2.0 * step) if step > 0.0 else 0.0
    keep((x, z, ahead, behind))
