"""Normal forms of bifurcations of cycles, and where they degenerate, of systems that are known exactly."""

import numpy as np
import pytest

from analysis import cycle_branch, limit_cycle, normal_form
from neurodynamics import DynamicalSystem

OMEGA = 0.3  # turns about the cycle in a turn along it


def moebius(**params):
    """``p' = a p + c p^3 - p^5, q' = -q / 5`` in a frame that makes half a turn along a circle of radius 1."""

    def rhs(t, y, u, params, out):
        r = np.sqrt(y[0] ** 2 + y[1] ** 2)
        c, s, v = y[0] / r, y[1] / r, r - 1
        square = (v * v * (1 + c) + y[2] * y[2] * (1 - c) + 2 * v * y[2] * s) / 2
        g = params[0] + params[1] * square - square * square
        dv = g * (v * (1 + c) + y[2] * s) / 2 + 0.2 * (-v * (1 - c) + y[2] * s) / 2 - y[2] / 2
        dz = g * (v * s + y[2] * (1 - c)) / 2 - 0.2 * (-v * s + y[2] * (1 + c)) / 2 + v / 2
        out[0], out[1], out[2] = dv * c - y[1], dv * s + y[0], dz

    return DynamicalSystem(rhs, 3, params)


def torus(**params):
    """States turn about a circle of radius 1, ``w' = (a + c |w|^2 - |w|^4 + i omega) w`` of w = r - 1 + i z."""

    def rhs(t, y, u, params, out):
        r = np.sqrt(y[0] ** 2 + y[1] ** 2)
        v = r - 1
        square = v * v + y[2] * y[2]
        g = params[0] + params[1] * square - square * square
        change = (g * v - OMEGA * y[2]) / r
        out[0], out[1], out[2] = y[0] * change - y[1], y[1] * change + y[0], OMEGA * v + g * y[2]

    return DynamicalSystem(rhs, 3, params)


@pytest.mark.parametrize("c", [-0.5, 0.7])
def test_degenerate_period_doubling_of_an_exact_system(c):
    net = moebius(a=-0.1, c=c)
    branch = cycle_branch(net, "a", (-0.3, 0.3), start=limit_cycle(net, [1, 0, 0], period=2 * np.pi))
    (point,) = branch.points
    assert point.kind == "PD"
    assert point.normal_form["b"] == pytest.approx(-2 * np.pi * c, rel=1e-6)  # p(2 pi) = -p - 2 pi c p^3
    assert point.normal_form.verdict == ("supercritical" if c < 0 else "subcritical")
    assert normal_form(net, point)["b"] == point.normal_form["b"]
    curve = point.curve("c", bounds=(-1, 1))
    np.testing.assert_allclose(curve.coefficient, -2 * np.pi * curve.values[:, 1], atol=1e-6)
    assert curve.points.labels == ["GPD1"]
    np.testing.assert_allclose(list(curve.points[0].parameters.values()), 0.0, atol=1e-7)


@pytest.mark.parametrize("c", [-0.5, 0.7])
def test_degenerate_neimark_sacker_bifurcation_of_an_exact_system(c):
    net = torus(a=-0.1, c=c)
    branch = cycle_branch(net, "a", (-0.3, 0.3), start=limit_cycle(net, [1, 0, 0], period=2 * np.pi))
    (point,) = branch.points
    assert point.kind == "NS"
    assert point.normal_form["d"].real == pytest.approx(4 * np.pi * c, rel=1e-6)  # |w|^2 = 2 |xi|^2
    assert point.normal_form["theta"] == pytest.approx(2 * np.pi * OMEGA, rel=1e-9)
    curve = point.curve("c", bounds=(-1, 1))
    assert curve.points.labels == ["CH1"]
    np.testing.assert_allclose(list(curve.points[0].parameters.values()), 0.0, atol=1e-7)


def test_torus_of_langford_has_the_coefficient_of_its_hopf_point_in_a_plane_of_radii():
    """Angles do not matter to Langford's system: the torus is a cycle, and its birth a Hopf point, of (r, z)."""
    beta, lam, rho = 0.7, 0.6, 0.25

    def plane(t, y, u, params, out):
        out[0] = (y[1] - beta) * y[0]
        out[1] = lam + params[0] * y[1] - y[1] ** 3 / 3 - y[0] ** 2 * (1 + rho * y[1])

    def space(t, y, u, params, out):
        out[0], out[1] = (y[2] - beta) * y[0] - 3.5 * y[1], 3.5 * y[0] + (y[2] - beta) * y[1]
        out[2] = lam + params[0] * y[2] - y[2] ** 3 / 3 - (y[0] ** 2 + y[1] ** 2) * (1 + rho * y[2])

    radius = np.sqrt((lam + 0.5 * beta - beta**3 / 3) / 1.175)
    net = DynamicalSystem(space, 3, {"alpha": 0.5})
    start = limit_cycle(net, [radius, 0, beta], period=2 * np.pi / 3.5)
    point = cycle_branch(net, "alpha", (0.3, 0.9), start=start).points["NS1"]
    radius = np.sqrt((lam + point.value * beta - beta**3 / 3) / 1.175)
    flat = normal_form(DynamicalSystem(plane, 2, {"alpha": point.value}), [radius, beta], kind="H")
    omega = np.sqrt(2 * radius**2 * 1.175)  # of the matrix [0, r; -2 r (1 + rho z), 0]
    assert point.normal_form["d"].real == pytest.approx(flat["l1"] * omega * 2 * np.pi / 3.5, rel=1e-6)


def test_fold_of_cycles_of_an_exact_system():
    """``r' = r (a + r^2 - r^4 / 2)`` with a turn that depends on r: cycles of radius 1 fold at a = -1/2."""

    def rhs(t, y, u, params, out):
        square = y[0] ** 2 + y[1] ** 2
        g, w = params[0] + square - 0.5 * square * square, 2 + 0.5 * square
        out[0], out[1] = g * y[0] - w * y[1], w * y[0] + g * y[1]

    radius = np.sqrt(1 + np.sqrt(0.4))
    net = DynamicalSystem(rhs, 2, {"a": -0.3})
    start = limit_cycle(net, [radius, 0], period=2 * np.pi / (2 + 0.5 * radius**2))
    point = cycle_branch(net, "a", (-0.6, -0.1), start=start).points["LPC1"]
    assert abs(point.normal_form["a"]) == pytest.approx(2 * 2 * np.pi / 2.5, rel=1e-6)  # r' = -2 (r - 1)^2 over a period
