"""Normal forms at states that a user gives."""

import numpy as np
import pytest

from analysis import fixed_point_branch, normal_form
from ctrnn import CTRNN


def test_normal_form_at_a_state(systems):
    ring, _ = systems.ring(3)
    form = normal_form(ring.with_params({"weights": 2 * ring.weights}), np.zeros(3))
    assert form["l1"] == pytest.approx(-1 / (3 * np.tan(np.pi / 3)), rel=1e-10)
    with pytest.raises(ValueError, match="hyperbolic"):
        normal_form(ring, np.zeros(3))


def test_linear_network_has_a_degenerate_hopf_point():
    net = CTRNN([[0.5, -1], [1, 0.5]], activation="linear")
    (point,) = fixed_point_branch(net, {"weights[0, 0]": 1, "weights[1, 1]": 1}, (0, 2), start=[0, 0]).points
    assert (point.kind, point.normal_form.verdict) == ("H", "degenerate")
    assert point.value == pytest.approx(1, rel=1e-12)
