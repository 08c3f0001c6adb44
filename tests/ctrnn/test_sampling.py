"""Random networks: distributions, repeatability, and the centre-crossing condition."""

import numpy as np
import pytest

from ctrnn import CTRNN, centre_crossing, log_uniform, normal, random_ctrnn
from ctrnn.sampling import activation_centre
from neurodynamics import Activation, activation


def quantiles_fit(values, quantile, rng_free_sigmas=5):
    """The empirical distribution stays within so many standard errors of the exact one at nine quantiles."""
    for p in np.arange(1, 10) / 10:
        error = np.sqrt(p * (1 - p) / values.size)
        assert abs(np.mean(values <= quantile(p)) - p) < rng_free_sigmas * error


def test_the_defaults_are_uniform(rng):
    net = random_ctrnn(200, rng)
    quantiles_fit(net.weights.ravel(), lambda p: -16 + 32 * p)
    quantiles_fit(net.biases, lambda p: -16 + 32 * p)
    quantiles_fit(net.time_constants, lambda p: 0.5 + 9.5 * p)
    assert (net.gains == 1).all()
    assert net.input_dim == 200


def test_other_distributions(rng):
    net = random_ctrnn(100, rng, weights=normal(1, 2), time_constants=log_uniform(0.01, 100), gains=(2, 3), input_dim=3)
    np.testing.assert_allclose(net.weights.mean(), 1, atol=5 * 2 / 100)
    np.testing.assert_allclose(net.weights.std(), 2, rtol=5 / np.sqrt(2 * 10_000))
    quantiles_fit(net.time_constants, lambda p: 10 ** (-2 + 4 * p))
    quantiles_fit(net.gains, lambda p: 2 + p)
    assert net.input_weights.shape == (100, 3)


def test_values_are_taken_as_they_are():
    net = random_ctrnn(
        2, 1, weights=[[1, 2], [3, 4]], biases=np.array([5, 6]), time_constants=7, gains=lambda rng, s: [8, 9]
    )
    assert net.weights.tolist() == [[1, 2], [3, 4]]
    assert net.biases.tolist() == [5, 6]
    assert net.time_constants.tolist() == [7, 7]
    assert net.gains.tolist() == [8, 9]
    assert random_ctrnn(2, 1, biases=[5, 6]).biases.tolist() == [5, 6]  # a list is values, a tuple is a range


def test_a_seed_repeats_the_network_and_a_generator_goes_on():
    assert (random_ctrnn(3, 5).params == random_ctrnn(3, 5).params).all()
    generator = np.random.default_rng(5)
    first, second = random_ctrnn(3, generator), random_ctrnn(3, generator)
    assert (first.params == random_ctrnn(3, 5).params).all()
    assert (first.params != second.params).any()
    assert (random_ctrnn(3).params != random_ctrnn(3).params).any()


def test_a_mask_changes_no_other_number(rng):
    mask = rng.random((6, 6)) < 0.5
    whole, masked = random_ctrnn(6, 3, input_dim=2), random_ctrnn(6, 3, input_dim=2, mask=mask)
    np.testing.assert_array_equal(masked.weights, whole.weights * mask)
    np.testing.assert_array_equal(masked.time_constants, whole.time_constants)
    np.testing.assert_array_equal(masked.input_weights, whole.input_weights)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": -1}, ValueError, "`n` must be at least 0"),
        ({"n": 2.5}, TypeError, "`n` must be an integer"),
        ({"weights": (1, -1)}, ValueError, r"`weights\[1\]` must not be less than the lower bound 1; got -1"),
        ({"weights": (0, np.inf)}, ValueError, r"`weights\[1\]` must be finite"),
        ({"weights": [1, 2]}, ValueError, r"`weights` must be \(low, high\), a function, .* array of shape \(3, 3\)"),
        ({"biases": lambda rng, shape: 1.0}, ValueError, r"`biases\(rng, shape\)` must return an array of shape \(3,\)"),
        ({"time_constants": (0, 0)}, ValueError, "must be positive"),
        ({"gains": (1, "2")}, TypeError, r"`gains\[1\]` must be a number"),
        ({"mask": [[1]]}, ValueError, "`mask` must have the shape of the weights"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        random_ctrnn(**({"n": 3, "rng": 1} | arguments))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (2, 1), (-1, 1), (1, np.inf)])
