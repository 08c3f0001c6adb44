"""The compiled functions of a network coupled to a body.

d(network)/dt = f(t, y, sense(x) + u),    d(body)/dt = g(t, x, act(outputs(y)))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neurodynamics.compiling import (
    CUBE_ROOT_EPS,
    SystemFunction,
    call,
    call_reset,
    compiled,
    copy_to,
    offset,
    pointer_closure,
    stack,
)
from neurodynamics.systems.system import DynamicalSystem

ROOM = 1024  # numbers that fit on the stack: of each part at most so many states, inputs and outputs


def coupled_functions(
    network: DynamicalSystem, body: DynamicalSystem, sense: SystemFunction, act: SystemFunction
) -> dict[str, Callable]:
    """Return the functions of the coupled flow by role, in the C signature of the contract."""
    sizes = [network.state_dim, network.input_dim, network.param_dim, network.output_dim]
    sizes += [body.state_dim, body.input_dim, body.param_dim, body.output_dim]
    if max(sizes[:2] + sizes[3:6] + sizes[7:]) > ROOM:
        raise ValueError(f"parts with more than {ROOM} states, inputs or outputs cannot be coupled.")
    parts = _parts(network, body, sense, act, sizes)
    functions = {"rhs": _rhs(parts, network, body, sizes), "jac": _jac(parts, network, body, sizes),
                 "outputs": _outputs(network, body, sizes)}  # fmt: skip
    if network.has("diffusion") or body.has("diffusion"):
        functions["diffusion"] = _concatenated("diffusion", parts, network, body, sizes)
    if network.event_dim or body.event_dim:
        functions["events"] = _concatenated("events", parts, network, body, sizes)
    if network.has("reset") or body.has("reset"):
        functions["reset"] = _reset(parts, network, body, sizes)
    return functions


def _parts(network: Any, body: Any, sense: Any, act: Any, sizes: list[int]) -> Any:
    """Return a kernel that writes what the network senses and what moves the body."""
    n, m, p, k, s, mb, pb, _ = sizes
    outputs, sensed, moved = network.address("outputs"), sense.address, act.address

    @compiled
    def links(t, y, u, params, to_network, to_body):
        o = stack(ROOM)
        x, own = offset(y, n), offset(params, p)
        call(sensed, t, x, s, u, 0, own, pb, to_network, m)
        for i in range(m):
            to_network[i] += u[i]
        if outputs != 0:
            call(outputs, t, y, n, u, 0, params, p, o, k)
        else:
            copy_to(y, n, o)
        call(moved, t, o, k, u, 0, own, pb, to_body, mb)

    return links


def _rhs(links: Any, network: Any, body: Any, sizes: list[int]) -> Any:
    n, m, p, k, s, mb, pb, _ = sizes
    f, g = network.address("rhs"), body.address("rhs")

    @pointer_closure
    def rhs(index, t, y, size, u, inputs, params, count, out, room):
        a, b = stack(ROOM), stack(ROOM)
        links(t, y, u, params, a, b)
        call(f, t, y, n, a, m, params, p, out, n)
        call(g, t, offset(y, n), s, b, mb, offset(params, p), pb, offset(out, n), s)

    return rhs


def _jac(links: Any, network: Any, body: Any, sizes: list[int]) -> Any:
    n, m, p, k, s, mb, pb, _ = sizes
    f, g = network.address("rhs"), body.address("rhs")
    df, dg = network.function("jac").address, body.function("jac").address
    size = n + s

    @pointer_closure
    def jac(index, t, y, count, u, inputs, params, p_all, out, room):
        """The parts' own Jacobians on the diagonal; a step of one part's state shows what it does to the other."""
        a, b, z = stack(ROOM), stack(ROOM), stack(ROOM)
        above, below = stack(ROOM), stack(ROOM)
        x, own = offset(y, n), offset(params, p)
        links(t, y, u, params, a, b)
        _block(df, t, y, n, a, m, params, p, out, size)
        _block(dg, t, x, s, b, mb, own, pb, offset(out, n * size + n), size)
        copy_to(y, size, z)
        for j in range(size):
            h = CUBE_ROOT_EPS * max(abs(y[j]), 1.0)
            for side in range(2):
                z[j] = y[j] + h if side == 0 else y[j] - h
                links(t, z, u, params, a, b)
                target = above if side == 0 else below
                if j < n:
                    call(g, t, x, s, b, mb, own, pb, target, s)
                else:
                    call(f, t, y, n, a, m, params, p, target, n)
            z[j] = y[j]
            for i in range(s if j < n else n):
                out[(i + (n if j < n else 0)) * size + j] = (above[i] - below[i]) / (2.0 * h)

    return jac


@compiled
def _block(f, t, y, n, u, m, params, p, out, stride):
    """Write an n by n Jacobian into a corner of a matrix with rows of that stride."""
    call(f, t, y, n, u, m, params, p, out, n * n)
    for i in range(n - 1, -1, -1):  # from the last row on: rows move backwards in memory
        for j in range(n - 1, -1, -1):
            out[i * stride + j] = out[i * n + j]


def _outputs(network: Any, body: Any, sizes: list[int]) -> Any:
    n, m, p, k, s, mb, pb, kb = sizes
    first, second = network.address("outputs"), body.address("outputs")

    @pointer_closure
    def outputs(index, t, y, size, u, inputs, params, count, out, room):
        _shown(first, t, y, n, u, params, p, out, k)
        _shown(second, t, offset(y, n), s, u, offset(params, p), pb, offset(out, k), kb)

    return outputs


@compiled
def _shown(f, t, y, n, u, params, p, out, k):
    if f != 0:
        call(f, t, y, n, u, 0, params, p, out, k)
    else:
        copy_to(y, n, out)


def _concatenated(role: str, links: Any, network: Any, body: Any, sizes: list[int]) -> Any:
    """Noise amplitudes or event functions of both parts behind each other, zero where a part has none."""
    n, m, p, k, s, mb, pb, _ = sizes
    first, second = (part.address(role) if part.has(role) else 0 for part in (network, body))
    k1, k2 = (n, s) if role == "diffusion" else (network.event_dim, body.event_dim)

    @pointer_closure
    def function(index, t, y, size, u, inputs, params, count, out, room):
        a, b = stack(ROOM), stack(ROOM)
        links(t, y, u, params, a, b)
        for i in range(k1 + k2):
            out[i] = 0.0
        if first != 0:
            call(first, t, y, n, a, m, params, p, out, k1)
        if second != 0:
            call(second, t, offset(y, n), s, b, mb, offset(params, p), pb, offset(out, k1), k2)

    return function


def _reset(links: Any, network: Any, body: Any, sizes: list[int]) -> Any:
    n, m, p, k, s, mb, pb, _ = sizes
    first, second, events = network.address("reset"), body.address("reset"), network.event_dim

    @pointer_closure
    def reset(event, t, y, size, u, inputs, params, count, out, room):
        a, b = stack(ROOM), stack(ROOM)
        links(t, y, u, params, a, b)
        copy_to(y, n + s, out)
        if event < events and first != 0:
            call_reset(first, event, t, y, n, a, m, params, p, out)
        if event >= events and second != 0:
            call_reset(second, event - events, t, offset(y, n), s, b, mb, offset(params, p), pb, offset(out, n))

    return reset
