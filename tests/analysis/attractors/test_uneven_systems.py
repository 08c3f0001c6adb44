"""Attractors of systems whose parts differ by many orders of magnitude: in time, or in how near zero they come."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from analysis import find_attractors, limit_cycle, lyapunov_spectrum
from ctrnn import CTRNN
from neurodynamics import DIVERGES, DynamicalSystem, Kind


def predator(t, y, u, params, out):
    """Rosenzweig & MacArthur (1963): the larger the capacity, the nearer the cycle passes to the saddles."""
    eaten = y[0] * y[1] / (1.0 + y[0])
    out[0] = y[0] * (1.0 - y[0] / params[0]) - eaten
    out[1] = 0.8 * eaten - 0.3 * y[1]


def van_der_pol(t, y, u, params, out):
    out[0] = y[1]
    out[1] = params[0] * (1.0 - y[0] ** 2) * y[1] - y[0]


def lorenz(t, y, u, params, out):
    out[0] = 10.0 * (y[1] - y[0])
    out[1] = y[0] * (params[0] - y[2]) - y[1]
    out[2] = y[0] * y[1] - 8.0 / 3.0 * y[2]


def well(t, y, u, params, out):
    out[0], out[1] = y[1], y[0] - y[0] ** 3 - 0.3 * y[1]


def tail(t, y, u, params, out):
    out[0] = np.exp(-y[0])


def circle(t, y, u, params, out):
    out[0] = (y[0] - params[0] / (2.0 * np.pi) * np.sin(2.0 * np.pi * y[0])) % 1.0


def ring(t, y, u, params, out):
    """Lorenz (1996)."""
    n = y.size
    for i in range(n):
        out[i] = (y[(i + 1) % n] - y[i - 2]) * y[i - 1] - y[i] + 8.0


def ring_jacobian(t, y, u, params, out):
    n = y.size
    for i in range(n):
        for j in range(n):
            out[i, j] = 0.0
        out[i, (i + 1) % n], out[i, i - 2] = y[i - 1], -y[i - 1]
        out[i, i - 1], out[i, i] = y[(i + 1) % n] - y[i - 2], -1.0


def period_in_logarithms(capacity: float) -> float:
    """Return the period of the predator's cycle from its equations for ln y, where nothing is near zero."""

    def rhs(t, q):
        x, z = np.exp(np.minimum(q, 50.0))  # trial steps reach far
        return [1.0 - x / capacity - z / (1.0 + x), 0.8 * x / (1.0 + x) - 0.3]

    def enough(t, q):
        return rhs(t, q)[1]

    enough.direction = 1.0
    times = solve_ivp(rhs, (0, 1500), [0.0, 0.0], rtol=1e-10, atol=1e-10, method="DOP853", events=enough).t_events[0]
    return float(np.diff(times)[-1])


@pytest.mark.parametrize("capacity", [10.0, 50.0])
def test_a_cycle_that_passes_two_saddles_is_one_and_nothing_diverges(capacity):
    found = find_attractors(DynamicalSystem(predator, 2, params=[capacity]), box=[[0, 1.5 * capacity], [0, capacity]],
                            samples=60)  # fmt: skip
    assert [each.kind for each in found] == ["limit_cycle"]
    assert found.diverging == found.undecided == 0
    assert found[0].period == pytest.approx(period_in_logarithms(capacity), rel=1e-7)


def test_a_predator_without_prey_to_live_on_dies_out():
    """The control: below the transcritical bifurcation at K = 0.6 the prey is left alone."""
    found = find_attractors(DynamicalSystem(predator, 2, params=[0.5]), box=[[0.01, 1], [0, 1]], samples=40)
    np.testing.assert_allclose([each.y for each in found], [[0.5, 0.0]], atol=1e-9)


def test_a_stiff_oscillator_has_its_cycle():
    """Oracle: the period at mu = 100 by Radau's method in SciPy, and the asymptotic (3 - 2 ln 2) mu + 7.014 mu^(-1/3)."""
    (cycle,) = find_attractors(DynamicalSystem(van_der_pol, 2, params=[100.0]), samples=20)
    assert cycle.period == pytest.approx(162.837071, abs=1e-5)
    assert cycle.period == pytest.approx((3 - 2 * np.log(2)) * 100 + 7.014 / 100 ** (1 / 3), rel=2e-3)
    assert cycle.share == 1.0


def test_multipliers_of_a_drawn_in_cycle_are_those_of_the_divergence():
    """Of a planar cycle the other multiplier is exp of the integral of the divergence (Liouville)."""
    found = limit_cycle(DynamicalSystem(predator, 2, params=[20.0]), [1.0, 1.0])
    t = np.linspace(0.0, found.period, 400_001)
    x, z = found(t[:-1])
    divergence = 1.0 - x / 10.0 - z / (1.0 + x) ** 2 + 0.8 * x / (1.0 + x) - 0.3
    assert found.stable
    assert found.log_moduli[1] == pytest.approx(divergence.mean() * found.period, rel=1e-6)


def test_chaos_that_trajectories_leave_is_a_transient_with_its_life():
    """Below rho = 24.06 the chaos of Lorenz's equations is left for the fixed points (Yorke & Yorke 1979)."""
    found = find_attractors(DynamicalSystem(lorenz, 3, params=[23.5]), samples=20)
    chaos = found[len(found) - 1]
    assert chaos.kind == "chaos"
    assert 200 < chaos.life < 20_000
    assert "chaotic transient" in repr(found)


