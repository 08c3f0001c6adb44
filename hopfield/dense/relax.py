"""Asynchronous updates of dense memories, compiled: overlaps z = Xi s are kept, p integers that a flip changes by 2.

A form is (patterns (N p), table, rounding), where fields below that share of the sum of their terms are ties; the loop
over sweeps is that of networks with couplings.
"""

from __future__ import annotations

import numpy as np

from hopfield.discrete import relaxation
from neurodynamics.compiling import kernel


@kernel
def _polynomial_field(form, z, s, i):
    """sum_k xi_k G(z_k - xi_k s_i): half of what E rises by when unit i goes from +1 to -1."""
    columns, half_change, rounding = form
    p, middle, total, terms = z.size, half_change.size // 2, 0.0, 0.0
    for k in range(p):
        x = columns[i * p + k]
        term = x * half_change[z[k] - x * s[i] + middle]
        total += term
        terms += abs(term)
    return total if abs(total) > rounding * terms else 0.0


@kernel
def _exponential_field(form, z, s, i):
    """1/2 ln (sum_k exp(r_k + xi_k) / sum_k exp(r_k - xi_k)), r_k = z_k - xi_k s_i, relative to the largest r."""
    columns, exp_of_minus, rounding = form
    p, top = z.size, z[0] - columns[i * z.size] * s[i]
    for k in range(p):
        top = max(top, z[k] - columns[i * p + k] * s[i])
    up, down = 0.0, 0.0  # patterns in which the unit is +1, and -1
    for k in range(p):
        x = columns[i * p + k]
        below = top - z[k] + x * s[i]
        if below < exp_of_minus.size:
            if x > 0:
                up += exp_of_minus[below]
            else:
                down += exp_of_minus[below]
    if abs(up - down) <= rounding * (up + down):
        return 0.0
    return 0.5 * np.log((up * np.exp(2.0) + down) / (up + down * np.exp(2.0)))


@kernel
def _flip(form, z, s, i):
    columns, p = form[0], z.size
    for k in range(p):
        z[k] -= 2 * columns[i * p + k] * s[i]
    s[i] = -s[i]


@kernel
def _refresh(form, z, s):
    columns, p = form[0], z.size
    z[:] = 0
    for i in range(s.size):
        for k in range(p):
            z[k] += columns[i * p + k] * s[i]


@kernel
def _polynomial_settled(form, z, s, tolerance):
    for i in range(s.size):
        if _polynomial_field(form, z, s, i) * s[i] < -tolerance[i]:
            return False
    return True


@kernel
def _exponential_settled(form, z, s, tolerance):
    for i in range(s.size):
        if _exponential_field(form, z, s, i) * s[i] < -tolerance[i]:
            return False
    return True


relax_polynomial = relaxation(_polynomial_field, _flip, _polynomial_settled, _refresh)
relax_exponential = relaxation(_exponential_field, _flip, _exponential_settled, _refresh)
