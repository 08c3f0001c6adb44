"""Loops of collocation: equations of the intervals, chains of intervals, and the way back from the condensed system."""

from __future__ import annotations

import numpy as np

from neurodynamics.compiling import call_arrays, kernel


@kernel
def mean_square(weights, values, centre):
    """Sum of w |v - centre|^2 over the stages."""
    total = 0.0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            for c in range(values.shape[2]):
                total += weights[i, j] * (values[i, j, c] - centre[c]) ** 2
    return total


@kernel
def defects(x, stages, f, steps, a, b, at_stages, at_ends):
    """By how much the equations of the stages and of the ends of the intervals are missed; `steps` are h T."""
    s, m, n = stages.shape
    for i in range(s):
        after = (i + 1) % s
        for c in range(n):
            for j in range(m):
                total = 0.0
                for k in range(m):
                    total += a[j, k] * f[i, k, c]
                at_stages[i, j * n + c] = x[i, c] + steps[i] * total - stages[i, j, c]
            total = 0.0
            for k in range(m):
                total += b[k] * f[i, k, c]
            at_ends[i, c] = x[i, c] + steps[i] * total - x[after, c]


@kernel
def local_equations(f, jac, slopes, h, period, a, b, matrix, right, to_end, transfer):
    """``matrix du = right [dx, dT, dp]`` at the stages, and ``dx_next = to_end du + transfer [dx, dT, dp]``."""
    s, m, n = f.shape
    for i in range(s):
        step = h[i] * period
        for c in range(n):
            for e in range(n):
                transfer[i, c, e] = 1.0 if c == e else 0.0
                for k in range(m):
                    slope = step * jac[i, k, c, e]
                    to_end[i, c, k * n + e] = b[k] * slope
                    for j in range(m):
                        matrix[i, j * n + c, k * n + e] = (1.0 if j == k and c == e else 0.0) - a[j, k] * slope
                for j in range(m):
                    right[i, j * n + c, e] = transfer[i, c, e]
            for w in range(n, right.shape[2]):
                transfer[i, c, w] = 0.0
                for j in range(m):
                    right[i, j * n + c, w] = 0.0
                for k in range(m):
                    value = h[i] * f[i, k, c] if w == n else step * slopes[i, k, c, w - n - 1]
                    transfer[i, c, w] += b[k] * value
                    for j in range(m):
                        right[i, j * n + c, w] += a[j, k] * value


@kernel
def chain(transfer, length, z):
    """z[i]: the state at the start of interval i by [dx, dT, dp] at the start of its part, z[S + part] at its end.

    Returns the largest growth.
    """
    s, n, width = transfer.shape
    largest = 0.0
    for i in range(s):
        if i % length == 0:
            for c in range(n):
                for w in range(width):
                    z[i, c, w] = 1.0 if c == w else 0.0
        to = s + i // length if (i + 1) % length == 0 or i + 1 == s else i + 1
        for c in range(n):
            for w in range(width):
                z[to, c, w] = transfer[i, c, w] if w >= n else 0.0
            for e in range(n):
                for w in range(width):
                    z[to, c, w] += transfer[i, c, e] * z[i, e, w]
            for w in range(n):
                largest = max(largest, abs(z[to, c, w]))
    return largest


@kernel
def border(z, length, on_stages, own, stages, matrix):
    """Fill the bordered matrix: the joints of the parts, and rows that are integrals over the stages plus `own`.

    `on_stages` are the coefficients of the rows on the stages; returned are those on the states, at given own parts.
    """
    s, size, n = stages.shape[0], stages.shape[1], z.shape[1]
    width = z.shape[2]
    parts = z.shape[0] - s
    on_x = np.zeros((on_stages.shape[0], s, n))
    outer = parts * n
    for part in range(parts):
        after = (part + 1) % parts
        for c in range(n):
            matrix[part * n + c, after * n + c] -= 1.0
            for w in range(width):
                matrix[part * n + c, (part * n if w < n else outer - n) + w] += z[s + part, c, w]
    for r in range(on_stages.shape[0]):
        for w in range(own.shape[1]):
            matrix[outer + r, outer + w] = own[r, w]
        for i in range(s):
            start = i // length * n
            for k in range(size):
                for c in range(n):
                    on_x[r, i, c] += on_stages[r, i, k] * stages[i, k, c]
                for w in range(n, width):
                    matrix[outer + r, outer - n + w] += on_stages[r, i, k] * stages[i, k, w]
            for c in range(n):
                for w in range(width):
                    matrix[outer + r, (start if w < n else outer - n) + w] += on_x[r, i, c] * z[i, c, w]
    return on_x


