"""The arithmetic below the exponents, against numpy."""

import numpy as np
import pytest

from analysis.lyapunov.additive import PRODUCT_BLAS_FROM, additive_tangent
from analysis.lyapunov.averages import average
from analysis.lyapunov.gaussian import correlation
from analysis.lyapunov.map import log_determinant
from analysis.lyapunov.orthonormal import orthonormalise
from ctrnn import CTRNN
from neurodynamics.compiling.jit import host_version, kernel
from neurodynamics.compiling.pointers import call, pointer
from neurodynamics.systems.additive_kernels import BLAS_FROM


@kernel
def orthonormalise_array(vectors, n, k, growth):
    return orthonormalise(pointer(vectors), n, k, pointer(growth))


@kernel
def log_determinant_of_array(matrix, n):
    return log_determinant(pointer(matrix), n)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (3, 3), (8, 5), (20, 20), (37, 9), (100, 100)])
def test_orthonormal_rows_and_their_growth_are_those_of_qr(rng, n, k):
    vectors = rng.normal(size=(k, n))
    q, r = np.linalg.qr(vectors.T)
    q, growth = q * np.sign(np.diag(r)), np.zeros(k)
    flat = vectors.ravel().copy()
    orthonormalise_array(flat, n, k, growth)
    assert np.allclose(flat.reshape(k, n).T, q, atol=1e-10)
    assert np.allclose(growth, np.log(np.abs(np.diag(r))), atol=1e-10)
    uncompiled, growth_too = vectors.ravel().copy(), np.zeros(k)
    host_version(orthonormalise)(uncompiled, n, k, growth_too)
    assert np.allclose(growth, growth_too, atol=1e-10)


def test_nearly_parallel_rows_come_out_orthogonal(rng):
    first = rng.normal(size=50)
    vectors = first + 1e-9 * rng.normal(size=(40, 50))
    growth = np.zeros(40)
    flat = vectors.ravel()
    orthonormalise_array(flat, 50, 40, growth)
    q = flat.reshape(40, 50)
    assert np.allclose(q @ q.T, np.eye(40), atol=1e-12)


def test_rows_that_vanish_are_dead_and_stay_zero():
    vectors = np.array([[1.0, 2.0, 2.0], [2.0, 4.0, 4.0], [0.0, 0.0, 0.0]])
    growth = np.zeros(3)
    flat = vectors.ravel()
    orthonormalise_array(flat, 3, 3, growth)
    assert np.allclose(growth, [np.log(3.0), -np.inf, -np.inf])
    assert np.array_equal(flat[3:], np.zeros(6))


@pytest.mark.parametrize("n", [1, 2, 3, 8, 11, PRODUCT_BLAS_FROM - 1, PRODUCT_BLAS_FROM, 130])
@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu"])
def test_tangent_products_are_those_of_the_jacobian(rng, n, activation):
    k = min(n, 6)
    net = CTRNN(rng.normal(size=(n, n)), rng.normal(size=n), rng.uniform(0.5, 2, n), gains=rng.uniform(0.5, 2, n),
                leaks=rng.uniform(0.5, 2, n), activation=activation)  # fmt: skip
    y, u, vectors = rng.normal(size=n), rng.normal(size=n), rng.normal(size=(k, n))
    state = np.concatenate([y, [0.0], vectors.ravel()])
    out = np.zeros_like(state)
    function = additive_tangent(net.activation)
    call_with_count(function.address, state, n, u, net.params, out, k)
    jacobian = net.jac(0.0, y, u)
    exact = n < BLAS_FROM  # above it one matrix product serves state and vectors
    assert np.allclose(out[:n], net.rhs(0.0, y, u), rtol=0 if exact else 1e-12, atol=0 if exact else 1e-12)
    assert np.allclose(out[n], np.trace(jacobian), rtol=1e-12, atol=1e-12)
    assert np.allclose(out[n + 1 :].reshape(k, n), vectors @ jacobian.T, rtol=1e-11, atol=1e-11)


@kernel
def call_with_count(f, y, n, u, params, out, k):
    call(f, 0.0, pointer(y), n, pointer(u), u.size, pointer(params), params.size, pointer(out), k)



@pytest.mark.parametrize("n", [1, 2, 5, 60])
def test_log_determinants_are_those_of_numpy(rng, n):
    matrix = rng.normal(size=(n, n))
    expected = np.linalg.slogdet(matrix)[1]
    assert np.isclose(log_determinant_of_array(matrix.ravel().copy(), n), expected, rtol=1e-10)
    assert log_determinant_of_array(np.zeros(n * n), n) == -np.inf


def test_standard_errors_of_correlated_noise_cover_its_mean(rng):
    """An autoregressive series of correlation time 10 bins: the naive error would be four times too small."""
    inside = 0
    for _ in range(200):
        noise = rng.normal(size=1200)
        series = np.zeros(1200)
        for i in range(1, 1200):
            series[i] = 0.9 * series[i - 1] + noise[i]
        found = average(series[200:, np.newaxis])
        inside += abs(found.values[0]) <= 2 * found.errors[0]
    assert inside >= 170


def test_the_tapered_average_of_a_difference_converges_faster_than_its_length(rng):
    """What telescopes: the plain average errs by (g(T) - g(0))/T, the tapered one by much less."""
    g = rng.normal(size=1001)
    rates = np.diff(g)[:, np.newaxis]
    assert abs(average(rates, "taper").values[0]) < 0.2 * np.ptp(g) / 1000


def test_the_smooth_average_of_a_quasiperiodic_signal_is_exact_to_rounding():
    t = np.arange(4000)
    rates = (0.25 + np.cos(0.7 * t) + np.sin(0.7 * np.sqrt(2) * t))[:, np.newaxis]
    found = average(rates)
    assert found.window == "smooth"
    assert abs(found.values[0] - 0.25) < 1e-12
    assert abs(average(rates, "flat").values[0] - 0.25) > 1e-5


def test_gaussian_averages_against_their_closed_forms():
    """<x x'> is the covariance; <erf(x) erf(x')> is an arcsine (Williams 1998)."""
    from scipy.special import erf

    covariances = np.array([0.0, 0.3, 1.1, 2.0])
    assert np.allclose(correlation(lambda x: x, covariances, 2.0), covariances, atol=1e-13)
    expected = 2 / np.pi * np.arcsin(2 * covariances / (1 + 2 * 2.0))
    assert np.allclose(correlation(erf, covariances, 2.0), expected, atol=1e-12)
