"""Combinations of the network's equations, applied to a box with proof.

For any multipliers m the equilibria satisfy ``sum_i m_i x_i - sum_j q_j phi(x_j) = m beta`` with q = A' m. Each term is
a function of one variable and is bounded on its interval in two ways, as ``m x - q s`` and as ``(m - q d) x - q e``
with the line of its activation. Where the sum cannot be m beta, the box holds no equilibrium; otherwise each x_j is
confined to what the other terms leave (hull consistency of a preconditioned system; Neumaier 1990, section 5.5).

Everything is evaluated as centres and radii in round-to-nearest, and one padding covers all rounding errors: those of q
and of A and beta themselves by the padding of the network's rows, the others by ``gamma(2n + 32)`` times the sum of the
magnitudes of all terms.

References
----------
.. [1] A. Neumaier (1990), Interval Methods for Systems of Equations, Cambridge University Press.
"""

from __future__ import annotations

from analysis.equilibria.certified.memory import BETA, CENTRE, HIGH, LINE, LOW, PAD, PRODUCT, RADIUS, S, given, vector
from analysis.equilibria.certified.rounding import TINY, UNIT
from neurodynamics.compiling import WIDTH, absolute, fma, kernel, load, select_positive, splat, stack, store

EMPTY, KEPT = -1, 0  # the box holds no equilibrium; it may be smaller now


@kernel
def total(x):
    """Sum of the elements of a vector."""
    a = stack(WIDTH)
    store(a, 0, x)
    s = 0.0
    for i in range(WIDTH):
        s += a[i]
    return s


@kernel
def multipliers(tableau, line, r, m):
    """Which combination of the network's equations row r of the tableau is.

    A row is an identity a x + b e = const; the only one with these coefficients has m = a - b d.
    """
    n, p, T, _, row, column = tableau
    for i in range(0, p, WIDTH):
        store(m, i, splat(0.0))
    v = row[r]
    if v < n:
        m[v] += 1.0
    else:
        m[v - n] -= line[v - n]
    for k in range(n):
        v, c = column[k], -T[k * p + r]
        if v < n:
            m[v] += c
        else:
            m[v - n] -= c * line[v - n]


@kernel
def apply_row(search, m):
    """Use one combination of the equations; return EMPTY, or KEPT with the box possibly smaller."""
    n, p, A = search.n, search.p, search.network
    beta, pads = given(search, BETA), given(search, PAD)
    low, high, s, line = vector(search, LOW), vector(search, HIGH), vector(search, S), vector(search, LINE)
    q, centres, radii = vector(search, PRODUCT), vector(search, CENTRE), vector(search, RADIUS)
    for b in range(0, p, WIDTH):
        sum_ = splat(0.0)
        for i in range(n):
            sum_ = fma(splat(m[i]), load(A, i * p + b), sum_)
        store(q, b, sum_)
    centre, radius, size, pad = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
    for b in range(0, p, WIDTH):
        mj, qj, bj = load(m, b), load(q, b), load(beta, b)
        x, dx = 0.5 * (load(high, b) + load(low, b)), 0.5 * (load(high, b) - load(low, b))
        v, dv = 0.5 * (load(s, p + b) + load(s, b)), 0.5 * (load(s, p + b) - load(s, b))
        d, alpha, w = load(line, b), load(line, p + b), load(line, 2 * p + b)
        aj = fma(-qj, d, mj)
        by_value = fma(absolute(mj), dx, absolute(qj) * dv)
        by_line = fma(absolute(aj), dx, absolute(qj) * w)
        better = by_value - by_line
        r = select_positive(better, by_line, by_value)
        c = select_positive(better, fma(aj, x, -qj * alpha), fma(mj, x, -qj * v))
        c = fma(-mj, bj, c)
        store(centres, b, c)
        store(radii, b, r)
        centre, radius = centre + c, radius + r
        size = fma(fma(absolute(qj), d, absolute(mj)), absolute(x) + dx, size)
        size = fma(absolute(qj), absolute(alpha) + w + absolute(v) + dv, size)
        size = fma(absolute(mj), absolute(bj), size)
        pad = fma(absolute(mj), load(pads, b), pad)
    middle = total(centre)
    reach = total(radius) + 1.01 * total(pad) + (2.0 * n + 32.0) * 1.01 * UNIT * total(size) + TINY
    if abs(middle) > reach:
        return EMPTY
    for b in range(0, p, WIDTH):
        mj, qj, bj = load(m, b), load(q, b), load(beta, b)
        d, alpha, w = load(line, b), load(line, p + b), load(line, 2 * p + b)
        aj = fma(-qj, d, mj)
        # a_j x_j = m_j beta_j + q_j (alpha_j + e_j) - (the other terms, middle - c_j +- (reach - r_j))
        c = (fma(qj, alpha, mj * bj) - (middle - load(centres, b))) / aj
        r = absolute(fma(absolute(qj), w, reach - load(radii, b)) / aj)
        r = fma(absolute(c) + r, 8.0 * UNIT, r)
        a, z = load(low, b), load(high, b)
        store(low, b, select_positive((c - r) - a, c - r, a))  # where a_j = 0, NaN keeps the interval
        store(high, b, select_positive(z - (c + r), c + r, z))
    for j in range(n):
        if low[j] > high[j]:
            return EMPTY
    return KEPT
