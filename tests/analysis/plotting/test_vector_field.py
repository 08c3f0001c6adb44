"""Arrows have the direction of the flow."""

from __future__ import annotations

import numpy as np

from analysis import plotting
from ctrnn import CTRNN

BEER = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])


def test_arrows_have_the_direction_of_the_flow():
    """And the same length in the picture, whatever the scales of the axes."""
    box = np.array([[-1.0, 6.0], [-100.0, 5.0]])
    ax = plotting.plot_vector_field(BEER, box, points=6)
    (arrows,) = ax.collections
    for x, y, du, dv in zip(arrows.X, arrows.Y, arrows.U, arrows.V, strict=True):
        flow = BEER.rhs(0, [x, y])
        np.testing.assert_allclose(np.array([du, dv]) / np.hypot(du, dv), flow / np.hypot(*flow), atol=1e-12)
    lengths = np.hypot(arrows.U / 7, arrows.V / 105)
    np.testing.assert_allclose(lengths, lengths[0])
    assert ax.get_xlim() == (-1.0, 6.0)
