"""Saltation matrices, against formulas and against the flow itself on both sides of a jump."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from ctrnn import CTRNN, DynamicalSystem, simulate
from neurodynamics import models, saltation_matrix
from neurodynamics.systems import with_tangents


def test_a_bouncing_ball():
    """S = [[-e, 0], [(1 + e) g / v, -e]] for a ball that arrives with the speed v > 0."""
    g, e, v = 9.81, 0.7, 3.0
    found = saltation_matrix(models.bouncing_ball(gravity=g, restitution=e), 0, [0.0, -v])
    assert found == pytest.approx(np.array([[-e, 0.0], [(1 + e) * g / v, -e]]), abs=1e-9)


def moved(t, y, u, params, out):
    out[0] = 1.0 + 0.3 * y[1] + 0.1 * np.sin(t)
    out[1] = -0.5 * y[1] + y[0] * y[0]


def barrier(t, y, u, params, out):
    out[0] = y[0] + 0.2 * y[1] * y[1] - 1.0 - 0.1 * t


def thrown_back(event, t, y, u, params, out):
    out[0] = -0.3 * y[0] * y[1] + 0.05 * t - 1.0
    out[1] = y[1] * y[1] + 0.4 * y[0]


JUMPS = DynamicalSystem(moved, 2, events=barrier, event_directions=[1], reset=thrown_back)


def test_tangents_through_a_jump_are_the_differences_of_trajectories():
    """Of a system that depends on time in all its parts: flow, event and reset."""
    def end(y):
        return simulate(JUMPS, 2.0, y, method="dop853", rtol=1e-12, atol=1e-13).final

    start, h = np.array([0.2, 0.5]), 1e-5
    expected = np.column_stack([(end(start + h * e) - end(start - h * e)) / (2 * h) for e in np.eye(2)])
    whole = with_tangents(JUMPS, 2)
    run = simulate(whole, 2.0, np.r_[start, np.eye(2).ravel(), 0.0], method="dop853", rtol=1e-12, atol=1e-13)
    assert len(run.t_events[0]) == 1
    assert run.final[2:6].reshape(2, 2).T == pytest.approx(expected, abs=1e-8)
    assert run.final[6] == pytest.approx(np.log(abs(np.linalg.det(expected))), abs=1e-8)


def test_without_events_they_solve_the_variational_equation():
    net = CTRNN([[0.5, 1.0], [-1.0, 0.2]], activation="linear")
    whole = with_tangents(net, 2)
    run = simulate(whole, 1.5, np.r_[1.0, 2.0, np.eye(2).ravel(), 0.0], method="dop853", rtol=1e-12, atol=1e-13)
    values, vectors = np.linalg.eig(net.weights - np.eye(2))
    exact = (vectors * np.exp(1.5 * values) @ np.linalg.inv(vectors)).real
    assert run.final[2:6].reshape(2, 2).T == pytest.approx(exact, abs=1e-10)
    again = pickle.loads(pickle.dumps(whole))
    assert np.array_equal(again.rhs(0.0, run.final), whole.rhs(0.0, run.final))


@pytest.mark.parametrize(
    ("system", "event", "options", "message"),
    [(CTRNN([[0.0]]), 0, {}, "must have a `reset`"), (JUMPS, 1, {}, "below event_dim = 1"),
     (JUMPS, 0, {"inputs": [1.0]}, "`inputs` must have shape")],
)  # fmt: skip
def test_what_has_none(system, event, options, message):
    with pytest.raises(ValueError, match=message):
        saltation_matrix(system, event, [0.0] * system.state_dim, **options)
