"""Tangent products of systems that run uncompiled: by their Jacobian, by a user's product, or by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.compiling import CUBE_ROOT_EPS
from neurodynamics.validation import Floats


def host_functions(system: Any, product: Callable | None) -> Callable:
    """Return ``functions(jacobian)``: what drivers call, given scratch for the Jacobian."""

    def python(role: str) -> Any:
        function = system.function(role)
        return function.source if system.host else function

    rhs = python("rhs")
    noise = python("diffusion") if system.has("diffusion") else 0

    def functions(jacobian: Floats) -> tuple[Any, ...]:
        if product is not None:
            tangent = _by_product(product)
        elif system.has("jac") or not system.host:
            tangent = _by_jacobian(python("jac"), jacobian)
        else:
            tangent = _by_differences(rhs)
        return rhs, 0, tangent, noise

    return functions


def _by_jacobian(jac: Callable, jacobian: Floats) -> Callable:
    def tangent(t: float, y: Floats, u: Floats, params: Floats, vectors: Floats, products: Floats) -> float:
        jac(t, y, u, params, jacobian)
        products[:] = vectors @ jacobian.T
        return float(np.trace(jacobian))

    return tangent


def _by_product(product: Callable) -> Callable:
    def tangent(t: float, y: Floats, u: Floats, params: Floats, vectors: Floats, products: Floats) -> float:
        for vector, out in zip(vectors, products, strict=True):
            product(t, y, u, params, vector, out)
        return np.nan

    return tangent


def _by_differences(rhs: Callable) -> Callable:
    """Central differences along each vector: two evaluations a vector, and no matrix."""

    def tangent(t: float, y: Floats, u: Floats, params: Floats, vectors: Floats, products: Floats) -> float:
        above, below = np.empty_like(y), np.empty_like(y)
        for vector, out in zip(vectors, products, strict=True):
            size = float(np.max(np.abs(vector), initial=0.0))
            if size == 0.0:
                out[:] = 0.0
                continue
            step = CUBE_ROOT_EPS * max(float(np.max(np.abs(y))), 1.0) / size
            rhs(t, y + step * vector, u, params, above)
            rhs(t, y - step * vector, u, params, below)
            out[:] = (above - below) / (2.0 * step)
        return np.nan

    return tangent
