"""Active regions: bounds that hold for every trajectory, and exact ones where neurons are alone."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import active_region
from ctrnn import CTRNN, random_ctrnn, simulate_ensemble


def test_lonely_neurons_show_the_output_of_their_constant():
    net = CTRNN(np.zeros((3, 3)), biases=[0.4, 9.0, -9.0], leaks=[2.0, 1.0, 1.0], constant_inputs=[0.6, 0.0, 0.0])
    found = active_region(net)
    exact = 1 / (1 + np.exp(-(net.biases + net.constant_inputs / net.leaks)))
    assert found.low == pytest.approx(exact, abs=1e-11)
    assert found.high == pytest.approx(exact, abs=1e-11)
    assert found.saturated.tolist() == [0, 1, -1]
    assert found.dimension == 1


def test_bounds_of_two_neurons_by_hand():
    """One that hears nothing but s(4) of the other: w s(theta) within the range of the other."""
    net = CTRNN([[0.0, 3.0], [2.0, 0.0]], biases=[-1.0, 4.0], gains=[1.0, -1.0])
    low, high = np.zeros(2), np.ones(2)
    s = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    for _ in range(200):
        least, most = [s(3 * low[1] - 1), s(-(2 * high[0] + 4))], [s(3 * high[1] - 1), s(-(2 * low[0] + 4))]
        low, high = np.array(least), np.array(most)
    found = active_region(net)
    assert found.low == pytest.approx(low, abs=1e-10)
    assert found.high == pytest.approx(high, abs=1e-10)


@pytest.mark.parametrize("inputs", [None, [[-1.0, 2.0]] * 4])
def test_every_trajectory_ends_within_the_bounds(rng, inputs):
    narrower = 0
    for _ in range(20):
        net = random_ctrnn(4, rng, weights=(-6, 6), biases=(-12, 6))
        found = active_region(net, inputs)
        drive = None if inputs is None else rng.uniform(-1.0, 2.0, 4)
        late = simulate_ensemble(net, 600, rng.uniform(-20, 20, (10, 4)), inputs=drive, save="final", rtol=1e-11, atol=1e-12)
        outputs = late.outputs
        assert (outputs >= found.low - 1e-9).all()
        assert (outputs <= found.high + 1e-9).all()
        narrower += found.dimension < 4
    assert narrower > 5


def test_wider_inputs_widen_the_region():
    net = CTRNN([[5.0]], biases=-12)
    assert active_region(net).dimension == 0
    assert active_region(net, [[0.0, 10.0]]).dimension == 1


@pytest.mark.parametrize(
    ("net", "options", "message"),
    [(CTRNN([[1.0]], activation="relu"), {}, "bounded range"), (CTRNN([[1.0]], leaks=0.0), {}, "leaks"),
     (CTRNN([[1.0]]), {"inputs": [1.0, 2.0]}, "`inputs`"), (CTRNN([[1.0]]), {"inputs": [[2.0, 1.0]]}, "least, largest")],
)  # fmt: skip
def test_what_has_no_bounds(net, options, message):
    with pytest.raises(ValueError, match=message):
        active_region(net, **options)
