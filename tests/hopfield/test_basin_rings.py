"""Basins ring by ring: the pseudo-inverse of Kanter and Sompolinsky, with and without its diagonal."""

import numpy as np
import pytest

from hopfield import DiscreteHopfield, basin_radii, patterns


def net_of(load, diagonal, n=400):
    return DiscreteHopfield.from_patterns(patterns.random(int(load * n), n, rng=0), "pseudo_inverse", diagonal=diagonal)


def test_radii_fall_from_one_to_zero_with_the_load():
    """N = 400 without the diagonal: near 1 for few patterns, still there at half a load, next to nothing near N."""
    radii = [basin_radii(net_of(load, False), patterns=15, trials=4, rng=1).mean for load in (0.02, 0.25, 0.5, 0.9)]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] > 0.85
    assert radii[2] > 0.1
    assert radii[3] < 0.02


def test_with_the_diagonal_there_are_no_basins_at_half_a_load():
    """N = 400: the control is the same network without it."""
    kept, without = (basin_radii(net_of(0.5, diagonal), patterns=15, trials=4, rng=1) for diagonal in (True, False))
    assert kept.mean < 0.01
    assert without.mean > 0.1
    assert basin_radii(net_of(0.7, True), patterns=15, trials=4, rng=1).radii.max() == 0


@pytest.mark.parametrize("load", [0.3, 0.5])
def test_one_wrong_unit_comes_back_where_its_diagonal_is_below_a_half(load):
    """h_i = xi_i (1 - 2 W_ii) at the wrong unit; exactly, unit by unit."""
    net = net_of(load, True, n=100)
    wrong = np.where(np.eye(100, dtype=bool), -1, 1) * net.patterns[0]
    back = (net.recall(wrong, rng=0).states == net.patterns[0]).all(axis=1)
    np.testing.assert_array_equal(back, net.couplings.diagonal() < 0.5)
    ring = basin_radii(net, [0.98], patterns=1, trials=400, rng=2)
    assert ring.low[0] <= (net.couplings.diagonal() < 0.5).mean() <= ring.high[0]


def test_a_network_in_which_nothing_moves_has_no_basins():
    net = DiscreteHopfield(np.zeros((50, 50)), patterns=patterns.random(3, 50, rng=0))
    found = basin_radii(net, rng=0)
    assert found.mean == 0
    assert not found.recalled.any()
    assert basin_radii(net, threshold=0.4, rng=0).mean == pytest.approx(0.6, abs=0.05)  # the cue itself will do


def test_rings_are_in_order_and_end_in_time():
    net = net_of(0.1, False)
    found = basin_radii(net, [0.2, 0.9, 0.5], patterns=4, rng=0)
    assert found.rings.tolist() == [0.9, 0.5, 0.2]
    assert found.recalled.shape == (3, 4)
    some = basin_radii(net, np.linspace(0, 1, 300), trials=100, rng=0, timeout=0.3)
    assert len(some.rings) == len(some.recalled) < 300
    with pytest.raises(ValueError, match="`rings` must be overlaps between 0 and 1"):
        basin_radii(net, [1.2])
