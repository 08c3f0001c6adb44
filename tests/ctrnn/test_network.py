"""CTRNN: its equation, its conventions, its masks, and what bad input gets."""

import copy
import pickle

import numpy as np
import pytest

from ctrnn import CTRNN, random_ctrnn, simulate, simulate_ensemble


def logistic(x):
    return 1 / (1 + np.exp(-x))


def random_arguments(rng, n, m):
    return {
        "weights": rng.normal(size=(n, n)),
        "biases": rng.normal(size=n),
        "time_constants": rng.uniform(0.5, 3, n),
        "gains": rng.normal(size=n),
        "leaks": rng.uniform(0, 2, n),
        "constant_inputs": rng.normal(size=n),
        "input_weights": rng.normal(size=(n, m)),
    }


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 33, 150])
def test_the_right_hand_side_is_the_equation(rng, n):
    a = random_arguments(rng, n, 3)
    y, u = rng.normal(size=n), rng.normal(size=3)
    outputs = logistic(a["gains"] * (y + a["biases"]))
    drive = a["weights"] @ outputs + a["input_weights"] @ u + a["constant_inputs"]
    expected = (drive - a["leaks"] * y) / a["time_constants"]
    net = CTRNN(**a)
    scale = 1 + np.abs(a["weights"]).sum() / a["time_constants"].min()
    np.testing.assert_allclose(net.rhs(0, y, u), expected, rtol=0, atol=1e-15 * scale)
    np.testing.assert_allclose(net.outputs(y), outputs, rtol=1e-14)


def test_without_input_weights_every_neuron_has_its_own_input(rng):
    net = random_ctrnn(3, rng)
    y, u = rng.normal(size=3), rng.normal(size=3)
    np.testing.assert_allclose(net.rhs(0, y, u) - net.rhs(0, y), u / net.time_constants, atol=1e-13)


def test_thresholds_are_subtracted_and_weights_stored_from_to(rng):
    """The form of the encyclopaedias, written out as a loop over i."""
    w, theta, tau, drive = rng.normal(size=(3, 3)), rng.normal(size=3), rng.uniform(1, 2, 3), rng.normal(size=3)
    y = rng.normal(size=3)
    expected = [(-y[i] + sum(w[j, i] * logistic(y[j] - theta[j]) for j in range(3)) + drive[i]) / tau[i] for i in range(3)]
    np.testing.assert_allclose(CTRNN.from_thresholds(w, theta, tau).rhs(0, y, drive), expected, atol=1e-14)


def test_the_orientation_of_the_weights_decides():
    """Beer's chaotic circuit has one attracting equilibrium when its weights are transposed (published figures)."""
    weights = [[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]]
    thresholds = [4.108, 2.787, 1.114]
    turned = CTRNN.from_thresholds(weights, thresholds, [1, 2.5, 1])
    final = simulate(turned, 300, [0.1, 0.1, 0.1], rtol=1e-11, atol=1e-12, save="final").final
    np.testing.assert_allclose(final, [0.6637596, -2.0585909, 3.7098977], atol=5.1e-8)
    expected = [-0.86220, -0.72283, -0.38726]
    np.testing.assert_allclose(np.sort(np.linalg.eigvals(turned.jac(0, final)).real), expected, atol=5.1e-6)


def test_beer_stores_weights_from_to_and_adds_biases():
    net = CTRNN.from_beer([[1, 2], [3, 4]], [-1, -2], [1, 2], gains=[3, 4])
    assert net.weights[1, 0] == 2
    assert net.biases.tolist() == [-1, -2]
    assert net.gains.tolist() == [3, 4]


# Arrays ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "convert",
    [lambda a: a.tolist(), np.float32, np.asfortranarray, lambda a: np.repeat(a, 2, axis=0)[::2], lambda a: a.astype(int)],
    ids=["list", "float32", "Fortran", "strided", "integers"],
)
def test_arrays_of_any_kind_are_accepted_and_left_alone(convert):
    weights, biases = np.array([[4.0, 1.0], [-1.0, 4.0]]), np.array([-3.0, -2.0])
    given = convert(weights) if convert is not np.float32 else weights.astype(np.float32)
    before = copy.deepcopy(given)
    net = CTRNN(given, biases)
    simulate(net, 1, [0, 0])
    np.testing.assert_array_equal(given, before)
    np.testing.assert_array_equal(net.weights, weights)


