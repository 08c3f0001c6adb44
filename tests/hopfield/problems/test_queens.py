"""Queens attack along lines, counted pair by pair."""

import itertools

import numpy as np

from hopfield.problems import Queens


def test_queens_attack_along_rows_columns_and_diagonals():
    problem, rng = Queens(6), np.random.default_rng(2)
    for _ in range(20):
        state = np.zeros(36, int)
        squares = rng.choice(36, 6, replace=False)
        state[squares] = 1
        places = [divmod(int(square), 6) for square in squares]
        attacks = sum(
            a[0] == b[0] or a[1] == b[1] or abs(a[0] - b[0]) == abs(a[1] - b[1])
            for a, b in itertools.combinations(places, 2)
        )
        assert problem.costs(state)[0] == attacks
        assert sorted(map(tuple, problem.solution(state).tolist())) == sorted(places)
    assert Queens(5).costs(np.eye(5, dtype=int)[[0, 2, 4, 1, 3]].ravel())[0] == 0
    assert not Queens(5).valid(np.zeros(25, int)).any()
