"""Curves of bifurcations and their points of codimension two, by continuation and in closed form."""

import numpy as np
import pytest

from analysis import bifurcation_curve, bifurcation_sets, cycle_branch, fixed_point_branch
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem

PLANE = ("biases[0]", "biases[1]")
W1_BT = {(1.886109651432643, -2.106848692400032): (0.168644604751, -0.593664710337),
         (-6.132903326320044, -7.324414510950082): (0.507015461522, 0.704374970183)}  # fmt: skip
W1_CUSP = (-2.79561510659132, -3.77600953351183)
W1_GH = (-4.088605071063968, -5.66134015984945)


def mirrored(place):
    return (-1 - place[0], -6 - place[1])


def places(points, kind):
    return np.array([list(point.parameters.values()) for point in points.of_kind(kind)]).reshape(-1, 2)


def nearest(points, kind, place, tolerance=1e-10):
    found = min(points.of_kind(kind), key=lambda point: np.abs(np.array(list(point.parameters.values())) - place).max())
    np.testing.assert_allclose(list(found.parameters.values()), place, rtol=tolerance)
    return found


def same_up_to_sign(form, expected, rtol=1e-8):
    found = np.array([form["a"], form["b"]])
    sign = np.sign(found[0] * expected[0])
    np.testing.assert_allclose(sign * found, expected, rtol=rtol, atol=1e-9)


@pytest.fixture(scope="module")
def canard(systems):
    net = CTRNN(systems.W1, biases=[-3, -5.55])
    return net, fixed_point_branch(net, "biases[0]", (-8, 2), normal_forms=False)


def test_fold_curve_of_two_neurons(canard):
    net, branch = canard
    curve = bifurcation_curve(net, PLANE, [(-9, 4), (-12, 4)], start=branch.points["LP1"])
    assert curve.kind == "LP"
    cusp = nearest(curve.points, "CP", W1_CUSP)
    assert cusp.normal_form["c"] == pytest.approx(-0.35786910345, rel=1e-8)
    (first, one), (second, other) = W1_BT.items()
    for place, form in ((mirrored(first), one), (second, other)):
        same_up_to_sign(nearest(curve.points, "BT", place).normal_form, form)


def test_hopf_curve_ends_at_double_zeros_and_passes_a_generalised_hopf_point(canard):
    net, branch = canard
    curve = bifurcation_curve(net, PLANE, [(-9, 4), (-12, 4)], start=branch.points["H1"])
    assert [str(end.kind) for end in curve.ends] == ["Bogdanov-Takens", "Bogdanov-Takens"]
    assert sorted(curve.points.labels) == ["BT1", "BT2", "GH1"]
    for place, form in W1_BT.items():
        same_up_to_sign(nearest(curve.points, "BT", place).normal_form, form)
    point = nearest(curve.points, "GH", W1_GH)
    np.testing.assert_allclose(point.x, [5.044965995383, 4.766613000164], rtol=1e-11)
    assert point.normal_form["l2"] == pytest.approx(0.0167757985057, rel=1e-8)
    assert point.normal_form["omega"] == pytest.approx(1.198695344300469, rel=1e-10)


def test_hopf_curve_from_a_double_zero(canard):
    net, branch = canard
    fold = bifurcation_curve(net, PLANE, [(-9, 4), (-12, 4)], start=branch.points["LP1"], normal_forms=False)
    start = nearest(fold.points, "BT", list(W1_BT)[1])
    hopf = bifurcation_curve(net, PLANE, [(-9, 4), (-12, 4)], start=start)
    assert hopf.kind == "H"
    nearest(hopf.points, "GH", W1_GH)
    kinds = [str(curve.kind) for curve in start.branches()]
    assert kinds == ["LP", "H", "HOM"]


def test_lorenz_84_double_zero_zero_hopf_and_double_hopf(systems):
    system = systems.lorenz84(F=1.7)
    branches = [fixed_point_branch(system, "F", (1.3, 2.99), start=x, normal_forms=False) for x in _all_points(system)]
    fold = next(p for b in branches for p in b.points.of_kind("LP") if abs(p.value - 1.54664837259813) < 1e-8)
    curve = bifurcation_curve(system, ("F", "T"), [(1.2, 1.7), (-0.05, 0.05)], start=fold)
    double = nearest(curve.points, "BT", (1.44671670111536, 0.0209401696833226), 1e-9)
    same_up_to_sign(double.normal_form, (0.214423350927, 0.606514551828), rtol=1e-5)
    zero = nearest(curve.points, "ZH", (1.28341929613827, 1.26540834120498e-4), 1e-8)
    assert np.abs(zero.eigenvalues.imag).max() == pytest.approx(1.09905164, rel=1e-8)
    hopf = next(p for b in branches for p in b.points.of_kind("H") if abs(p.value - 2.46722212311275) < 1e-8)
    curve = bifurcation_curve(system, ("F", "T"), [(2.3, 2.7), (-0.05, 0.06)], start=hopf, normal_forms=False)
    place = (2.53322110695982, -0.0262739429830842)
    both = min(curve.points.of_kind("HH"), key=lambda point: abs(point.parameters["F"] - place[0]))
    np.testing.assert_allclose([both.parameters["F"], abs(both.parameters["T"])], np.abs(place), rtol=1e-8)
    frequencies = np.unique(np.abs(both.eigenvalues.imag).round(8))
    np.testing.assert_allclose(frequencies, [0.743219271, 1.15154525], rtol=1e-7)


