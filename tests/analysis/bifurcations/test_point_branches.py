"""Branches of equilibria and fixed points against published figures, closed forms and 40-digit arithmetic."""

import numpy as np
import pytest

from analysis import fixed_point_branch, fixed_points, stroboscopic_map
from ctrnn import CTRNN, Sine, discretise


def values(branch, kind):
    return sorted(point.value for point in branch.points.of_kind(kind))


def close(found, expected, rtol=1e-10):
    np.testing.assert_allclose(found, np.sort(expected), rtol=rtol, atol=0)


# Networks: closed forms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("w", "folds", "a"),
    [
        (6, (-3.41509291064406058, -2.58490708935593942), 0.2886751345948),
        (8, (-5.06567995070710405, -2.93432004929289595), 0.3535533905933),
        (5, (-2.65561033863068795, -2.34438966136931205), 0.2236067977500),
    ],
)
@pytest.mark.parametrize("start", [[-4.0], [9.0]])
def test_folds_of_one_neuron_from_either_side(w, folds, a, start):
    bounds = (-8, 0)
    net = CTRNN([[w]], biases=bounds[0] if start[0] < 0 else bounds[1])
    branch = fixed_point_branch(net, "biases[0]", bounds, start=start if start[0] < 0 else [w - 0.1])
    close(values(branch, "LP"), folds)
    np.testing.assert_allclose([abs(point.normal_form["a"]) for point in branch.points], a, rtol=1e-8)
    assert [end.kind for end in branch.ends] == ["bounds", "bounds"]
    np.testing.assert_array_equal(branch.stable, branch.index == 0)


@pytest.mark.parametrize("n", [3, 5])
def test_odd_rings_lose_stability_at_a_supercritical_hopf_point(systems, n):
    ring, w = systems.ring(n)
    (point,) = fixed_point_branch(ring, w, (0.5, 3)).points
    assert point.kind == "H"
    assert point.value == pytest.approx(1 / np.cos(np.pi / n), rel=1e-12)
    assert 2 * np.pi / point.period == pytest.approx(np.tan(np.pi / n), rel=1e-12)
    assert point.normal_form["l1"] == pytest.approx(-1 / (n * np.tan(np.pi / n)), rel=1e-9)
    assert point.normal_form.verdict == "supercritical"


def test_oscillator_has_two_hopf_points_and_no_fold(systems):
    branch = fixed_point_branch(CTRNN(systems.OSCILLATOR, biases=[-3, -1.75]), "biases[0]", (-6, 0))
    assert branch.points.labels == ["H1", "H2"]
    close(values(branch, "H"), [-3.0016133301879056, -2.4983866698120944])
    for point in branch.points:
        assert 2 * np.pi / point.period == pytest.approx(0.186349741269258, rel=1e-10)
        assert point.normal_form["l1"] == pytest.approx(-1.02463205141, rel=1e-8)


def test_centre_crossing_circuit_has_no_hopf_point(systems):
    branch = fixed_point_branch(CTRNN(systems.W4, biases=[0, -6]), "biases[0]", (-8, 8))
    assert not branch.points.of_kind("H")
    for expected in (-3.0219860565978919, 4.0219860565978919):
        assert min(abs(value - expected) for value in values(branch, "LP")) < 1e-10


@pytest.mark.parametrize("start", [None, -8.0, 8.0])
def test_neutral_saddles_are_not_hopf_points(systems, start):
    net = CTRNN(systems.W4, biases=[0.0 if start is None else start, -7.25])
    branch = fixed_point_branch(net, "biases[0]", (-8, 8))
    close(values(branch, "LP"), [-3.0571741790, -5.2917797153066, 4.0157863319472, 3.8772114544174], rtol=4e-11)
    close(values(branch, "H"), [-3.8819787735624])
    assert branch.points["H1"].normal_form["l1"] == pytest.approx(-0.094506169, rel=1e-8)
    close(np.sort(branch.neutral), [-3.6188982460, -5.2415342041, 3.9811146354], rtol=1e-6)


def test_canard_circuit(systems):
    branch = fixed_point_branch(CTRNN(systems.W1, biases=[-3, -5.55]), "biases[0]", (-8, 2))
    close(values(branch, "LP"), [-3.2178614525446, -4.479010763302])
    close(values(branch, "H"), [-3.9045662167077])
    assert branch.points["H1"].normal_form["l1"] == pytest.approx(-0.01107336521774815, rel=1e-9)  # mpmath, 40 digits


def test_subcritical_hopf_point(systems):
    branch = fixed_point_branch(CTRNN(systems.W1, biases=[-3, -5.75]), "biases[0]", (-8, 2))
    close(values(branch, "H"), [-4.2312878908408])
    assert branch.points["H1"].normal_form["l1"] == pytest.approx(0.010313964, rel=1e-7)
    assert branch.points["H1"].normal_form.verdict == "subcritical"


