"""The master stability function against closed forms, and against the full spectrum of two coupled copies."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import largest_lyapunov_exponent, lyapunov_spectrum, master_stability
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, models

CYCLE = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
PAIR = np.array([[1.0, -1.0], [-1.0, 1.0]])


def test_coupling_of_all_states_shifts_the_exponent_by_its_strength():
    found = master_stability(CYCLE, [0.0, 0.3, 2.0], duration=300)
    np.testing.assert_allclose(found.values, [0.0, -0.3, -2.0], atol=1e-4)
    chaos = master_stability(models.lorenz(), [0.0, 0.5, 2.0], y0=[1.0, 1.0, 20.0], duration=150)
    assert (np.abs(chaos.values - (0.9056 - chaos.alphas)) < 4 * chaos.errors + 1e-3).all()
    assert abs(chaos.crossings[0] - 0.9056) < 0.1


def test_a_map_has_the_logarithm_of_what_coupling_leaves_of_its_slope():
    """Of x -> 2 x mod 1 the perturbation is (2 - alpha) xi."""

    def doubling(t, y, u, params, out):
        out[0] = (2.0 * y[0]) % 1.0

    def slope(t, y, u, params, out):
        out[0, 0] = 2.0

    system = DynamicalSystem(doubling, 1, jac=slope, kind="map")
    found = master_stability(system, [0.0, 0.5, 1.5], y0=[0.3], duration=100, transient=0, warm_up=5)
    np.testing.assert_allclose(found.values, np.log([2.0, 1.5, 0.5]), atol=1e-12)
    assert found.crossings[0] == pytest.approx(0.5 + np.log(1.5) / (np.log(1.5) + np.log(2.0)))


def test_it_is_the_transversal_exponent_of_two_copies_in_their_own_spectrum():
    """Two networks with coupling sigma H: exponents of the whole are those at 0 and at 2 sigma."""
    strength, coupling = 0.15, np.diag([1.0, 0.0])

    def both(t, y, u, params, out):
        for copy in range(2):
            a, b = y[2 * copy], y[2 * copy + 1]
            out[2 * copy] = b + 0.15 * (y[2 * (1 - copy)] - a)
            out[2 * copy + 1] = (1 - a * a) * b - a

    whole = lyapunov_spectrum(DynamicalSystem(both, 4), [1.0, 0.5, 1.0, 0.5], duration=200, rng=0)
    found = master_stability(models.van_der_pol(), [2 * strength], coupling, y0=[1.0, 0.5], duration=200)
    assert np.min(np.abs(whole.exponents - found.values[0])) < 1e-3
    assert found.values[0] < -0.1


def test_systems_without_a_jacobian_and_of_many_states_go_the_same_way():
    def ring(t, y, u, params, out):
        for i in range(y.size):
            out[i] = np.tanh(1.5 * y[i - 1]) - y[i]

    system = DynamicalSystem(ring, 18)
    alone = largest_lyapunov_exponent(system, 0.1 * np.arange(18.0), duration=200, transient=100, rng=0)
    found = master_stability(system, [0.0, 1.0], y0=0.1 * np.arange(18.0), duration=200, transient=100)
    np.testing.assert_allclose(found.values, alone.exponents[0] - found.alphas, atol=2e-2)


def test_a_network_of_copies_synchronises_where_all_its_eigenvalues_are_stable():
    found = master_stability(CYCLE, np.linspace(-1, 3, 17), duration=100)
    assert found.synchronises(PAIR, 0.5) is True
    assert found.synchronises(PAIR, -0.25) is False
    assert found.synchronises(PAIR, 50.0) is None  # beyond what was measured
    assert found.synchronises(PAIR, 0.0) is None  # an exponent of zero
    with pytest.raises(ValueError, match="`laplacian` must be symmetric"):
        found.synchronises([[1.0, -1.0], [0.0, 0.0]])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="`coupling` must have shape"):
        master_stability(CYCLE, [0.0], np.eye(3))
    with pytest.raises(ValueError, match="must be compiled here"):
        master_stability(CYCLE, [0.0], inputs=lambda t: np.zeros(2))