def _all_points(system):
    from analysis import fixed_points

    return fixed_points(system, rng=0).x


def test_carbon_monoxide_double_zeros(systems):
    system = systems.co_oxidation()
    branch = fixed_point_branch(system, "q2", (0.8, 1.5), normal_forms=False)
    curve = branch.points["LP1"].curve("k", (0.1, 2.0))
    for place, form in (((1.16119870882174, 0.722339072522229), (0.0482256452439, 1.93763256963)),
                        ((1.41762763760065, 0.971397573485313), (0.0837844414229, 2.13627992512))):  # fmt: skip
        same_up_to_sign(nearest(curve.points, "BT", place).normal_form, form, rtol=1e-5)


def test_neimark_sacker_curve_of_the_delayed_map_passes_its_resonances(systems):
    """By hand: the determinant a x is 1, so that e = 2 a - a^2, and the trace 3 - a is 2 cos(theta)."""
    from neurodynamics import DynamicalSystem

    def rhs(t, y, u, params, out):
        a, e = params
        out[0] = a * y[0] * (1 - y[1]) + e * y[0] ** 2
        out[1] = y[0]

    system = DynamicalSystem(rhs, 2, {"a": 1.5, "e": 0.0}, kind="map")
    branch = fixed_point_branch(system, "a", (1.2, 2.5), start=[0.3, 0.3], normal_forms=False)
    curve = bifurcation_curve(system, ("a", "e"), [(1.2, 9), (-20, 2)], start=branch.points["NS1"], normal_forms=False)
    assert curve.kind == "NS"
    x = curve.x[:, 0]
    a, e = curve.values.T
    trace, det = a * (1 - x) + 2 * e * x, a * x
    np.testing.assert_allclose(det, 1, rtol=1e-9)
    np.testing.assert_allclose(trace, 2 * np.cos(curve.angle), atol=1e-8)
    for label, place in (("R4", (3, -3)), ("R3", (4, -8)), ("R2", (5, -15))):
        assert label in str(curve.points.labels)
        nearest(curve.points, label, place, 1e-9)
    assert {str(end.kind) for end in curve.ends} == {"bounds", "resonance"}


# Closed forms ------------------------------------------------------------------------------------------------------------


def test_cusp_of_one_neuron():
    net = CTRNN([[6]], biases=-4)
    start = fixed_point_branch(net, "biases[0]", (-6, 0)).points["LP1"]
    curve = bifurcation_curve(net, ("biases[0]", "weights[0, 0]"), [(-6, 0), (2, 8)], start=start)
    point = nearest(curve.points, "CP", (-2, 4))
    assert point.normal_form["c"] == pytest.approx(-1 / 12, rel=1e-8)
    b, w = curve.values.T
    slopes = 1 / w  # phi' at a fold
    x = np.sign(curve.x[:, 0] + b) * 2 * np.arctanh(np.sqrt(1 - 4 * slopes))
    np.testing.assert_allclose(b, x - w / (1 + np.exp(-x)), atol=1e-7)


def test_roessler_fold_is_a_zero_hopf_point_at_equal_parameters():
    from neurodynamics import DynamicalSystem

    def rhs(t, y, u, params, out):
        a, b, c = params
        out[0] = -y[1] - y[2]
        out[1] = y[0] + a * y[1]
        out[2] = b + y[2] * (y[0] - c)

    system = DynamicalSystem(rhs, 3, {"a": 0.3, "b": 0.2, "c": 1.0})
    x = (1 - np.sqrt(1 - 4 * 0.3 * 0.2)) / 2
    branch = fixed_point_branch(system, "c", (0.2, 3), start=[x, -x / 0.3, x / 0.3], normal_forms=False)
    assert branch.points["LP1"].value == pytest.approx(2 * np.sqrt(0.06), rel=1e-11)
    curve = branch.points["LP1"].curve("a", (0.05, 0.6), normal_forms=False)
    np.testing.assert_allclose(curve.values[:, 0], 2 * np.sqrt(0.2 * curve.values[:, 1]), rtol=1e-9)
    (point,) = curve.points.of_kind("ZH")
    assert point.parameters["a"] == pytest.approx(0.2, rel=1e-10)
    assert np.abs(point.eigenvalues.imag).max() ** 2 == pytest.approx(2 - 0.2**2, rel=1e-9)


