"""Echo state networks: the Euler step of a flow, exact memory, published benchmarks, and chaos in a closed loop."""

import numpy as np
import pytest
from punctual import LOADED, PROMPT, at_best, interrupted

from analysis import lyapunov_spectrum
from neurodynamics import DynamicalSystem, Sampled, discretise, models, simulate
from recurrent import EchoState, RateNetwork, Readout, mackey_glass, memory_capacity


def test_the_leaky_map_is_eulers_step_of_the_flow_bit_for_bit(rng):
    W, U, b = rng.normal(size=(6, 6)), rng.normal(size=(6, 2)), rng.normal(size=6)
    echo, flow = EchoState(W, U, b, 0.3), RateNetwork(W, U, b)
    y = z = rng.normal(size=6)
    euler = discretise(flow, "euler", 0.3)
    for u in rng.normal(size=(30, 2)):
        y, z = echo.rhs(0, y, u), euler.rhs(0, z, u)
        np.testing.assert_array_equal(y, z)
    np.testing.assert_allclose(echo.jac(0, y, u), euler.jac(0, y, u), atol=1e-14)


def test_harvested_states_are_the_simulated_ones(rng):
    net, u = EchoState.random(40, 2, leak=0.4, bias_scale=0.3, rng=1), rng.normal(size=(2, 50))
    run = simulate(net, 50, np.zeros(40), inputs=Sampled(np.arange(50), u))
    np.testing.assert_allclose(net.harvest(u), run.y[:, 1:], atol=1e-13)
    assert np.abs(np.linalg.eigvals(net.weights)).max() == pytest.approx(0.9)


def test_a_large_network_has_the_spectral_radius_that_was_asked_for():
    net = EchoState.random(350, 1, spectral_radius=1.2, rng=0)
    assert np.abs(np.linalg.eigvals(net.weights)).max() == pytest.approx(1.2, rel=1e-8)


def error_84(units, seed, trials=40, train=3000, washout=300, **options):
    """The error of closed loops 84 steps after they were let go, in standard deviations (Jaeger & Haas)."""
    x = np.tanh(mackey_glass(train + washout + 60 * trials + 168, rng=seed) - 1)[np.newaxis]
    net = EchoState.random(units, 1, spectral_radius=0.8, input_scale=0.5, bias_scale=0.2, leak=0.5, rng=seed)
    states = net.harvest(x)
    readout = net.fit(states[:, washout : washout + train], x[:, washout + 1 : washout + train + 1], **options)
    loop = net.closed_loop(readout)
    starts = washout + train + 60 * np.arange(trials)
    X = states[:, starts - 1]
    for _ in range(83):
        X = X + 0.5 * (np.tanh(loop.weights @ X + loop.biases[:, np.newaxis]) - X)
    return np.sqrt(np.mean((readout(X)[0] - x[0, starts + 83]) ** 2) / x.var())


@pytest.mark.parametrize("seed", range(10, 14))
def test_mackey_glass_is_continued_for_84_steps(seed):
    assert error_84(400, seed, ridge=1e-14) <= 5e-3


@pytest.mark.slow
def test_a_thousand_units_continue_mackey_glass_as_published():
    """Jaeger and Haas: 10^-4.2 with a thousand units."""
    assert np.median([error_84(1000, seed, trials=20, ridge=1e-15) for seed in range(5)]) <= 1e-4


def lorenz(t, y, u, params, out):
    out[0] = 10 * (y[1] - y[0])
    out[1] = y[0] * (28 - y[2]) - y[1]
    out[2] = y[0] * y[1] - 8 / 3 * y[2]


def test_a_closed_loop_has_the_exponent_of_lorenz():
    dt = 0.02
    run = simulate(DynamicalSystem(lorenz, 3), 200, [1, 1, 20], t_eval=np.arange(0, 200, dt), rtol=1e-9, atol=1e-9)
    x = run.y[:, 1000:]
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    net = EchoState.random(150, 3, spectral_radius=0.4, input_scale=0.2, bias_scale=1.0, rng=0)
    states = net.harvest(x[:, :-1])
    loop = net.closed_loop(net.fit(states[:, 100:], x[:, 101:], ridge=1e-7))
    found = lyapunov_spectrum(loop, states[:, -1], k=1, duration=30000, transient=200, rng=0)
    assert found.exponents[0] / dt == pytest.approx(0.906, abs=0.03)


