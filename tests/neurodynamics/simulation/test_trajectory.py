"""No neurons, one, intervals of length zero, arrays of every flavour, and parameters as large as 1e8."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import integrate

from neurodynamics import METHODS, AdditiveNetwork, DynamicalSystem, simulate, simulate_ensemble

QUIET_METHODS = [name for name, method in METHODS.items() if method.family != "map" and not method.noisy]
every_method = pytest.mark.parametrize("method", QUIET_METHODS)
NET = AdditiveNetwork([[4.5, 1.0], [-1.0, 4.5]], [-2.75, -1.75])


def options(method, dt=0.01):
    return {"method": method, "dt": dt} if METHODS[method].constant_step else {"method": method}


# Sizes ---------------------------------------------------------------------------------------------------------------


@every_method
def test_a_network_without_neurons_does_nothing_for_the_whole_span(method):
    empty = AdditiveNetwork(np.zeros((0, 0)))
    sol = simulate(empty, (0, 3), [], **options(method))
    assert sol.success
    assert sol.y.shape == (0, sol.t.size)
    assert (sol.t[0], sol.t[-1]) == (0, 3)
    assert simulate(empty, 3, [], t_eval=[1, 2], **options(method)).y.shape == (0, 2)


def test_a_network_without_neurons_is_whole():
    empty = AdditiveNetwork(np.zeros((0, 0)))
    assert empty.rhs(0, []).shape == (0,)
    assert empty.jac(0, []).shape == (0, 0)
    assert empty.outputs([]).shape == (0,)
    assert list(empty.param_names) == []
    assert simulate(empty, 1, []).success
    assert simulate_ensemble(empty, 1, np.zeros((5, 0)), save="final").y.shape == (5, 0)


@every_method
def test_one_neuron_relaxes_as_its_exponential(method):
    """y' = (-y + u) / tau by every method; to its order."""
    net = AdditiveNetwork([[0.0]], time_constants=2.0, activation="tanh")
    sol = simulate(net, 3, [1.0], inputs=[0.25], **options(method))
    exact = 0.25 + 0.75 * np.exp(-sol.t / 2)
    error = {1: 5e-3, 2: 1e-5}.get(METHODS[method].order, 1e-5)
    np.testing.assert_allclose(sol.y[0], exact, rtol=1e-3 if method in ("BDF", "LSODA", "RK23") else error)


# Spans ---------------------------------------------------------------------------------------------------------------


@every_method
@pytest.mark.parametrize("at", [0.0, 1.0, -2.5])
def test_an_interval_of_length_zero_holds_the_initial_state(method, at):
    y0 = [0.1, 0.2]
    for more in ({}, {"t_eval": [at]}, {"save": "final"}):
        sol = simulate(NET, (at, at), y0, **options(method), **more)
        assert sol.success
        np.testing.assert_array_equal(sol.t, [at])
        np.testing.assert_array_equal(sol.y[:, 0], y0)
    assert simulate(NET, (at, at), y0, t_eval=[], **options(method)).y.shape == (2, 0)
    if not METHODS[method].constant_step:
        np.testing.assert_array_equal(simulate(NET, (at, at), y0, dense_output=True, **options(method)).sol(at), y0)


