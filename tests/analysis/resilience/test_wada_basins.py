"""Newton's map of z^3 - 1, whose basins share one boundary, and stripes, which do not."""

import numpy as np
import pytest

from analysis import basins, find_attractors, wada
from analysis.resilience.wada_basins import _merged
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Status


def newton(k, y, u, params, out):
    """z - (z^3 - 1) / (3 z^2)."""
    x, v = y[0], y[1]
    a, b = x * x - v * v, 2 * x * v  # z^2
    size = 3 * (a * a + b * b) + 1e-300
    out[0] = 2 * x / 3 + a / size
    out[1] = 2 * v / 3 - b / size


def test_newtons_map_is_wada():
    att = find_attractors(DynamicalSystem(newton, 2, kind="map"), box=[-1.5, 1.5], samples=100)
    assert len(att) == 3
    found = wada(basins(att, resolution=60))
    assert found.verdict is True
    assert found.shares[-1] > found.shares[0]
    assert (np.diff(found.shares) >= 0).all()


def test_quadrants_are_not_wada():
    found = wada(basins(find_attractors(CTRNN(8 * np.eye(2), biases=-4), samples=20), resolution=40), refinements=3)
    assert found.verdict is False
    assert found.shares[-1] < 0.1  # the cells around the corner
    assert found.outside[-1] > 0.3


def test_two_basins_are_never_wada():
    att = find_attractors(CTRNN([[0, -8], [-8, 0]], constant_inputs=4), samples=20)
    assert wada(basins(att, resolution=21)).verdict is False
    assert wada(basins(att, resolution=21), timeout=0).status in (Status.TIMEOUT, Status.SUCCESS)


def test_merging_of_stripes():
    """Stripes 0 1 2: merged boundaries are at 5|5, at both, and at 10: those of 0 and of 2 are five cells apart."""
    labels = np.repeat([0, 1, 2], 5)[:, None] * np.ones(8, int)
    out = _merged(labels, np.arange(3))
    assert out[0] == 1.0  # the boundary of 0 is wholly outside that of 2
    assert out[-1] == 0.0  # five cells wider they hold each other


def test_samples_are_refused():
    att = find_attractors(CTRNN([[6.0]], biases=-3), samples=20)
    with pytest.raises(ValueError, match="`basins` must be those of a plane"):
        wada(basins(att, samples=10))
