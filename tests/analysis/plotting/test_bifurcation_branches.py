"""Branches and diagrams, drawn: labels do not cover each other."""

from __future__ import annotations

from analysis import bifurcation_diagram
from ctrnn import CTRNN


def test_labels_do_not_cover_each_other():
    net = CTRNN([[9, -10], [5, 7]], biases=[0, -7.25])
    diagram = bifurcation_diagram(net, "biases[0]", (-8, 8), sections=6)
    for ax in (diagram.plot(), diagram.branches[0].plot(what="outputs", number=1)):
        ax.figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in ax.texts]
        assert len(boxes) > 2
        assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
        assert ax.get_xlabel() == "biases[0]" or ax.get_shared_x_axes().joined(ax, ax.figure.axes[-1])
        assert ax.get_ylabel()
    assert diagram.at(-3.5).points.x.shape[1] == 2
