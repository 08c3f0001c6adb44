"""What must be refused, and what must not break: degenerate starts, corners, the end of the world."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from analysis import (
    bifurcation_chart,
    bifurcation_curve,
    bifurcation_diagram,
    bifurcation_sets,
    fixed_point_branch,
    fixed_points,
)
from ctrnn import CTRNN, Sine
from neurodynamics import DynamicalSystem, Interrupted, Status


@pytest.fixture
def net(systems):
    return CTRNN(systems.W4, biases=[-3, -7.25])


@pytest.mark.parametrize(
    ("parameter", "bounds", "message"),
    [
        ("bias[0]", (-1, 1), "Did you mean 'biases'"),
        ("input[0]", (-1, 1), "Did you mean 'inputs'"),
        ("biases[5]", (-1, 1), "outside `biases`"),
        ("inputs[2]", (-1, 1), "one of the 2 inputs"),
        ("biases[0]", (1, -1), "least < largest"),
        ("biases[0]", (1, 1), "least < largest"),
        ("time_constants[0]", (-1, 2), "must be positive; got -1"),
        ({"biases[0]": 0}, (0, 1), "move something"),
        ("dt", (0.1, 1), "unknown parameter name 'dt'"),
    ],
)
def test_parameters_and_bounds_are_checked(net, parameter, bounds, message):
    with pytest.raises(ValueError, match=message):
        fixed_point_branch(net, parameter, bounds)


def test_starts_and_inputs_are_checked(net):
    with pytest.raises(ValueError, match="outside `bounds`"):
        fixed_point_branch(net, "biases[0]", (1, 2), start=[0, 0])
    with pytest.raises(ValueError, match="shape"):
        fixed_point_branch(net, "biases[0]", (-8, 8), start=[0, 0, 0])
    with pytest.raises(ValueError, match="stroboscopic_map"):
        fixed_point_branch(net, "biases[0]", (-8, 8), inputs=[Sine(1, frequency=1), 0])
    with pytest.raises(ValueError, match="different entries"):
        bifurcation_curve(net, ("biases[0]", "biases"), [(-8, 8), (-8, 8)], start=[0, 0])
    with pytest.raises(ValueError, match="maps only"):
        fixed_point_branch(net, "biases[0]", (-8, 8), period=2)
    with pytest.raises(KeyError, match="LP1"):
        _ = fixed_point_branch(net, "biases[0]", (-8, 8)).points["LP9"]
    for bounds in ((0, 1), [(0, 1)], [(0, 1)] * 3):
        with pytest.raises(ValueError, match="two pairs"):
            bifurcation_chart(net, ("biases[0]", "biases[1]"), bounds)
    with pytest.raises(ValueError, match=r"`bounds\[1\]` must be"):
        bifurcation_sets(net, bounds=[(0, 1), (1, 0)])


def test_systems_with_reset_are_refused():
    def rhs(t, y, u, params, out):
        out[0] = params[0] - y[0]

    def reset(event, t, y, u, params, out):
        out[0] = 0.0

    system = DynamicalSystem(rhs, 1, {"p": 1.0}, events=rhs, reset=reset)
    with pytest.raises(ValueError, match="reset"):
        fixed_point_branch(system, "p", (0, 1))


def test_a_time_constant_moves_no_equilibrium_but_its_stability():
    net = CTRNN([[6, 4], [-4, 0]], biases=[-5, 2], time_constants=[1, 1])
    branch = fixed_point_branch(net, "time_constants[1]", (0.05, 8))
    assert np.ptp(branch.x, axis=0).max() < 1e-10
    assert not branch.points.of_kind("LP")
    for point in branch.points.of_kind("H"):
        J = net.with_params({"time_constants[1]": point.value}).jac(0.0, point.x)
        assert abs(np.trace(J)) < 1e-10


@pytest.mark.parametrize("label", ["LP1", "H1"])
def test_branches_that_begin_at_special_points_are_the_same(net, label):
    whole = fixed_point_branch(net, "biases[0]", (-8, 8))
    again = fixed_point_branch(net, "biases[0]", (-8, 8), start=whole.points[label])
    assert sorted(again.points.labels) == sorted(whole.points.labels)
    np.testing.assert_allclose(sorted(point.value for point in again.points),
                               sorted(point.value for point in whole.points), rtol=1e-10)  # fmt: skip


def test_start_exactly_on_a_branch_point(systems):
    branch = fixed_point_branch(systems.lorenz(rho=1.0), "rho", (0.1, 30), start=[0, 0, 0])
    assert branch.points.labels == ["BP1"]


def test_two_equal_neurons_lose_stability_together():
    net = CTRNN([[4, 0], [0, 4]], biases=-2)
    branch = fixed_point_branch(net, "gains", (0.1, 2), start=[2, 2])
    (point,) = branch.points
    assert point.kind == "BP"
    assert point.value == pytest.approx(1.0, abs=1e-3)


def test_a_continuum_is_named():
    net = CTRNN([[1, 0], [0, 0.5]], activation="linear")
    with pytest.raises(ValueError, match="continuum"):
        fixed_point_branch(net, "biases[1]", (-1, 1), start=[0.3, 0])


def test_corners_of_a_hard_sigmoid_take_the_place_of_folds():
    net = CTRNN([[6]], biases=-3, activation="hard_sigmoid")
    branch = fixed_point_branch(net, "biases[0]", (-6, 0), start=[3])
    assert {point.kind for point in branch.points} == {"C"}
    np.testing.assert_allclose(sorted(point.value for point in branch.points), [-4, -2], atol=1e-10)
    assert all(point.normal_form is None for point in branch.points)
    assert [str(end.kind) for end in branch.ends] == ["bounds", "bounds"]


def test_corner_of_a_rectified_neuron_turns_the_branch_back():
    branch = fixed_point_branch(CTRNN([[2]], biases=-0.5, activation="relu"), "biases[0]", (-3, 3), start=[0])
    assert [str(end.kind) for end in branch.ends] == ["folded back", "folded back"]
    assert branch.points["C1"].value == pytest.approx(0, abs=1e-10)


def test_an_unbounded_branch_ends_as_diverged():
    branch = fixed_point_branch(CTRNN([[0.5]], biases=1, activation="linear"), "weights[0, 0]", (-1, 2))
    assert {str(end.kind) for end in branch.ends} == {"bounds", "diverged"}
    assert branch.status == Status.NON_FINITE


def test_a_branch_that_leaves_where_the_system_is_defined_stalls_with_its_points():
    def rhs(t, y, u, params, out):
        out[0] = params[0] - np.sqrt(y[0])

    branch = fixed_point_branch(DynamicalSystem(rhs, 1, {"p": 1.0}), "p", (-1, 3), start=[1])
    assert {str(end.kind) for end in branch.ends} == {"bounds", "stalled"}
    np.testing.assert_allclose(branch.x[:, 0], branch.values**2, rtol=1e-7)


def test_isola_is_found_at_a_section_and_goes_round():
    """``x^2 + p^2 = 1``: no stable point at the start, closed within the bounds."""

    def rhs(t, y, u, params, out):
        out[0] = 1 - y[0] ** 2 - params[0] ** 2

    branch = fixed_point_branch(DynamicalSystem(rhs, 1, {"p": 0.0}), "p", (-2, 2), start=[1])
    assert [str(end.kind) for end in branch.ends] == ["closed", "closed"]
    np.testing.assert_allclose(sorted(p.value for p in branch.points.of_kind("LP")), [-1, 1], rtol=1e-12)
    np.testing.assert_allclose(branch.x[:, 0] ** 2 + branch.values**2, 1, rtol=1e-12)


def test_budget_and_timeout_keep_what_is_there(net):
    branch = fixed_point_branch(net, "biases[0]", (-8, 8), max_points=20)
    assert {str(end.kind) for end in branch.ends} == {"budget"}
    assert (len(branch), branch.status) == (39, Status.MAX_STEPS)
    begin = time.perf_counter()
    branch = fixed_point_branch(net, "biases[0]", (-8, 8), start=[5, 5], step=1e-5, max_points=10**6, timeout=0.3)
    assert branch.status == Status.TIMEOUT
    assert time.perf_counter() - begin < 0.3 + 1.0  # 0.2 s on a quiet machine
    diagram = bifurcation_diagram(net, "biases[0]", (-8, 8), timeout=0.0)
    assert (diagram.status, diagram.complete) == (Status.TIMEOUT, False)
    assert "timeout" in diagram.reason


def test_ctrl_c_keeps_what_is_there(net):
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(Interrupted) as caught:
        fixed_point_branch(net, "biases[0]", (-8, 8), start=[5, 5], step=1e-6, max_points=10**6)
    assert len(caught.value.result) > 1
    assert caught.value.result.status == Status.INTERRUPTED


# Diagrams and charts -----------------------------------------------------------------------------------------------------


def test_three_disconnected_branches_are_found(systems):
    diagram = bifurcation_diagram(CTRNN([[6, 1], [1, 8]], biases=[0, -4.5]), "biases[0]", (-6, -1))
    assert (len(diagram.branches), diagram.complete, diagram.reason) == (3, True, "")
    pairs = [sorted(point.value for point in branch.points.of_kind("LP")) for branch in diagram.branches]
    np.testing.assert_allclose(sorted(pairs), sorted([sorted(p) for p in (
        (-2.600169443133536, -3.445309697348464), (-3.155956652306807, -3.844043347693193),
        (-3.554690302651536, -4.399830556866464))]), rtol=1e-10)  # fmt: skip
    assert len(diagram.fixed_points_at(-3.5)) == 5
    neutral = np.sort(np.concatenate([branch.neutral for branch in diagram.branches]))
    np.testing.assert_allclose(neutral, [-4.61624977890, -2.38375022110], rtol=1e-9)


def test_between_sections_all_is_proved_but_small_gaps_around_folds(systems):
    """The six values at which the number of equilibria changes, by the closed parametrisation, lie in the gaps."""
    folds = np.array([-2.600169443133536, -3.445309697348464, -3.155956652306807, -3.844043347693193, -3.554690302651536,
                      -4.399830556866464])  # fmt: skip
    net = CTRNN([[6, 1], [1, 8]], biases=[0, -4.5])
    diagram = bifurcation_diagram(net, "biases[0]", (-6, -1), sections=8, cycles=False)
    low, high = diagram.gaps.T
    assert ((low[:, np.newaxis] < folds) & (folds < high[:, np.newaxis])).any(axis=0).all()
    assert 0.95 < diagram.coverage < 1
    for value in np.random.default_rng(0).uniform(-6, -1, 20):
        if not ((low <= value) & (value <= high)).any():
            found = fixed_points(net.with_params({"biases[0]": value}))
            assert found.complete
            assert len(found) == len(diagram.fixed_points_at(value))
    net = CTRNN(systems.OSCILLATOR, biases=[-3, -1.75])
    oscillator = bifurcation_diagram(net, "time_constants[0]", (0.5, 2), sections=3, cycles=False)
    assert (oscillator.coverage, len(oscillator.gaps)) == (1.0, 0)  # time constants move nothing
    gains = bifurcation_diagram(net, "gains", (0.5, 1), sections=3, cycles=False)
    assert gains.coverage == 0  # not enclosed


def test_an_isola_between_sections_is_found_by_the_stretches():
    net = CTRNN([[6, 1], [1, 8]], biases=[0, -4.5])
    diagram = bifurcation_diagram(net, "biases[0]", (-6, -1), sections=2, cycles=False)  # both outside of the two isolas
    assert len(diagram.branches) == 3


def test_a_branch_passes_a_value_twice_beside_a_fold():
    branch = fixed_point_branch(CTRNN([[6]], biases=-3), "biases[0]", (-6, 0), start=[3])
    for gap in (1e-3, 1e-5, 1e-9):
        value = branch.points["LP1"].value
        counts = sorted(len(branch.at(value + side * gap)) for side in (-1, 1))
        assert counts == [1, 3]


def test_diagram_of_the_oscillator_has_one_branch_of_cycles_between_its_hopf_points(systems):
    diagram = bifurcation_diagram(CTRNN(systems.OSCILLATOR, biases=[-3, -1.75]), "biases[0]", (-6, 0), sections=8)
    assert len(diagram.branches) == len(diagram.cycles) == 1
    assert [str(end.kind) for end in diagram.cycles[0].ends] == ["Hopf", "Hopf"]


def test_chart_counts_attracting_equilibria(systems):
    chart = bifurcation_chart(CTRNN(systems.W1), ("biases[0]", "biases[1]"), [(-8, 6), (-10, 3)], resolution=60)
    assert chart.complete
    assert chart.searches < 0.5 * chart.attractors.size
    for place, count in (((-0.5, -3.0), 0), ((-5.0, -8.0), 2), ((-7.0, 0.0), 1)):
        row, column = np.argmin(np.abs(chart.second - place[1])), np.argmin(np.abs(chart.first - place[0]))
        assert chart.attractors[row, column] == count
    late = bifurcation_chart(CTRNN(systems.W1), ("biases[0]", "biases[1]"), [(-8, 6), (-10, 3)], resolution=20, timeout=0.0)
    assert (late.status, late.proved.any()) == (Status.TIMEOUT, False)


def test_closed_forms_say_where_they_do_not_apply(systems):
    with pytest.raises(ValueError, match="two neurons"):
        bifurcation_sets(systems.BEER)
    with pytest.raises(ValueError, match="bias or the input"):
        bifurcation_sets(CTRNN(systems.W1), ("weights[0, 0]", "biases[1]"))


def test_records_live_on_in_copies(net):
    import copy
    import pickle

    branch = fixed_point_branch(net, "biases[0]", (-8, 8))
    for again in (copy.deepcopy(branch), pickle.loads(pickle.dumps(branch))):
        assert again.points.labels == branch.points.labels
        np.testing.assert_array_equal(again.at(-3.5), branch.at(-3.5))


def test_pictures_have_labels_that_do_not_cover_each_other(systems):
    import matplotlib.pyplot as plt

    diagram = bifurcation_diagram(CTRNN(systems.W4, biases=[0, -7.25]), "biases[0]", (-8, 8), sections=6)
    chart = bifurcation_chart(CTRNN(systems.W1), ("biases[0]", "biases[1]"), [(-8, 6), (-10, 3)], resolution=20)
    for picture in (diagram.plot(), diagram.branches[0].plot(what="outputs", number=1), chart.plot(), chart.sets.plot()):
        figure = picture.figure
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in picture.texts]
        assert len(boxes) > 2
        assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
        assert picture.get_ylabel()
    assert diagram.at(-3.5).points.x.shape[1] == 2
    plt.close("all")
