"""The map of a step is the simulation, to the last bit; its Jacobian is that of the composed formula."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import fixed_points
from ctrnn import CTRNN, DynamicalSystem, Ramp, discretise, simulate, simulate_ensemble

METHODS = ["euler", "exponential_euler", "heun", "midpoint", "rk4"]
NET = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75], time_constants=[1, 1.7], leaks=[1, 0.8])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dt", [0.1, 0.0625])
def test_iterates_are_the_simulation_to_the_last_bit(method, dt):
    inputs = [0.1, -0.2]
    iterated = simulate(discretise(NET, method, dt), 300, [0.3, -0.4], inputs=inputs)
    simulated = simulate(NET, 300 * dt, [0.3, -0.4], inputs=inputs, method=method, dt=dt)
    assert np.array_equal(iterated.y, simulated.y)
    assert np.array_equal(iterated.outputs, simulated.outputs)


def test_a_large_network_and_a_system_of_the_users_own():
    rng = np.random.default_rng(3)
    large = CTRNN(rng.normal(size=(70, 70)), activation="tanh")
    start = rng.normal(size=70)
    assert np.array_equal(simulate(discretise(large, "heun", 0.05), 40, start).y,
                          simulate(large, 2.0, start, method="heun", dt=0.05).y)  # fmt: skip

    def forced(t, y, u, params, out):
        out[0] = y[1]
        out[1] = np.sin(3.0 * t) - params[0] * y[0]

    own = DynamicalSystem(forced, 2, params={"stiffness": 2.0})
    host = DynamicalSystem(forced, 2, params={"stiffness": 2.0}, host=True)
    for system in (own, host):
        exact = simulate(system, 4.0, [1, 0], method="rk4", dt=0.125)
        assert np.array_equal(simulate(discretise(system, "rk4", 0.125), 32, [1, 0]).y, exact.y)


@pytest.mark.parametrize("method", METHODS)
def test_the_jacobian_of_a_linear_network_is_the_methods_polynomial(method):
    """R(h A): 1 + z + .. up to the order; the leak is exact in exponential Euler."""
    weights, h = np.array([[0.2, -1.1], [0.7, 0.4]]), 0.2
    a = weights - np.eye(2)
    net = CTRNN(weights, activation="linear")
    powers = [np.eye(2)]
    for k in range(1, 5):
        powers.append(powers[-1] @ (h * a) / k)
    expected = sum(powers[: {"euler": 2, "heun": 3, "midpoint": 3, "rk4": 5}.get(method, 1)])
    if method == "exponential_euler":
        expected = np.eye(2) + (1 - np.exp(-h)) * a
    assert np.abs(discretise(net, method, h).jac(0, [0.3, 0.7]) - expected).max() < 1e-15


@pytest.mark.parametrize("method", METHODS)
def test_the_jacobian_is_the_derivative_of_the_step(method):
    step = discretise(NET, method, 0.3)
    y, h = np.array([2.1, 1.3]), 1e-5
    columns = [(step.rhs(0, y + h * e) - step.rhs(0, y - h * e)) / (2 * h) for e in np.eye(2)]
    assert np.abs(step.jac(0, y) - np.column_stack(columns)).max() < 1e-10


def test_the_two_cycle_that_the_flow_does_not_have():
    """REFERENCE figures: y -> -10 s(y) at a step of one time constant, and its range 0.8450685 < h < 2."""
    net = CTRNN([[-10]])
    found = fixed_points(discretise(net, "euler", 1.0), period=2, rng=0)
    assert np.abs(found.x.ravel() - [-4.79504537171, -0.08202781449]).max() < 1e-10
    assert np.abs(found.eigenvalues - 0.203).max() < 5e-4
    assert found.stable.all()
    (rest,) = fixed_points(net).x
    multiplier = discretise(net, "euler", 0.8450685).jac(0, rest)[0, 0]
    assert abs(multiplier + 1) < 1e-6


def test_the_step_is_a_parameter_that_can_be_swept():
    step = discretise(NET, "euler", 0.1)
    assert step.param_names[-1] == "dt"
    steps = np.array([0.025, 0.05, 0.1])
    ens = simulate_ensemble(step, 50, [0.3, 0.4], params={"dt": steps}, save="final")
    for dt, end in zip(steps, ens.y, strict=True):
        assert np.array_equal(end, simulate(NET, 50 * dt, [0.3, 0.4], method="euler", dt=dt).final)
    with pytest.raises(ValueError, match="`dt`"):
        step.with_params({"dt": 0.0})
    with pytest.raises(ValueError, match="time_constants"):
        step.with_params({"time_constants": [0.0, 1.0]})


def test_bad_input():
    with pytest.raises(ValueError, match="must be a flow"):
        discretise(discretise(NET, "euler", 0.1), "euler", 0.1)
    with pytest.raises(ValueError, match="`method` must be one of"):
        discretise(NET, "dopri5", 0.1)
    with pytest.raises(ValueError, match="`dt` must be positive"):
        discretise(NET, "euler", 0.0)
    with pytest.raises(TypeError, match="`system`"):
        discretise("net", "euler", 0.1)

    def decay(t, y, u, params, out):
        out[0] = -y[0]

    with pytest.raises(ValueError, match="additive network"):
        discretise(DynamicalSystem(decay, 1), "exponential_euler", 0.1)
    with pytest.raises(ValueError, match="rename"):
        discretise(DynamicalSystem(decay, 1, params={"dt": 1.0}), "euler", 0.1)
    assert simulate(discretise(NET, "euler", 0.1), 3, [0, 0], inputs=[Ramp(0, 2, 1.0), 0.0]).success
