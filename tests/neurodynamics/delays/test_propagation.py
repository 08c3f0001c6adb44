"""Breaking points: sums of delays, up to the order of the method."""

from __future__ import annotations

import itertools

import numpy as np

from neurodynamics.delays import breaking_points


def test_they_are_the_sums_of_delays():
    """By brute force: all sums of at most three of the delays, behind a jump of the slope, for a method of order 4."""
    delays = [0.3, 1.0, np.pi]
    found = breaking_points([(0.5, 1)], delays, 0.5, 100.0, 4)
    chosen = [parts for count in (1, 2, 3) for parts in itertools.combinations_with_replacement(delays, count)]
    sums = {round(0.5 + sum(parts), 9) for parts in chosen}
    np.testing.assert_allclose(found, sorted(sums), atol=1e-9)


def test_jumps_of_the_state_itself_reach_an_order_further():
    assert breaking_points([(0.0, 0)], [1.0], 0.0, 10.0, 2).tolist() == [1.0, 2.0]
    assert breaking_points([(0.0, 1)], [1.0], 0.0, 10.0, 2).tolist() == [1.0]


def test_jumps_before_the_start_and_of_inputs_count():
    assert breaking_points([(-0.5, 0), (0.25, 1)], [1.0], 0.0, 3.0, 3).tolist() == [0.25, 0.5, 1.25, 1.5, 2.25, 2.5]


def test_many_delays_keep_the_low_orders():
    delays = np.random.default_rng(0).uniform(1, 2, 100)
    found = breaking_points([(0.0, 1)], delays, 0.0, 50.0, 8)
    np.testing.assert_array_equal(found, np.sort(delays))