@kernel
def forward(transfer, to_end, length, own, at_ends, on_x, on_stages, rho, right):
    """What the defects add to the states at given starts of the parts (`rho`), and the condensed right-hand side.

    `right` holds the values of the rows at its end.
    """
    s, n = at_ends.shape
    parts = rho.shape[0] - s
    for i in range(s):
        if i % length == 0:
            for c in range(n):
                rho[i, c] = 0.0
        to = s + i // length if (i + 1) % length == 0 or i + 1 == s else i + 1
        for c in range(n):
            total = at_ends[i, c]
            for e in range(n):
                total += transfer[i, c, e] * rho[i, e]
            for k in range(own.shape[1]):
                total += to_end[i, c, k] * own[i, k]
            rho[to, c] = total
    for part in range(parts):
        for c in range(n):
            right[part * n + c] = -rho[s + part, c]
    for r in range(on_x.shape[0]):
        for i in range(s):
            for c in range(n):
                right[parts * n + r] -= on_x[r, i, c] * rho[i, c]
            for k in range(own.shape[1]):
                right[parts * n + r] -= on_stages[r, i, k] * own[i, k]


@kernel
def backward(z, stages, length, rho, own, unknown, x, du):
    """The states and stages from the condensed unknowns (states at the starts of the parts, period, parameters)."""
    s, n = x.shape
    outer = (z.shape[0] - s) * n
    width = z.shape[2]
    for i in range(s):
        start = i // length * n
        for c in range(n):
            x[i, c] = rho[i, c]
            for w in range(width):
                x[i, c] += z[i, c, w] * unknown[(start if w < n else outer - n) + w]
        for k in range(stages.shape[1]):
            du[i, k] = own[i, k]
            for c in range(n):
                du[i, k] += stages[i, k, c] * x[i, c]
            for w in range(n, width):
                du[i, k] += stages[i, k, w] * unknown[outer - n + w]


@kernel
def rows_of(f, states, params, u, outs):
    """A function at many states."""
    for k in range(states.shape[0]):
        call_arrays(f, 0.0, states[k], u, params, outs[k])


@kernel
def extremes(c, out):
    """Least and largest values of piecewise polynomials c (S, 5, N), by Newton's method from the best of 8 S places."""
    for k in range(c.shape[2]):
        for side in range(2):
            sign, best, piece, at = 2.0 * side - 1.0, -np.inf, 0, 0.0
            for i in range(c.shape[0]):
                for j in range(8):
                    value = sign * polynomial(c[i, :, k], j / 8.0)
                    if value > best:
                        best, piece, at = value, i, j / 8.0
            a, s = c[piece, :, k], at
            for _ in range(4):
                first = a[1] + s * (2.0 * a[2] + s * (3.0 * a[3] + s * 4.0 * a[4]))
                second = 2.0 * a[2] + s * (6.0 * a[3] + s * 12.0 * a[4])
                if sign * second < 0.0:
                    s = min(max(s - first / second, max(0.0, at - 0.125)), min(1.0, at + 0.125))
            out[side, k] = sign * max(best, sign * polynomial(a, s))


@kernel
def polynomial(a, s):
    """The value at s of a polynomial of degree 4."""
    return a[0] + s * (a[1] + s * (a[2] + s * (a[3] + s * a[4])))