def test_a_box_may_hold_a_state_at_one_value():
    found = find_attractors(DynamicalSystem(well, 2), box=[[-2, 2], [0, 0]], samples=30)
    np.testing.assert_allclose(sorted(each.y[0] for each in found), [-1, 1], atol=1e-9)
    assert (found.samples[:, 1] == 0).all()


def test_a_tail_is_no_attractor():
    assert len(find_attractors(DynamicalSystem(tail, 1), box=[0, 5], samples=20)) == 0


def test_the_exponent_of_a_map_is_that_of_its_slope_beside_the_jump():
    """At the fixed point 0 the slope is 1 - K; the lift is smooth there, and the map jumps by 1."""
    found = lyapunov_spectrum(DynamicalSystem(circle, 1, params=[0.5], kind="map"), [0.3], duration=2000)
    assert found.exponents[0] == pytest.approx(np.log(0.5), abs=1e-6)


def test_differences_along_tangents_are_products_with_the_jacobian():
    """The control is the same system with its Jacobian: exponents of the same run agree until chaos parts the two."""
    y0 = np.random.default_rng(0).normal(size=40)
    options = {"k": 3, "duration": 5.0, "transient": 0.0, "warm_up": 0.0, "rng": 0, "window": "flat"}
    free = lyapunov_spectrum(DynamicalSystem(ring, 40), y0, **options)
    given = lyapunov_spectrum(DynamicalSystem(ring, 40, jac=ring_jacobian), y0, **options)
    np.testing.assert_allclose(free.exponents, given.exponents, rtol=1e-4)


def far_rest(t, y, u, params, out):
    """Growth that ends: at rest at (5e4, 1), where the eigenvalues are (-1 +- sqrt(7) i) / 4."""
    out[0] = y[0] * (1 - params[0] * y[1])
    out[1] = 1e-5 * y[0] - 0.5 * y[1]


def test_growth_beyond_the_escape_radius_that_ends_is_no_escape():
    box = [(0.1, 1.0), (0.1, 1.0)]
    found = find_attractors(DynamicalSystem(far_rest, 2, params=[1.0]), box=box, samples=30, rng=0)
    assert found.escape < 5e4
    assert (found.labels != DIVERGES).all()
    assert [each.kind for each in found] == [Kind.FIXED_POINT]
    np.testing.assert_allclose(found[0].y, [5e4, 1.0], rtol=1e-6)
    gone = find_attractors(DynamicalSystem(far_rest, 2, params=[0.0]), box=box, samples=30, rng=0)
    assert (gone.labels == DIVERGES).all()  # the control: nothing ends it


@pytest.mark.parametrize("capacity", [110.0, 500.0])
def test_prey_that_becomes_too_few_for_numbers_neither_diverges_nor_multiplies_the_cycle(capacity):
    """At K = 110 the prey falls to 5e-181, at 500 below all numbers: an absolute cycle, or none that can be followed."""
    box = [[0, 1.5 * capacity], [0, capacity]]
    found = find_attractors(DynamicalSystem(predator, 2, params=[capacity]), box=box, samples=12)
    assert (found.labels != DIVERGES).all()
    assert len(found) == (capacity < 200)


def half_life(t, y, u, params, out):
    """It ends at zero, where f is no number below, after 2 sqrt(y)."""
    out[0] = -np.sqrt(y[0])


def square(t, y, u, params, out):
    out[0] = y[0] ** 2


def test_a_trajectory_that_ends_does_not_diverge():
    ends, gone = DynamicalSystem(half_life, 1), DynamicalSystem(square, 1)
    found = find_attractors(ends, box=[[0.5, 2]], samples=5)
    assert found.undecided == 1.0
    assert not found.status.success
    assert lyapunov_spectrum(ends, [1.0], duration=50).kind == Kind.UNDECIDED
    assert find_attractors(gone, box=[[0.5, 2]], samples=5).diverging == 1.0  # the controls
    assert lyapunov_spectrum(gone, [1.0], duration=50).kind == Kind.DIVERGES


def test_a_network_that_grows_to_a_point_far_out_does_not_diverge():
    """Oracle: relu neurons without couplings rest at their input."""
    found = find_attractors(CTRNN([[0.0]], activation="relu", constant_inputs=1e6), box=[0, 1], samples=5)
    assert (found.labels == 0).all()
    assert found[0].y == pytest.approx([1e6])
    grows = find_attractors(CTRNN([[1.1]], activation="relu"), box=[0.1, 1], samples=5)
    assert grows.diverging == 1.0  # the control: y' = 0.1 y


def two_predators(t, y, u, params, out):
    """The second, which needs more prey, dies out (Hsu, Hubbell & Waltman 1978)."""
    eaten = y[0] / (1.0 + y[0])
    out[0] = y[0] * (1.0 - y[0] / params[0]) - eaten * (y[1] + y[2])
    out[1], out[2] = y[1] * (0.8 * eaten - 0.3), y[2] * (0.8 * eaten - 0.35)


@pytest.mark.parametrize("capacity", [4.0, 10.0])
def test_a_species_that_dies_out_leaves_the_cycle_of_the_others(capacity):
    """Oracles: the cycle of one predator, and its rate of invasion: 0.3 - 0.35, as the first one's mean growth is 0."""
    found = find_attractors(DynamicalSystem(two_predators, 3, params=[capacity]), samples=12)
    assert [each.kind for each in found] == ["limit_cycle"]
    assert found.undecided == 0
    assert found[0].period == pytest.approx(period_in_logarithms(capacity), rel=1e-7)
    assert (found[0].points[:, 2] == 0).all()
    assert found([1.0, 1.0, 2.0]) == 0
    assert np.abs(found[0].cycle.log_moduli / found[0].period + 0.05).min() < 1e-6
