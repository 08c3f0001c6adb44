"""Pictures of characteristic roots."""

from __future__ import annotations

import numpy as np

from analysis import characteristic_roots
from analysis.plotting import plot_characteristic_roots
from ctrnn import CTRNN
from neurodynamics import delayed


def test_roots_that_grow_are_told_apart():
    found = characteristic_roots(delayed(CTRNN([[-3.0]], activation="tanh"), 2.0), [0.0])
    ax = plot_characteristic_roots(found)
    axis, decay, growth = ax.lines
    np.testing.assert_array_equal(growth.get_xydata(), np.column_stack([found.roots.real, found.roots.imag])[:2])
    assert len(decay.get_xdata()) == found.roots.size - 2
    assert axis.get_xdata()[0] == 0.0
    assert found.plot().get_xlabel() == ax.get_xlabel()
