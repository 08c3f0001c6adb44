"""Diagrams: all branches over one parameter."""

import numpy as np

from analysis import bifurcation_diagram, fixed_point_branch, fixed_points
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem


def test_isola_is_found_at_a_section_and_goes_round():
    """``x^2 + p^2 = 1``: no stable point at the start, closed within the bounds."""

    def rhs(t, y, u, params, out):
        out[0] = 1 - y[0] ** 2 - params[0] ** 2

    branch = fixed_point_branch(DynamicalSystem(rhs, 1, {"p": 0.0}), "p", (-2, 2), start=[1])
    assert [str(end.kind) for end in branch.ends] == ["closed", "closed"]
    np.testing.assert_allclose(sorted(p.value for p in branch.points.of_kind("LP")), [-1, 1], rtol=1e-12)
    np.testing.assert_allclose(branch.x[:, 0] ** 2 + branch.values**2, 1, rtol=1e-12)


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


def test_diagram_of_the_oscillator_has_one_branch_of_cycles_between_its_hopf_points(systems):
    diagram = bifurcation_diagram(CTRNN(systems.OSCILLATOR, biases=[-3, -1.75]), "biases[0]", (-6, 0), sections=8)
    assert len(diagram.branches) == len(diagram.cycles) == 1
    assert [str(end.kind) for end in diagram.cycles[0].ends] == ["Hopf", "Hopf"]


def test_points_of_a_symmetric_pair_are_listed_once():
    """The mode (1, -1) grows at -1 + 5 s'(x) = 0: two pitchforks, whose branches join; the folds of these are no others."""
    net = CTRNN([[4, -1], [-1, 4]], biases=[0, 0])
    diagram = bifurcation_diagram(net, "biases", (-6, 6), sections=8)
    x = np.log((1 + np.sqrt(0.2)) / (1 - np.sqrt(0.2)))
    exact = [s * x - 3 / (1 + np.exp(-s * x)) for s in (-1, 1)]
    np.testing.assert_allclose([p.value for p in diagram.points.of_kind("BP")], exact, rtol=1e-12)
    folds = sorted(point.value for point in diagram.points.of_kind("LP"))
    np.testing.assert_allclose(folds, np.repeat([-1.87503940231, -1.12496059769], 2), rtol=1e-9)
    assert all(abs(point.normal_form["a"]) > 0.09 for point in diagram.points.of_kind("LP"))
    one = diagram.branches[0].points[0].branches()[0]
    assert sorted(point.kind for point in one.points) == ["BP", "BP", "LP", "LP", "LP", "LP"]


def test_a_kernel_of_several_dimensions_is_said():
    """Four alike that inhibit each other: x' = -x - w sum of the other tanh(x), in which three modes grow at w = 1."""
    names = {f"weights[{i}, {j}]": -1 for i in range(4) for j in range(4) if i != j}
    branch = fixed_point_branch(CTRNN(np.zeros((4, 4)), activation="tanh"), names, (-0.1, 3), start=np.zeros(4))
    assert branch.parameter == "-weights[0, 1], .. (12 entries)"
    (point,) = branch.points
    assert (point.kind, round(point.value, 12)) == ("BP", 1)
    assert "kernel of dimension 3" in point.message
    uncoupled = fixed_point_branch(CTRNN([[4, 0], [0, 4]], biases=-2), "biases", (-4, 0))
    assert [str(point.kind) for point in uncoupled.points] == ["?"]  # two cubic inflections at once: nothing branches


def test_branches_that_leave_in_a_kernel_of_three_dimensions_are_all_the_equilibria_there_are():
    """Modes of four alike grow at g = 1/5. By the symmetry 13 branches leave: along (3, -1, -1, -1), (1, 1, -1, -1),
    (1, -1, 0, 0) and what permutations make of these. Beside it the certified list holds both sides of each, and zero.
    """
    net = CTRNN(5 * np.eye(4) - 1, activation="tanh", gains=[0.19] * 4)
    (point,) = fixed_point_branch(net, "gains", (0.18, 0.22), start=np.zeros(4)).points
    branches = point.branches()
    ends = np.concatenate([branch.at(0.21) for branch in branches])
    found = fixed_points(net.replace(gains=[0.21] * 4))
    assert found.complete
    assert len(branches) == 14
    assert len(found) == len(ends) == 27
    assert all(np.abs(ends - x).max(axis=1).min() < 1e-9 for x in found.x)


def test_a_pitchfork_without_a_cubic_term_is_degenerate():
    """Y = (3, -3) (s(y + b) - s(-y + b)): at s' = 1/6 the third derivative vanishes too."""
    diagram = bifurcation_diagram(CTRNN([[3, -3], [-3, 3]]), "biases", (-6, 6), sections=4)
    assert diagram.points.labels == ["BP1", "BP2"]
    np.testing.assert_allclose([point.value for point in diagram.points], [-np.arccosh(2), np.arccosh(2)], rtol=1e-10)
    assert {str(point.normal_form.verdict) for point in diagram.points} == {"degenerate"}
