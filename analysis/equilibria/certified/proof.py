"""Existence and uniqueness of an equilibrium, proved by a contraction.

With d_j near phi'(x_j) and any matrix C near (I - A D)^-1 A let M = I + C D, F(x) = x - beta - A phi(x) and

    G(x) = x - M F(x) = beta + C (D beta - D x + phi(x)) - Q phi(x),     Q = C - A - C D A, all but zero.

Fixed points of G are equilibria once G contracts (then M is regular). On a box its derivative C (phi' - D) - Q phi' is
bounded entry by entry by a matrix B >= 0, and ``B v < v`` for one positive v makes G a contraction in the norm
max |x_i| / v_i: at most one equilibrium in the box. If also |M F(x)| + B v < v, then G maps the box x +- v into itself
and there is exactly one (Krawczyk; Neumaier 1990, sections 5.1 and 5.4; Rump 2010, section 13).

References
----------
.. [1] R. Krawczyk (1969), Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken, Computing 4, 187-201.
.. [2] S. M. Rump (2010), Verification methods: rigorous results using floating-point arithmetic, Acta Numerica 19.
"""

from __future__ import annotations

from analysis.equilibria.certified.memory import (
    AT_X,
    BETA,
    BETA_ERROR,
    BOX,
    ERROR,
    HIGH,
    IMAGE,
    LINE,
    LOW,
    NEAR,
    OFFSET,
    POINT,
    RESIDUAL,
    SLOPE,
    STEP,
    TANGENT,
    V,
    X,
    columns,
    given,
    inverse_error,
    tableau,
    vector,
)
from analysis.equilibria.certified.relaxation import evaluate
from analysis.equilibria.certified.rounding import TINY, UNIT
from analysis.equilibria.certified.tableau import add_multiple, linearise
from neurodynamics.compiling import WIDTH, absolute, fma, kernel, load, offset, splat, store

NEWTON_STEPS = 50  # an equilibrium at zero takes 20: relative rounding errors shrink with x
GRID = 0.25  # ratio of the radii at which uniqueness around a point is tried
FINEST_GRID = 2.0**-40
MARGIN = 4.0  # a point's region of uniqueness is so many times its error at least
NORM_STEPS = 4  # of the power method that looks for v
INSIDE = 1.0 - 1e-6
SEEMS = 0.9  # contraction that is worth a proof
ROUND_UP = 1.0 + 1e-9  # more than the errors of any sum of nonnegative terms here


@kernel
def prove(search, widest):
    """Decide a box that holds one equilibrium: (radius, isolation) of the equilibrium at X, or (0, 0).

    The equilibrium lies within `radius` of X in every coordinate and is the only one within `isolation` of it; and the
    box holds no other one. `widest` is the largest isolation that is tried. LINE is that of the box, and its tableau
    is solved for x.
    """
    if not _seems_contracting(search) or not _newton(search):
        return 0.0, 0.0
    radius, isolation = _isolate(search, widest)
    if radius > 0.0 and (_covers(search, isolation) or _unique_in_box(search, radius)):
        return radius, isolation
    return 0.0, 0.0


@kernel
def _seems_contracting(search):
    """Whether B v < v on the box, but for rounding."""
    n, p, T = search.n, search.p, tableau(search, BOX).T
    low, high, line, slope = vector(search, LOW), vector(search, HIGH), vector(search, LINE), vector(search, SLOPE)
    image = vector(search, IMAGE)
    evaluate(search.slopes, low, high, p, slope)
    for b in range(0, p, WIDTH):
        store(image, b, splat(0.0))
    for j in range(n):
        change = max(slope[p + j] - line[j], line[j] - slope[j]) * (high[j] - low[j])
        for b in range(0, p, WIDTH):
            store(image, b, fma(absolute(load(T, j * p + b)), splat(change), load(image, b)))
    for i in range(n):
        if image[i] > SEEMS * (high[i] - low[i]) + 1e-12:
            return False
    return True


# The point -----------------------------------------------------------------------------------------------------------