def test_the_conditional_exponent_tells_the_echo_state_property():
    """Negative: two states under the same input become one. Positive: they do not."""
    u = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 1000))
    signal = Sampled(np.arange(1000), u)
    for radius, forgets in ((0.8, True), (2.5, False)):
        net = EchoState.random(40, 1, spectral_radius=radius, input_scale=0.3, rng=2)
        exponent = lyapunov_spectrum(net, np.zeros(40), k=1, duration=700, inputs=signal, rng=0).exponents[0]
        assert (exponent < 0) == forgets
        gap = net.harvest(u, np.full(40, 0.1))[:, -1] - net.harvest(u, np.full(40, -0.1))[:, -1]
        assert (np.linalg.norm(gap) < 1e-6) == forgets


def test_a_reservoir_shows_what_its_readout_says(rng):
    net = EchoState.random(20, 1, rng=rng)
    states = net.harvest(rng.normal(size=(1, 60)))
    readout = net.fit(states, rng.normal(size=(2, 60)), ridge=0.1)
    np.testing.assert_allclose(net.with_readout(readout).outputs(states), readout.weights @ states + readout.biases[:, None])
    with pytest.raises(ValueError, match="`output_weights` must have shape"):
        EchoState.random(21, 1, rng=rng).with_readout(readout)


def test_noise_in_training_keeps_a_closed_loop_on_a_thin_attractor(rng):
    flow = simulate(models.roessler(), 1100, [1.0, 1.0, 1.0], t_eval=np.arange(0, 1100, 0.25), rtol=1e-9, atol=1e-12)
    x = (flow.y - flow.y.mean(axis=1, keepdims=True)) / flow.y.std(axis=1, keepdims=True)
    net = EchoState.random(150, 3, spectral_radius=0.1, input_scale=0.3, bias_scale=0.5, rng=1)
    start, errors = net.harvest(x[:, :4000])[:, -1], {}
    for noise in (0.0, 1e-3):
        states = net.harvest(x + noise * rng.normal(size=x.shape))
        loop = net.closed_loop(net.fit(states[:, 200:3999], x[:, 201:4000], ridge=1e-8))
        errors[noise] = np.abs(simulate(loop, 100, start).outputs - x[:, 4000:4101]).max()
    assert errors[1e-3] < 0.05
    exponents = lyapunov_spectrum(loop, start, k=2, duration=4000).exponents / 0.25
    np.testing.assert_allclose(exponents, [0.0714, 0.0], atol=0.02)  # of Roessler's flow (Sprott 2003)
    assert errors[0.0] > 1  # the control


def test_ctrl_c_ends_a_long_harvest_and_what_is_made_of_it(rng):
    net, x = EchoState.random(600, 1, connections=300, rng=0), rng.normal(size=(1, 20000))
    long = {"delays": 500, "length": 20000, "ridge": 1e-6, "rng": 0}
    for call in (lambda: net.harvest(x), lambda: memory_capacity(net, **long)):
        error, late = at_best(lambda call=call: interrupted(call, 0.2), PROMPT + LOADED)
        assert isinstance(error, KeyboardInterrupt)
        assert late < PROMPT + LOADED


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="`leak` must be above 0 and at most 1"):
        EchoState([[0.5]], leak=1.5)
    with pytest.raises(ValueError, match="`spectral_radius` must be positive"):
        EchoState.random(10, spectral_radius=0)
    with pytest.raises(ValueError, match=r"`inputs` must have shape \(M, T\) with M = 1"):
        EchoState.random(10, rng=0).harvest(np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"`inputs` must have shape \(M, T\) with M = 1"):
        EchoState.random(10, rng=0).harvest(np.zeros((1, 1, 5)))
    with pytest.raises(ValueError, match="equally long"):
        Readout.fit(np.zeros((2, 5)), np.zeros((1, 4)))
    with pytest.raises(ValueError, match="`readout` must have shape"):
        EchoState.random(10, 2, rng=0).closed_loop(Readout(np.zeros((1, 10)), np.zeros(1)))
    with pytest.raises(ValueError, match=r"must be a multiple of 0\.1"):
        mackey_glass(10, delay=17.03)
