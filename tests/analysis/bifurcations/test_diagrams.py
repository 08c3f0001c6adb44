"""Diagrams: all branches over one parameter."""

import numpy as np

from analysis import bifurcation_diagram, fixed_point_branch
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
