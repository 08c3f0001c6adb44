"""Returns of linear and bistable systems in closed form."""

import numpy as np
import pytest

from analysis import basin_stability, find_attractors, repeated_shocks
from neurodynamics import DynamicalSystem, Status


def linear(t, y, u, params, out):
    out[0] = -y[0]


def well(t, y, u, params, out):
    out[0] = y[0] - y[0] ** 3


@pytest.fixture(scope="module")
def two():
    return find_attractors(DynamicalSystem(well, 1), box=[-2, 2], samples=50)


def test_returns_of_a_linear_system():
    """|y0| e^-t <= near, y0 even in [-1, 1]: the share near e^t; the box of `attractors` has size 2."""
    found = basin_stability(find_attractors(DynamicalSystem(linear, 1), box=[-1, 1], samples=20), 0, [1, 2, 3, 10],
                            near=0.02, samples=4000)  # fmt: skip
    exact = np.minimum(1.0, 0.04 * np.exp([1, 2, 3, 10]))
    assert (np.abs(found.finite_time - exact) < 4 * np.sqrt(exact * (1 - exact) / 4000) + 1e-9).all()
    assert found.fraction == 1.0
    assert found.independence_time() == 10.0
    assert found.independence_time(0.2) == 2.0


def test_share_of_a_box(two):
    found = basin_stability(two, 1, [20.0], box=[-0.5, 1.5], samples=2000)
    assert abs(found.fraction - 0.75) < 4 * np.sqrt(0.75 * 0.25 / 2000)
    assert found.interval[0] < 0.75 < found.interval[1]
    assert basin_stability(two, 1, [20.0], box=[-1.5, -0.5], samples=20).fraction == 0.0
    assert basin_stability(two, 1, [20.0], timeout=0).status == Status.TIMEOUT


def test_rare_shocks_are_independent(two):
    """From 1, a shock in [-1.5, 0.5] crosses 0 with probability 1/4: (3/4)^k remain."""
    found = repeated_shocks(two, 1, [-1.5, 0.5], 40.0, 4, samples=4000)
    exact = 0.75 ** np.arange(1, 5)
    assert (np.abs(found.fractions - exact) < 4 * np.sqrt(exact * (1 - exact) / 4000)).all()


def test_frequent_shocks_add_up(two):
    """Without time between them: 1 + s1 > 0 and 1 + s1 + s2 > 0, s even in [-1.5, 0.5]: an area of 7/16 of the square."""
    found = repeated_shocks(two, 1, [-1.5, 0.5], 1e-9, 2, samples=4000)
    s = np.linspace(-1.5, 0.5, 4001)
    exact = ((1 + s[:, None] > 0) & (1 + s[:, None] + s > 0)).mean()
    assert abs(found.fractions[1] - exact) < 4 * np.sqrt(exact * (1 - exact) / 4000)


def test_bad_arguments(two):
    with pytest.raises(ValueError, match="`times` must be a rising"):
        basin_stability(two, 0, [2, 1])
    with pytest.raises(ValueError, match="`shocks` must be 1 rows"):
        repeated_shocks(two, 0, [[1, 2, 3]], 1.0)
    with pytest.raises(ValueError, match=r"`attractor` must be .* below 2"):
        basin_stability(two, 5, [1])
