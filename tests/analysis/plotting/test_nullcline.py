"""Nullclines, drawn branch by branch."""

from __future__ import annotations

import numpy as np

from analysis import nullclines
from ctrnn import CTRNN

BISTABLE = CTRNN(8 * np.eye(2), biases=-4.0)


def test_each_branch_is_a_line_of_its_own():
    branches = nullclines(BISTABLE)[0].branches
    ax = nullclines(BISTABLE)[0].plot()
    assert len(ax.lines) == len(branches) == 3
    assert [line.get_label() for line in ax.lines][1:] == ["_nolegend_"] * 2
    assert ax.get_xlabel() == "state y of neuron 0"