@pytest.mark.slow
def test_folds_of_cycles_begin_at_a_generalised_hopf_point(systems):
    point = nearest(bifurcation_sets(CTRNN(systems.W1)).points, "GH", W1_GH)
    hopf, folds = point.branches(bounds=[(-8, -2), (-6, -5)])
    assert (str(hopf.kind), str(folds.kind)) == ("H", "LPC")
    order = np.argsort(folds.values[:, 1])
    at = np.interp(-5.5, folds.values[order, 1], folds.values[order, 0])
    assert at == pytest.approx(-3.83546132567094, abs=1e-3)  # between points of the curve


def _langford(t, y, u, params, out):
    growth = y[2] - params[1]
    out[0], out[1] = growth * y[0] - 3.5 * y[1], 3.5 * y[0] + growth * y[1]
    out[2] = params[0] + y[2] - y[2] ** 3 / 3 - (y[0] * y[0] + y[1] * y[1]) * (1 + 0.25 * y[2])


def test_a_pole_of_l1_is_no_generalised_hopf_point():
    """Of Langford's system l1 is proportional to (1 + be / 4) / (1 - be^2): a pole at each zero-Hopf point, and no zero."""
    system = DynamicalSystem(_langford, 3, {"lam": -0.8, "be": 0.7})
    start = fixed_point_branch(system, "lam", (-1, 0), start=[0, 0, 0.7]).points.of_kind("H")[0]
    curve = bifurcation_curve(system, ("lam", "be"), [(-3, 6), (-1.5, 1.5)], start=start)
    assert sorted(curve.points.labels) == ["ZH1", "ZH2"]
    be = curve.values[:, 1]
    ratio = curve.coefficient * (1 - be**2) / (1 + be / 4)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)
    fold = bifurcation_curve(system, ("lam", "be"), [(-3, 6), (-1.5, 1.5)], start=curve.points["ZH1"], kind="LP")
    assert fold.points.labels == ["ZH1"]  # where it begins: the test is exactly zero there


def test_a_pole_at_a_resonance_and_a_coefficient_that_vanishes_throughout():
    """Of Henon's map b has a pole where the determinant is 1, b = -1, and there it preserves areas: Re d is 0 throughout."""

    def rhs(t, y, u, params, out):
        out[0], out[1] = 1 - params[0] * y[0] * y[0] + y[1], params[1] * y[0]

    system = DynamicalSystem(rhs, 2, {"a": 0.2, "b": 0.3}, kind="map")
    start = fixed_point_branch(system, "a", (0, 2)).points["PD1"]
    curve = bifurcation_curve(system, ("a", "b"), [(0, 4), (-1.2, 0.5)], start=start)
    assert curve.points.labels == ["R21"]
    assert curve.message == ""
    np.testing.assert_allclose(curve.values[:, 0], 0.75 * (1 - curve.values[:, 1]) ** 2, rtol=1e-9)
    circle = bifurcation_curve(system, ("a", "b"), [(0, 4), (-1.2, 0.5)], start=curve.points["R21"], kind="NS",
                               max_points=15)  # fmt: skip
    assert "degenerate" in circle.message
    assert not circle.points.of_kind("CH")


def double_hopf():
    """A double Hopf point at the origin: growths m1, m2, frequencies 0.8, 2.3."""

    def rhs(t, y, u, params, out):
        first, second = y[0] ** 2 + y[1] ** 2, y[2] ** 2 + y[3] ** 2
        g1, g2 = params[0] - 0.7 * first + 0.3 * second, params[1] + 0.4 * first - 2.1 * second
        out[0], out[1] = g1 * y[0] - 0.8 * y[1], 0.8 * y[0] + g1 * y[1]
        out[2], out[3] = g2 * y[2] - 2.3 * y[3], 2.3 * y[2] + g2 * y[3]

    return DynamicalSystem(rhs, 4, {"m1": 0.0, "m2": -0.5})


def test_both_hopf_curves_pass_a_double_hopf_point_and_a_neimark_sacker_curve_ends_there():
    net, plane = double_hopf(), (("m1", "m2"), [(-1, 1), (-1, 1)])
    hopf = fixed_point_branch(net, "m1", (-1, 1), start=np.zeros(4)).points["H1"]
    (both,) = bifurcation_curve(net, *plane, start=hopf).points
    curves = both.branches()
    assert sorted(np.median(curve.angle) for curve in curves) == pytest.approx([0.8, 2.3])
    for curve in curves:
        assert np.abs(curve.values).min(axis=1).max() < 1e-12  # on an axis of the plane
    torus = cycle_branch(net, "m1", (-1, 1), start=hopf).points["NS1"]
    curve = bifurcation_curve(net, *plane, start=torus, normal_forms=False)
    np.testing.assert_allclose(curve.values[:, 1], -4 / 7 * curve.values[:, 0], atol=1e-9)
    assert "double Hopf" in " ".join(end.message for end in curve.ends)
