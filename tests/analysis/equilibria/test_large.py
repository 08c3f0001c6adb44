"""Large systems whose fixed points and eigenvalues are known, and small ones against dense matrices."""

import numpy as np
import pytest
from scipy.optimize import brentq

from analysis import fixed_point_near, stability
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Status

N = 50_000
V = np.ones(N) / np.sqrt(N)


def mean_field(t, y, u, params, out):
    """All states have the same drive: y = m for each, m = 2 tanh(m) + 0.1; J = -1 + 2 sech^2(m) V V'."""
    out[:] = -y + 2.0 * np.mean(np.tanh(y)) + 0.1


def product(t, y, u, params, q, out):
    out[:] = -q + 2.0 * np.mean(q / np.cosh(y) ** 2)


@pytest.mark.parametrize("given", [None, product])
def test_a_mean_field_of_50000_states(given):
    m = brentq(lambda m: 2.0 * np.tanh(m) + 0.1 - m, 1.0, 3.0)
    found = fixed_point_near(DynamicalSystem(mean_field, N, host=True), np.full(N, 1.5), eigenvalues=1, product=given)
    np.testing.assert_allclose(found.y, m, atol=1e-9)
    assert found.eigenvalues[0].real == pytest.approx(-1 + 2 / np.cosh(m) ** 2, abs=1e-5)
    assert found.stable
    assert found.residual <= 1e-10


def test_eigenvalues_are_those_of_the_matrix(rng):
    net = CTRNN(rng.normal(size=(80, 80)) * 1.5 / np.sqrt(80), activation="tanh", biases=0.1 * rng.normal(size=80))
    found = fixed_point_near(net, np.zeros(80), eigenvalues=5)
    dense = np.sort(stability(net, found.y).eigenvalues.real)[::-1]
    np.testing.assert_allclose(found.eigenvalues.real, dense[:5], atol=1e-8)
    assert found.stable == bool(dense[0] < 0)
    assert (found.errors < 1e-8).all()


def test_a_map():
    """y -> A y / 2 + 1, A a cyclic shift: y = 2, moduli 1/2."""
    n = 500

    def shifted(k, y, u, params, out):
        out[:] = 0.5 * np.roll(y, 1) + 1.0

    found = fixed_point_near(DynamicalSystem(shifted, n, kind="map", host=True), np.zeros(n), eigenvalues=0)
    np.testing.assert_allclose(found.y, 2.0, atol=1e-9)
    assert found.stable is None  # no eigenvalues were asked for


def test_no_fixed_point():
    def away(t, y, u, params, out):
        out[:] = 1.0 + y**2

    found = fixed_point_near(DynamicalSystem(away, 50, host=True), np.full(50, 0.5))
    assert found.status == Status.MAX_STEPS
    assert "residual" in found.reason
    assert found.stable is None


def test_what_is_refused():
    with pytest.raises(ValueError, match="`eigenvalues` must be fewer than N - 1"):
        fixed_point_near(CTRNN(np.eye(3)), np.zeros(3))
    net = CTRNN(np.eye(30))
    assert fixed_point_near(net, np.zeros(30), timeout=0).status == Status.TIMEOUT
