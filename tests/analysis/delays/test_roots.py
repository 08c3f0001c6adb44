"""Characteristic roots: Hayes's equation in closed form, rings of two neurons, roots that are multiple, and counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import lambertw

from analysis import characteristic_roots, fixed_points
from ctrnn import CTRNN
from neurodynamics import DelayedSystem, delayed, delayed_feedback


def hayes(a: float, b: float, tau: float = 1.0) -> DelayedSystem:
    """y' = a y + b y(t - tau), as a linear network, whose derivatives are exact."""
    return delayed_feedback(CTRNN([[0.0]], leaks=-a, input_weights=[[b]], activation="linear"), [(0, tau)])


def closed_form(a: float, b: float, tau: float = 1.0, branches: int = 40) -> np.ndarray:
    """All branches of ``s = a + W_k(b tau exp(-a tau)) / tau``, the rightmost first."""
    roots = np.array([a + lambertw(b * tau * np.exp(-a * tau), k) / tau for k in range(-branches, branches + 1)])
    return roots[np.argsort(-roots.real)]


PLACES = [(0.0, -1.0, 1.0), (-1.0, -2.0, 1.0), (0.5, 0.3, 2.0), (-3.0, -20.0, 0.5), (1.0, -1.5, 0.2)]


@pytest.mark.parametrize(("a", "b", "tau"), PLACES)
def test_roots_are_branches_of_lamberts_function(a, b, tau):
    found = characteristic_roots(hayes(a, b, tau), [0.0], count=12)
    exact = closed_form(a, b, tau)
    assert found.complete
    np.testing.assert_allclose(found.roots.real, exact.real[: found.roots.size], atol=1e-12)
    apart = np.abs(exact[:, np.newaxis] - found.roots).min(axis=0)
    assert (apart <= np.maximum(found.errors, 1e-14)).all()
    assert found.residuals.max() < 1e-14
    assert found.unstable == (exact.real > 0).sum()
    assert found.stable == (exact.real.max() < 0)


@pytest.mark.parametrize("omega", [0.3, 1.0, 2.0, 3.0])
def test_the_stability_boundary_of_hayes(omega):
    """On ``a = omega cot omega, b = -omega / sin omega`` a pair is at +-i omega; beside it, on the known side."""
    a, b = omega / np.tan(omega), -omega / np.sin(omega)
    on = characteristic_roots(hayes(a, b), [0.0])
    np.testing.assert_allclose(on.roots[:2], [1j * omega, -1j * omega], atol=1e-12)
    assert on.stable is None
    assert "root" in on.message
    assert characteristic_roots(hayes(a - 1e-6, b), [0.0]).stable is True
    outside = characteristic_roots(hayes(a + 1e-6, b), [0.0])
    assert outside.stable is False
    assert outside.unstable == 2


def ring(w: float, tau: float) -> DelayedSystem:
    return delayed(CTRNN([[0.0, w], [-w, 0.0]], activation="tanh"), tau)


def test_the_hopf_point_of_a_ring_of_two_neurons():
    """``(s + 1)^2 + w^2 exp(-2 s tau) = 0`` has roots at i sqrt(w^2 - 1) from ``tau = (pi/2 - arctan omega) / omega`` on."""
    omega = np.sqrt(3.0)
    critical = (np.pi / 2 - np.arctan(omega)) / omega
    net = ring(2.0, critical)
    point = fixed_points(net.undelayed).x[0]
    np.testing.assert_allclose(characteristic_roots(net, point).roots[0], 1j * omega, atol=1e-12)
    assert characteristic_roots(ring(2.0, critical * (1 - 1e-6)), point).stable is True
    assert characteristic_roots(ring(2.0, critical * (1 + 1e-6)), point).unstable == 2


def test_roots_that_are_there_twice():
    """Two neurons that do not know of each other have each root of Hayes's equation twice; at ``b = -1/e`` one is double."""
    twice = characteristic_roots(delayed(CTRNN(-2.0 * np.eye(2), activation="linear"), 1.0), [0.0, 0.0], count=8)
    once = closed_form(-1.0, -2.0)
    np.testing.assert_allclose(np.sort(twice.roots.real), np.sort(np.repeat(once.real, 2)[:8]), atol=1e-10)
    defective = characteristic_roots(hayes(0.0, -np.exp(-1)), [0.0], count=4)
    assert np.abs(defective.roots[0] + 1.0) <= defective.errors[0] < 1e-5
    assert defective.stable is True


def test_several_delays_against_the_determinant():
    rng = np.random.default_rng(0)
    W, tau = rng.normal(size=(3, 3)), rng.uniform(0.1, 2, (3, 3))
    found = characteristic_roots(delayed(CTRNN(W, activation="tanh"), tau), np.zeros(3), count=15)
    assert found.complete
    for root in found.roots:
        matrix = (root + 1) * np.eye(3) - W * np.exp(-root * tau)
        assert np.linalg.svd(matrix)[1][-1] < 1e-13 * np.linalg.norm(matrix)
    assert np.unique(np.round(found.roots, 9)).size == found.roots.size


def test_functions_of_users_are_differentiated_by_differences():
    def rhs(t, y, z, u, params, out):
        out[0] = -y[0] - 2.0 * np.sinh(z[0]) + u[0]

    system = DelayedSystem(rhs, 1, [(0, 1.0)], input_dim=1)
    found = characteristic_roots(system, [0.0])
    assert found.derivatives == "differences"
    assert np.abs(found.roots[0].real - closed_form(-1.0, -2.0)[0].real) < found.errors[0] < 1e-7
    rest = 0.5 + 2 * np.sinh(0.5)
    shifted = characteristic_roots(system, [0.5], inputs=[rest])
    np.testing.assert_allclose(shifted.roots[0].real, closed_form(-1.0, -2.0 * np.cosh(0.5))[0].real, atol=1e-8)


def test_what_is_refused():
    with pytest.raises(ValueError, match="must be an equilibrium"):
        characteristic_roots(ring(2.0, 1.0), [0.5, 0.0])
    with pytest.raises(TypeError, match="must be a system with delays"):
        characteristic_roots(CTRNN([[1.0]]), [0.0])
    with pytest.raises(ValueError, match="this system has delays"):
        fixed_points(ring(2.0, 1.0))