def test_networks_never_change(rng):
    weights = rng.normal(size=(3, 3))
    net = CTRNN(weights)
    weights[0, 0] = 99
    assert net.weights[0, 0] != 99
    with pytest.raises(ValueError, match="read-only"):
        net.weights[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        net.params[0] = 1


def test_replace_and_with_params_return_new_networks():
    net = CTRNN([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
    other = net.replace(biases=[1, 2], gains=3, activation="tanh")
    assert other.biases.tolist() == [1, 2]
    assert other.activation.name == "tanh"
    assert net.biases.tolist() == [-2.75, -1.75]
    named = net.with_params({"weights[0, 1]": 7, "time_constants": [2, 3]})
    assert named.weights.tolist() == [[4.5, 7], [-1, 4.5]]
    assert named.time_constants.tolist() == [2, 3]
    assert type(named) is CTRNN
    with pytest.raises(TypeError, match="unknown argument 'bias'"):
        net.replace(bias=1)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_are_equal(rng, duplicate):
    net = random_ctrnn(4, rng, mask=rng.random((4, 4)) < 0.5)
    other = duplicate(net)
    np.testing.assert_array_equal(other.params, net.params)
    np.testing.assert_array_equal(other.mask, net.mask)
    assert other.activation is net.activation


def test_no_neurons():
    net = CTRNN(np.zeros((0, 0)))
    assert net.rhs(0, []).shape == (0,)
    assert simulate(net, 1, []).success


# Masks ----------------------------------------------------------------------------------------------------------------


def test_a_mask_removes_connections(rng):
    weights, mask = rng.normal(size=(4, 4)), rng.random((4, 4)) < 0.5
    net = CTRNN(weights, mask=mask)
    np.testing.assert_array_equal(net.weights, weights * mask)
    np.testing.assert_array_equal(net.replace(biases=1.0).mask, mask)
    np.testing.assert_array_equal(net.replace(weights=weights + 1).weights, (weights + 1) * mask)
    np.testing.assert_array_equal(net.replace(weights=weights, mask=None).weights, weights)


def test_a_masked_weight_cannot_be_set():
    net = CTRNN([[1, 2], [3, 4]], mask=[[1, 0], [1, 1]])
    assert net.with_params({"weights[1, 0]": 5}).weights[1, 0] == 5
    with pytest.raises(ValueError, match=r"`weights\[0, 1\]` must be 0: the mask has no connection from 1 to 0"):
        net.with_params({"weights[0, 1]": 5})


def test_a_masked_weight_cannot_be_swept_either():
    net = CTRNN([[1, 2], [3, 4]], mask=[[1, 0], [1, 1]])
    ens = simulate_ensemble(net, 1, [0, 0], params={"weights[1, 0]": [1, 2, 3]}, save="final")
    assert len(ens) == 3
    with pytest.raises(ValueError, match=r"`weights\[0, 1\]` must be 0: the mask"):
        simulate_ensemble(net, 1, [0, 0], params={"weights[0, 1]": [0, 0, 3]}, save="final")


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ([[1, 0]], r"`mask` must have the shape of the weights, \(2, 2\); got \(1, 2\)"),
        ([[1, 0.5], [1, 1]], r"`mask\[0, 1\]` must be True or False; got 0.5"),
        ([[1, np.nan], [1, 1]], r"`mask\[0, 1\]` must be finite"),
    ],
)
def test_bad_masks_are_refused(mask, message):
    with pytest.raises(ValueError, match=message):
        CTRNN(np.ones((2, 2)), mask=mask)


# Groups ---------------------------------------------------------------------------------------------------------------


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"weights": [[1, 2]]}, ValueError, r"`weights` must be a square matrix.*got shape \(1, 2\)"),
        ({"weights": [1, 2]}, ValueError, "square"),
        ({"weights": [[1, np.nan], [0, 1]]}, ValueError, r"`weights\[0, 1\]` must be finite; got nan"),
        ({"weights": [[1, 2], [3]]}, ValueError, "rectangular"),
        ({"weights": [["a", 2], [3, 1]]}, TypeError, "real numbers"),
        ({"biases": [0, np.inf]}, ValueError, r"`biases\[1\]` must be finite; got inf"),
        ({"gains": np.nan}, ValueError, "`gains` must be finite"),
        ({"biases": [1, 2, 3]}, ValueError, r"`biases` must be a number or have shape \(N,\) = \(2,\); got \(3,\)"),
        ({"time_constants": [1, 0]}, ValueError, r"`time_constants\[1\]` must be positive; got 0"),
        ({"time_constants": -1}, ValueError, r"`time_constants\[0\]` must be positive; got -1"),
        ({"input_weights": [[1, 2, 3]]}, ValueError, r"`input_weights` must have shape \(N, M\) with N = 2"),
        ({"activation": "logisitc"}, ValueError, r"Did you mean 'logistic'"),
        ({"biases": 1j}, TypeError, "`biases` must be real"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        CTRNN(**({"weights": [[1, 2], [3, 4]]} | arguments))


def test_thresholds_are_checked_under_their_own_name():
    with pytest.raises(ValueError, match=r"`thresholds\[1\]` must be finite"):
        CTRNN.from_thresholds(np.eye(2), [1, np.nan])
    with pytest.raises(TypeError, match="`thresholds` must hold real numbers"):
        CTRNN.from_thresholds(np.eye(2), ["a", "b"])
