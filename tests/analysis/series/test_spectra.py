"""Power spectra: Parseval, white noise within its interval, and the frequency of a sine."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import power_spectrum

NOISE = np.random.default_rng(0).normal(size=40_000)


def test_the_integral_of_the_density_is_the_variance():
    found = power_spectrum(3.0 * NOISE, 0.5, segments=20)
    assert found.power.sum() * found.frequency[1] == pytest.approx(9.0, rel=0.03)
    assert found.frequency[-1] == 1.0


def test_the_interval_holds_the_flat_density_of_white_noise_nineteen_times_in_twenty():
    found = power_spectrum(NOISE, segments=50)
    low, high = found.factors
    inside = (low * found.power < 2.0) & (2.0 < high * found.power)
    assert inside[1:-1].mean() == pytest.approx(0.95, abs=0.04)  # 399 densities, of which neighbours go together
    assert found.degrees_of_freedom > 2 * 50  # overlap adds some


def test_variance_over_densities_is_that_of_the_degrees_of_freedom():
    found = power_spectrum(NOISE, segments=100)
    inner = found.power[2:-2]
    assert inner.var() / inner.mean() ** 2 == pytest.approx(2 / found.degrees_of_freedom, rel=0.35)


def test_the_peak_is_the_frequency_of_a_sine():
    found = power_spectrum(np.sin(2 * np.pi * 0.123 * np.arange(5000)) + 0.1 * NOISE[:5000], segments=4)
    assert abs(found.peak - 0.123) < 0.05 * found.resolution


def test_too_many_segments_are_refused():
    with pytest.raises(ValueError, match="`segments` must leave eight samples"):
        power_spectrum(np.arange(20.0), segments=10)
