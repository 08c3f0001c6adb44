"""Networks in other words have the same trajectories."""

import numpy as np
import pytest

from ctrnn import (
    CTRNN,
    fold_constant_inputs,
    fold_gains,
    fold_leaks,
    from_rate_form,
    random_ctrnn,
    simulate,
    to_logistic,
    to_tanh,
)

TIGHT = {"rtol": 1e-11, "atol": 1e-12, "t_eval": np.linspace(0, 5, 11)}


@pytest.fixture
def net(rng):
    drawn = random_ctrnn(4, rng, weights=(-4, 4), biases=(-2, 2), time_constants=(0.5, 2), gains=(0.5, 2), input_dim=2)
    return drawn.replace(leaks=rng.uniform(0.5, 2, 4), constant_inputs=rng.normal(size=4))


def trajectories(net, y0):
    return simulate(net, 5, y0, inputs=[0.5, -1.0], **TIGHT)


def check(net, other, to_other, rng):
    """Both give the same outputs, and states that correspond."""
    y0 = rng.normal(size=4)
    one, two = trajectories(net, y0), trajectories(other, to_other(y0[:, np.newaxis])[:, 0])
    np.testing.assert_allclose(two.y, to_other(one.y), atol=1e-8)
    return one, two


def test_gains_fold_into_weights_biases_and_inputs(net, rng):
    other = fold_gains(net)
    assert (other.gains == 1).all()
    one, two = check(net, other, lambda y: net.gains[:, np.newaxis] * y, rng)
    np.testing.assert_allclose(two.outputs, one.outputs, atol=1e-9)


def test_gains_fold_for_networks_with_an_input_each(rng):
    net = random_ctrnn(2, rng, gains=[-2.0, 3.0], weights=(-2, 2), biases=0.0)
    y, u = rng.normal(size=2), rng.normal(size=2)
    np.testing.assert_allclose(fold_gains(net).rhs(0, net.gains * y, u), net.gains * net.rhs(0, y, u), atol=1e-12)
    assert "input_weights" not in fold_gains(net.replace(gains=1.0)).layout.shapes


def test_leaks_fold_into_time_constants(net, rng):
    other = fold_leaks(net)
    assert (other.leaks == 1).all()
    one, two = check(net, other, lambda y: y, rng)
    np.testing.assert_allclose(two.outputs, one.outputs, atol=1e-9)


def test_constant_inputs_fold_into_biases(net, rng):
    other = fold_constant_inputs(net)
    assert not other.constant_inputs.any()
    shift = (net.constant_inputs / net.leaks)[:, np.newaxis]
    one, two = check(net, other, lambda y: y - shift, rng)
    np.testing.assert_allclose(two.outputs, one.outputs, atol=1e-9)


@pytest.mark.parametrize(("name", "convert", "there"), [("tanh", to_logistic, "logistic"), ("logistic", to_tanh, "tanh")])
def test_tanh_and_logistic_are_one_model(net, rng, name, convert, there):
    net = net.replace(activation=name)
    other = convert(net)
    assert other.activation.name == there
    check(net, other, lambda y: y, rng)


def test_tanh_to_logistic_has_the_published_form(rng):
    """``x' = -x + J tanh x`` in ``u = 2x`` is ``u' = -u + 4 J s(u) - 2 J 1``."""
    coupling = rng.normal(size=(3, 3))
    net = fold_gains(to_logistic(CTRNN(coupling, activation="tanh")))
    np.testing.assert_allclose(net.weights, 4 * coupling)
    np.testing.assert_allclose(net.constant_inputs, -2 * coupling.sum(axis=1))
    assert not net.biases.any()


def test_a_network_of_rates_is_a_ctrnn_of_drives(rng):
    """``tau r' = -r + s(g (beta + rho W r))``, integrated by hand with small Runge-Kutta steps."""
    w, beta, rho, tau, gain = rng.normal(size=(3, 3)), rng.normal(size=3), rng.uniform(0.5, 2, 3), 0.7, 5.0
    net = from_rate_form(w, beta, rho, time_constant=tau, gains=gain)

    def slope(r):
        return (-r + 1 / (1 + np.exp(-gain * (beta + rho * (w @ r))))) / tau

    r, h = rng.random(3), 0.005
    drive = simulate(net, 2, beta + rho * (w @ r), rtol=1e-11, atol=1e-12, save="final").final
    for _ in range(400):
        k1 = slope(r)
        k2 = slope(r + h / 2 * k1)
        k3 = slope(r + h / 2 * k2)
        r = r + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(r + h * k3))
    np.testing.assert_allclose(drive, beta + rho * (w @ r), atol=1e-7)  # order 4: (h/tau)^4 = 3e-9, times some slopes


@pytest.mark.parametrize(
    ("convert", "arguments", "message"),
    [
        (fold_gains, {"gains": [1, 0]}, r"`gains\[1\]` must not be 0"),
        (fold_leaks, {"leaks": [1, -1]}, r"`leaks\[1\]` must be positive.*got -1"),
        (fold_constant_inputs, {"leaks": [0, 1], "constant_inputs": 1.0}, r"`leaks\[0\]` must not be 0"),
        (to_logistic, {}, "must have the activation 'tanh'; got 'logistic'"),
        (to_tanh, {"activation": "relu"}, "must have the activation 'logistic'; got 'relu'"),
    ],
)
def test_what_cannot_be_converted_is_refused(convert, arguments, message):
    with pytest.raises(ValueError, match=message):
        convert(CTRNN(np.ones((2, 2)), **arguments))


def test_masks_survive(rng):
    mask = [[1, 0], [1, 1]]
    net = CTRNN(rng.normal(size=(2, 2)), gains=2.0, leaks=2.0, constant_inputs=1.0, mask=mask)
    for convert in (fold_gains, fold_leaks, fold_constant_inputs, to_tanh):
        np.testing.assert_array_equal(convert(net).mask, mask)


def test_events_stay_with_the_variables_they_were_written_for():
    """``y = 2 (1 - exp(-t))`` crosses 1/2 at ln(4/3); in the variables ``y - 2`` or ``3 y`` the same event would not."""
    net = CTRNN([[0.0]], gains=3.0, leaks=2.0, time_constants=2.0, constant_inputs=4.0)
    watched = net.with_events(lambda t, y: y[0] - 0.5)
    for convert in (fold_gains, fold_constant_inputs):
        with pytest.raises(ValueError, match="`net` has events"):
            convert(watched)
    for same in (watched, fold_leaks(watched), to_tanh(watched)):
        assert simulate(same, 2.0, [0.0]).t_events[0] == pytest.approx([np.log(4 / 3)], rel=1e-6)
