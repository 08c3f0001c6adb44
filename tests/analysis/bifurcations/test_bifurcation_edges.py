"""What must be refused, and what must not break: degenerate starts, corners, the end of the world."""


import numpy as np
import pytest
from punctual import at_best, interrupted, timed

from analysis import (
    bifurcation_chart,
    bifurcation_curve,
    bifurcation_diagram,
    bifurcation_sets,
    cycle_branch,
    fixed_point_branch,
    limit_cycle,
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


@pytest.mark.parametrize(("given", "name"), [("biases[-1]", "biases[1]"), ("inputs[-2]", "inputs[0]"),
                                             ({"weights[-1, 0]": -1}, "-weights[1, 0]")])  # fmt: skip
def test_entries_that_are_counted_from_the_end_are_called_by_their_index(net, given, name):
    empty = fixed_point_branch(net, given, (-8, 8), timeout=0)
    assert empty.parameter == name
    assert empty.at(0).shape == (0, 2)
    with pytest.raises(IndexError, match="there are 0 special points"):
        empty.points[3]


def test_starts_that_newton_takes_beyond_the_bounds_begin_inside_them():
    """One neuron with w = 6 has a fold at -2.584907, just below the bounds, and one equilibrium above it."""
    one = CTRNN([[6.0]], biases=[-2.58])
    branch = fixed_point_branch(one, "biases[0]", (-2.58, 0), start=[1.268])
    assert branch.values[0] == -2.58
    assert branch.values[-1] == 0.0
    x = branch.x[0, 0]
    assert abs(6 / (1 + np.exp(2.58 - x)) - x) < 1e-12


def test_starts_and_inputs_are_checked(net):
    with pytest.raises(ValueError, match="with 2 states; `system` has 3"):
        cycle_branch(CTRNN(np.eye(3)), "biases[0]", (-6, 0), start=limit_cycle(CTRNN([[4.5, 1], [-1, 4.5]], biases=[
            -2.75, -1.75]), [0, 0]))  # fmt: skip
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


def test_budget_and_timeout_keep_what_is_there(net):
    branch = fixed_point_branch(net, "biases[0]", (-8, 8), max_points=20)
    assert {str(end.kind) for end in branch.ends} == {"budget"}
    assert (len(branch), branch.status) == (39, Status.MAX_STEPS)
    late = {"start": [5, 5], "step": 1e-5, "max_points": 10**6, "timeout": 0.3}
    branch, seconds = at_best(lambda: timed(lambda: fixed_point_branch(net, "biases[0]", (-8, 8), **late)), 1.3)
    assert branch.status == Status.TIMEOUT
    assert seconds < 3.0  # 0.2 s on a quiet machine
    diagram = bifurcation_diagram(net, "biases[0]", (-8, 8), timeout=0.0)
    assert (diagram.status, diagram.complete) == (Status.TIMEOUT, False)
    assert "timeout" in diagram.reason


def test_ctrl_c_keeps_what_is_there(net):
    late = {"start": [5, 5], "step": 1e-6, "max_points": 10**6}
    caught, _ = interrupted(lambda: fixed_point_branch(net, "biases[0]", (-8, 8), **late), 1.0)
    assert isinstance(caught, Interrupted)
    assert len(caught.result) > 1
    assert caught.result.status == Status.INTERRUPTED


# Diagrams and charts -----------------------------------------------------------------------------------------------------


def test_records_live_on_in_copies(net):
    import copy
    import pickle

    branch = fixed_point_branch(net, "biases[0]", (-8, 8))
    for again in (copy.deepcopy(branch), pickle.loads(pickle.dumps(branch))):
        assert again.points.labels == branch.points.labels
        np.testing.assert_array_equal(again.at(-3.5), branch.at(-3.5))


def test_a_map_that_preserves_areas_has_no_neimark_sacker_points_but_its_period_doubling():
    """The standard map: multipliers of (pi, 0) have the product 1 for all K, and both are -1 at K = 4."""

    def rhs(t, y, u, params, out):
        out[1] = y[1] + params[0] * np.sin(y[0])
        out[0] = y[0] + out[1]

    branch = fixed_point_branch(DynamicalSystem(rhs, 2, {"K": 1.0}, kind="map"), "K", (0.5, 6), start=[np.pi, 0])
    assert branch.points.labels == ["PD1"]
    assert branch.points[0].value == pytest.approx(4, abs=1e-7)
    assert branch.points[0].normal_form is None  # a double multiplier
    assert not branch.stable.any()


def test_both_branches_through_a_pitchfork_whose_form_is_off_diagonal():
    """Four neurons that inhibit their neighbours of a ring: x (-1, 1, -1, 1) leaves at w = 1/2 at a right angle."""
    ring = {(i, j) for i in range(4) for j in range(4) if (i - j) % 2}
    weights = np.array([[-float((i, j) in ring) for j in range(4)] for i in range(4)])
    names = {f"weights[{i}, {j}]": -1.0 for i, j in ring}
    point = fixed_point_branch(CTRNN(weights, activation="tanh"), names, (0.1, 1.5), start=np.zeros(4)).points["BP1"]
    assert point.value == pytest.approx(0.5, rel=1e-12)
    still, other = sorted(point.branches(), key=lambda branch: np.abs(branch.x).max())
    assert np.abs(still.x).max() < 1e-9
    (state,) = other.at(1.0)[np.argmax(other.at(1.0)[:, 0])][np.newaxis]
    assert abs(state[0]) == pytest.approx(1.9150080481545375, rel=1e-10)  # x = 2 tanh x
