"""Folds and Hopf points of two neurons in closed form, against continuation and against eigenvalues."""


import numpy as np
import pytest

from analysis import bifurcation_sets
from ctrnn import CTRNN

PLANE = ("biases[0]", "biases[1]")
W1_BT = {(1.886109651432643, -2.106848692400032): (0.168644604751, -0.593664710337),
         (-6.132903326320044, -7.324414510950082): (0.507015461522, 0.704374970183)}  # fmt: skip


W1_CUSP = (-2.79561510659132, -3.77600953351183)
W1_GH = (-4.088605071063968, -5.66134015984945)


def mirrored(place):
    return (-1 - place[0], -6 - place[1])


def nearest(points, kind, place, tolerance=1e-10):
    found = min(points.of_kind(kind), key=lambda point: np.abs(np.array(list(point.parameters.values())) - place).max())
    np.testing.assert_allclose(list(found.parameters.values()), place, rtol=tolerance)
    return found


def same_up_to_sign(form, expected, rtol=1e-8):
    found = np.array([form["a"], form["b"]])
    sign = np.sign(found[0] * expected[0])
    np.testing.assert_allclose(sign * found, expected, rtol=rtol, atol=1e-9)


def test_closed_forms_give_the_same_points_as_continuation():
    sets = bifurcation_sets(CTRNN([[11, -10], [7, -1]]))
    assert sorted(sets.points.labels) == sorted(["CP1", "CP2", "BT1", "BT2", "BT3", "BT4", "GH1", "GH2"])
    for place in (W1_CUSP, mirrored(W1_CUSP)):
        assert nearest(sets.points, "CP", place).normal_form["c"] == pytest.approx(-0.35786910345, rel=1e-8)
    for place, form in W1_BT.items():
        same_up_to_sign(nearest(sets.points, "BT", place).normal_form, form)
        same_up_to_sign(nearest(sets.points, "BT", mirrored(place)).normal_form, form)
    for place in (W1_GH, mirrored(W1_GH)):
        assert nearest(sets.points, "GH", place).normal_form["l2"] == pytest.approx(0.0167757985057, rel=1e-8)


def test_eight_double_zeros_four_of_them_degenerate():
    points = bifurcation_sets(CTRNN([[8, -8], [8, 8]])).points
    simple = [(2.97118383890781093, -9.99647002715931554), (-2.97118383890781, -6.00352997284068),
              (-1.99647002715932, -10.97118383890781), (1.99647002715932, -5.02881616109219)]  # fmt: skip
    degenerate = [(-4.41985242118248, -9.06499743176140), (4.41985242118248, -6.93500256823860),
                  (1.06499743176140, -12.41985242118248), (-1.06499743176140, -3.58014757881752)]  # fmt: skip
    assert len(points.of_kind("BT")) == 8
    for place in simple:
        same_up_to_sign(nearest(points, "BT", place).normal_form, (0.25, -0.5))
    for place in degenerate:
        form = nearest(points, "BT", place).normal_form
        assert abs(form["a"]) == pytest.approx(0.3535533905933, rel=1e-10)
        assert abs(form["b"]) < 1e-12
    assert not points.of_kind("GH")


def test_four_cusps_of_mutual_excitation():
    points = bifurcation_sets(CTRNN([[6, 1], [1, 6]])).points
    apart, low, high = (-3.43016506020247, -3.56983493979753), -2.89717606586935, -4.10282393413065
    known = {apart: 0.279761904762, apart[::-1]: 0.279761904762, (low, low): -0.191666666667, (high, high): -0.191666666667}
    assert points.labels == ["CP1", "CP2", "CP3", "CP4"]
    for place, c in known.items():
        assert nearest(points, "CP", place).normal_form["c"] == pytest.approx(c, rel=1e-8)


@pytest.mark.parametrize("activation", ["logistic", "tanh", "erf", "arctangent"])
@pytest.mark.parametrize("plane", [PLANE, ("inputs[0]", "biases[1]"), ("constant_inputs[0]", "inputs[1]")])
def test_every_point_of_the_closed_forms_is_a_critical_equilibrium(activation, plane, rng):
    scale = 1.0 if activation == "logistic" else 0.25
    net = CTRNN(scale * rng.normal(0, 8, (2, 2)), biases=rng.normal(size=2), time_constants=rng.uniform(0.5, 2, 2),
                gains=rng.uniform(0.5, 1.5, 2), constant_inputs=rng.normal(size=2), activation=activation)  # fmt: skip
    sets = bifurcation_sets(net, plane)
    for arcs, test in ((sets.folds, np.linalg.det), (sets.hopf, np.trace)):
        for arc in arcs:
            for k in range(20, len(arc.x) - 20, 40):
                z = np.concatenate([arc.x[k], arc.values[k]])
                F, D = sets.family(z)
                assert np.abs(F).max() <= 1e-9 * max(1.0, np.abs(z).max())
                assert abs(test(D[:, :2])) <= 1e-7 * max(1.0, np.abs(D).max() ** 2)


def test_closed_forms_say_where_they_do_not_apply(systems):
    with pytest.raises(ValueError, match="two neurons"):
        bifurcation_sets(systems.BEER)
    with pytest.raises(ValueError, match="bias or the input"):
        bifurcation_sets(CTRNN(systems.W1), ("weights[0, 0]", "biases[1]"))
