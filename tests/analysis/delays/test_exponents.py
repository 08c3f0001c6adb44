"""Lyapunov exponents of systems with delays: linear ones are real parts of roots, Mackey and Glass's is known."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import delayed_lyapunov_spectrum
from analysis.delays import characteristic_roots
from ctrnn import CTRNN
from neurodynamics import DelayedSystem, Kind, Status, delayed


def mackey_glass(t, y, z, u, params, out):
    beta, gamma, n = params
    out[0] = beta * z[0] / (1.0 + z[0] ** n) - gamma * y[0]


MACKEY_GLASS = DelayedSystem(mackey_glass, 1, [(0, 17.0)], {"beta": 0.2, "gamma": 0.1, "n": 10.0})
UNSTABLE = delayed(CTRNN([[0.0, 2.0, 0.4], [-2.0, 0.0, 0.0], [0.3, 0.0, -1.5]], activation="linear"), [[1.0, 0.4, 2.0]] * 3)


def test_exponents_of_a_linear_system_are_real_parts_of_its_roots():
    roots = characteristic_roots(UNSTABLE, np.zeros(3)).roots.real
    assert roots[0] > 0.1
    found = delayed_lyapunov_spectrum(UNSTABLE, [0.3, 0.1, -0.2], k=3, duration=100.0, transient=5.0, warm_up=60.0, rng=0)
    np.testing.assert_allclose(found.exponents, roots[:3], atol=0.01)  # pairs turn, and beat, within the bins
    assert (np.abs(found.exponents - roots[:3]) <= 4 * found.errors).all()
    assert found.jacobian == "analytic"


def test_rest_is_told_by_the_roots():
    net = delayed(CTRNN([[0.5, -1.0], [1.0, 0.5]], activation="tanh"), 0.5)
    found = delayed_lyapunov_spectrum(net, [0.1, 0.1], k=4, duration=100.0, transient=50.0, rng=0)
    assert (found.kind, found.method, found.success) == (Kind.FIXED_POINT, "characteristic roots", True)
    np.testing.assert_allclose(found.exponents, characteristic_roots(net, [0.0, 0.0]).roots.real[:4], atol=1e-9)
    unstable = delayed_lyapunov_spectrum(MACKEY_GLASS, [1.0], duration=500.0, rng=0)
    assert "unstable equilibrium" in unstable.notes[-1]


def test_a_limit_cycle_has_an_exponent_of_zero():
    found = delayed_lyapunov_spectrum(delayed(CTRNN([[-3.0]], activation="tanh"), 2.0), [0.1], k=2, duration=300.0, rng=0)
    assert found.kind == Kind.LIMIT_CYCLE
    assert found.zero_error < 1e-4
    assert not found.complete


def test_mackey_and_glass():
    """The 0.0071 that is quoted for it is in bits per unit of time: 0.0049 in the natural unit. The dimension is 2.1."""
    found = delayed_lyapunov_spectrum(MACKEY_GLASS, [1.2], k=3, duration=8000.0, transient=500.0, rng=0, rtol=1e-6)
    assert found.kind == Kind.CHAOS
    assert abs(found.exponents[0] / np.log(2) - 0.0071) < 3 * found.errors[0] / np.log(2)
    assert found.exponents[0] > 4 * found.errors[0]
    assert abs(found.exponents[1]) < 3 * found.errors[1]
    assert abs(found.kaplan_yorke_dimension - 2.1) < 0.05
    assert found.jacobian == "differences"


def test_dual_numbers_and_differences_agree():
    """The same tangent vectors through the same network, once as a network and once as a user's function."""

    def by_hand(t, y, z, u, params, out):
        out[0] = -y[0] - 3.0 * np.tanh(z[0])

    systems = delayed(CTRNN([[-3.0]], activation="tanh"), 2.0), DelayedSystem(by_hand, 1, [(0, 2.0)])
    found = [delayed_lyapunov_spectrum(s, [0.1], k=2, duration=40.0, rng=0).exponents for s in systems]
    np.testing.assert_allclose(*found, atol=1e-6)  # the tolerance of the steps


def test_time_ends_it():
    found = delayed_lyapunov_spectrum(MACKEY_GLASS, [1.2], duration=1e9, transient=10.0, warm_up=10.0, rng=0, timeout=0.3)
    assert found.status == Status.TIMEOUT
    assert 0 < found.duration < 1e9
    assert found.exponents.size == 1


def test_what_is_refused():
    with pytest.raises(TypeError, match="must be a system with delays"):
        delayed_lyapunov_spectrum(CTRNN([[1.0]]))
    with pytest.raises(ValueError, match="`k` must be"):
        delayed_lyapunov_spectrum(MACKEY_GLASS, k=0)
