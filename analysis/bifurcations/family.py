"""Equilibria, or points of period k of a map, as zeros of F(z) in z = (x, p): residual, derivative, multilinear forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from analysis.bifurcations.forms.differences import difference_forms
from analysis.bifurcations.forms.jets import additive_forms
from analysis.bifurcations.parameters import Parameter
from neurodynamics import DynamicalSystem
from neurodynamics.compiling import call_arrays, copy, kernel
from neurodynamics.validation import Floats

STEP = 1e-3  # of difference quotients of order 6, relative: truncation and rounding are both near 1e-13
Form = Callable[..., np.ndarray]


class Family:
    """``F(z) = f(x, p)`` of a flow, ``f^k(x, p) - x`` of a map, with ``z = (x, p_1, .., p_m)``.

    Attributes
    ----------
    system : DynamicalSystem
    parameters : tuple of Parameter
    n, m : int
        Numbers of states and of parameters.
    period : int
        k.
    is_map, analytic : bool
        Whether derivatives beyond the Jacobian are exact: those of additive networks.
    """

    def __init__(self, system: Any, parameters: Sequence[Parameter], drive: Floats, period: int = 1) -> None:
        self.system: Any = system
        self.parameters, self.period = tuple(parameters), period
        self.n, self.m, self.is_map = system.state_dim, len(self.parameters), system.kind == "map"
        self.analytic = system.structure("additive") is not None
        self.smooth = not self.analytic or system.activation.smooth
        self.drive_as_given = drive
        moved = np.zeros(system.param_dim, dtype=bool)
        driven = np.zeros(system.input_dim, dtype=bool)
        for each in self.parameters:
            moved |= each.direction != 0
            driven |= each.drive_direction != 0
        self.rest, self.drive = np.where(moved, 0.0, system.params), np.where(driven, 0.0, drive)
        self.directions = np.array([each.direction for each in self.parameters]).reshape(self.m, system.param_dim)
        self.drives = np.array([each.drive_direction for each in self.parameters]).reshape(self.m, system.input_dim)
        if not system.host:
            self.addresses = system.function("rhs").address, system.address("jac")

    def __reduce__(self) -> Any:
        """Copies are made anew: addresses of compiled functions hold in one process only."""
        return Family, (self.system, self.parameters, self.drive_as_given, self.period)

    def at(self, z: Floats) -> tuple[DynamicalSystem, Floats]:
        """Return the system and its inputs at z."""
        return self.system.with_params(self.params(z)), self.inputs(z)

    def params(self, z: Floats) -> Floats:
        """Return all parameters (P,) at z."""
        return self.rest + z[self.n :] @ self.directions

    def inputs(self, z: Floats) -> Floats:
        """Return the inputs (M,) at z."""
        return self.drive + z[self.n :] @ self.drives

    def named(self, values: Floats) -> dict[str, float]:
        """Return values of the parameters by name."""
        return {each.name: float(value) for each, value in zip(self.parameters, values, strict=True)}

    def __call__(self, z: Floats) -> tuple[Floats, Floats]:
        """Return F (n,) and its derivative (n, n + m)."""
        n, m = self.n, self.m
        F, D = np.empty(n), np.empty((n, n + m))
        if self.system.host:
            _uncompiled(self, z, F, D)
        else:
            extended(*self.addresses, self.is_map, self.period, z, self.rest, self.directions, self.drive, self.drives,
                      F, D)  # fmt: skip
            if not self.smooth:  # difference quotients would reach across corners
                form = self.forms(z)
                D[:, n:] = np.column_stack([form(each) for each in np.eye(n + m)[n:]]) if m else D[:, n:]
        return F, D

    def residual(self, z: Floats) -> Floats:
        """Return F (n,)."""
        return self.residuals(z[np.newaxis])[0]

    def residuals(self, points: Floats) -> Floats:
        """Return F at points (B, n + m), (B, n)."""
        out = np.empty((len(points), self.n))
        if self.system.host:
            for z, row in zip(points, out, strict=True):
                row[:] = _host_value(self, z[: self.n], self.params(z), self.inputs(z))
        else:
            _rows(self.addresses[0], self.is_map, self.period, np.ascontiguousarray(points), self.rest, self.directions,
                  self.drive, self.drives, out)  # fmt: skip
        return out

    def moved(self, z: Floats, v: np.ndarray) -> np.ndarray:
        """Return the derivative (n, n + m) of the derivative along v, a direction of states or of all, real or complex."""
        if np.iscomplexobj(v):
            return self.moved(z, v.real) + 1j * self.moved(z, v.imag)
        length = float(np.linalg.norm(v))
        if length == 0.0:
            return np.zeros((self.n, self.n + self.m))
        h = STEP * max(1.0, float(np.abs(z[: self.n]).max())) / length
        step = np.concatenate([h * v, np.zeros(z.size - v.size)])
        far, near = (self(z + s * step)[1] - self(z - s * step)[1] for s in (2.0, 1.0))
        return (8.0 * near - far) / (12.0 * h)

    def linear(self, D: Floats) -> Floats:
        """Return the Jacobian of f, or of f^k, from the derivative of F: square part, and for maps plus the identity."""
        A = D[..., : self.n]
        return A + np.eye(self.n) if self.is_map else A

    def forms(self, z: Floats, *, coarse: bool = False) -> Form:
        """Return the multilinear form ``form(a, b, ..)``: the derivative of F of order k in k directions.

        Directions are vectors (n,) of states or (n + m,) with parameters, real or complex. Exact for additive networks;
        elsewhere from difference quotients of high order, with other steps where `coarse`: two results that differ say
        how exact they are.
        """
        if self.analytic:
            return additive_forms(self, z)
        return difference_forms(self, z, coarse)


# Compiled ------------------------------------------------------------------------------------------------------------


@kernel
def _value(f, is_map, period, x, u, params, out):
    """F(x), with `out` not x."""
    if not is_map:
        call_arrays(f, 0.0, x, u, params, out)
        return
    y = x.copy()
    for _ in range(period):
        call_arrays(f, 0.0, y, u, params, out)
        copy(out, y)
    for i in range(x.size):
        out[i] -= x[i]


@kernel
def _moved(values, rest, directions):
    """The parameters, or inputs, at values."""
    out = rest.copy()
    for k in range(values.size):
        for i in range(rest.size):
            out[i] += values[k] * directions[k, i]
    return out


@kernel
def _rows(f, is_map, period, points, rest, directions, drive, drives, outs):
    """F at many points."""
    n = outs.shape[1]
    for k in range(points.shape[0]):
        values = points[k, n:]
        _value(f, is_map, period, points[k, :n].copy(), _moved(values, drive, drives), _moved(values, rest, directions),
               outs[k])  # fmt: skip


@kernel
def extended(f, jac, is_map, period, z, rest, directions, drive, drives, F, D):
    """F and its derivative: the Jacobian, and difference quotients for parameters and where there is no Jacobian."""
    n, m = F.size, D.shape[1] - F.size
    x, values = z[:n].copy(), z[n:].copy()
    params, u = _moved(values, rest, directions), _moved(values, drive, drives)
    _value(f, is_map, period, x, u, params, F)
    sides = np.empty((6, n))
    if jac == 0:
        for j in range(n):
            h, middle = STEP * max(1.0, abs(x[j])), x[j]
            for s in range(6):
                x[j] = middle + (s - 3 if s < 3 else s - 2) * h
                _value(f, is_map, period, x, u, params, sides[s])
            x[j] = middle
            _quotient(sides, h, D, j)
    else:
        A = _product_of_jacobians(f, jac, period, x, u, params)
        for i in range(n):
            for j in range(n):
                D[i, j] = A[i, j] - (1.0 if is_map and i == j else 0.0)
    for k in range(m):
        h, middle = STEP * max(1.0, abs(values[k])), values[k]
        for s in range(6):
            values[k] = middle + (s - 3 if s < 3 else s - 2) * h
            _value(f, is_map, period, x, _moved(values, drive, drives), _moved(values, rest, directions), sides[s])
        values[k] = middle
        _quotient(sides, h, D, n + k)


@kernel
def _quotient(sides, h, D, column):
    """The central difference of order 6 of values at -3h .. 3h, without that in the middle."""
    for i in range(sides.shape[1]):
        near, next_, far = sides[3, i] - sides[2, i], sides[4, i] - sides[1, i], sides[5, i] - sides[0, i]
        D[i, column] = (45.0 * near - 9.0 * next_ + far) / (60.0 * h)


@kernel
def _product_of_jacobians(f, jac, period, x, u, params):
    """The Jacobian of f^period."""
    n = x.size
    A = np.empty((n, n))
    call_arrays(jac, 0.0, x, u, params, A.reshape(n * n))
    y, B = x.copy(), np.empty((n, n))
    for _ in range(period - 1):
        _next(f, y, u, params)
        call_arrays(jac, 0.0, y, u, params, B.reshape(n * n))
        C = np.zeros((n, n))
        for i in range(n):
            for q in range(n):
                for j in range(n):
                    C[i, j] += B[i, q] * A[q, j]
        A = C
    return A


@kernel
def _next(f, y, u, params):
    """One iteration in place."""
    out = np.empty(y.size)
    call_arrays(f, 0.0, y, u, params, out)
    copy(out, y)


# Uncompiled ----------------------------------------------------------------------------------------------------------


def _host_value(family: Family, x: Floats, params: Floats, u: Floats) -> Floats:
    f, y, out = family.system.function("rhs").source, x.copy(), np.empty(family.n)
    for _ in range(family.period):
        f(0.0, y, u, params, out)
        y = out.copy()
    return y - x if family.is_map else y


def _uncompiled(family: Family, z: Floats, F: Floats, D: Floats) -> None:
    n, exact = family.n, family.system.has("jac")
    F[:] = family.residual(z)
    if exact:
        D[:, :n] = _host_jacobian(family, z) - (np.eye(n) if family.is_map else 0.0)
    for k in range(n if exact else 0, n + family.m):
        h = STEP * max(1.0, abs(z[k]))
        step = h * (np.arange(n + family.m) == k)
        near, next_, far = (family.residual(z + s * step) - family.residual(z - s * step) for s in (1, 2, 3))
        D[:, k] = (45.0 * near - 9.0 * next_ + far) / (60.0 * h)


def _host_jacobian(family: Family, z: Floats) -> Floats:
    n, y, params, u = family.n, z[: family.n].copy(), family.params(z), family.inputs(z)
    f, jac, A, B = family.system.function("rhs").source, family.system.function("jac").source, np.eye(n), np.empty((n, n))
    for _ in range(family.period):
        jac(0.0, y, u, params, B)
        A, moved = B @ A, np.empty(n)
        f(0.0, y, u, params, moved)
        y = moved
    return A
