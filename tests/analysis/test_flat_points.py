"""Roots that are none: tails, lines and rings, where equations hold to rounding; and roots that are hard to see."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import fixed_points, stability
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem


def ring(t, y, u, params, out):
    away = 1.0 - y[0] ** 2 - y[1] ** 2
    out[0], out[1] = away * y[0], away * y[1]


def nearly(t, y, u, params, out):
    out[0] = params[0] * (1.0 + y[0] ** 2)


def corner(t, y, u, params, out):
    out[0] = -np.sqrt(y[0] ** 2 + 1e-14)


def cubic(t, y, u, params, out):
    out[0] = 1e-6 * (y[0] + 50.0) * (y[0] - 1000.0) * (y[0] - 2000.0)


def flat(t, y, u, params, out):
    out[0] = -(y[0] ** 3)


def small(t, y, u, params, out):
    out[0] = params[0] * (y[0] - y[0] ** 3)


def tail(t, y, u, params, out):
    out[0] = np.exp(-params[0] * y[0])


def rounded(t, y, u, params, out):
    out[0] = np.log(1.0 + np.exp(y[0])) * 1.1 / 1.1 - y[0]


@pytest.mark.parametrize("rate", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_tail_has_no_point_however_small_it_becomes(rate, seed):
    assert len(fixed_points(DynamicalSystem(tail, 1, params=[rate]), rng=seed)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_point_at_infinity_is_no_fixed_point(seed):
    found = fixed_points(CTRNN([[1.0]], activation="softplus"), rng=seed)
    assert len(found) == 0
    assert len(found.unresolved) == 1
    np.testing.assert_allclose(np.abs(found.unresolved[0].null_directions), [[1.0]])
    assert "not isolated, or a tail" in found.reason


@pytest.mark.parametrize("seed", [1, 3, 7])
def test_a_tail_is_one_set_although_rounding_breaks_it(seed):
    """Beyond 36 the right-hand side is 0 but for rounding, which is 0 here and 1e-14 there."""
    found = fixed_points(DynamicalSystem(rounded, 1), rng=seed)
    assert len(found) == 0
    assert len(found.unresolved) == 1


def test_softplus_with_a_leak_has_its_one_point():
    """The control: x = ln(1 + exp(x)) / 2 has one root."""
    found = fixed_points(CTRNN([[0.5]], activation="softplus"), rng=0)
    assert len(found) == 1
    assert found.x[0, 0] == pytest.approx(0.5 * np.log1p(np.exp(found.x[0, 0])), abs=1e-14)
    assert found.kind[0] == "stable node"


def test_a_line_of_points_is_one_set_with_its_direction():
    found = fixed_points(CTRNN([[0.5, 0.5], [0.5, 0.5]], activation="relu"), rng=0)
    assert len(found) == 0
    (line,) = found.unresolved
    np.testing.assert_allclose(np.abs(line.null_directions), [[0.5**0.5, 0.5**0.5]])
    assert "not isolated" in found.reason


def test_a_ring_is_one_set_and_its_centre_a_point():
    found = fixed_points(DynamicalSystem(ring, 2), rng=0)
    assert len(found) == 1
    np.testing.assert_allclose(found.x, 0.0, atol=1e-9)
    (circle,) = found.unresolved
    np.testing.assert_allclose([circle.lower, circle.upper], [[-1, -1], [1, 1]], atol=0.2)


@pytest.mark.parametrize("size", [1.0, 1e-7, 1e-16])
def test_no_root_where_the_equations_only_come_close(size):
    assert len(fixed_points(DynamicalSystem(nearly, 1, params=[size]), rng=0)) == 0


def test_a_corner_above_zero_is_no_root():
    assert len(fixed_points(DynamicalSystem(corner, 1), rng=0)) == 0


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e9])
def test_points_do_not_depend_on_the_unit_of_time(unit):
    found = fixed_points(DynamicalSystem(small, 1, params=[unit]), rng=0)
    np.testing.assert_allclose(found.x[:, 0], [-1, 0, 1], atol=1e-9)
    assert found.stable.tolist() == [True, False, True]


def test_roots_far_away_are_found_and_the_region_is_said():
    found = fixed_points(DynamicalSystem(cubic, 1), rng=0)
    np.testing.assert_allclose(found.x[:, 0], [-50, 1000, 2000])
    assert "sizes up to" in found.reason


def test_a_degenerate_root_is_one_point_and_not_hyperbolic():
    found = fixed_points(DynamicalSystem(flat, 1), rng=0)
    assert len(found) == 1
    assert found.kind[0] == "non-hyperbolic"
    assert not found.stable[0]


def jansen_rit(t, y, u, params, out):
    """Jansen and Rit (1995): potentials near 1, their rates near 1000."""
    out[0], out[1], out[2] = y[3], y[4], y[5]
    out[3] = 325.0 * 5.0 / (1.0 + np.exp(0.56 * (6.0 - y[1] + y[2]))) - 200.0 * y[3] - 1e4 * y[0]
    out[4] = 325.0 * (params[0] + 540.0 / (1.0 + np.exp(0.56 * (6.0 - 135.0 * y[0])))) - 200.0 * y[4] - 1e4 * y[1]
    out[5] = 1100.0 * 33.75 * 5.0 / (1.0 + np.exp(0.56 * (6.0 - 33.75 * y[0]))) - 100.0 * y[5] - 2500.0 * y[2]


def test_verdicts_on_badly_scaled_systems_are_those_of_their_eigenvalues():
    system = DynamicalSystem(jansen_rit, 6, params=[50.0])
    found = fixed_points(system, rng=0)
    leading = found.eigenvalues[:, 0]
    np.testing.assert_allclose(leading, [-34.2369 + 20.6143j, 47.2354, -0.5447 + 60.8263j], atol=1e-3)
    assert found.kind.tolist() == ["stable focus", "saddle-focus", "stable focus"]
    assert found.index.tolist() == [0, 1, 0]
    assert [stability(system, x).kind for x in found.x] == found.kind.tolist()


def ring_network(n: int) -> CTRNN:
    angle = 2 * np.pi * np.arange(n) / n
    return CTRNN(np.cos(angle[:, np.newaxis] - angle) * 4.0 / n, activation="tanh")


def test_a_ring_of_many_neurons_is_one_family_and_nothing_is_counted():
    """Its 80 equilibria differ by 1e-11 in f; with 20 neurons (the control) each is proved."""
    found, few = fixed_points(ring_network(40), rng=0, max_boxes=50), fixed_points(ring_network(20))
    np.testing.assert_allclose(found.x, np.zeros((1, 40)), atol=1e-9)
    (family,) = (each for each in found.unresolved if each.cause == "degenerate")
    assert len(family.null_directions) == 1
    assert np.isnan(found.missed)
    assert len(few) == 41