def test_beer_three_neurons(systems):
    branch = fixed_point_branch(systems.BEER, "biases[2]", (-3, 1))
    known = {  # value: (l1, omega)
        -0.7280476104546472: (-0.2559088784, 0.2371893578), -1.410521946129647: (-0.25108727, 0.2357248761),
        -0.854875113341563: (-0.1460891511, 0.2185240622), -1.3072696017477: (-0.1636692922, 0.2211388874),
    }  # fmt: skip
    close(values(branch, "H"), list(known))
    close(values(branch, "LP"), [-0.07510718595950433, -2.082520018138742])
    for point in branch.points.of_kind("H"):
        l1, omega = known[min(known, key=lambda value: abs(value - point.value))]
        assert point.normal_form["l1"] == pytest.approx(l1, rel=1e-8)
        assert 2 * np.pi / point.period == pytest.approx(omega, rel=1e-9)


def test_hundred_neurons_lose_stability_one_mode_after_the_other():
    weights = np.random.default_rng(0).standard_normal((100, 100)) / 10
    net = CTRNN(weights, activation="tanh", gains=0.9)
    branch = fixed_point_branch(net, "gains", (0.9, 1.5), start=np.zeros(100), normal_forms=False, step=0.1)
    close(values(branch, "BP")[:1], [1.0371229467054608])
    close(values(branch, "H")[:5], [1.102921664471417, 1.1465188173450058, 1.2444965234346572, 1.2567518100656385,
                                    1.426819026204667], rtol=1e-9)  # fmt: skip
    assert branch.index[-1] == 11


# Textbook flows ----------------------------------------------------------------------------------------------------------


def test_lorenz_pitchfork_and_the_hopf_point_of_its_branches(systems):
    branch = fixed_point_branch(systems.lorenz(), "rho", (0.1, 30))
    (point,) = branch.points
    assert point.kind == "BP"
    assert point.value == pytest.approx(1.0, rel=1e-12)
    assert point.normal_form["c"] == pytest.approx(-15 / 88, rel=1e-5)
    assert point.normal_form.verdict == "supercritical"
    side = next(each for each in point.branches() if each.points.of_kind("H"))
    for hopf in side.points.of_kind("H"):
        assert hopf.value == pytest.approx(470 / 19, rel=1e-11)
        assert 2 * np.pi / hopf.period == pytest.approx(9.62453006371576, rel=1e-10)
        assert hopf.normal_form["l1"] == pytest.approx(2.6551897258367e-4, rel=1e-5)
    assert [end.kind for end in side.ends] == ["folded back", "folded back"]


def test_predator_and_prey_of_auto(systems):
    branch = fixed_point_branch(systems.pp2(), "p", (0.1, 1.2), start=[0, 0])
    close(values(branch, "BP"), [0.6])
    side = next(each for each in branch.points["BP1"].branches() if each.points.of_kind("LP"))
    close(values(side, "LP"), [0.8329293222341569])
    np.testing.assert_allclose(side.points["LP1"].x, [0.4111615607510725, 0], rtol=1e-8, atol=1e-15)
    crossing = next(point for point in side.points.of_kind("BP") if point.value > 0.7)
    assert crossing.value == pytest.approx(0.8219043453739908, rel=1e-10)
    both = next(each for each in crossing.branches() if each.points.of_kind("H"))
    hopf = both.points["H1"]
    assert hopf.value == pytest.approx(0.6715938474788318, rel=1e-10)
    np.testing.assert_allclose(hopf.x, [1 / 3, 0.3657615359771905], rtol=1e-9)
    assert 2 * np.pi / hopf.period == pytest.approx(0.604782221942, rel=1e-10)
    assert hopf.normal_form["l1"] == pytest.approx(-0.709800606566, rel=1e-5)


def test_lorenz_84(systems):
    system = systems.lorenz84(F=1.7)
    found = fixed_points(system, rng=0)
    branches = [fixed_point_branch(system, "F", (1.3, 2.99), start=x) for x in found]
    folds = {round(v, 9) for branch in branches for v in values(branch, "LP")}
    hopfs = {round(point.value, 9): point for branch in branches for point in branch.points.of_kind("H")}
    assert min(abs(v - 1.54664837259813) for v in folds) < 1e-9
    for value, l1 in ((1.61965782094258, 2.928456617), (2.46722212311275, -0.1864954369), (2.85987541274829, 0.2593595462)):
        near = min(hopfs, key=lambda v: abs(v - value))
        assert near == pytest.approx(value, abs=2e-9)
        assert hopfs[near].normal_form["l1"] == pytest.approx(l1, rel=1e-5)


