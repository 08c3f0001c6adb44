"""The largest stable step, against linear networks with known eigenvalues and against what simulations do."""

import warnings

import numpy as np
import pytest

from ctrnn import CTRNN, DynamicalSystem, random_ctrnn, simulate
from neurodynamics import METHODS
from neurodynamics.schemes import step_bounds as stability

EXPLICIT = ["euler", "heun", "midpoint", "rk4"]
FACTOR = {
    "euler": lambda z: 1 + z,
    "heun": lambda z: 1 + z + z**2 / 2,
    "midpoint": lambda z: 1 + z + z**2 / 2,
    "rk4": lambda z: 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24,
}
INTERVALS = {"euler": 2.0, "heun": 2.0, "midpoint": 2.0, "rk4": 2.785293563405282}  # Hairer & Wanner II, IV.2


def linear(matrix):
    """The network whose flow is y' = A y."""
    matrix = np.asarray(matrix, dtype=float)
    return CTRNN(matrix + np.eye(len(matrix)), activation="linear")


def spiral(decay, omega):
    return linear([[-decay, -omega], [omega, -decay]])


@pytest.mark.parametrize("method", EXPLICIT)
def test_the_polynomial_is_that_of_the_textbook(rng, method):
    z = rng.normal(size=9) + 1j * rng.normal(size=9)
    polynomial = np.polynomial.Polynomial(stability.stability_polynomial(METHODS[method].tableau))
    np.testing.assert_allclose(polynomial(z), FACTOR[method](z), rtol=1e-12)


@pytest.mark.parametrize("method", EXPLICIT)
def test_real_modes_allow_the_known_interval(rng, method):
    rates = rng.uniform(1, 20, 4)
    basis = rng.normal(size=(4, 4))
    net = linear(basis @ np.diag(-rates) @ np.linalg.inv(basis))
    assert net.max_stable_step(method) == pytest.approx(INTERVALS[method] / rates.max(), rel=1e-9)


def test_euler_on_a_spiral_has_a_closed_form(rng):
    decay, omega = rng.uniform(0.1, 2, 2)
    assert spiral(decay, omega).max_stable_step("euler") == pytest.approx(2 * decay / (decay**2 + omega**2))


@pytest.mark.parametrize("method", EXPLICIT)
def test_the_factor_is_one_at_the_limit_and_less_below(rng, method):
    decay, omega = rng.uniform(0.1, 2, 2)
    limit = spiral(decay, omega).max_stable_step(method)
    mode = complex(-decay, omega)
    assert abs(FACTOR[method](limit * mode)) == pytest.approx(1, abs=1e-9)
    assert (np.abs(FACTOR[method](np.linspace(1e-6, 1 - 1e-9, 1000) * limit * mode)) < 1).all()
    assert abs(FACTOR[method](1.001 * limit * mode)) > 1


def test_rk4_damps_a_pure_oscillation_that_euler_lets_grow():
    centre = stability.largest_stable_multiple(METHODS["rk4"].tableau, 1j)
    assert centre == pytest.approx(2 * np.sqrt(2))
    assert stability.largest_stable_multiple(METHODS["euler"].tableau, 1j) == 0