@kernel
def residual(search):
    """F(x) in twofold precision and a bound on its error; the error of phi remains (Ogita, Rump & Oishi 2005)."""
    n, p, A = search.n, search.p, columns(search)
    beta, beta_error = given(search, BETA), given(search, BETA_ERROR)
    x, at_x, out, error = vector(search, X), vector(search, AT_X), vector(search, RESIDUAL), vector(search, ERROR)
    evaluate(search.points, x, x, p, at_x)
    uncertain = (search.value_error + search.weight_error) * 1.01
    small = 16.0 * (n + 4.0) * (n + 4.0) * UNIT * UNIT * 1.01
    for b in range(0, p, WIDTH):
        xi, bi = load(x, b), load(beta, b)
        sum_ = xi - bi
        back = sum_ - xi
        low = (xi - (sum_ - back)) - (bi + back)
        size = splat(0.0)
        for j in range(n):
            a, s = load(A, j * p + b), splat(-at_x[j])
            product = a * s
            new = sum_ + product
            back = new - sum_
            low = low + (((sum_ - (new - back)) + (product - back)) + fma(a, s, -product))
            sum_ = new
            size = size + absolute(product)
        sum_ = sum_ + low
        store(out, b, sum_)
        e = fma(2.0 * UNIT, absolute(sum_), small * (size + absolute(xi) + absolute(bi)))
        store(error, b, fma(uncertain, size, e) + load(beta_error, b) + (1.0 + n) * TINY)


@kernel
def _tangents(search):
    """Linearise the network at x, at the values just computed there; whether it could be solved for x."""
    p = search.p
    x, at_x, tangent = vector(search, X), vector(search, AT_X), vector(search, TANGENT)
    for j in range(p):
        tangent[j] = at_x[p + j]
        tangent[p + j] = at_x[j] - at_x[p + j] * x[j]
    return linearise(search, tangent, tableau(search, POINT))


@kernel
def _newton(search):
    """Move x from the middle of the box to an equilibrium, to rounding; leave the tableau of that place."""
    n, p, C = search.n, search.p, tableau(search, POINT).T
    x, F, step, d = vector(search, X), vector(search, RESIDUAL), vector(search, STEP), vector(search, TANGENT)
    low, high, error = vector(search, LOW), vector(search, HIGH), vector(search, ERROR)
    width = 0.0
    for j in range(p):
        x[j] = 0.5 * (low[j] + high[j])
        width = max(width, high[j] - low[j])
    before = 2.0 * width + 1e-6
    for _ in range(NEWTON_STEPS):
        residual(search)
        if not _tangents(search):
            return False
        # M F = F + C (D F)
        for b in range(0, p, WIDTH):
            store(step, b, load(F, b))
        for j in range(n):
            add_multiple(step, 0, d[j] * F[j], C, j * p, p)
        length, size, noise = 0.0, 0.0, 0.0
        for j in range(n):
            length, size, noise = max(length, abs(step[j])), max(size, abs(x[j])), max(noise, error[j])
        if length <= max(2.0 * UNIT * size, 0.1 * noise) or 0.5 * before <= length <= 1e-9 * (1.0 + size):
            return True
        if not length < before:
            return False
        before = length
        for j in range(n):
            x[j] -= step[j]
    return False


# The proof -----------------------------------------------------------------------------------------------------------


@kernel
def _bound_inverse_error(search, C, slope):
    """Bound Q = C - A - C D A entry by entry, rounding and uncertain weights included."""
    n, p, A, Q = search.n, search.p, columns(search), inverse_error(search)
    error = (n + 6.0) * 1.01 * UNIT + search.weight_error
    for k in range(n):
        for b in range(0, p, WIDTH):
            c, a = load(C, k * p + b), load(A, k * p + b)
            sum_, size = c - a, absolute(c) + absolute(a)
            for j in range(n):
                c, f = load(C, j * p + b), splat(-slope[j] * A[k * p + j])
                sum_ = fma(c, f, sum_)
                size = fma(absolute(c), absolute(f), size)
            store(Q, k * p + b, fma(size, splat(error), absolute(sum_)))


@kernel
def _apply_bound(search, C, slope):
    """IMAGE = B V for the slopes of phi in SLOPE, rounded upwards."""
    n, p, Q = search.n, search.p, inverse_error(search)
    v, image, slopes = vector(search, V), vector(search, IMAGE), vector(search, SLOPE)
    for b in range(0, p, WIDTH):
        store(image, b, splat(0.0))
    for j in range(n):
        change = max(slopes[p + j] - slope[j], slope[j] - slopes[j])
        for b in range(0, p, WIDTH):
            entry = fma(absolute(load(C, j * p + b)), splat(change), load(Q, j * p + b) * slopes[p + j])
            store(image, b, fma(entry, splat(v[j] * ROUND_UP), load(image, b)))


