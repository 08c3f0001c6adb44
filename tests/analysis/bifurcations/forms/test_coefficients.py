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


def test_only_an_equilibrium_with_what_the_kind_needs_has_a_normal_form():
    near = np.log((0.5 + np.sqrt(0.125)) / (0.5 - np.sqrt(0.125)))  # -1 + 8 s'(y) = 0, but f is 5.07 there
    with pytest.raises(ValueError, match=r"missed by \[5\.06"):
        normal_form(CTRNN([[8.0]]), [near])
    fold = -5.06567995070710405
    assert normal_form(CTRNN([[8.0]], biases=[fold]), [near - fold])["a"] ** 2 == pytest.approx(1 / 8)
    point = fixed_point_branch(CTRNN([[9, -10], [5, 7]], biases=[-3, -7.25]), "biases[0]", (-4, -3)).points["H1"]
    with pytest.raises(ValueError, match="got 'PD'"):
        normal_form(point.system, point, kind="PD")
    with pytest.raises(ValueError, match="no fold point"):
        normal_form(point.system, point, kind="LP")
    assert normal_form(point.system, point, kind="GH")["l2"] == pytest.approx(0.0515411, rel=1e-5)
