"""Networks of groups and of levels."""

import numpy as np
import pytest

from analysis import lyapunov_spectrum
from ctrnn import CTRNN
from recurrent import (
    frequency_response,
    hierarchical,
    multiple_timescales,
)


def test_the_head_of_a_hierarchy_has_its_own_exponents(rng):
    low = CTRNN([[4.5, 1.0], [-1.0, 4.5]], [-2.75, -1.75])
    high = CTRNN(rng.normal(size=(3, 3)), rng.normal(size=3), [5.0, 6.0, 7.0])
    whole = hierarchical([low, high], [rng.normal(size=(3, 2))])
    y = rng.normal(size=5)
    J = whole.jac(0, y)
    np.testing.assert_array_equal(J[:2, :2], low.jac(0, y[:2]))
    assert not J[:2, 2:].any()
    both = lyapunov_spectrum(whole, y, duration=400, rng=0).exponents
    for exponent in lyapunov_spectrum(low, y[:2], duration=400, rng=0).exponents:
        assert np.abs(both - exponent).min() < 0.02
    with pytest.raises(ValueError, match="the mask has no connection from 2 to 0"):
        whole.with_params({"weights[0, 2]": 1.0})


def test_slow_units_have_slower_spectra():
    """Answers of each unit to its own input, at a high frequency over a low one."""
    groups = {"io": 3, "fast": 6, "slow": 4}
    names = list(groups)
    links = [(a, b) for a in names for b in names if {a, b} != {"io", "slow"}]
    net = multiple_timescales(groups, {"io": 1.0, "fast": 2.0, "slow": 50.0}, links, gain=0.4, rng=3)
    assert not net.weights[:3, 9:].any()
    assert not net.weights[9:, :3].any()
    low, high = np.abs(np.diagonal(frequency_response(net, [0.001, 1.0], np.zeros(13)), axis1=1, axis2=2))
    left = high / low
    assert left[9:].max() < 0.1 * left[3:9].min() < 0.1 * left[:3].min()


def test_groups_and_levels_are_checked():
    with pytest.raises(ValueError, match="`time_constants` must name the groups"):
        multiple_timescales({"a": 1}, {"b": 1.0}, [])
    with pytest.raises(ValueError, match=r"`links` must hold pairs .* got \('a', 'c'\)"):
        multiple_timescales({"a": 1}, {"a": 1.0}, [("a", "c")])
    with pytest.raises(ValueError, match=r"`time_constants\['a'\]` must be positive"):
        multiple_timescales({"a": 1}, {"a": 0.0}, [])
    with pytest.raises(ValueError, match="one matrix between each two levels"):
        hierarchical([CTRNN([[1.0]])], [[[1.0]]])
