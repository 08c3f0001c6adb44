"""Surfaces of folds by choosing net inputs."""

import numpy as np
import pytest

from analysis import fixed_point_branch, fold_net_inputs
from ctrnn import CTRNN


def test_folds_of_three_neurons_are_singular_equilibria_of_the_inputs_that_are_read_off():
    rng = np.random.default_rng(0)
    gains, leaks = rng.uniform(0.5, 2, (2, 3))
    net = CTRNN(rng.normal(0, 2, (3, 3)) + 12 * np.eye(3), gains=gains, leaks=leaks, biases=rng.normal(size=3))
    found = fold_net_inputs(net, rng.normal(0, 4, (100, 3)), 1).reshape(-1, 3)
    found = found[np.isfinite(found).all(axis=1)]
    assert len(found) > 10
    for x in found:
        phi = 1 / (1 + np.exp(-x))
        y = x / net.gains - net.biases
        at = net.with_params({"constant_inputs": net.leaks * y - net.weights @ phi})
        np.testing.assert_allclose(at.rhs(0.0, y), 0, atol=1e-12)
        J = at.jac(0.0, y)
        assert abs(np.linalg.det(J)) <= 1e-10 * np.linalg.norm(J) ** 3


def test_folds_of_one_neuron_are_those_of_its_branch():
    x = fold_net_inputs(CTRNN([[6.0]]), [0.0], 0).ravel()
    biases = x - 6 / (1 + np.exp(-x))  # y = x - b
    folds = fixed_point_branch(CTRNN([[6]], biases=-3), "biases[0]", (-6, 0), start=[3]).points.of_kind("LP")
    np.testing.assert_allclose(sorted(biases), sorted(point.value for point in folds), rtol=1e-11)


def test_bad_input_is_explained():
    net = CTRNN(np.eye(2))
    with pytest.raises(ValueError, match="one of the 2 neurons"):
        fold_net_inputs(net, [0, 0], 2)
    with pytest.raises(ValueError, match=r"shape \(N,\) = \(2,\)"):
        fold_net_inputs(net, [0, 0, 0], 0)
    with pytest.raises(ValueError, match="additive"):
        fold_net_inputs(CTRNN(np.eye(2), activation="relu"), [0, 0], 0)
    assert np.isnan(fold_net_inputs(net, [0, 0], 0)[:, :, 0]).all()  # too weak for a fold
