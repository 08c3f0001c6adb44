"""The right-hand side of a flow, its Jacobian and its derivatives by parameters at many states in one call."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bifurcations.family import Family
from neurodynamics.compiling import call_arrays, kernel
from neurodynamics.validation import Floats

PARAMETER_STEP = 1e-5  # of a central difference, relative; Newton's method does not need it to rounding


class Field(NamedTuple):
    """Values at K states: f (K, N), the Jacobians (K, N, N), and derivatives by q parameters (K, N, q)."""

    f: Floats
    jac: Floats
    slopes: Floats


def rates_at(family: Family, states: Floats, values: Floats) -> Floats:
    """Return f (K, N) at states (K, N) and values (q,) of the parameters."""
    return _evaluated(family, "rhs", states, values, states.shape)


def field_at(family: Family, states: Floats, values: Floats) -> Field:
    """Return f and its derivatives at states (K, N) and values (q,) of the parameters."""
    k, n = states.shape
    slopes = np.empty((k, n, family.m))
    for j in range(family.m):
        step = np.zeros(family.m)
        step[j] = PARAMETER_STEP * max(1.0, abs(values[j]))
        slopes[:, :, j] = (rates_at(family, states, values + step) - rates_at(family, states, values - step)) / (2 * step[j])
    return Field(rates_at(family, states, values), _evaluated(family, "jac", states, values, (k, n, n)), slopes)


def _evaluated(family: Family, role: str, states: Floats, values: Floats, shape: tuple[int, ...]) -> Floats:
    out = np.empty(shape)
    params, u = family.rest + values @ family.directions, family.drive + values @ family.drives
    function = family.system.function(role)
    if family.system.host:
        for y, row in zip(states, out, strict=True):
            function.source(0.0, y, u, params, row)
    else:
        _rows(function.address, states, params, u, out.reshape(len(states), -1))
    return out


@kernel
def _rows(f, states, params, u, outs):
    for k in range(states.shape[0]):
        call_arrays(f, 0.0, states[k], u, params, outs[k])
