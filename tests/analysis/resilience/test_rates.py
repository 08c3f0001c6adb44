"""Critical rates in closed form."""

import numpy as np
import pytest
from scipy.optimize import brentq

from analysis import critical_rate, find_attractors
from ctrnn import CTRNN
from neurodynamics import DIVERGES, DynamicalSystem


def fold(t, y, u, params, out):
    out[0] = (y[0] + params[0]) ** 2 - 1.0


def after(length):
    box = [-length - 1.5, -length + 0.9]
    return find_attractors(DynamicalSystem(fold, 1, {"v": length}), box=box, samples=10, escape=1e3)


@pytest.mark.parametrize("length", [10.0, 60.0])
def test_linear_ramps(length):
    """z = x + v: z' = z^2 - 1 + r from -1 is k tan(k t + atan(-1 / k)), k^2 = r - 1; it tips if z(length / r) > 1."""
    exact = brentq(lambda r: 2 * np.arctan(1 / np.sqrt(r - 1)) / np.sqrt(r - 1) - length / r, 1 + 1e-9, 50)
    found = critical_rate(DynamicalSystem(fold, 1, {"v": 0.0}), "v", [0, length], [0.5, 20], [-1.0],
                          attractors=after(length))  # fmt: skip
    assert found.low - 1e-7 <= exact <= found.high + 1e-7
    assert found.high - found.low <= 1e-8 * found.low
    assert found.goes_to == (0, DIVERGES)
    assert exact > 1  # Ashwin et al.: of an endless ramp 1


def test_ramps_as_tanh():
    """v' = r v (L - v): x = -1 - v (L - 2) / L runs into the saddle for r = 4 / (L (L - 2)); steepest slope r L^2 / 4."""
    found = critical_rate(DynamicalSystem(fold, 1, {"v": 0.0}), "v", [0, 3.0], [1, 10], [-1.0], shape="tanh",
                          attractors=after(3.0))  # fmt: skip
    assert found.rate == pytest.approx(3.0, rel=1e-7)


def test_inputs_are_ramped_as_well():
    """No rate tips what has one attractor; an input and a bias of a neuron without gain from itself act alike."""
    net = CTRNN([[6.0]], biases=-3)
    found = critical_rate(net, "inputs[0]", [-2, 2], [0.05, 5], [0.0])
    assert np.isnan(found.rate)
    assert len(set(found.labels.tolist())) == 1


def test_bad_rates():
    with pytest.raises(ValueError, match="`rates` must be"):
        critical_rate(CTRNN([[6.0]]), "biases[0]", [0, 1], [1, 0.5], [0.0])
    with pytest.raises(ValueError, match="`values` must be two"):
        critical_rate(CTRNN([[6.0]]), "biases[0]", [1, 1], [0.5, 1], [0.0])
    with pytest.raises(TypeError, match="`attractors`"):
        critical_rate(CTRNN([[6.0]]), "biases[0]", [0, 1], [0.5, 1], [0.0], attractors=find_attractors)
