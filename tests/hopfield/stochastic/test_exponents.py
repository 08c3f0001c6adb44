"""Exponents of linear systems that jump."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from hopfield import jump_exponents
from neurodynamics import Status

Q = np.array([[-2.0, 2.0], [2.0, -2.0]])


def test_numbers_that_are_stable_one_way_and_unstable_the_other():
    found = jump_exponents([1.0, -3.0], Q)
    assert found.almost_sure == -1
    assert found.mean_square == pytest.approx(np.sqrt(20) - 4, rel=1e-14)
    assert found.error == 0


def test_triangular_matrices_have_the_larger_mean_of_their_diagonals():
    """Almost surely: max over i of sum_r pi_r F_r[i, i]."""
    F = [[[1.0, 2.0], [0.0, -1.0]], [[-3.0, 1.0], [0.0, -0.5]]]
    found = jump_exponents(F, Q, jumps=4000, rng=1)
    assert found.almost_sure == pytest.approx(-0.75, abs=5 * found.error)
    assert 0 < found.error < 0.05
    assert found.status is Status.SUCCESS


def test_the_mean_square_is_that_of_many_paths():
    """E|x|^2 by the master equation in small time steps, against the exponent."""
    F = np.array([[[0.0, 1.0], [-1.0, -0.2]], [[-0.3, 2.0], [0.0, -0.4]]])
    rates = np.array([[-1.0, 1.0], [3.0, -3.0]])
    h, moments = 1e-3, [np.eye(2) / 2, np.eye(2) / 2]
    steps, P = [expm(f * h) for f in F], expm(rates * h)
    sizes = []
    for _ in range(30_000):
        moved = [A @ M @ A.T for A, M in zip(steps, moments, strict=True)]
        moments = [sum(P[i, j] * moved[i] for i in range(2)) for j in range(2)]
        sizes.append(sum(np.trace(M) for M in moments))
    growth = np.log(sizes[-1] / sizes[19_999]) / (10_000 * h)
    assert jump_exponents(F, rates, jumps=100, rng=0).mean_square == pytest.approx(growth, abs=3e-3)


def test_one_mode_has_its_own_exponent(rng):
    F = rng.normal(size=(1, 3, 3))
    found = jump_exponents(F, [[0.0]], jumps=2000, rng=rng)
    top = np.linalg.eigvals(F[0]).real.max()
    assert found.almost_sure == pytest.approx(top, abs=max(5 * found.error, 1e-2))
    assert found.mean_square == pytest.approx(2 * top, rel=1e-9)


def test_time_that_is_up():
    found = jump_exponents(np.zeros((2, 3, 3)) - np.eye(3), Q, jumps=10**7, timeout=0.3, rng=0)
    assert found.status is Status.TIMEOUT
    assert found.mean_square == pytest.approx(-2)


def test_what_overflows_is_no_exponent():
    found = jump_exponents(1e200 * np.ones((2, 2, 2)), Q, jumps=100, rng=0)
    assert found.status is Status.NON_FINITE
    assert np.isnan(found.almost_sure)


def test_what_is_refused():
    for F, message in [([[1.0, 2.0]], "`matrices` must have shape"), ([1.0], r"`generator` must be \(1, 1\)"),
                       (np.zeros((2, 40, 40)), "S N.2 may be 2000 at most")]:  # fmt: skip
        with pytest.raises(ValueError, match=message):
            jump_exponents(F, Q)
