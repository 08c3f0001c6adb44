"""Verdicts need evidence: growth, bursting, islands, families and marginal cases are not taken for something else."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import classify, lyapunov_spectrum
from analysis.lyapunov.kind import kind_of
from neurodynamics import DynamicalSystem, Kind


def growth(t, y, u, params, out):
    out[0] = params[0] * y[0]


def bursting(t, y, u, params, out):
    """Hindmarsh and Rose, chaotic bursts: largest exponent 0.013, and a contraction of 8.5 elsewhere."""
    out[0] = y[1] + 3.0 * y[0] ** 2 - y[0] ** 3 - y[2] + 3.25
    out[1] = 1.0 - 5.0 * y[0] ** 2 - y[1]
    out[2] = 0.006 * (4.0 * (y[0] + 1.6) - y[2])


def pendulum(t, y, u, params, out):
    out[0], out[1] = y[1], -np.sin(y[0])


def prey(t, y, u, params, out):
    out[0], out[1] = y[0] * (1.0 - y[1]), y[1] * (y[0] - 1.0)


def standard(t, y, u, params, out):
    out[1] = y[1] + params[0] * np.sin(y[0])
    out[0] = y[0] + out[1]


def slopes_of_standard(t, y, u, params, out):
    kick = params[0] * np.cos(y[0])
    out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 1.0 + kick, 1.0, kick, 1.0


def logistic(t, y, u, params, out):
    out[0] = params[0] * y[0] * (1.0 - y[0])


def circle(t, y, u, params, out):
    out[0] = y[0] + 2.0 * np.pi * params[0]


def two_oscillators(t, y, u, params, out):
    for k, speed in ((0, 1.0), (2, 1.618033988749895)):
        r = 1.0 - y[k] ** 2 - y[k + 1] ** 2
        out[k], out[k + 1] = r * y[k] - speed * y[k + 1], r * y[k + 1] + speed * y[k]


@pytest.mark.parametrize("rate", [0.5, 0.03])
def test_growth_is_not_chaos(rate):
    found = classify(DynamicalSystem(growth, 1, params=[rate]), [1.0], rng=0)
    assert found.kind == Kind.DIVERGES
    assert found.spectrum.exponents.tolist() in ([], [pytest.approx(rate, abs=1e-6)])  # none where the state overflowed


def test_bursting_is_not_a_torus():
    found = classify(DynamicalSystem(bursting, 3), [0.1, 0.2, 0.3], rng=0)
    assert found.kind in (Kind.UNDECIDED, Kind.CHAOS)
    assert abs(found.spectrum.exponents[0] - 0.013) < 3 * found.spectrum.errors[0]


def test_two_free_oscillators_are_a_torus():
    """The control of the test above."""
    found = classify(DynamicalSystem(two_oscillators, 4), [0.5, 0.0, 0.3, 0.2], rng=0)
    assert found.kind == Kind.TORUS


@pytest.mark.parametrize(("rhs", "y0"), [(pendulum, [1.0, 0.0]), (pendulum, [2.9, 0.0]), (prey, [1.0, 0.5])])
def test_exponents_of_integrable_flows_are_zero_within_their_errors(rhs, y0):
    found = classify(DynamicalSystem(rhs, 2), y0, rng=0)
    assert found.kind in (Kind.UNDECIDED, Kind.CONTINUUM)
    assert (np.abs(found.spectrum.exponents) < 3 * found.spectrum.errors).all()


@pytest.mark.parametrize("start", range(8))
def test_orbits_on_islands_of_the_standard_map_are_regular(start):
    y0 = np.random.default_rng(start).uniform(-1, 1, 2) * [1.5, 0.3] + [np.pi, 0.0]
    found = classify(DynamicalSystem(standard, 2, params=[0.5], kind="map"), y0, rng=0)
    assert found.kind in (Kind.UNDECIDED, Kind.TORUS)
    assert abs(found.spectrum.exponents[0]) < 3 * found.spectrum.errors[0]


def test_the_sea_around_the_islands_is_chaotic():
    """The control: far above all islands the exponent is ln(K / 2) (Chirikov 1979)."""
    sea = DynamicalSystem(standard, 2, jac=slopes_of_standard, params=[20.0], kind="map")
    found = classify(sea, [0.51, 0.53], duration=20_000, rng=0)
    assert found.kind == Kind.CHAOS
    assert found.spectrum.exponents[0] == pytest.approx(np.log(10.0), rel=0.03)


def test_a_map_can_be_quasiperiodic():
    found = classify(DynamicalSystem(circle, 1, params=[0.19098300562505255], kind="map"), [0.3], rng=0)
    assert found.kind == Kind.TORUS


@pytest.mark.parametrize(("r", "kind"), [(3.0, Kind.UNDECIDED), (3.2, Kind.LIMIT_CYCLE), (3.9, Kind.CHAOS)])
def test_marginal_maps_are_left_open(r, kind):
    found = classify(DynamicalSystem(logistic, 1, params=[r], kind="map"), [0.3], rng=0)
    assert found.kind == kind
    if kind == Kind.LIMIT_CYCLE:
        assert found.period == 2
        p = (r + 1 + np.sqrt((r - 3) * (r + 1)) * np.array([1, -1])) / (2 * r)  # the cycle in closed form
        assert found.spectrum.exponents[0] == pytest.approx(np.log(np.abs(r * (1 - 2 * p))).mean(), abs=1e-9)


def test_algebraic_growth_is_part_of_the_error_and_exponential_growth_is_not():
    shear = lyapunov_spectrum(DynamicalSystem(standard, 2, params=[0.0], kind="map"), [0.3, 0.5], rng=0)
    assert shear.exponents[0] > 1e-3  # ln t / t
    assert shear.exponents[0] < 3 * shear.errors[0]
    cat = lyapunov_spectrum(DynamicalSystem(growth, 1, params=[1.01], kind="map"), [1e-6], rng=0)
    assert cat.errors[0] < 1e-9


def toda(t, y, u, params, out):
    """Three particles on a ring with exponential springs, which have three integrals (Henon 1974)."""
    for i in range(3):
        out[i] = y[3 + i]
        out[3 + i] = np.exp(y[i - 1] - y[i]) - np.exp(y[i] - y[(i + 1) % 3])


def henon_heiles(t, y, u, params, out):
    out[0], out[1] = y[2], y[3]
    out[2], out[3] = -y[0] - 2 * y[0] * y[1], -y[1] - y[0] ** 2 + y[1] ** 2


def test_an_integrable_lattice_is_not_chaotic():
    found = lyapunov_spectrum(DynamicalSystem(toda, 6), [0.5, 0, -0.5, 0.2, -0.3, 0.1], k=2, duration=20_000, rng=0)
    assert found.kind != Kind.CHAOS


@pytest.mark.parametrize(("power", "kind"), [(1, Kind.UNDECIDED), (2, Kind.UNDECIDED), (20, Kind.CHAOS)])
def test_neighbours_that_part_like_a_power_of_time_do_not_part_exponentially(power, kind):
    duration = 1e6
    largest = power * np.log(21.0) / duration  # of t^power, after a twentieth of that time
    found = kind_of([largest, 0.0, -1.0], [1e-9] * 3, "flow", True, states=3, duration=duration, warm_up=0.05 * duration)
    assert found == kind


def test_truncated_at_the_third_order_it_is():
    """The control: at an energy of 1/8 most orbits of Henon and Heiles (1964) are chaotic, with an exponent near 0.045."""
    found = lyapunov_spectrum(DynamicalSystem(henon_heiles, 4), [0.0, -0.15, 0.4736, 0.0], k=2, duration=20_000, rng=0)
    assert found.kind == Kind.CHAOS
    assert 0.02 < found.exponents[0] < 0.08