@every_method
def test_time_may_run_backwards(method):
    def f(t, y):
        return -y + NET.weights @ (1 / (1 + np.exp(-(y + NET.biases))))

    exact = integrate.solve_ivp(f, (5, 2), [0.1, 0.2], method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
    sol = simulate(NET, (5, 2), [0.1, 0.2], **options(method))
    assert (np.diff(sol.t) < 0).all()
    assert (sol.t[0], sol.t[-1]) == (5, 2)
    error = {1: 0.2, 2: 1e-3}.get(METHODS[method].order, 1e-3)
    np.testing.assert_allclose(sol.final, exact, rtol=error)
    asked = simulate(NET, (5, 2), [0.1, 0.2], t_eval=[4.5, 4, 2], **options(method))
    np.testing.assert_array_equal(asked.t, [4.5, 4, 2])
    np.testing.assert_allclose(asked.final, sol.final, rtol=1e-9)


def test_a_number_is_short_for_a_span_from_zero():
    np.testing.assert_array_equal(simulate(NET, 3, [0, 0]).y, simulate(NET, (0, 3), [0, 0]).y)
    np.testing.assert_array_equal(simulate(NET, -3, [0, 0]).y, simulate(NET, (0, -3), [0, 0]).y)


@every_method
def test_wanted_times_come_back_as_they_were_asked_for(method, rng):
    """Also next to each other, at both ends, and where an end is only nearly meant."""
    times = np.sort(rng.uniform(0, 3, 50))
    times = np.unique([0.0, *times, 1.0, 1.0 + 1e-12, 3.0 - 1e-13, 3.0])
    sol = simulate(NET, 3, [0.1, 0.2], t_eval=times, **options(method))
    assert sol.success
    np.testing.assert_allclose(sol.t, times, rtol=0, atol=2e-11)
    every = simulate(NET, 3, [0.1, 0.2], **options(method))
    np.testing.assert_array_equal(sol.y[:, -1], every.final)
    assert np.abs(np.diff(sol.y)).max() < 0.5  # no point out of line


@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_a_stride_keeps_every_so_many_steps_and_the_last(method):
    every = simulate(NET, 1.0, [0.1, 0.2], method=method, dt=0.01)
    for stride in (1, 7, 100, 1000):
        some = simulate(NET, 1.0, [0.1, 0.2], method=method, dt=0.01, save=stride)
        kept = np.unique([*range(0, 101, stride), 100])
        np.testing.assert_array_equal(some.t, every.t[kept])
        np.testing.assert_array_equal(some.y, every.y[:, kept])


def test_points_between_steps_are_for_pictures_only():
    """The default output of an adaptive method is finer than its steps, and increases strictly."""
    for method in ("taylor", "dopri5", "dop853", "RK45", "LSODA"):
        sol = simulate(NET, 50, [0, 0], method=method)
        assert sol.t.size == 1 + METHODS[method].refine * sol.steps
        assert (np.diff(sol.t) > 0).all()


# Arrays --------------------------------------------------------------------------------------------------------------


def strided(array):
    wide = np.full([2 * size for size in array.shape], np.nan)
    wide[tuple(slice(None, None, 2) for _ in array.shape)] = array
    return wide[tuple(slice(None, None, 2) for _ in array.shape)]


def backwards(array):
    flipped = np.flip(array).copy()
    return np.flip(flipped)


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


FLAVOURS = {
    "lists": lambda a: a.tolist(),
    "tuples": lambda a: tuple(map(tuple, a)) if a.ndim == 2 else tuple(a),
    "integers": lambda a: a.astype(np.int32),
    "bytes": lambda a: a.astype(np.int8),
    "single precision": lambda a: a.astype(np.float32),
    "half precision": lambda a: a.astype(np.float16),
    "long double": lambda a: a.astype(np.longdouble),
    "objects": lambda a: a.astype(object),
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "Fortran order": np.asfortranarray,
    "read-only": read_only,
    "strided": strided,
    "backwards": backwards,
    "subclass": lambda a: a.view(np.matrix) if a.ndim == 2 else a,
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_arrays_of_every_flavour_are_taken_and_left_alone(flavour):
    """Small integers, which every type holds exactly: the results are the same bits."""
    arrays = {
        "weights": np.array([[4.0, 1.0, 0.0], [-1.0, 4.0, 2.0], [1.0, -3.0, 2.0]]),
        "biases": np.array([-3.0, -2.0, 1.0]),
        "time_constants": np.array([1.0, 2.0, 3.0]),
        "gains": np.array([1.0, -1.0, 2.0]),
        "input_weights": np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 1.0]]),
        "y0": np.array([1.0, -2.0, 3.0]),
        "inputs": np.array([1.0, -1.0]),
        "t_eval": np.array([0.0, 1.0, 3.0, 5.0]),
        "atol": np.array([1.0, 2.0, 1.0]),
    }

    def run(given):
        given = dict(given)
        rest = {name: given.pop(name) for name in ("y0", "inputs", "t_eval", "atol")}
        net = AdditiveNetwork(**given)
        return net, simulate(net, (0, 5), rest.pop("y0"), method="dopri5", **rest)

    net, expected = run(arrays)
    given = {name: FLAVOURS[flavour](array) for name, array in arrays.items()}
    kept = {name: np.array(array, copy=True) for name, array in given.items()}
    other, sol = run(given)
    np.testing.assert_array_equal(other.params, net.params)
    np.testing.assert_array_equal(sol.y, expected.y)
    for name, array in given.items():
        np.testing.assert_array_equal(np.asarray(array), kept[name])
    assert other.params.dtype == sol.y.dtype == np.float64


def test_a_network_does_not_see_later_changes_of_what_it_was_made_from():
    weights = np.array([[1.0, 2.0], [3.0, 4.0]])
    net = AdditiveNetwork(weights)
    weights[0, 0] = 100
    assert net.weights[0, 0] == 1
    params = np.array([1.0, 2.0])
    system = DynamicalSystem(lambda t, y, u, p, out: out.fill(0.0), 1, params)
    params[0] = 9
    assert system.params[0] == 1


