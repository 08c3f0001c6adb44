"""What is proved about each point, proved again in interval arithmetic of 30 digits by Krawczyk's own operator."""

import mpmath
import numpy as np
import pytest

from analysis.equilibria.certified import enclose_equilibria


@pytest.fixture(autouse=True)
def digits():
    before = mpmath.iv.dps
    mpmath.iv.dps = 30
    with mpmath.workdps(40):
        yield
    mpmath.iv.dps = before


def networks(rng, count):
    """Random logistic networks and their equilibria."""
    for _ in range(count):
        n = int(rng.integers(2, 6))
        A = rng.uniform(-12, 12, (n, n))
        beta = -A.sum(axis=1) / 2 + rng.normal(size=n)
        yield A, beta, enclose_equilibria(A, beta, "logistic", rates=rng.uniform(0.5, 2, n))


def test_the_exact_root_lies_within_the_radius(rng, oracle):
    for A, beta, found in networks(rng, 6):
        for x, radius in zip(found.x, found.radius, strict=True):
            exact = oracle.exact_root(A, beta, x)
            assert all(abs(e - mpmath.mpf(v)) <= radius for e, v in zip(exact, x.tolist(), strict=True))


def test_points_are_polished_to_rounding(rng, oracle):
    for A, beta, found in networks(rng, 6):
        for x in found.x:
            exact = np.array([float(v) for v in oracle.exact_root(A, beta, x)])
            rounding = 2.0**-52 * (np.abs(x) + np.abs(beta) + np.abs(A).sum(axis=1))
            inverse = np.abs(np.linalg.inv(oracle.jacobian(A, x, "logistic")))
            assert (np.abs(x - exact) <= 4 * inverse @ rounding).all()


def test_krawczyk_in_intervals_proves_existence_uniqueness_and_radius(rng, oracle):
    checked = 0
    for A, beta, found in networks(rng, 5):
        for x, radius, isolation in zip(found.x[:4], found.radius, found.isolation, strict=False):
            assert 4 * radius <= isolation
            image, box = oracle.krawczyk(A, beta, x, min(isolation, 1e3 * radius))
            assert all(k.a > b.a and k.b < b.b for k, b in zip(image, box, strict=True))
            assert all(abs(k - mpmath.mpf(v)).b <= radius for k, v in zip(image, x.tolist(), strict=True))
            checked += 1
    assert checked >= 5


def test_nothing_else_is_a_root_within_the_isolation(rng, oracle):
    for A, beta, found in networks(rng, 6):
        for x, isolation in zip(found.x, found.isolation, strict=True):
            starts = x + isolation * rng.uniform(-1, 1, (50, x.size))
            roots = oracle.newton(A, beta, "logistic", starts)
            near = roots[np.abs(roots - x).max(axis=1) < isolation * (1 - 1e-6)]
            assert np.abs(near - x).max(initial=0.0) < 1e-6


def test_the_index_is_that_of_the_exact_eigenvalues(rng, oracle):
    for _ in range(4):
        n = int(rng.integers(2, 5))
        A, rates = rng.uniform(-12, 12, (n, n)), rng.uniform(0.5, 2, n)
        beta = -A.sum(axis=1) / 2
        found = enclose_equilibria(A, beta, "logistic", rates=rates)
        for x, index in zip(found.x, found.index, strict=True):
            s = [1 / (1 + mpmath.exp(-v)) for v in oracle.exact_root(A, beta, x)]
            J = mpmath.matrix(n, n)
            for i in range(n):
                for j in range(n):
                    J[i, j] = rates[i] * (A[i, j] * s[j] * (1 - s[j]) - (i == j))
            assert sum(mpmath.re(v) > 0 for v in mpmath.eig(J, left=False, right=False)) == index
