"""Phases: of chirps, locked and unlocked pairs, and populations in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from analysis import instantaneous_phase, order_parameter, phase_locking
from neurodynamics import models, simulate


@pytest.mark.parametrize("count", [400, 401])
def test_the_phase_is_that_of_the_analytic_signal(count):
    x = np.random.default_rng(0).normal(size=count).cumsum()
    np.testing.assert_allclose(instantaneous_phase(x), np.unwrap(np.angle(signal.hilbert(x - x.mean()))), atol=1e-12)


def test_a_chirp_has_its_phase_away_from_the_ends():
    t = np.linspace(0, 20, 8000)
    phase = 2 * np.pi * (2 * t + 0.1 * t**2)
    found = instantaneous_phase(np.cos(phase))
    assert np.abs(found - phase)[800:-800].max() < 0.02


def test_locking_of_exact_phases():
    t = np.linspace(0, 100, 5000)
    locked = phase_locking(3 * t, 2 * t + 0.7, (2, 3))
    assert locked.value == pytest.approx(1.0, abs=1e-12)
    assert locked.difference == pytest.approx(-2.1, abs=1e-9)
    swaying = phase_locking(t + 0.8 * np.sin(2 * np.pi * t), t)
    assert swaying.value == pytest.approx(0.846287, abs=1e-3)  # the Bessel function J_0(0.8)
    apart = phase_locking(t, t + 2 * np.pi * t / 100 * 3)
    assert apart.value < 1e-3
    assert apart.slips == pytest.approx(-3.0, abs=1e-9)


def test_independent_phases_lock_by_chance_as_much_as_is_said():
    rng = np.random.default_rng(0)
    pairs = [phase_locking(*rng.uniform(0, 2 * np.pi, (2, 100))) for _ in range(400)]
    mean = np.mean([pair.value for pair in pairs])
    assert mean == pytest.approx(pairs[0].by_chance, rel=0.08)  # 0.52 / sqrt(400) is 2.6 %


def test_order_of_kuramoto_is_that_of_its_self_consistency():
    """Equal frequencies: all phases meet. And of phases on an arc of width w, r = sin(w / 2) / (w / 2)."""
    found = order_parameter(np.linspace(-0.5, 0.5, 20_001)[:, np.newaxis])
    assert found.r[0] == pytest.approx(np.sin(0.5) / 0.5, rel=1e-4)
    system = models.kuramoto(frequencies=np.zeros(10))
    sol = simulate(system, 60, np.linspace(0, 3, 10), t_eval=np.linspace(0, 60, 200))
    assert order_parameter(sol.y).r[-1] == pytest.approx(1.0, abs=1e-9)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="`b` must have as many samples"):
        phase_locking([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="`phases` must have shape"):
        order_parameter([1.0, 2.0])
