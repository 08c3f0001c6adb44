"""Sums that the kernels of this package share, for numbers and dual numbers."""

from __future__ import annotations

from neurodynamics.compiling import kernel


@kernel
def affine(params, b, W, U, y, n, u, m, z, rows):
    """Sum: z = b + U u + W y; b, W and U say where the vector and the matrices begin in the parameters."""
    for i in range(rows):
        z[i] = params[b + i]
    add_product(params, U, u, m, z, rows)
    add_product(params, W, y, n, z, rows)


@kernel
def add_product(params, W, x, n, z, rows):
    """Sum: z += W x, with matrices column by column."""
    for j in range(n):
        for i in range(rows):
            z[i] += params[W + j * rows + i] * x[j]
