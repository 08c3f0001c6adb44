"""Controllers: bitwise the simulation, no memory per step, and states that can be reset and copied."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

from ctrnn import (
    CTRNN,
    Controller,
    DynamicalSystem,
    PopulationController,
    Sampled,
    random_ctrnn,
    simulate,
)

METHODS = ["euler", "exponential_euler", "heun", "midpoint", "rk4"]
DT = 0.013


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("n", "m"), [(1, None), (2, 3), (8, None), (9, 1), (10, 4), (20, None), (130, 2)])
def test_the_states_are_those_of_simulate_bit_for_bit(rng, method, n, m):
    net = random_ctrnn(n, rng, input_dim=m)
    steps, substeps = 40, 3
    held = rng.normal(size=(net.input_dim, steps))
    y0 = rng.normal(size=n)
    controller = Controller(net, DT, method, substeps=substeps, y0=y0)
    outputs, states = np.empty((n, steps)), np.empty((n, steps))
    for k in range(steps):
        outputs[:, k] = controller.step(held[:, k])
        states[:, k] = controller.y
    times = np.arange(steps) * substeps * DT
    sol = simulate(net, (0, steps * substeps * DT), y0, inputs=Sampled(times, held), method=method, dt=DT, save=substeps)
    np.testing.assert_array_equal(states, sol.y[:, 1:])
    np.testing.assert_array_equal(outputs, sol.outputs[:, 1:])
    assert controller.t == pytest.approx(sol.t[-1])


def test_beers_euler_values():
    net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    controller = Controller(net, 0.01, y0=[-0.084000643, -0.408035109])
    for _ in range(5000):
        controller.step()
    np.testing.assert_allclose(controller.outputs, [0.7937701, 0.4131848], atol=5.1e-8)


def forced(t, y, u, params, out):
    out[0] = params[0] * np.cos(t) - y[0] + u[0]


def test_a_system_of_a_user_sees_its_time():
    system = DynamicalSystem(forced, 1, params=[2.0], input_dim=1)
    controller = Controller(system, 0.01, "rk4", substeps=100)
    for _ in range(3):
        shown = controller.step([0.0])
    exact = (np.cos(3) + np.sin(3)) - np.exp(-3)  # y' = 2 cos t - y, y(0) = 0
    assert shown[0] == pytest.approx(exact, abs=1e-9)
    assert controller.t == 3.0


# State ----------------------------------------------------------------------------------------------------------------


def test_reset_starts_again(rng):
    net = random_ctrnn(3, rng)
    controller = Controller(net, 0.01, y0=[1, 2, 3])
    np.testing.assert_allclose(controller.outputs, net.outputs([1, 2, 3]))
    first = [controller.step([1, 0, 0]).copy() for _ in range(5)]
    np.testing.assert_allclose(controller.reset(), net.outputs([1, 2, 3]))
    assert controller.t == 0
    np.testing.assert_array_equal([controller.step([1, 0, 0]).copy() for _ in range(5)], first)
    np.testing.assert_array_equal(controller.reset([0, 0, 1]), net.outputs([0, 0, 1]))
    assert controller.y.tolist() == [0, 0, 1]
    controller.reset()
    assert controller.y.tolist() == [1, 2, 3]


def test_the_state_can_be_set_and_is_a_copy(rng):
    net = random_ctrnn(2, rng)
    controller = Controller(net, 0.01)
    controller.step()
    controller.y = [3, 4]
    y = controller.y
    y[:] = 99
    assert controller.y.tolist() == [3, 4]
    np.testing.assert_array_equal(controller.outputs, net.outputs([3, 4]))
    assert controller.t == 0.01


def test_no_inputs_are_zero_inputs(rng):
    net = random_ctrnn(3, rng)
    one, two = Controller(net, 0.01), Controller(net, 0.01)
    one.step([1, 1, 1])
    two.step(np.ones(3))
    np.testing.assert_array_equal(one.step(), two.step([0, 0, 0]))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))])
def test_copies_go_their_own_way(rng, duplicate):
    controller = Controller(random_ctrnn(3, rng), 0.01, "rk4", substeps=2, y0=[1, 2, 3])
    for _ in range(4):
        controller.step([1, 0, 0])
    other = duplicate(controller)
    assert (other.method, other.substeps, other.dt, other.t) == ("rk4", 2, 0.01, controller.t)
    np.testing.assert_array_equal(other.y, controller.y)
    np.testing.assert_array_equal(other.step([0, 1, 0]), controller.step([0, 1, 0]))
    before = controller.y
    other.step([9, 9, 9])
    np.testing.assert_array_equal(controller.y, before)
    np.testing.assert_array_equal(other.reset(), controller.reset())


def test_two_controllers_share_a_network_but_no_state(rng):
    net = random_ctrnn(2, rng)
    one, two = Controller(net, 0.01), Controller(net, 0.01)
    one.step([1, 1])
    assert two.y.tolist() == [0, 0]


# Cost -----------------------------------------------------------------------------------------------------------------


def test_a_step_allocates_nothing(rng):
    controller, u = Controller(random_ctrnn(10, rng, input_dim=4), 0.01), np.ones(4)
    first = controller.step(u)
    tracemalloc.start()
    try:
        for _ in range(1000):
            again = controller.step(u)
        current, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert again is first
    assert peak < 10_000  # of a thousand steps; an array of ten numbers each would be over 80 000 if kept
    assert current < 5_000


def test_the_outputs_cannot_be_written_to(rng):
    controller = Controller(random_ctrnn(2, rng), 0.01)
    with pytest.raises(ValueError, match="read-only"):
        controller.step()[0] = 1


# Bad input ------------------------------------------------------------------------------------------------------------


def flow(t, y, u, params, out):
    out[0] = y[0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"net": "net"}, TypeError, "`net` must be a network or a DynamicalSystem; got str"),
        ({"net": DynamicalSystem(flow, 1, kind="map")}, ValueError, "`net` must be a flow"),
        ({"dt": 0}, ValueError, "`dt` must be positive"),
        ({"dt": np.nan}, ValueError, "`dt` must be finite"),
        ({"dt": 3.0}, ValueError, "`dt` must be at most 2 for 'euler'"),
        ({"method": "dopri5"}, ValueError, "`method` of a controller must be one of 'euler', 'exponential_euler'"),
        ({"method": "euler_maruyama"}, ValueError, "`method` of a controller must be one of"),
        ({"method": "eluer"}, ValueError, "Did you mean 'euler'"),
        ({"net": DynamicalSystem(flow, 1), "method": "exponential_euler"}, ValueError, "needs an additive network"),
        ({"net": DynamicalSystem(flow, 1, diffusion=flow)}, ValueError, "a controller has no noise"),
        ({"substeps": 0}, ValueError, "`substeps` must be at least 1"),
        ({"substeps": 1.5}, TypeError, "`substeps` must be an integer"),
        ({"y0": [1, 2, 3]}, ValueError, r"`y0` must have shape \(state_dim,\) = \(2,\)"),
        ({"y0": [1, np.nan]}, ValueError, r"`y0\[1\]` must be finite"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Controller(**({"net": CTRNN(np.zeros((2, 2))), "dt": 0.01} | arguments))


def test_coarse_steps_are_nothing_to_note_in_closed_loops():
    """They are often defined with one; populations and evaluations do not warn either. (Warnings are errors here.)"""
    Controller(CTRNN(np.zeros((2, 2))), 0.5)
    PopulationController(CTRNN(np.zeros((2, 2))), 2, 0.5)


@pytest.mark.parametrize("u", [[1], [1, 2, 3], 1.0, [[1, 2]], np.ones((2, 2))])
def test_inputs_of_a_wrong_shape_are_refused(u):
    controller = Controller(CTRNN(np.eye(2)), 0.01)
    with pytest.raises(ValueError, match=r"`u` must have shape \(input_dim,\) = \(2,\)"):
        controller.step(u)


@pytest.mark.parametrize(
    "u", ["ab", ["1", "2"], [None, 1], [1j, 0], np.array([b"1", b"2"]), np.array([1, 2], "timedelta64[s]")]
)
def test_inputs_that_are_no_numbers_are_refused(u):
    controller = Controller(CTRNN(np.eye(2)), 0.01)
    with pytest.raises(TypeError, match="`u` must"):
        controller.step(u)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_inputs_that_are_not_finite_are_refused_and_change_nothing(bad):
    controller = Controller(CTRNN(np.eye(2)), 0.01, y0=[1, 2])
    with pytest.raises(ValueError, match=rf"`u\[1\]` must be finite; got {bad}"):
        controller.step([0, bad])
    assert controller.y.tolist() == [1, 2]
    assert controller.t == 0
    controller.step([0, 0])


def test_a_state_that_blows_up_is_an_error_and_reset_is_the_remedy():
    controller = Controller(CTRNN([[1e200]], activation="linear"), 0.01, y0=[1.0])
    controller.step()
    with pytest.raises(FloatingPointError, match=r"NaN or infinite at t = 0\.02: the network diverges"):
        controller.step()
    controller.reset([0.0])
    assert np.isfinite(controller.step()).all()


# Motors --------------------------------------------------------------------------------------------------------------
