"""Surfaces against planes and graphs in closed form, and trajectories that come back to the saddle."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from analysis import manifold_surface
from analysis.manifolds.circles import on_curve, tangents
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Status


def graph(t, y, u, params, out):
    """x' = -x, y' = -2 y, z' = z - x^2: the stable manifold is z = x^2 / 3."""
    out[0] = -y[0]
    out[1] = -2.0 * y[1]
    out[2] = y[2] - y[0] ** 2


def lorenz(t, y, u, params, out):
    out[0] = 10.0 * (y[1] - y[0])
    out[1] = y[0] * (28.0 - y[2]) - y[1]
    out[2] = y[0] * y[1] - 8.0 / 3.0 * y[2]


@pytest.mark.parametrize(("which", "rates"), [("stable", [0.5, -0.5, 3.0]), ("unstable", [3.0, 1.5, 0.5])])
def test_a_linear_saddle_has_a_plane(which, rates):
    """Geodesic circles are circles, and the area that of the disk."""
    Q = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    net = CTRNN(Q @ np.diag(rates) @ Q.T, activation="linear")
    found = manifold_surface(net, np.zeros(3), which, distance=2.0, spacing=0.2)
    assert np.abs(found.points @ Q[:, 2]).max() < 1e-9
    np.testing.assert_allclose(np.linalg.norm(found.points, axis=1), found.distance, rtol=2e-3)
    assert found.area == pytest.approx(4 * np.pi, rel=0.01)
    edges = np.sort(np.vstack([found.triangles[:, [0, 1]], found.triangles[:, [1, 2]], found.triangles[:, [2, 0]]]), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    rim = found.circles[-1].stop - found.circles[-1].start
    assert (counts <= 2).all()
    assert (counts == 1).sum() == rim  # a disk without holes
    assert len(found.points) - len(counts) + len(found.triangles) == 1  # Euler


def test_a_spiral_has_its_plane():
    net = CTRNN([[0.5, -0.4, 0.0], [0.4, 0.5, 0.0], [0.0, 0.0, 3.0]], activation="linear")
    found = manifold_surface(net, np.zeros(3), distance=1.0, spacing=0.1)
    assert np.abs(found.points[:, 2]).max() < 1e-9
    assert found.area == pytest.approx(np.pi, rel=0.01)


def test_a_parabolic_cylinder():
    """A cylinder is flat: its geodesic disks have the area of disks."""
    found = manifold_surface(DynamicalSystem(graph, 3), [0, 0, 0], distance=1.0, spacing=0.1)
    x, _, z = found.points.T
    assert np.abs(z - x**2 / 3).max() < 1e-4
    assert found.area == pytest.approx(np.pi, rel=0.02)
    assert found.status == Status.SUCCESS


def test_points_of_lorenz_manifold_come_to_the_origin():
    found = manifold_surface(DynamicalSystem(lorenz, 3), [0, 0, 0], distance=20.0, spacing=2.0)
    assert found.distance[-1] == pytest.approx(20.0)
    last = found.points[found.circles[-1]]
    z_axis = np.argmax(last[:, 2])
    np.testing.assert_allclose(last[z_axis], [0, 0, 20], atol=0.5)  # the axis is in the manifold
    for point in last[:: len(last) // 12]:
        run = solve_ivp(lambda t, y: [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]], (0, 3),
                        point, rtol=1e-10, atol=1e-12)  # fmt: skip
        away = np.linalg.norm(run.y, axis=0)
        off = away.min() * np.exp(-11.8277 * run.t[np.argmin(away)])  # what is off the manifold grows at the unstable rate
        assert away.min() < 0.3 * 20
        assert off < 1e-3


def test_points_of_a_curve():
    """A circle through 24 points, by cubics: to the fourth power of the angle."""
    angle = 2 * np.pi * np.arange(24) / 24
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(tangents(circle), np.column_stack([-np.sin(angle), np.cos(angle)]), atol=1e-12)
    some = on_curve(circle, np.linspace(0, 23.9, 50), tangents(circle))
    assert np.abs(np.linalg.norm(some, axis=1) - 1).max() < (2 * np.pi / 24) ** 4 / 8


def test_what_is_refused_and_what_ends():
    net = CTRNN(np.diag([0.5, 0.2, 3.0]), activation="linear")
    with pytest.raises(ValueError, match="`saddle` must have two unstable directions; it has 1"):
        manifold_surface(net, np.zeros(3), "unstable", distance=1.0)
    with pytest.raises(ValueError, match="`saddle` must be a fixed point"):
        manifold_surface(net, np.ones(3), distance=1.0)
    assert manifold_surface(net, np.zeros(3), distance=1.0, timeout=0).status == Status.TIMEOUT
