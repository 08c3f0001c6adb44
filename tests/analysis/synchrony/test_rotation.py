"""Rotation numbers: rigid rotations, locked ones, conjugates of rotations, flows."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import rotation_number
from neurodynamics import DynamicalSystem, Sine, models


def test_of_rigid_rotations_they_are_exact():
    omega = [0.25, 0.3819660112501051, 1.7]
    found = rotation_number(models.circle_map(), [0.0], 500, params={"omega": omega, "k": [0.0] * 3})
    np.testing.assert_allclose(found.values, omega, atol=1e-12)
    assert (found.errors < 1e-10).all()


def test_a_conjugate_of_a_rotation_has_its_number():
    """h(theta) = theta + a sin(2 pi theta) / 2 pi is carried along by a rotation; the average converges beyond powers."""
    rho, a = 0.6180339887498949, 0.6

    def conjugate(t, y, u, params, out):
        x = y[0]
        for _ in range(60):  # the inverse of h by Newton's method
            x -= (x + a * np.sin(2 * np.pi * x) / (2 * np.pi) - y[0]) / (1 + a * np.cos(2 * np.pi * x))
        x += rho
        out[0] = x + a * np.sin(2 * np.pi * x) / (2 * np.pi)

    system = DynamicalSystem(conjugate, 1, kind="map", angles={0: 1.0})
    found = rotation_number(system, [0.1], 2000)
    assert abs(found.values[0] - rho) < 1e-9
    assert abs(found.values[0] - rho) < max(5 * found.errors[0], 1e-12)


def test_inside_a_tongue_it_is_the_fraction():
    found = rotation_number(models.circle_map(), [0.2], 500, params={"omega": [0.1, 0.5, 0.16], "k": [1.0, 1.0, 1.0]})
    np.testing.assert_allclose(found.values[:2], [0.0, 0.5], atol=1e-9)
    assert found.values[2] > 0.01  # beyond 1 / (2 pi) it drifts: rotation by the bottleneck


def test_in_a_plane_turns_are_counted_around_the_centre():
    def turning(t, y, u, params, out):
        r = np.sqrt((y[0] - 3.0) ** 2 + y[1] ** 2)
        out[0] = (1 - r) * (y[0] - 3.0) - 2 * y[1]
        out[1] = (1 - r) * y[1] + 2 * (y[0] - 3.0)

    system = DynamicalSystem(turning, 2)
    found = rotation_number(system, [[4.0, 0.0], [3.5, 0.0]], 60, phase=(0, 1), centre=(3.0, 0.0))
    np.testing.assert_allclose(found.values, 1 / np.pi, atol=1e-6)
    outside = rotation_number(system, [4.0, 0.0], 60, phase=(0, 1), centre=(30.0, 0.0))
    assert outside.values[0] == pytest.approx(0.0, abs=1e-5)


def test_a_forced_oscillator_keeps_the_pace_of_its_drive():
    found = rotation_number(models.van_der_pol(), [1.0, 0.0], 300, phase=(1, 0), transient=100,
                            inputs=[[Sine(0.8, 0.15)], [Sine(0.8, 0.16)]])  # fmt: skip
    np.testing.assert_allclose(found.values, [0.15, 0.16], atol=1e-6)


def test_what_is_no_phase_is_refused():
    for phase in (5, (0, 0), (0, 1, 0)):
        with pytest.raises(ValueError, match="`phase"):
            rotation_number(models.van_der_pol(), [1.0, 0.0], 5, phase=phase)
    with pytest.raises(ValueError, match="`sampling` has no meaning"):
        rotation_number(models.circle_map(), [0.0], 5, sampling=0.1)
