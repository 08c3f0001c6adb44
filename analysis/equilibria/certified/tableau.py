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

from analysis.equilibria.certified.memory import BETA, columns, given
from neurodynamics.compiling import WIDTH, absolute, fma, kernel, load, splat, store

LARGE_PIVOT = 0.1  # neurons with smaller ones have to wait
SMALLEST_PIVOT = 1e-9


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
    """Build the tableau of ``x = beta + A phi(x)`` with lines for phi; return whether it is solved for x_1 .. x_n.

    Columns start as s_j = phi(x_j), the rows as x. Then, one neuron after the other, column s_j becomes e_j. Where that
    would divide by nearly nothing, column j becomes x_j and row j becomes e_j, for the time being.
    """
    n, p, T, t, row, column = tableau
    A, beta = columns(search), given(search, BETA)
    for i in range(0, n * p, WIDTH):
        store(T, i, load(A, i))
    for i in range(0, p, WIDTH):
        store(t, i, load(beta, i))
    for j in range(n):
        row[j], column[j] = j, -1
    for j in range(n):
        pivot = 1.0 - line[j] * T[j * p + j]
        if abs(pivot) >= LARGE_PIVOT:
            _replace(tableau, line, j, pivot)
    left = 0
    for j in range(n):
        pivot = 1.0 - line[j] * T[j * p + j]
        if column[j] < 0 and abs(pivot) >= LARGE_PIVOT:
            _replace(tableau, line, j, pivot)
        elif column[j] < 0:
            left += 1
            column[j] = n + j
            exchange(tableau, j, j)  # row j is s_j now ..
            T[j * p + j] -= line[j]  # .. and becomes e_j = s_j - d_j x_j - alpha_j
            t[j] -= line[p + j]
    return left == 0 or _solve_rest(tableau, left)


@kernel
def _replace(tableau, line, j, pivot):
    """Put s_j = alpha_j + d_j x_j + e_j, with x_j from its row, in the place of column s_j."""
    n, p, T, t, _, column = tableau
    column[j] = n + j
    f = line[j] / pivot
    for k in range(n):
        if k != j:
            add_multiple(T, k * p, f * T[k * p + j], T, j * p, p)
    add_multiple(t, 0, (line[p + j] + line[j] * t[j]) / pivot, T, j * p, p)
    multiply(T, j * p, 1.0 / pivot, p)


@kernel
def _solve_rest(tableau, left):
    """Exchange the remaining rows e with columns x, the largest pivot first; return whether none remains.

    One that remains shows a direction in which the network hardly resists.
    """
    n, p, T, t, row, column = tableau
    while left > 0:
        r, c, best = -1, -1, SMALLEST_PIVOT
        for k in range(n):
            for i in range(n):
                if column[k] < n and row[i] >= n and abs(T[k * p + i]) > best:
                    r, c, best = i, k, abs(T[k * p + i])
        if r < 0:
            return False
        exchange(tableau, r, c)
        left -= 1
    for i in range(n):
        while row[i] != i:
            j = row[i]
            row[i], row[j] = row[j], row[i]
            t[i], t[j] = t[j], t[i]
            for k in range(n):
                T[k * p + i], T[k * p + j] = T[k * p + j], T[k * p + i]
        while column[i] != n + i:
            j = column[i] - n
            column[i], column[j] = column[j], column[i]
            for k in range(n):
                T[i * p + k], T[j * p + k] = T[j * p + k], T[i * p + k]
    return True


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