def test_carbon_monoxide_oxidation(systems):
    branch = fixed_point_branch(systems.co_oxidation(), "q2", (0.8, 1.5))
    close(values(branch, "LP"), [1.05220028786995, 1.04204850537853])
    close(values(branch, "H"), [1.05155746245773, 1.04099156953262])


def test_fitzhugh_nagumo_and_morris_lecar(systems):
    branch = fixed_point_branch(systems.fitzhugh_nagumo(), "I", (0, 2))
    close(values(branch, "H"), [0.3312813374547458, 1.418718662545254])
    assert branch.points["H1"].normal_form["l1"] == pytest.approx(0.971971081989, rel=1e-5)
    branch = fixed_point_branch(systems.morris_lecar(), "I", (0, 300))
    close(values(branch, "H"), [93.8576183737255, 212.018816100374])
    assert {point.normal_form.verdict for point in branch.points} == {"subcritical"}


# Maps ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("v", [1.5, 1.7])
def test_a_crossing_is_a_branch_point_from_either_branch(systems, v):
    """The prey stays at 1/3, whatever p is, and the predator passes zero."""
    branch = fixed_point_branch(systems.pp2(0.2), "p", (0, 1), start=[1 / 3, v])
    assert branch.points.labels == ["H1", "BP1"]
    close(values(branch, "BP"), [0.8219043453739908])


def test_logistic_map_doubles_its_period(systems):
    branch = fixed_point_branch(systems.logistic(), "r", (2, 4), start=[0.6])
    (point,) = branch.points
    assert (point.kind, point.normal_form.verdict) == ("PD", "supercritical")
    assert point.value == pytest.approx(3, rel=1e-12)
    assert point.normal_form["b"] == pytest.approx(9, rel=1e-5)
    (doubled,) = point.branches()
    close(values(doubled, "PD")[:1], [1 + np.sqrt(6)])
    assert doubled.family.period == 2


def test_henon_map(systems):
    branch = fixed_point_branch(systems.henon(), "a", (-1, 1.5))
    close(values(branch, "LP"), [-0.1225])
    close(values(branch, "PD"), [0.3675])
    assert branch.points["PD1"].normal_form["b"] == pytest.approx(0.1361591390261, rel=1e-5)
    assert {end.kind for end in branch.ends} == {"diverged", "bounds"}
    (doubled,) = branch.points["PD1"].branches()
    close(values(doubled, "PD")[:1], [0.9125])


def test_delayed_logistic_map_begins_to_turn(systems):
    (point,) = fixed_point_branch(systems.delayed_logistic(), "a", (1.2, 2.5), start=[0.3, 0.3]).points
    assert point.kind == "NS"
    assert point.value == pytest.approx(2, rel=1e-12)
    assert point.data["angle"] == pytest.approx(np.pi / 3, rel=1e-11)
    assert point.normal_form["d"] == pytest.approx(-1 - np.sqrt(3) * 1j, rel=1e-5)


def test_step_at_which_euler_alternates():
    (point,) = fixed_point_branch(discretise(CTRNN([[-10]]), "euler", 0.5), "dt", (0.1, 1.0)).points
    assert point.value == pytest.approx(0.845068543378147346, rel=1e-11)
    assert point.normal_form["b"] == pytest.approx(0.116523518009, rel=1e-5)


def test_driven_neuron_through_its_stroboscopic_map():
    strobe = stroboscopic_map(CTRNN([[6.0]], biases=-3), [Sine(0.5, frequency=0.1)])
    branch = fixed_point_branch(strobe, "biases[0]", (-3.5, -2.5), step=0.1, normal_forms=False)
    close(values(branch, "LP"), [-3.33129066490477, -2.66870933509523], rtol=1e-9)


# Normal forms asked for -------------------------------------------------------------------------------------------------


def test_a_branch_passes_a_value_twice_beside_a_fold():
    branch = fixed_point_branch(CTRNN([[6]], biases=-3), "biases[0]", (-6, 0), start=[3])
    for gap in (1e-3, 1e-5, 1e-9):
        value = branch.points["LP1"].value
        counts = sorted(len(branch.at(value + side * gap)) for side in (-1, 1))
        assert counts == [1, 3]


def test_a_branch_in_pandas():
    pytest.importorskip("pandas")
    branch = fixed_point_branch(CTRNN([[6.0]], biases=-8), "biases[0]", (-8, 0), start=[-4.0])
    frame = branch.to_pandas()
    assert frame.index.name == "biases[0]"
    np.testing.assert_array_equal(frame.index, branch.values)
    residual = -frame["y[0]"] + 6 / (1 + np.exp(-frame["y[0]"] - frame.index))
    np.testing.assert_allclose(residual, 0, atol=1e-8)
    assert set(frame["index"]) == {0, 1}