@pytest.mark.parametrize("method", [*EXPLICIT, "exponential_euler"])
def test_simulations_die_out_below_the_limit_and_grow_above(rng, method):
    net = random_ctrnn(5, rng, weights=(-3, 3), biases=0.0, activation="tanh").replace(leaks=1.5)
    net = net.replace(weights=-np.abs(net.weights + net.weights.T) / 2 - 2 * np.eye(5))
    net = net.replace(leaks=1.5 + max(0.0, float(np.linalg.eigvalsh(net.weights)[-1])))  # the origin attracts
    limit = net.max_stable_step(method, np.zeros(5))
    assert np.isfinite(limit)
    for factor, grows in ((0.98, False), (1.02, True)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the steps are coarse on purpose
            if factor * limit > stability.max_stable_leak_step(net, METHODS[method]):
                return
            dt = factor * limit
            y = simulate(net, 2000 * dt, 1e-9 * rng.normal(size=5), method=method, dt=dt).y
        assert (np.abs(y[:, -1]).max() > 10 * np.abs(y[:, 0]).max()) == grows


def test_one_neuron_of_the_reference():
    """w = -10: Euler loses the equilibrium y* = -1.6335062 at h = 0.8450685; with 1 - exp(-h) for h, later."""
    net, y = CTRNN([[-10.0]]), [-1.63350617015585]
    assert net.max_stable_step("euler", y) == pytest.approx(0.845068543378147, rel=1e-12)
    assert net.max_stable_step("exponential_euler", y) == pytest.approx(-np.log1p(-0.845068543378147), rel=1e-9)


def test_growing_modes_set_no_limit():
    assert linear([[1.0]]).max_stable_step("euler") == np.inf
    assert linear([[1.0, 0], [0, -4.0]]).max_stable_step("euler") == pytest.approx(0.5)
    assert linear([[0.0, -1], [1, 0]]).max_stable_step("euler") == np.inf


# Over all states ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", EXPLICIT)
def test_without_connections_the_leak_decides(method):
    net = CTRNN(np.zeros((3, 3)), time_constants=[0.5, 1, 3], leaks=[1, 3, 1])
    assert net.max_stable_step(method) == pytest.approx(INTERVALS[method] / 3)
    assert stability.max_stable_leak_step(net, METHODS[method]) == pytest.approx(INTERVALS[method] / 3)
    assert net.max_stable_step("exponential_euler") == np.inf


@pytest.mark.parametrize("name", ["logistic", "tanh", "relu", "softplus"])
@pytest.mark.parametrize("method", [*EXPLICIT, "exponential_euler"])
def test_the_bound_over_states_holds_for_real_modes_anywhere(rng, method, name):
    """Symmetric connections with equal time constants have real modes only."""
    half = rng.normal(0, 3, (4, 4))
    net = CTRNN(half + half.T, rng.normal(size=4), 0.7, activation=name)
    bound = net.max_stable_step(method)
    states = rng.normal(0, 3, (50, 4))
    assert all(net.max_stable_step(method, y) >= bound * (1 - 1e-9) for y in states)


def test_the_bound_over_states_is_sharp_for_one_neuron():
    """w = -10, logistic: the steepest slope 1/4 gives the eigenvalue -3.5."""
    assert CTRNN([[-10.0]]).max_stable_step("euler") == pytest.approx(2 / 3.5)
    assert CTRNN([[-10.0]]).max_stable_step("exponential_euler") == pytest.approx(-np.log(1 - 2 / 3.5))
    assert CTRNN([[3.0]]).max_stable_step("euler") == pytest.approx(2.0)
    assert CTRNN([[-1.0]], gains=-2.0).max_stable_step("euler") == pytest.approx(2.0)
    assert CTRNN([[10.0]], gains=-2.0).max_stable_step("euler") == pytest.approx(2 / 6)


def test_what_has_no_bound_is_refused(rng):
    with pytest.raises(ValueError, match="'dopri5' chooses its own steps"):
        CTRNN([[1.0]]).max_stable_step("dopri5")
    with pytest.raises(ValueError, match="Did you mean 'euler'"):
        CTRNN([[1.0]]).max_stable_step("Euler")
    with pytest.raises(ValueError, match=r"`y` must have shape \(state_dim,\) = \(1,\)"):
        CTRNN([[1.0]]).max_stable_step("euler", [1, 2])
    with pytest.raises(ValueError, match="`system` must be an additive network"):
        stability.max_stable_step(DynamicalSystem(lambda t, y, u, params, out: out.fill(0.0), 1), "euler")
    assert CTRNN(np.zeros((0, 0))).max_stable_step() == np.inf


# What simulate makes of it --------------------------------------------------------------------------------------------


def test_steps_beyond_the_leak_are_refused_and_coarse_ones_noted():
    net = CTRNN(np.zeros((2, 2)), time_constants=[0.5, 3], leaks=[1, 9])
    with pytest.raises(ValueError, match=r"`dt` must be at most 0.666667 for 'euler'.*leak of neuron 1 \(time constant 3\)"):
        simulate(net, 1, [0, 0], method="euler", dt=0.7)
    with pytest.warns(UserWarning, match=r"above a tenth of the smallest time constant \(0.5, neuron 0\)"):
        simulate(net, 1, [0, 0], method="euler", dt=0.06)
    with pytest.warns(UserWarning, match="above a tenth"):
        simulate(net, 1, [0, 0], method="exponential_euler", dt=0.7)
    simulate(net, 1, [0, 0], method="euler", dt=0.05)


def test_a_neuron_that_grows_by_itself_has_no_leak_to_lose():
    net = CTRNN([[0.0]], leaks=-1.0, time_constants=30.0)
    assert stability.max_stable_leak_step(net, METHODS["euler"]) == np.inf
    simulate(net, 6, [1], method="euler", dt=3.0)
