"""Arnold tongues against their exact boundaries, and of a driven oscillator."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import arnold_tongues
from neurodynamics import DynamicalSystem, Status, models


def test_the_main_tongue_of_the_circle_map_ends_at_k_over_2_pi():
    k = np.array([0.2, 0.5, 1.0])
    omega = np.linspace(-0.2, 0.2, 161)
    found = arnold_tongues(models.circle_map(), {"omega": omega, "k": k}, [0.0], 500)
    step, (low, high) = omega[1] - omega[0], found.boundaries(0).T
    for inner, exact in ((high, k / (2 * np.pi)), (-low, k / (2 * np.pi))):
        assert (inner <= exact + 1e-12).all()
        assert (inner > exact - step - 1e-12).all()


def test_the_tongue_of_one_half_opens_like_the_square_of_k():
    """Its width is K^2 / (4 pi) / ... to leading order: (Omega - 1/2) = +- K^2 / (8 pi)... by fourfold width at twice K."""
    omega = np.linspace(0.47, 0.53, 241)
    found = arnold_tongues(models.circle_map(), {"omega": omega, "k": [0.4, 0.8]}, [0.0], 1000, tolerance=1e-6)
    widths = np.diff(found.boundaries(1, 2), axis=1).ravel()
    assert widths[1] / widths[0] == pytest.approx(4.0, rel=0.25)
    assert np.mean(found.boundaries(1, 2)[1]) == pytest.approx(0.5, abs=1e-3)


def test_an_overdamped_phase_locks_to_its_drive_in_closed_form():
    """theta' = w + a sin(theta - t): in the frame of the drive locked where |w - 1| <= a (Adler 1946)."""

    def adler(t, y, u, params, out):
        out[0] = params[0] + params[1] * np.sin(y[0] - y[1])
        out[1] = 1.0

    system = DynamicalSystem(adler, 2, {"w": 1.0, "a": 0.2}, angles=[0, 1])
    w = np.linspace(0.7, 1.3, 31)
    found = arnold_tongues(system, {"w": 2 * np.pi * w, "a": [0.0]}, [0.0, 0.0], 50)
    np.testing.assert_allclose(found.rotation[:, 0], w, atol=1e-5)  # without coupling: turns a unit of time
    locked = arnold_tongues(system, {"w": w, "a": [0.2]}, [0.0, 0.0], 300).rotation[:, 0] * 2 * np.pi
    inside = np.abs(w - 1) < 0.2 - 1e-9
    settled = np.abs(w - 1) < 0.17  # at the rate sqrt(a^2 - (w - 1)^2)
    np.testing.assert_allclose(locked[inside & settled], 1.0, atol=2e-5)
    beat = np.sqrt((w[~inside] - 1) ** 2 - 0.2**2) * np.sign(w[~inside] - 1)
    far = np.abs(w[~inside] - 1) > 0.23
    np.testing.assert_allclose(locked[~inside][far] - 1, beat[far], atol=2e-3)


def test_a_driven_oscillator_has_turns_a_period_of_its_drive():
    grid = {"frequency": [0.1, 0.15, 0.3], "amplitude": [0.0, 0.8]}
    found = arnold_tongues(models.van_der_pol(), grid, [1.0, 0.0], 300, transient=100, phase=(1, 0))
    own = 0.1500766  # turns a unit of time, 1 / 6.663287
    np.testing.assert_allclose(found.rotation[:, 0], own / np.array([0.1, 0.15, 0.3]), rtol=1e-4)
    assert found.locked(1).tolist() == [[False, False], [False, True], [False, False]]
    assert (1, 1) in found.fractions()
    assert found.status is Status.SUCCESS


def test_two_parameters_are_needed():
    for params in ({"omega": [0.1]}, {}, {"omega": [0.1], "k": []}):
        with pytest.raises(ValueError, match="`params` must name two parameters"):
            arnold_tongues(models.circle_map(), params, [0.0])
    with pytest.raises(ValueError, match="has no inputs"):
        arnold_tongues(models.lorenz(), {"frequency": [1.0], "amplitude": [1.0]}, [1.0, 1.0, 1.0])
