"""Make a box smaller without losing an equilibrium, or find that it holds none."""

from __future__ import annotations

from analysis.equilibria.certified.memory import (
    BETA,
    BOUND,
    BOX,
    CENTRE,
    HIGH,
    LINE,
    LOW,
    MIDDLE,
    MULTIPLIERS,
    PAD,
    POSITION,
    RADIUS,
    REACH,
    S,
    columns,
    given,
    tableau,
    vector,
)
from analysis.equilibria.certified.relaxation import evaluate
from analysis.equilibria.certified.rows import EMPTY, KEPT, apply_row, multipliers
from analysis.equilibria.certified.tableau import add_multiple, exchange, reaches
from neurodynamics.compiling import WIDTH, absolute, fma, kernel, load, splat, store

WORTHWHILE = 0.05  # a row is proved when it promises to take this share off an interval
ENOUGH = 0.2  # sweeps are repeated while they take this share off all intervals together
VIOLATED = 1e-9  # in widths of an interval: what counts as outside of it
NEGLIGIBLE = 1e-9  # entries of the tableau that are not divided by


@kernel
def sweeps(search):
    """Row by row x_i in beta_i + sum_j A_ij phi(X_j): the exact range of the right-hand side. EMPTY or KEPT."""
    n, low, high = search.n, vector(search, LOW), vector(search, HIGH)
    middle, reach = vector(search, MIDDLE), vector(search, REACH)
    before, after = 1.0, 0.0
    while after < (1.0 - ENOUGH) * before:
        _row_ranges(search, middle, reach)
        before, after = 0.0, 0.0
        for i in range(n):
            before += high[i] - low[i]
            low[i], high[i] = max(low[i], middle[i] - reach[i]), min(high[i], middle[i] + reach[i])
            after += high[i] - low[i]
            if low[i] > high[i]:
                return EMPTY
    return KEPT


@kernel
def _row_ranges(search, middle, reach):
    """beta_i + sum_j A_ij phi(x_j) for all x in the box, as middle +- reach."""
    n, p, A, s = search.n, search.p, columns(search), vector(search, S)
    beta, pad = given(search, BETA), given(search, PAD)
    evaluate(search.values, vector(search, LOW), vector(search, HIGH), p, s)
    for b in range(0, p, WIDTH):
        m, r = load(beta, b), 2.0 * load(pad, b)
        for j in range(n):
            a = load(A, j * p + b)
            m = fma(a, splat(0.5 * (s[p + j] + s[j])), m)
            r = fma(absolute(a), splat(0.5 * (s[p + j] - s[j])), r)
        store(middle, b, m)
        store(reach, b, r)


@kernel
def use_rows(search):
    """Prove what the rows of the tableau promise for x, where that is worth while. EMPTY or KEPT."""
    box, bound = tableau(search, BOX), bounds(search)
    n, p, _, _, row, column = box
    centre, radius = vector(search, CENTRE), vector(search, RADIUS)
    middle, reach = vector(search, MIDDLE), vector(search, REACH)
    for k in range(n):
        low, high = bound[column[k]], bound[2 * p + column[k]]
        centre[k], radius[k] = 0.5 * (low + high), 0.5 * (high - low)
    reaches(box, centre, radius, middle, reach)
    for r in range(n):
        v, a, b = row[r], middle[r] - reach[r], middle[r] + reach[r]
        low, high = bound[v], bound[2 * p + v]
        gain = max(a - low, 0.0) + max(high - b, 0.0)
        if (a > high or b < low or (v < n and gain > WORTHWHILE * (high - low))) and use_row(search, box, r) == EMPTY:
            return EMPTY
    return KEPT


@kernel
def use_row(search, box, r):
    """Prove what a row of the tableau promises. EMPTY or KEPT."""
    m = vector(search, MULTIPLIERS)
    multipliers(box, vector(search, LINE), r, m)
    return apply_row(search, m)


@kernel
def bounds(search):
    """Set the bounds of the 2n variables of the tableau."""
    n, p = search.n, search.p
    bound, line = vector(search, BOUND), vector(search, LINE)
    low, high = vector(search, LOW), vector(search, HIGH)
    for j in range(n):
        bound[j], bound[2 * p + j] = low[j], high[j]
        bound[n + j], bound[2 * p + n + j] = -line[2 * p + j], line[2 * p + j]
    return bound


@kernel
def separate(search):
    """Look for a combination of the equations that the box cannot satisfy. EMPTY or KEPT.

    This is the feasibility phase of the simplex method with bounded variables. The point starts in the middle of the
    columns' intervals. While a row's variable lies outside its interval, it is moved to the nearer end by a column
    that has room; where all columns together cannot do it, that row is the combination.
    """
    box, bound = tableau(search, BOX), bounds(search)
    n, p, T, t, row, column = box
    position, value = vector(search, POSITION), vector(search, MIDDLE)
    for b in range(0, p, WIDTH):
        store(value, b, load(t, b))
    for k in range(n):
        position[k] = 0.5 * (bound[column[k]] + bound[2 * p + column[k]])
        add_multiple(value, 0, position[k], T, k * p, p)
    for _ in range(3 * n):
        r = _most_violated(box, bound, value)
        if r < 0:
            break
        v = row[r]
        need = (bound[v] if value[r] < bound[v] else bound[2 * p + v]) - value[r]
        c, reach = _best_column(box, bound, position, r, need)
        if reach < abs(need):
            return use_row(search, box, r)
        if c < 0:
            break
        step = need / T[c * p + r]
        add_multiple(value, 0, step, T, c * p, p)
        position[c], value[r] = value[r], position[c] + step
        exchange(box, r, c)
    return KEPT


@kernel
def _most_violated(tableau, bound, value):
    """The row whose variable is farthest outside its interval, in widths, or -1."""
    n, p, row = tableau.n, tableau.p, tableau.row
    r, worst = -1, VIOLATED
    for i in range(n):
        low, high = bound[row[i]], bound[2 * p + row[i]]
        excess = max(low - value[i], value[i] - high) / (high - low + 1e-12)
        if excess > worst:
            worst, r = excess, i
    return r


@kernel
def _best_column(tableau, bound, position, r, need):
    """The column that moves row r furthest towards `need`, or -1, and how far all of them can move it."""
    n, p, T, _, _, column = tableau
    c, best, reach = -1, 0.0, 0.0
    for k in range(n):
        q, v = T[k * p + r], column[k]
        room = (bound[2 * p + v] - position[k]) if q * need > 0.0 else (position[k] - bound[v])
        move = abs(q) * room
        reach += move
        if min(move, abs(need)) > best and abs(q) > NEGLIGIBLE:
            best, c = min(move, abs(need)), k
    return c, reach
