"""Linear readouts, and what a reservoir remembers."""

import numpy as np
import pytest

from recurrent import EchoState, Readout, memory_capacity


def test_ridge_regression_is_the_normal_equations(rng):
    X, Y = rng.normal(size=(5, 80)), rng.normal(size=(2, 80))
    found = Readout.fit(X, Y, ridge=0.7)
    A, B = X - X.mean(axis=1, keepdims=True), Y - Y.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(found.weights, B @ A.T @ np.linalg.inv(A @ A.T + 0.7 * np.eye(5)), rtol=1e-10)
    np.testing.assert_allclose((found(X) - Y).mean(axis=1), 0, atol=1e-13)


def test_a_delay_line_remembers_exactly_as_many_inputs_as_it_has_units():
    line = EchoState(np.eye(20, k=-1), np.eye(20)[:, :1], activation="linear")
    assert memory_capacity(line, delays=40, rng=0).sum() == pytest.approx(20.0, abs=5e-4)


def test_memory_never_exceeds_the_number_of_units():
    net = EchoState.random(25, 1, input_scale=0.1, rng=3)
    assert 5 < memory_capacity(net, delays=60, rng=0).sum() < 25.5