def test_log_uniform_needs_positive_bounds(low, high):
    with pytest.raises(ValueError, match="must"):
        log_uniform(low, high)


# Centre-crossing ------------------------------------------------------------------------------------------------------


def test_the_biases_are_minus_half_the_sums_of_the_weights(rng):
    net = centre_crossing(random_ctrnn(5, rng, gains=(0.5, 3)))
    np.testing.assert_allclose(net.biases, -net.weights.sum(axis=1) / 2, atol=1e-12)


def test_the_centre_is_an_equilibrium_with_the_known_jacobian(rng):
    net = centre_crossing(random_ctrnn(5, rng))
    y = -net.biases
    np.testing.assert_allclose(net.rhs(0, y), 0, atol=1e-12)
    np.testing.assert_allclose(net.outputs(y), 0.5, atol=1e-13)
    expected = (net.weights / 4 - np.eye(5)) / net.time_constants[:, np.newaxis]
    np.testing.assert_allclose(net.jac(0, y), expected, atol=1e-12)


@pytest.mark.parametrize("name", ["logistic", "tanh", "erf", "arctangent", "hard_sigmoid"])
def test_every_sigmoid_can_be_centred_with_all_that_a_network_has(rng, name):
    net = random_ctrnn(4, rng, gains=(-3, 3), input_dim=2, activation=name)
    net = net.replace(leaks=rng.uniform(0.5, 2, 4), constant_inputs=rng.normal(size=4))
    u = rng.normal(size=2)
    net = centre_crossing(net, inputs=u)
    x, _ = activation_centre(net.activation)
    y = x / net.gains - net.biases
    np.testing.assert_allclose(net.rhs(0, y, u), 0, atol=1e-10)
    np.testing.assert_allclose(net.outputs(y), np.mean(net.activation.range), atol=1e-12)
    slopes = (net.jac(0, y) + np.diag(net.leaks / net.time_constants)) * net.time_constants[:, np.newaxis]
    np.testing.assert_allclose(slopes, net.weights * net.gains * net.activation.max_slope, rtol=1e-6)


def test_centres_are_where_they_should_be():
    assert activation_centre(activation("logistic")) == (0.0, 0.5)
    assert activation_centre(activation("tanh")) == (0.0, 0.0)
    shifted = Activation.from_functions(
        "shifted", value=lambda x: 1 / (1 + np.exp(-(x - 40.3))),
        derivative=lambda x: 0.25 / np.cosh((x - 40.3) / 2) ** 2, range=(0, 1), max_slope=0.25, monotone=True,
    )  # fmt: skip
    assert activation_centre(shifted) == pytest.approx((40.3, 0.5))


@pytest.mark.parametrize("name", ["relu", "softplus", "linear"])
def test_activations_without_a_centre_are_refused(name):
    with pytest.raises(ValueError, match=rf"activation '{name}' has no centre: its range .* has no middle"):
        centre_crossing(CTRNN([[1.0]], activation=name))


def test_a_middle_that_is_not_steepest_is_no_centre():
    gaussian = Activation.from_functions(
        "gaussian", value=lambda x: np.exp(-x * x), derivative=lambda x: -2 * x * np.exp(-x * x), range=(0, 1),
        max_slope=np.sqrt(2 / np.e),
    )  # fmt: skip
    with pytest.raises(ValueError, match="activation 'gaussian' has no centre"):
        centre_crossing(CTRNN([[1.0]], activation=gaussian))


def test_neurons_that_no_bias_can_centre_are_named():
    with pytest.raises(ValueError, match=r"`gains\[1\]` must not be 0"):
        centre_crossing(CTRNN(np.eye(2), gains=[1, 0]))
    with pytest.raises(ValueError, match=r"`leaks\[0\]` must not be 0"):
        centre_crossing(CTRNN(np.eye(2), leaks=[0, 1]))
    with pytest.raises(ValueError, match=r"`inputs` must be a number or have shape \(M,\) = \(2,\)"):
        centre_crossing(CTRNN(np.eye(2)), inputs=[1, 2, 3])
