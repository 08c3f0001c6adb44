"""Growth of gradients against closed forms, the exponents of `analysis`, and arithmetic of many digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import scipy.linalg

from analysis import lyapunov_spectrum
from ctrnn import CTRNN
from learning import Trial, gradient, gradient_flow, losses
from learning.diagnosis import log_singular_values
from neurodynamics import models
from recurrent import FullyRecurrent


def test_singular_values_of_a_product_are_those_of_many_digits(rng):
    matrices = [rng.normal(size=(4, 4)) @ np.diag([10.0, 1.0, 0.3, 0.01]) for _ in range(60)]
    with mpmath.workdps(200):
        product = mpmath.eye(4)
        for each in matrices:
            product = mpmath.matrix(each.tolist()) * product
        exact = [float(mpmath.log(value)) for value in mpmath.svd_r(product, compute_uv=False)]
    found, change = log_singular_values(matrices)
    assert found[0] - found[-1] > 100  # the control: in double precision the small ones are lost
    assert found == pytest.approx(np.array(exact), abs=1e-8)
    assert change < 1e-9


def test_a_singular_factor_gives_singular_values_of_zero(rng):
    A = rng.normal(size=(3, 3))
    A[:, 0] = 0.0
    found, _ = log_singular_values([np.eye(3), A])
    assert np.isneginf(found[-1])
    assert np.isfinite(found[:2]).all()


def test_a_linear_flow_has_the_singular_values_of_its_exponential(rng):
    W, T = rng.normal(size=(3, 3)), 8.0
    net = CTRNN(W, activation="linear")
    flow = gradient_flow(net, Trial(t_span=T, y0=rng.normal(size=3)), rtol=1e-9, rng=0)
    exact = np.log(np.linalg.svd(scipy.linalg.expm((W - np.eye(3)) * T), compute_uv=False)) / T
    assert flow.exponents == pytest.approx(exact, abs=1e-6)
    assert flow.exact
    assert flow.exploding == np.mean(exact * T > np.log(100))
    assert flow.vanishing == np.mean(exact * T < -np.log(100))


def test_a_vector_goes_back_as_backpropagation_takes_it(rng):
    """The length of the gradient by the initial state, of a loss at the end, is that of the vector."""
    net, targets = FullyRecurrent(rng.normal(size=(3, 3))), rng.normal(size=(1, 3))
    trial = Trial(targets, times=[30], y0=rng.normal(size=3))
    g = gradient(net, losses.MeanSquare(), trial.y0, targets, times=[30])
    w = (g.shown - targets)[0]
    flow = gradient_flow(net, trial, rng=_Fixed(w))
    w_end = 2 * np.linalg.norm(w) / 3
    assert flow.growth[0] == pytest.approx(np.log(np.linalg.norm(g.y0) / w_end), rel=1e-9)


class _Fixed(np.random.Generator):
    """Draws the vector that it was given."""

    def __init__(self, vector):
        super().__init__(np.random.PCG64(0))
        self.vector = vector

    def normal(self, size):
        return self.vector.copy()


def test_in_chaos_vectors_grow_with_the_largest_exponent(rng):
    lorenz = models.lorenz()
    flow = gradient_flow(lorenz, Trial(t_span=(0, 100), y0=[1.0, 2.0, 20.0]), rng=rng)
    spectrum = lyapunov_spectrum(lorenz, [1.0, 2.0, 20.0], duration=400)
    error = np.hypot(flow.rate_error, spectrum.errors[0])
    assert error < 0.15
    assert abs(flow.rate - spectrum.exponents[0]) < 4 * error
    assert flow.exponents.sum() == pytest.approx(-41 / 3, abs=1e-3)  # the divergence is constant
    assert flow.exponents[[0, 2]] == pytest.approx(spectrum.exponents[[0, 2]], abs=0.2)
    assert (flow.exploding, flow.vanishing) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


def test_in_a_stable_network_gradients_vanish(rng):
    """As fast as the slowest eigenvalue at the fixed point says, which is the largest exponent."""
    net = CTRNN([[1.0, 2.0], [-2.0, 1.0]], biases=[-1.5, 0.5])
    flow = gradient_flow(net, Trial(t_span=300, y0=[0.0, 0.0]), dt=0.1, rng=rng)
    spectrum = lyapunov_spectrum(net, [0.0, 0.0])
    assert flow.rate == pytest.approx(spectrum.exponents[0], abs=4 * flow.rate_error + 1e-3)
    assert flow.vanishing == 1.0


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"`matrices` must be square and of one size"):
        log_singular_values([np.eye(2), np.eye(3)])
    with pytest.raises(TypeError, match="`trial` must be of type Trial"):
        gradient_flow(FullyRecurrent([[0.5]]), 10)
    with pytest.raises(ValueError, match="`factor` must be at least 1"):
        gradient_flow(FullyRecurrent([[0.5]]), Trial(t_span=3), factor=0.5)
