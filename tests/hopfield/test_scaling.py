"""Finite-size scaling: the fit of made-up curves, and the capacity of Hebb's rule."""

import numpy as np
import pytest

from hopfield import CapacityCurve, capacity, capacity_scaling
from hopfield.scaling import fitted


def curve_of(size, load, width=0.05, trials=10**6):
    """A share that falls through a half at a load, linearly."""
    loads = np.linspace(load - width, load + 1.4 * width, 4)
    share = np.clip(0.5 - (loads - load) / (4 * width), 0, 1)
    spread = 1.96 * np.sqrt(share * (1 - share) / trials)
    nothing = np.zeros(4)
    return CapacityCurve(loads, nothing, nothing, share, nothing, share - spread, share + spread, np.full(4, trials), size,
                         0.9, "hebbian")  # fmt: skip


def test_the_limit_of_loads_on_a_power_law_is_its_constant():
    found = fitted([curve_of(n, 0.138 + 0.9 / np.sqrt(n)) for n in (100, 200, 400, 1600)], 0.5)
    np.testing.assert_allclose(found.loads, 0.138 + 0.9 / np.sqrt([100, 200, 400, 1600]), rtol=1e-9)
    assert found.limit == pytest.approx(0.138, abs=1e-9)
    assert found.theory == capacity.critical_load()
    assert "N^-0.5" in found.reason


def test_errors_of_loads_are_those_of_repeated_measurements():
    """Shares with binomial noise: the spread of the loads is what a single curve says, within 15 %."""
    rng, trials, loads = np.random.default_rng(0), 400, []
    for _ in range(400):
        curve = curve_of(100, 0.2, trials=trials)
        curve.retrieved[:] = rng.binomial(trials, np.clip(curve.retrieved, 0, 1)) / trials
        loads.append(fitted([curve], 0.5).loads[0])
    assert np.std(loads) == pytest.approx(fitted([curve_of(100, 0.2, trials=trials)], 0.5).errors[0], rel=0.15)


def test_too_few_sizes_have_no_limit():
    found = fitted([curve_of(100, 0.2), curve_of(200, 0.18)], 0.5)
    assert np.isnan(found.limit)
    assert found.reason.startswith("a limit needs three sizes")
    assert fitted([], 0.5).theory is None


def test_small_networks_point_at_the_capacity_of_hebbs_rule():
    """N = 60, 120 and 240: within three errors, to which the fit's law adds what it neglects."""
    loads = [0.12, 0.15, 0.18, 0.21, 0.25, 0.3]
    found = capacity_scaling("hebbian", [60, 120, 240], loads, networks=25, probes=20, rng=1)
    assert found.loads[0] > found.loads[2] > capacity.critical_load()
    assert abs(found.limit - capacity.critical_load()) < 3 * found.limit_error + 0.02
    assert capacity_scaling("hebbian", [50, 60], loads, rng=0, timeout=0.0).curves == ()
