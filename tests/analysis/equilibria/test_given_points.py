"""Points that are handed over must be those of the system."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import find_attractors, fixed_points, phase_portrait, separatrix
from ctrnn import CTRNN

NET = CTRNN([[8, 0], [0, 8]], biases=[-4, -4])


@pytest.mark.parametrize("analysis", [find_attractors, phase_portrait, separatrix])
def test_points_of_another_network_or_of_other_inputs_are_refused(analysis):
    other = fixed_points(CTRNN([[8, 0], [0, 8]], biases=[-4, -3.9]))
    with pytest.raises(ValueError, match=r"`points` are of another system"):
        analysis(NET, points=other)
    with pytest.raises(ValueError, match=r"`points` are of another system"):
        analysis(NET, points=fixed_points(NET), inputs=[0.1, 0.0])
    with pytest.raises(ValueError, match=r"`points` have 1 states and the system 2"):
        analysis(NET, points=fixed_points(CTRNN([[8.0]], biases=-4)))
    with pytest.raises(TypeError, match="`points` must be the FixedPoints"):
        analysis(NET, points=np.zeros((1, 2)))


def test_points_of_an_equal_network_are_taken():
    found = find_attractors(NET, points=fixed_points(CTRNN([[8, 0], [0, 8]], biases=[-4, -4])), samples=20, rng=0)
    assert len(found) == 4
