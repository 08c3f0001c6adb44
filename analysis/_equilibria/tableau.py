"""The linearised network as a tableau: n of its 2n variables as linear functions of the other n.

On a box every activation is a line with an error, ``phi(x_j) = alpha_j + d_j x_j + e_j`` with |e_j| <= w_j, so that

    x = beta + A (alpha + D x + e)                   variables x_1..x_n, e_1..e_n, all of them bounded.

Solved for x this is Kolev's linear enclosure, x in c +- |C| w with C = (I - A D)^-1 A: errors shrink with the square of
the box. Exchanging a row and a column (the pivot of the simplex method) gives every other combination of the equations.

A tableau is a suggestion in plain floating-point arithmetic. What it suggests is proved elsewhere (``rows``).

References
----------
.. [1] L. V. Kolev (1998), An efficient interval method for global analysis of non-linear resistive circuits,
   Int. J. Circuit Theory Appl. 26, 81-92.
"""

from __future__ import annotations

from analysis._equilibria.memory import BETA, columns, given
from neurodynamics._jit import kernel
from neurodynamics._vector import WIDTH, absolute, fma, load, splat, store

SMALLEST_PIVOTS = (0.1, 1e-3, 1e-6)  # neurons with large pivots are exchanged first


@kernel
def add_multiple(a, i, factor, b, j, p):
    """a[i : i + p] += factor * b[j : j + p]."""
    for k in range(0, p, WIDTH):
        store(a, i + k, fma(splat(factor), load(b, j + k), load(a, i + k)))


@kernel
def multiply(a, i, factor, p):
    """a[i : i + p] *= factor."""
    for k in range(0, p, WIDTH):
        store(a, i + k, factor * load(a, i + k))


@kernel
def exchange(tableau, r, c):
    """Make the variable of row r that of column c, and the other way round.

    y_r = t_r + sum_k T_rk z_k is solved for z_c and put into the other rows.
    """
    n, p, T, t, row, column = tableau
    q = 1.0 / T[c * p + r]
    for k in range(n):
        if k != c:
            f = T[k * p + r] * q
            add_multiple(T, k * p, -f, T, c * p, p)
            T[k * p + r] = -f
    f = t[r] * q
    add_multiple(t, 0, -f, T, c * p, p)
    t[r] = -f
    multiply(T, c * p, q, p)
    T[c * p + r] = q
    row[r], column[c] = column[c], row[r]


@kernel
def linearise(search, line, tableau):
    """Build the tableau of ``x = beta + A phi(x)`` with lines for phi; return whether it is solved for all of x.

    Columns start as s_j = phi(x_j), the rows as x. Then, one neuron after the other,
    s_j = alpha_j + d_j x_j + e_j replaces column s_j by column e_j. Where that would divide by nearly nothing, the
    network has a direction in which it hardly resists: there row j becomes e_j and column j becomes x_j.
    """
    n, p, T, t, row, column = tableau
    A, beta = columns(search), given(search, BETA)
    for i in range(0, n * p, WIDTH):
        store(T, i, load(A, i))
    for i in range(0, p, WIDTH):
        store(t, i, load(beta, i))
    for j in range(n):
        row[j], column[j] = j, -1
    for smallest in SMALLEST_PIVOTS:
        for j in range(n):
            pivot = 1.0 - line[j] * T[j * p + j]
            if column[j] < 0 and abs(pivot) >= smallest:
                column[j] = n + j
                f = line[j] / pivot
                for k in range(n):
                    if k != j:
                        add_multiple(T, k * p, f * T[k * p + j], T, j * p, p)
                add_multiple(t, 0, (line[p + j] + line[j] * t[j]) / pivot, T, j * p, p)
                multiply(T, j * p, 1.0 / pivot, p)
    solved = True
    for j in range(n):
        if column[j] < 0:
            solved = False
            column[j] = n + j
            exchange(tableau, j, j)  # row j is s_j now ..
            T[j * p + j] -= line[j]  # .. and becomes e_j = s_j - d_j x_j - alpha_j
            t[j] -= line[p + j]
    return solved


@kernel
def reaches(tableau, centre, radius, middle, reach):
    """Range of every row, middle +- reach, for columns in centre +- radius."""
    n, p, T, t, _, _ = tableau
    for b in range(0, p, WIDTH):
        m, r = load(t, b), splat(0.0)
        for k in range(n):
            c = load(T, k * p + b)
            m = fma(c, splat(centre[k]), m)
            r = fma(absolute(c), splat(radius[k]), r)
        store(middle, b, m)
        store(reach, b, r)
