"""A network and a body as one flow: against the flow written by hand, and through solvers."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN, DynamicalSystem, couple, simulate

NET = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75], time_constants=[1.0, 1.5], input_weights=[[1.0], [-0.5]])


def pendulum(t, y, u, params, out):
    out[0] = y[1]
    out[1] = u[0] - params[0] * np.sin(y[0]) - params[1] * y[1]


BODY = DynamicalSystem(pendulum, 2, params={"gravity": 2.0, "friction": 0.3}, input_dim=1)


def sense(x, params, out):
    out[0] = 3.0 * np.sin(x[0]) + params[1]


def act(o, params, out):
    out[0] = params[0] * (o[0] - o[1] ** 2)


def by_hand(t, state, u=0.0):
    """The same flow in numpy."""
    y, x = state[:2], state[2:]
    o = 1 / (1 + np.exp(-(y + NET.biases)))
    sensed = 3.0 * np.sin(x[0]) + 0.3 + u
    dy = (-y + NET.weights @ o + NET.input_weights[:, 0] * sensed) / NET.time_constants
    return np.array([*dy, x[1], 2.0 * (o[0] - o[1] ** 2) - 2.0 * np.sin(x[0]) - 0.3 * x[1]])


@pytest.fixture
def system():
    return couple(NET, BODY, sense, act)


def test_the_flow_is_the_one_written_by_hand(system, rng):
    for state in rng.normal(size=(20, 4)):
        assert system.rhs(0.0, state, [0.7]) == pytest.approx(by_hand(0.0, state, 0.7), rel=1e-13, abs=1e-14)
    state = rng.normal(size=4)
    assert system.outputs(state) == pytest.approx([*NET.outputs(state[:2]), *state[2:]])
    assert [len(part) for part in system.split(state)] == [2, 2]


def test_the_jacobian_is_that_of_the_flow(system, rng):
    for state in rng.normal(size=(10, 4)):
        h = 1e-6
        expected = np.stack([(by_hand(0, state + h * e) - by_hand(0, state - h * e)) / (2 * h) for e in np.eye(4)], axis=1)
        jacobian = system.jac(0.0, state)
        assert jacobian == pytest.approx(expected, abs=1e-8)
        assert np.array_equal(jacobian[:2, :2], NET.jac(0.0, state[:2], [0.0]))


@pytest.mark.parametrize("sizes", [(1, 3), (3, 1), (5, 2)])
def test_blocks_of_unequal_sizes(sizes, rng):
    n, s = sizes
    A = rng.normal(size=(s, s))

    def linear(t, y, u, params, out):
        for i in range(s):
            out[i] = u[0]
            for j in range(s):
                out[i] += A[i, j] * y[j]

    net = CTRNN(rng.normal(size=(n, n)), input_weights=np.ones((n, 1)))
    body = DynamicalSystem(linear, s, input_dim=1)

    def see(x, params, out):
        out[0] = x[0]

    def push(o, params, out):
        out[0] = o[0]

    coupled = couple(net, body, see, push)
    state = rng.normal(size=n + s)
    jacobian = coupled.jac(0.0, state)
    assert jacobian[:n, :n] == pytest.approx(net.jac(0, state[:n], state[n : n + 1]))
    assert jacobian[n:, n:] == pytest.approx(A, abs=1e-8)
    assert jacobian[:n, n:] == pytest.approx(np.eye(1, s) * np.ones((n, 1)), abs=1e-8)
    slope = net.outputs(state[:n])[0] * (1 - net.outputs(state[:n])[0])
    assert jacobian[n:, :n] == pytest.approx(np.eye(1, n) * slope * np.ones((s, 1)), abs=1e-8)


@pytest.mark.parametrize("method", ["dop853", "RK45", "Radau", "rk4"])
def test_every_solver_runs_it(system, method):
    options = {"dt": 0.01} if method == "rk4" else {"rtol": 1e-9, "atol": 1e-10}
    y, h = np.array([0.1, 0.2, 0.5, 0.0]), 0.005
    sol = simulate(system, 10, y, method=method, t_eval=[0, 10], **options)
    for _ in range(2000):  # classical Runge-Kutta by hand
        k1 = by_hand(0, y)
        k2 = by_hand(0, y + h / 2 * k1)
        k3 = by_hand(0, y + h / 2 * k2)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + by_hand(0, y + h * k3))
    assert sol.success
    assert sol.final == pytest.approx(y, abs=1e-6)


def test_parameters_have_their_names(system):
    assert system.param("weights[0, 1]") == 1.0
    assert system.param("body_gravity") == 2.0
    heavier = system.with_params({"body_gravity": 5.0, "biases": [0.0, 0.0]})
    state = np.array([0.1, 0.2, 0.5, 0.0])
    o = 1 / (1 + np.exp(-state[:2]))
    assert heavier.rhs(0, state)[3] == pytest.approx(5.0 * (o[0] - o[1] ** 2) - 5.0 * np.sin(0.5))
    with pytest.raises(ValueError, match=r"time_constants\[0\]"):
        system.with_params({"time_constants[0]": -1.0})


def falls(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -1.0


def hits(t, y, u, params, out):
    out[0] = y[0]


def bounces(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = -0.5 * y[1]


def test_events_and_resets_of_the_body_are_carried_over():
    ball = DynamicalSystem(falls, 2, input_dim=1, events=hits, event_directions=[-1], reset=bounces)
    coupled = couple(NET, ball, sense_height, push_nothing)
    sol = simulate(coupled, 3, [0.1, 0.2, 0.5, 0.0], method="dop853", rtol=1e-10, atol=1e-12)
    assert sol.t_events[0][:2] == pytest.approx([1.0, 2.0], abs=1e-8)  # falls for 1, then up and down for 2 * 0.5
    after = sol.y_events[0][0]
    assert after[:2] == pytest.approx(simulate(coupled, 1, [0.1, 0.2, 0.5, 0.0], rtol=1e-10, atol=1e-12).final[:2], abs=1e-6)


def sense_height(x, params, out):
    out[0] = x[0]


def push_nothing(o, params, out):
    out[0] = 0.0


def test_noise_of_the_network_is_carried_over():
    coupled = couple(NET.replace(noise=0.1), BODY, sense, act)
    assert coupled.has("diffusion")
    sol = simulate(coupled, 1, np.zeros(4), method="euler_maruyama", dt=0.01, rng=1)
    assert sol.success


def too_far(x, params, out):
    out[1] = x[0]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"network": 3}, TypeError, "`network` must be"),
        ({"body": None}, TypeError, "`body` must be"),
        ({"sense": lambda x: None}, TypeError, "`sense` must take"),
        ({"act": 3}, TypeError, "`act` must be a function"),
        ({"sense": too_far}, ValueError, "`sense`.*outside"),
    ],
)
def test_what_cannot_be_coupled(change, error, message):
    given = {"network": NET, "body": BODY, "sense": sense, "act": act} | change
    with pytest.raises(error, match=message):
        couple(**given)
