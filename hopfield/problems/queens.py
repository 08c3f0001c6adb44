"""Queens on a chessboard, none of which attacks another."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from hopfield.checks import Spins, require_room
from hopfield.couplings import Sparse
from hopfield.problems.problem import Picture, Problem
from neurodynamics.validation import Floats, as_count

ALIKE = 2.0  # A: a queen in an empty row and column pays for the diagonals that it shares


class Queens(Problem):
    """Place n queens on a board of n x n so that none attacks another.

    Unit (r, c), "a queen in row r and column c", with
    ``E = (A/2) sum_r (sum_c x - 1)^2 + (A/2) sum_c (sum_r x - 1)^2 + pairs on a diagonal``. The cost is the number of
    pairs that attack each other, infinite where there are not n queens; a state is valid where it is 0.

    Parameters
    ----------
    count : int
        n.

    Examples
    --------
    >>> import numpy as np
    >>> board = np.zeros((4, 4), int)
    >>> board[[0, 1, 2, 3], [1, 3, 0, 2]] = 1
    >>> Queens(4).costs(board.ravel())
    array([0.])
    """

    def __init__(self, count: int) -> None:
        n = as_count(count, "count", minimum=1)
        require_room("couplings of `count` queens", n, n, n, itemsize=192)
        self.count = n
        self.attacks = attacks(n)
        straight = sparse.kron(sparse.eye_array(n), _others(n)) + sparse.kron(_others(n), sparse.eye_array(n))
        self.couplings = Sparse(-sparse.csr_array(self.attacks + (ALIKE - 1) * straight))
        self.bias = np.full(n * n, ALIKE)
        self.offset = ALIKE * n

    def __repr__(self) -> str:
        return f"Queens({self.count})"

    def _costs(self, states: Spins) -> Floats:
        x = np.asarray(states, dtype=float)
        return np.einsum("ki,ki->k", (self.attacks @ x.T).T, x) / 2

    def _valid(self, states: Spins) -> NDArray[np.bool_]:
        return (states.sum(axis=1) == self.count) & (self._costs(states) == 0)

    def costs(self, states: ArrayLike) -> Floats:
        """Return how many pairs attack each other in states (K, N), infinite where there are not n queens, shape (K,)."""
        rows = self.states(states)
        return np.where(rows.sum(axis=1) == self.count, self._costs(rows), np.inf)

    def solution(self, state: ArrayLike) -> NDArray[np.int64]:
        """Return rows and columns of the queens, shape (queens, 2)."""
        return np.argwhere(np.asarray(self.states(state)[0]).reshape(self.count, self.count))

    def optimum(self) -> float:
        """Return the fewest pairs that attack each other: 1 for two and for three queens, 0 for any other number."""
        return 1.0 if self.count in (2, 3) else 0.0

    def picture(self, state: ArrayLike) -> Picture:
        """Return the squares of the board, group 1 with a queen, and lines between queens that attack each other."""
        rows, columns = np.divmod(np.arange(self.size), self.count)
        x = np.asarray(self.states(state)[0]).astype(np.int64)
        pairs = np.column_stack(sparse.triu(self.attacks, 1).tocoo().coords)
        return Picture(np.column_stack([columns, -rows]).astype(float), x, pairs[(x[pairs] == 1).all(axis=1)])


def attacks(n: int) -> sparse.csr_array:
    """Return which squares of a board a queen on each square attacks, shape (n^2, n^2)."""
    rows, columns = np.divmod(np.arange(n * n), n)
    lines = [rows, columns, rows + columns, rows - columns]
    total = sparse.csr_array((n * n, n * n))
    for line in lines:
        on = sparse.csr_array((np.ones(n * n), (np.arange(n * n), line - line.min())))
        total = total + on @ on.T
    return sparse.csr_array(total - len(lines) * sparse.eye_array(n * n))


def _others(n: int) -> sparse.csr_array:
    return sparse.csr_array(np.ones((n, n)) - np.eye(n))
