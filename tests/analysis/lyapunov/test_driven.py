"""Inputs, noise, ensembles, maps over parameters, finite times, classification and theory."""

import numpy as np
import pytest

from analysis import (
    largest_lyapunov_exponent,
    lyapunov_spectrum,
)
from ctrnn import CTRNN
from neurodynamics import PulseTrain, Sampled, Sine

# Driven systems -------------------------------------------------------------------------------------------------------


def test_a_linear_driven_network_has_the_exponents_of_its_leaks():
    net = CTRNN([[0.0, 1.0], [0.0, 0.0]], time_constants=[1.0, 2.0], activation="linear")
    ls = lyapunov_spectrum(net, [1, 1], duration=200, inputs=[Sine(1.0, 0.3), PulseTrain(1, 0.5, 2.0, 3.0, 80)], rng=0)
    assert np.allclose(ls.exponents, [-0.5, -1.0], atol=1e-7)
    assert ls.echo_state
    assert np.isnan(ls.zero_error)


def test_signals_and_the_same_python_function_agree(rng):
    net = CTRNN(1.2 * rng.normal(size=(4, 4)), activation="tanh", input_weights=rng.normal(size=(4, 1)))
    options = {"duration": 20, "transient": 5, "warm_up": 5, "rng": 1}
    start = rng.normal(size=4)
    signal = lyapunov_spectrum(net, start, inputs=[Sine(1.0, 0.25)], **options)
    function = lyapunov_spectrum(net, start, inputs=lambda t: [np.sin(0.5 * np.pi * t)], **options)
    assert (signal.path, function.path) == ("compiled", "host")
    assert np.allclose(signal.exponents, function.exponents, atol=1e-8)


def test_strong_input_suppresses_chaos(rng):
    """Molgedey, Schuchhardt & Schuster (1992): a driven random network forgets its start."""
    weights = 1.8 * rng.normal(size=(60, 60)) / np.sqrt(60)
    t = np.arange(0.0, 400.0, 0.5)
    net = CTRNN(weights, activation="tanh")
    drive = Sampled(t, 4.0 * rng.normal(size=(60, t.size)))
    driven = largest_lyapunov_exponent(net, duration=250, inputs=drive, rng=0)
    assert driven.exponents[0] < -0.1
    assert driven.echo_state


def test_breakpoints_are_respected():
    """A pulse train read as a smooth signal would cost the error control thousands of rejected steps."""
    net = CTRNN([[0.0]], activation="tanh")
    train = PulseTrain(0.7, 0.1, 5.0, 1.3, 400)
    ls = lyapunov_spectrum(net, [0.0], duration=300, inputs=[train], rng=0)
    assert ls.exponents == pytest.approx([-1.0], abs=1e-8)


def test_frozen_noise_leaves_the_exponents_of_a_linear_network():
    net = CTRNN([[0.0, 0.5], [0.0, 0.0]], time_constants=[1.0, 2.0], activation="linear", noise=0.3)
    ls = lyapunov_spectrum(net, [0, 0], duration=100, dt=0.01, rng=0)
    assert ls.method == "stochastic_heun"
    assert np.allclose(ls.exponents, [-0.5, -1.0], atol=1e-4)  # h^2/6
    assert np.isnan(ls.bias).all()


# Ensembles ------------------------------------------------------------------------------------------------------------


# Finite times ---------------------------------------------------------------------------------------------------------


# Classification -------------------------------------------------------------------------------------------------------


# Theory ---------------------------------------------------------------------------------------------------------------
