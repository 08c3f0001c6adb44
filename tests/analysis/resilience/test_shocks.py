"""Minimal fatal shocks of systems whose basins have known boundaries."""

import numpy as np
import pytest

from analysis import find_attractors, minimal_fatal_shock
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem


def ring(t, y, u, params, out):
    """r' = r (r^2 - 1) (4 - r^2): the basin of the center is a disk of radius 1, beyond it a cycle attracts."""
    a, b = y[0] - params[0], y[1] - params[1]
    square = a * a + b * b
    growth = (square - 1.0) * (4.0 - square)
    out[0] = growth * a - b
    out[1] = growth * b + a


def test_units_with_known_boundaries():
    """Decoupled bistable units: the boundary is y_i = 4, the nearest shock moves the one that is nearer to it."""
    found = minimal_fatal_shock(find_attractors(CTRNN(8 * np.eye(3), biases=-4), samples=20), [0.5, 1.0, -1.0])
    assert found.magnitude == pytest.approx(3.0, rel=1e-7)
    np.testing.assert_allclose(found.shock, [0, 3, 0], atol=1e-4)  # flat: the direction is known to the root of the length
    assert found.attractor == 0
    assert found.goes_to == 2
    scaled = minimal_fatal_shock(find_attractors(CTRNN(8 * np.eye(3), biases=-4), samples=20), [0.5, 1.0, -1.0],
                                 scale=[1.0, 0.5, 2.0])  # fmt: skip
    assert scaled.magnitude == pytest.approx(2.5, rel=1e-7)  # state 2: 5 / 2
    np.testing.assert_allclose(scaled.shock, [0, 0, 5], atol=1e-3)


def test_lower_bound_is_proved_and_below():
    """Rivals: the separatrix is y_0 = y_1."""
    found = minimal_fatal_shock(find_attractors(CTRNN([[0, -8], [-8, 0]], constant_inputs=4)))
    exact = abs(found.start[0] - found.start[1]) / np.sqrt(2)
    assert found.magnitude == pytest.approx(exact, rel=1e-7)
    assert found.lower_proved
    assert 0.1 * exact < found.lower <= exact


def test_a_circular_basin_from_off_its_center():
    system = DynamicalSystem(ring, 2, {"a": 0.3, "b": -0.2})
    att = find_attractors(system, box=[-2, 2], samples=20)
    start = np.array([0.3, -0.2]) + 0.4 * np.array([0.6, 0.8])
    found = minimal_fatal_shock(att, start, directions=8)
    assert found.magnitude == pytest.approx(0.6, rel=1e-6)
    np.testing.assert_allclose(found.shock, [0.36, 0.48], atol=2e-3)
    assert found.goes_to == 1 - found.attractor
    assert found.lower == 0.0  # the ball that is not proved is small, and does not hold the start


def test_nothing_fatal_in_the_box():
    found = minimal_fatal_shock(find_attractors(CTRNN([[6.0]], biases=-3), samples=20), box=[-0.5, 1.0])
    assert found.magnitude == np.inf
    assert np.isnan(found.shock).all()
    assert found.lower > 0
