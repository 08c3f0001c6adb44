"""Where kernels find the network and their own vectors: rows padded to whole vectors, matrices flat.

Everything lives in two blocks of doubles, so what kernels pass to each other is a handful of numbers and pointers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.equilibria.certified.relaxation import Relaxation, evaluate
from analysis.equilibria.certified.rounding import TINY, UNIT, gamma
from neurodynamics.compiling import WIDTH, kernel, pointer, row


class Network(NamedTuple):
    """x = beta + A phi(x) for kernels; `block` holds A by rows, A by columns, and the vectors below."""

    n: int
    p: int
    block: Any
    weight_error: float  # relative, of every A_ij
    value_error: float  # relative, of phi
    points: int  # addresses of the activation's kernels
    values: int
    slopes: int
    lines: int


class Search(NamedTuple):
    """A network and the memory of one search."""

    n: int
    p: int
    network: Any  # pointer to the network's block
    memory: Any  # pointer to three matrices (n, p) and the vectors below
    variables: Any  # pointer to 4 n integers
    weight_error: float
    value_error: float
    points: int
    values: int
    slopes: int
    lines: int


class Tableau(NamedTuple):
    """Linear functions of n variables: row i is t[i] + sum_k T[k p + i] (variable of column k)."""

    n: int
    p: int
    T: Any  # (n, p)
    t: Any  # (p,)
    row: Any  # (n,) the variable of each row: i for x_i, n + i for the error e_i of its line
    column: Any  # (n,)


# Vectors of the network, each p long.
BETA = 0
PAD = 1  # error of beta_i + sum_j A_ij s_j for all s in the first box, uncertain A and beta included
BETA_ERROR = 2
NETWORK_VECTORS = 3

# Vectors of a search, each p long or as many p as said.
LOW, HIGH = 0, 1  # the box
S = 2  # (2) range of phi on it
LINE = 4  # (4) slope, centre and radius of phi(x) - slope x; where to cut
SLOPE = 8  # (2) range of phi'
BOUND = 10  # (4) lower ends of the variables of the tableau, from 2 p on upper ends
POSITION = 14  # values of the columns' variables
MULTIPLIERS, PRODUCT = 15, 16  # m and A' m
CENTRE, RADIUS = 17, 18  # of the terms of a row, or of columns
MIDDLE, REACH = 19, 20  # of rows
X = 21  # a point
AT_X = 22  # (2) phi and phi' there
TANGENT = 24  # (2) slope of phi there and value of the tangent at zero
RESIDUAL, ERROR = 26, 27  # x - beta - A phi(x) and a bound on its error
STEP = 28  # of Newton's method
OFFSET = 29  # bound on |M F(x)|
NEAR = 30  # (2) ends of a box around x
V, IMAGE = 32, 33  # scales of the norm in which a map contracts, and what becomes of them
CONSTANTS = 34  # (2) t of the tableau of the box and of that of the point
VECTORS = 36

BOX, POINT = 0, 1  # tableaus


def padded(n: int) -> int:
    """Return n rounded up to whole vectors."""
    return -(-n // WIDTH) * WIDTH


def allocate(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the memory of one search."""
    return np.zeros((3 * n + VECTORS) * padded(n)), np.zeros(4 * n, np.int64)


def prepare(
    A: np.ndarray,
    beta: np.ndarray,
    relaxation: Relaxation,
    low: np.ndarray,
    high: np.ndarray,
    *,
    weight_error: float = 0.0,
    beta_error: float | np.ndarray = 0.0,
) -> Network:
    """Lay a network out, with the rounding errors of its rows for states between low and high."""
    n, p = beta.size, padded(beta.size)
    ends, s = np.zeros((2, p)), np.zeros((2, p))
    ends[:, :n] = low, high
    evaluate(relaxation.values, ends[0], ends[1], p, s.ravel())
    size = np.abs(s[:, :n]).max(axis=0)
    error = (gamma(n + 8) + weight_error) * (np.abs(A) @ size + np.abs(beta)) + beta_error
    block = np.zeros((2 * n + NETWORK_VECTORS, p))
    block[:n, :n], block[n : 2 * n, :n] = A, A.T
    block[2 * n + BETA, :n], block[2 * n + PAD, :n], block[2 * n + BETA_ERROR, :n] = beta, 1.01 * error + TINY, beta_error
    return Network(
        n, p, block.ravel(), float(weight_error), relaxation.value_error,
        relaxation.points, relaxation.values, relaxation.slopes, relaxation.lines,
    )  # fmt: skip


def ranges_around(function: int, x: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Return the ranges of phi or phi' (2, K, N) around points (K, N), each with its radius (K,)."""
    p = padded(x.size)
    ends, out = np.zeros((2, p)), np.zeros(2 * p)
    grow = radius[:, None] + 4.0 * UNIT * (radius[:, None] + np.abs(x))
    ends[0, : x.size], ends[1, : x.size] = (x - grow).ravel(), (x + grow).ravel()
    evaluate(function, ends[0], ends[1], p, out)
    return out.reshape(2, p)[:, : x.size].reshape(2, *x.shape)


@kernel
def searched(net, memory, variables):
    """Join a network and memory."""
    return Search(
        net.n, net.p, pointer(net.block), pointer(memory), pointer(variables), net.weight_error, net.value_error,
        net.points, net.values, net.slopes, net.lines,
    )  # fmt: skip


@kernel
def columns(search):
    """A by columns: element j p + i is A[i, j]."""
    return row(search.network, search.n, search.p)


@kernel
def given(search, k):
    """A vector of the network."""
    return row(search.network, 2 * search.n + k, search.p)


@kernel
def vector(search, k):
    """A vector of the search."""
    return row(search.memory, 3 * search.n + k, search.p)


@kernel
def tableau(search, k):
    """Tableau of the box or of the point."""
    n, p = search.n, search.p
    return Tableau(
        n, p, row(search.memory, k * n, p), vector(search, CONSTANTS + k),
        row(search.variables, 2 * k, n), row(search.variables, 2 * k + 1, n),
    )  # fmt: skip


@kernel
def inverse_error(search):
    """Matrix (n, p) by columns: how far an approximate inverse is off."""
    return row(search.memory, 2 * search.n, search.p)
