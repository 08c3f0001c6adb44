"""Homoclinic orbits by projection conditions, against the gap of manifolds, and between two codimension-2 points."""

import numpy as np
import pytest

from analysis import bifurcation_curve, bifurcation_sets, cycle_branch, fixed_point_branch
from ctrnn import CTRNN

PLANE, BOUNDS = ("biases[0]", "biases[1]"), [(-9, 2), (-9, -4)]
AT_5_55, AT_5_75 = -3.89723012781608, -4.18441656416356  # the first bias, by the gap of the manifolds


@pytest.fixture(scope="module")
def cycles(systems):
    net = CTRNN(systems.W1, biases=[-3.8, -5.55])
    hopf = fixed_point_branch(net, "biases[0]", (-6, 2)).points["H1"]
    return cycle_branch(net, "biases[0]", (-6, 2), start=hopf)


@pytest.mark.parametrize("start", ["point", "cycle"])
def test_homoclinic_curve_from_a_branch_and_from_a_long_cycle(cycles, start):
    long = max(cycles, key=lambda each: each.period)
    given = cycles.points["HOM1"] if start == "point" else long
    curve = bifurcation_curve(long.system, PLANE, [(-6, 2), (-5.75, -5.5)], start=given)
    assert curve.kind == "HOM"
    assert curve.values[0] == pytest.approx([AT_5_75, -5.75], rel=1e-9)
    assert np.interp(-5.55, curve.values[:, 1], curve.values[:, 0]) == pytest.approx(AT_5_55, abs=1e-3)  # between points
    assert abs(curve.values[0, 0] - AT_5_75) <= curve.error[0] < 1e-8
    assert (curve.eigenvalues.real.max(axis=1) > 0).all()  # of the saddle
    assert (curve.eigenvalues.real.min(axis=1) < 0).all()


def test_a_homoclinic_curve_begins_at_a_double_zero_and_ends_at_a_saddle_node(cycles, systems):
    curve = bifurcation_curve(cycles.family.system, PLANE, BOUNDS, start=cycles.points["HOM1"])
    assert [str(end.kind) for end in curve.ends] == ["Bogdanov-Takens", "SNIC"]
    double = list(curve.points["BT1"].parameters.values())
    assert double == pytest.approx([-6.132903326320044, -7.324414510950082], rel=1e-10)
    last, folds = curve.values[-1], bifurcation_sets(CTRNN(systems.W1)).folds
    assert min(np.abs(arc.values - last).max(axis=1).min() for arc in folds) < 0.05  # between points of an arc


def test_branches_of_a_double_zero_include_homoclinic_orbits(systems):
    (point,) = (each for each in bifurcation_sets(CTRNN(systems.W1), PLANE, BOUNDS).points if each.kind == "BT")
    fold, hopf, homoclinic = point.branches(bounds=[(-9, 2), (-9, -5.5)])
    assert [str(each.kind) for each in (fold, hopf, homoclinic)] == ["LP", "H", "HOM"]
    at = np.interp(-5.75, homoclinic.values[:, 1], homoclinic.values[:, 0])
    assert at == pytest.approx(AT_5_75, abs=1e-3)  # between points of the curve


def test_lorenz_homoclinic_curve_meets_the_end_of_another_branch_of_cycles(systems):
    points = []
    for beta, x in ((8 / 3, 7.0), (2.0, 6.0)):
        net = systems.lorenz(20.0).with_params({"beta": beta})
        hopf = fixed_point_branch(net, "rho", (0.5, 40), start=[x, x, 19.0]).points["H1"]
        points.append(cycle_branch(net, "rho", (0.5, 40), start=hopf).points["HOM1"])
    curve = points[0].curve("beta", (2, 3))
    assert curve.values[0] == pytest.approx([points[1].value, 2.0], rel=1e-9)