@kernel
def _bound_offset(search):
    """|M F(x)|, bounded."""
    n, p, C = search.n, search.p, tableau(search, POINT).T
    F, error, d, out = vector(search, RESIDUAL), vector(search, ERROR), vector(search, TANGENT), vector(search, OFFSET)
    for b in range(0, p, WIDTH):
        store(out, b, splat(0.0))
    for j in range(n):
        f = (abs(F[j]) + error[j]) * ROUND_UP
        for b in range(0, p, WIDTH):
            store(out, b, fma(absolute(load(C, j * p + b)), splat(d[j] * f), load(out, b)))
    for j in range(n):
        # the diagonal of M is 1 + C_jj d_j, not 1 + |C_jj| d_j
        c = C[j * p + j] * d[j]
        more = (abs(1.0 + c) - abs(c) + 8.0 * UNIT * (1.0 + abs(c))) * (abs(F[j]) + error[j]) * ROUND_UP
        out[j] = max(out[j] + more, 0.0) * ROUND_UP + TINY


@kernel
def _slopes_near(search, radius):
    """Slopes of phi on x +- radius, and V of that radius."""
    n, p = search.n, search.p
    x, near, v = vector(search, X), vector(search, NEAR), vector(search, V)
    for j in range(n):
        grow = radius + 4.0 * UNIT * (radius + abs(x[j]))
        near[j], near[p + j], v[j] = x[j] - grow, x[j] + grow, radius
    evaluate(search.slopes, near, offset(near, p), p, vector(search, SLOPE))


@kernel
def _moved_by(search):
    """Largest element of OFFSET + IMAGE, rounded upwards."""
    a, b = vector(search, OFFSET), vector(search, IMAGE)
    largest = 0.0
    for j in range(search.n):
        largest = max(largest, a[j] + b[j])
    return largest * (1.0 + 8.0 * UNIT)


@kernel
def _isolate(search, widest):
    """(radius, isolation) of the equilibrium at x, or (0, 0) where there is no proof."""
    C, slope = tableau(search, POINT).T, vector(search, TANGENT)
    _bound_inverse_error(search, C, slope)
    _bound_offset(search)
    isolation = widest
    while True:
        _slopes_near(search, isolation)
        _apply_bound(search, C, slope)
        if _moved_by(search) < INSIDE * isolation:
            break
        isolation *= GRID
        if isolation < FINEST_GRID * widest:
            return 0.0, 0.0
    start, close = vector(search, OFFSET), 0.0
    for j in range(search.n):
        close = max(close, 2.0 * start[j])
    _slopes_near(search, close)
    _apply_bound(search, C, slope)
    radius = _moved_by(search)
    if radius <= close and MARGIN * radius <= isolation:
        return radius, isolation
    return 0.0, 0.0


@kernel
def _covers(search, isolation):
    """Whether the box lies within `isolation` of x."""
    x, low, high = vector(search, X), vector(search, LOW), vector(search, HIGH)
    for j in range(search.n):
        if max(x[j] - low[j], high[j] - x[j]) > INSIDE * isolation:
            return False
    return True


@kernel
def _unique_in_box(search, radius):
    """Whether the box and x +- radius together hold at most one equilibrium."""
    n, p = search.n, search.p
    x, low, high, near = vector(search, X), vector(search, LOW), vector(search, HIGH), vector(search, NEAR)
    v, image = vector(search, V), vector(search, IMAGE)
    C, slope = tableau(search, BOX).T, vector(search, LINE)
    for j in range(n):
        grow = radius + 4.0 * UNIT * (radius + abs(x[j]))
        near[j], near[p + j] = min(low[j], x[j] - grow), max(high[j], x[j] + grow)
        v[j] = near[p + j] - near[j] + TINY
    evaluate(search.slopes, near, offset(near, p), p, vector(search, SLOPE))
    _bound_inverse_error(search, C, slope)
    for _ in range(NORM_STEPS):
        _apply_bound(search, C, slope)
        contracts = True
        for j in range(n):
            contracts = contracts and image[j] < INSIDE * v[j]
        if contracts:
            return True
        for j in range(n):
            v[j] = image[j] + 0.05 * v[j]
    return False
