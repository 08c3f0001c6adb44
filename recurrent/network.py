"""What the networks of this package have in common: the arrays that their constructors take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.systems import (
    FRACTION,
    NOT_NEGATIVE,
    POSITIVE,
    ConstructedNetwork as RecurrentNetwork,
    Limit,
    dual_kernel,
)
from neurodynamics.validation import Floats, as_count, as_floats, as_items, as_vector


def as_matrix(value: ArrayLike, name: str, shape: tuple[int | None, int | None], of: str) -> Floats:
    """Return a matrix of the given shape, None where any length will do; ``of`` says the shape in words."""
    matrix = as_floats(value, name)
    if matrix.ndim != 2 or any(want not in (None, is_) for want, is_ in zip(shape, matrix.shape, strict=True)):
        known = ", ".join("any" if want is None else str(want) for want in shape)
        raise ValueError(f"`{name}` must have shape {of} = ({known}); got {matrix.shape}.")
    return matrix


def as_square(value: ArrayLike, name: str) -> Floats:
    """Return a square matrix."""
    matrix = as_floats(value, name)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"`{name}` must be a square matrix, {name}[i, j] from unit j to unit i; got shape {matrix.shape}.")
    return matrix


def as_shaped(value: ArrayLike, name: str, shape: tuple[int, ...]) -> Floats:
    """Return an array of this shape."""
    array = as_floats(value, name)
    if array.shape != shape:
        raise ValueError(f"`{name}` must have shape {shape}; got {array.shape}.")
    return array


def as_symbols(values: Any, count: int, name: str = "symbols") -> list[int]:
    """Return a string of symbols, whole numbers from 0 to count - 1."""
    given = as_items(list(values) if isinstance(values, Iterator) else values, name)
    numbers = [as_count(each, f"{name}[{k}]") for k, each in enumerate(given)]
    for k, number in enumerate(numbers):
        if number >= count:
            raise ValueError(f"`{name}[{k}]` must be 0 to {count - 1}; got {number}.")
    return numbers


def input_matrix(value: ArrayLike | None, n: int, name: str = "input_weights") -> Floats:
    """Return the weights of the inputs (N, M); (N, 0) where there are no inputs."""
    return np.zeros((n, 0)) if value is None else as_matrix(value, name, (n, None), "(N, M)")


def output_arrays(output_weights: ArrayLike | None, output_biases: ArrayLike, n: int) -> dict[str, Floats]:
    """Return the weights (K, N) and biases (K,) of an output layer; nothing where there is none."""
    if output_weights is not None:
        V = as_matrix(output_weights, "output_weights", (None, n), "(K, N)")
        return {"output_weights": V, "output_biases": as_vector(output_biases, "output_biases", len(V), "K")}
    if as_floats(output_biases, "output_biases").any():
        raise ValueError("`output_biases` must be 0 where there are no `output_weights`: they are those of an output layer.")
    return {}


def gate_arrays(
    gates: tuple[str, ...], weights: ArrayLike, input_weights: ArrayLike | None, biases: ArrayLike
) -> tuple[dict[str, Floats], int]:
    """Return biases (G N), weights (G N, N) and input weights (G N, M) of all gates, and N."""
    W, g = as_floats(weights, "weights"), len(gates)
    n = W.shape[1] if W.ndim == 2 else max(W.shape[0] // g, 1) if W.ndim else 1
    U = np.zeros((g * n, 0)) if input_weights is None else as_floats(input_weights, "input_weights")
    b = as_floats(biases, "biases")
    b = np.full(g * n, float(b)) if b.ndim == 0 else b
    rows = [("weights", "N, N", W, W.shape == (g * n, n) and n > 0), ("biases", "N,", b, b.shape == (g * n,)),
            ("input_weights", "N, M", U, U.ndim == 2 and len(U) == g * n)]  # fmt: skip
    bad = [row for row in rows if not row[3]]
    if bad:
        name, shape, array, _ = bad[0]
        numbers = {"N, N": f"({g * n}, {n})", "N,": f"({g * n},)", "N, M": f"({g * n}, M)"}
        table = [f"    {of:17}{numbers[axes]:16}{each.shape}{'' if fits else '  <-'}" for of, axes, each, fits in rows]
        raise ValueError("\n".join([
            f"`{name}` must have shape ({g} {shape}): {g} blocks of N rows for the gates {', '.join(gates)}; "
            f"got {array.shape}.", f"    {f'with N = {n}:':17}{'expected':16}got", *table,
        ]))  # fmt: skip
    return {"biases": b, "weights": W, "input_weights": U}, n


@dual_kernel
def first_states(index, t, y, n, u, m, params, p, out, k):
    """Outputs: the first of the states."""
    for i in range(k):
        out[i] = y[i]


__all__ = [
    "FRACTION", "NOT_NEGATIVE", "POSITIVE", "Limit", "RecurrentNetwork", "as_floats", "as_matrix", "as_shaped", "as_square",
    "as_symbols", "as_vector", "first_states", "gate_arrays", "input_matrix", "output_arrays",
]  # fmt: skip
