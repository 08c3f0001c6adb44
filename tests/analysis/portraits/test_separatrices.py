"""Manifolds that symmetry or a closed form gives."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import fixed_points, separatrix
from ctrnn import CTRNN, DynamicalSystem, random_ctrnn, simulate


def test_the_separatrix_of_two_equal_neurons_is_the_diagonal():
    found = separatrix(CTRNN([[0, -8], [-8, 0]], constant_inputs=4))
    stable = [branch for branch in found if branch.direction == "stable"]
    assert len(stable) == 2
    for branch in stable:
        assert np.abs(branch.y[:, 0] - branch.y[:, 1]).max() < 1e-9
        assert branch.end == "leaves"
        assert abs(branch.s[-1] - np.linalg.norm(branch.y[-1] - branch.y[0])) < 1e-9  # a straight line
    assert found.connections == [(1, "fixed point", 0), (1, "fixed point", 2)]


@pytest.mark.parametrize("n", [2, 3])
def test_decoupled_units_are_connected_along_the_edges_of_a_grid(n):
    net = CTRNN(8 * np.eye(n), biases=-4)
    found = separatrix(net)
    x = found.points.x
    saddles = [k for k in range(len(x)) if found.points.index[k] == 1]
    expected = [
        (k, "fixed point", j) for k in saddles for j in range(len(x))
        if found.points.stable[j] and (np.abs(x[j] - x[k]) > 1e-6).sum() == 1
    ]  # fmt: skip
    assert found.connections == sorted(expected)
    assert len(found.connections) == n * 2 ** (n - 1) * 2


def test_manifolds_of_a_flow_in_closed_form():
    """The saddle of y0' = -y0, y1' = y1 + y0^2: stable y1 = -y0^2/3, unstable y0 = 0."""

    def rhs(t, y, u, params, out):
        out[0] = -y[0]
        out[1] = y[1] + y[0] * y[0]

    def jac(t, y, u, params, out):
        out[0, 0], out[0, 1], out[1, 0], out[1, 1] = -1.0, 0.0, 2 * y[0], 1.0

    system = DynamicalSystem(rhs, 2, jac=jac)
    found = separatrix(system, fixed_points(system, rng=1), box=[(-2, 2), (-2, 2)])
    assert [branch.end for branch in found] == ["leaves"] * 4
    for branch in found:
        y0, y1 = branch.y.T
        assert np.abs(y0 if branch.direction == "unstable" else y1 + y0**2 / 3).max() < 1e-8
    assert found.connections == []


def test_a_repelling_point_between_two_saddles():
    """An oscillator beside a bistable neuron: the saddles have index 2, and only stable branches are lines."""
    net = CTRNN([[4.5, 1, 0.0], [-1, 4.5, 0.0], [0.0, 0.0, 8.0]], biases=[-2.75, -1.75, -4])
    points = fixed_points(net)
    assert sorted(points.index.tolist()) == [2, 2, 3]
    found = separatrix(net, points)
    middle = int(np.argmax(points.index))
    assert {b.direction for b in found} == {"stable"}
    assert sorted((b.end, b.target) for b in found) == [("fixed point", middle)] * 2 + [("leaves", -1)] * 2


def test_unstable_branches_end_on_a_cycle():
    """A cycle at y2 = 1, about r' = r (1 - r^2) in polar coordinates, and a saddle-focus at y2 = 0 that leads there."""

    def rhs(t, y, u, params, out):
        grow = 2 * y[2] - 1 - y[0] * y[0] - y[1] * y[1]
        out[0] = y[0] * grow - y[1] + 0.1 * y[2]
        out[1] = y[1] * grow + y[0]
        out[2] = y[2] * (1 - y[2])

    system = DynamicalSystem(rhs, 3)
    found = separatrix(system, fixed_points(system, rng=1), box=[(-3, 3)] * 3)
    (cycle,) = found.cycles
    origin = int(np.argmin(np.abs(found.points.x).max(axis=1)))
    assert (origin, "cycle", 0) in found.connections
    turn = simulate(system, (0, cycle.period), cycle.y[:, 0], rtol=1e-12, atol=1e-13)
    assert np.linalg.norm(turn.final - cycle.y[:, 0]) < 1e-9
    assert np.abs(cycle.y[2] - 1).max() < 1e-9
    assert cycle.stable


def test_unstable_branches_are_trajectories(rng):
    for seed in range(40):
        net = random_ctrnn(4, seed, time_constants=(0.5, 2))
        net = net.replace(biases=-net.weights.sum(axis=1) / 2)
        points = fixed_points(net)
        branches = [b for b in separatrix(net, points, which="unstable") if b.end == "fixed point"]
        for branch in branches:
            assert points.stable[branch.target]
            start = branch.y[len(branch.y) // 3]
            run = simulate(net, 200, start, rtol=1e-8, atol=1e-10, save="final")
            assert np.abs(run.final - points.x[branch.target]).max() < 1e-5
        if branches:
            return
    pytest.fail("no network with a connection")


def test_edges():
    net = CTRNN([[0, -8], [-8, 0]], constant_inputs=4)
    assert len(separatrix(net, timeout=0.0)) == 0
    assert separatrix(net, timeout=0.0).status < 0
    assert len(separatrix(net, which="stable")) == 2
    assert len(separatrix(CTRNN([[1.0]]))) == 0
    with pytest.raises(ValueError, match="`box` must be 2 rows"):
        separatrix(net, box=[(0, 1)])
    with pytest.raises(TypeError, match="`points` must be the FixedPoints"):
        separatrix(net, np.zeros((1, 2)))

    def double(t, y, u, params, out):
        out[0] = 2 * y[0]

    with pytest.raises(ValueError, match="`system` must be a flow"):
        separatrix(DynamicalSystem(double, 1, kind="map"))
