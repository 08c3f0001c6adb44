"""Canards: the cycle is exact where its multipliers, as products of matrices, are not."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import cycle_branch, fixed_point_branch
from neurodynamics import DynamicalSystem


def van_der_pol(beside=None):
    """Slow and fast, with all cycles stable; with `beside`, a third state that grows at this rate and is on its own."""

    def rhs(t, y, u, params, out):
        out[0] = y[1] - y[0] ** 3 / 3 + y[0]
        out[1] = 0.05 * (params[0] - y[0])
        if beside is not None:
            out[2] = beside * y[2]

    return DynamicalSystem(rhs, 2 + (beside is not None), {"a": 1.2})


def explosion(beside=None):
    net = van_der_pol(beside)
    (hopf,) = fixed_point_branch(net, "a", (0.9, 1.5)).points.of_kind("H")
    return cycle_branch(net, "a", (0.9, 1.5), start=hopf, normal_forms=False)


def test_the_divergence_decides_in_the_plane():
    branch = explosion()
    assert not branch.reliable.all()  # or this would be no test
    assert branch.stable[1:].all()
    assert not branch.undecided.any()
    k = int(np.argmin(branch.reliable))
    t = np.linspace(0, branch[k].period, 40001)
    growth = np.trapezoid(1 - branch[k](t)[0] ** 2, t)
    assert branch[k].log_moduli == pytest.approx([0.0, growth], rel=1e-4)
    assert branch[k].stable


@pytest.mark.parametrize(("beside", "undecided"), [(-1.0, True), (2.0, False)])
def test_in_space_stability_is_undecided_unless_volumes_grow(beside, undecided):
    branch = explosion(beside)
    lost = branch.trivial_error > 1e-3
    assert lost.any()
    assert (branch.undecided[lost] == undecided).all()
    assert not branch.stable[lost].any()
    names = branch.plot().get_legend_handles_labels()[1]
    assert ("cycle of unknown stability" in names) == undecided


def test_mirror_images_are_folds_of_one_period_and_coefficient(systems):
    """FitzHugh and Nagumo's cycles explode at both ends; the flow is odd about I = 0.875, x = 0."""
    net = systems.fitzhugh_nagumo()
    hopf = fixed_point_branch(net, "I", (-1, 3)).points["H1"]
    first, second = cycle_branch(net, "I", (-1, 3), start=hopf).points.of_kind("LPC")
    assert abs(first.value + second.value - 1.75) < first.error + second.error
    assert abs(first.period - second.period) < first.error + second.error
    a, b = first.normal_form, second.normal_form
    assert abs(a["a"] + b["a"]) < a.errors["a"] + b.errors["a"]
    assert first.error + second.error < 1e-9
    assert a.errors["a"] + b.errors["a"] < 1e-5