# As large as 1e8 -----------------------------------------------------------------------------------------------------

LARGE = [1e8, -1e8]


@every_method
@pytest.mark.parametrize("gain", LARGE)
@pytest.mark.parametrize("bias", [0.5, -20.0, *LARGE])
def test_saturated_neurons_follow_their_exponentials(method, gain, bias):
    """The states never cross -bias, so every output is 0 or 1 and the solution is known. Warnings are errors here."""
    weights, tau = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 2.0])
    net = AdditiveNetwork(weights, bias, tau, gains=gain)
    y0 = np.array([0.1, 0.2])
    on = float(gain * (y0[0] + bias) > 0)
    goal = weights.sum(axis=1) * on
    sol = simulate(net, 2, y0, **options(method))
    exact = goal[:, None] + (y0 - goal)[:, None] * np.exp(-sol.t / tau[:, None])
    assert sol.success
    loose = method in ("BDF", "LSODA", "RK23")
    np.testing.assert_allclose(sol.y, exact, atol=0.05 if METHODS[method].order == 1 else 1e-2 if loose else 1e-3)
    np.testing.assert_array_equal(sol.outputs, on)


@every_method
@pytest.mark.parametrize("sign", [1, -1])
def test_a_gain_of_1e8_switches_another_neuron_at_its_threshold(method, sign):
    """y = 1 - exp(-t) crosses 1/2 at ln 2; from there on (or until then) the other neuron is driven."""
    net = AdditiveNetwork([[0, 0], [3.0, 0]], [-0.5, 0.0], gains=[sign * 1e8, 1.0], constant_inputs=[1.0, 0.0])
    tight = {} if METHODS[method].constant_step else {"rtol": 1e-8, "atol": 1e-10}
    times = np.array([0.3, 0.6, 0.8, 1.5, 3.0])
    sol = simulate(net, 3, [0.0, 0.0], t_eval=times, **options(method, 0.001), **tight)
    after = np.maximum(times - np.log(2), 0)
    on = 3 * (1 - np.exp(-after))
    exact = on if sign > 0 else 3 * (1 - np.exp(-times)) - on
    assert sol.success
    np.testing.assert_allclose(sol.y[0], 1 - np.exp(-times), atol=1e-3)
    np.testing.assert_allclose(sol.y[1], exact, atol=5e-3 if METHODS[method].constant_step else 1e-4)


@pytest.mark.parametrize(
    "activation", ["logistic", "tanh", "relu", "softplus", "linear", "erf", "arctangent", "hard_sigmoid"]
)
def test_right_hand_sides_of_huge_arguments_are_finite_and_silent(activation):
    for gain in LARGE:
        for state in (0.0, 1.0, 1e8, -1e8):
            net = AdditiveNetwork([[0.5, -1], [1, 0.5]], [1e8, -1e8], gains=gain, activation=activation)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert np.isfinite(net.rhs(0, [state, state])).all()
                assert np.isfinite(net.jac(0, [state, state])).all()


# Coarse steps --------------------------------------------------------------------------------------------------------


def test_a_coarse_step_deserves_one_warning_at_the_users_line():
    with pytest.warns(
        UserWarning, match=r"`dt` = 0.2 is above a tenth of the smallest time constant \(1, neuron 0\)"
    ) as seen:
        simulate(NET, 1, [0, 0], method="rk4", dt=0.2)
    assert len(seen) == 1
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        simulate(NET, 1, [0, 0], method="rk4", dt=0.1)
        at_rest = DynamicalSystem(lambda t, y, u, p, out: out.fill(0.0), 1)
        simulate(at_rest, 1, [0.0], method="euler", dt=1.0)  # no time constants


@pytest.mark.parametrize(("method", "limit"), [("euler", 2.0), ("heun", 2.0), ("midpoint", 2.0), ("rk4", 2.785293563405282)])
def test_a_step_beyond_the_stability_of_the_leak_is_refused(method, limit):
    net = AdditiveNetwork(np.zeros((2, 2)), time_constants=[1.0, 0.5], activation="linear")
    with pytest.raises(ValueError, match=r"the leak of neuron 1 \(time constant 0.5\) grows without bound"):
        simulate(net, 1, [0, 0], method=method, dt=0.5 * limit * 1.001)
    with pytest.warns(UserWarning, match="above a tenth"):
        sol = simulate(net, 400, [1, 1], method=method, dt=0.5 * limit * 0.98)
    assert np.abs(sol.final).max() < 1e-3  # stable indeed
