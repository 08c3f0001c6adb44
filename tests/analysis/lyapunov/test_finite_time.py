"""Finite-time exponents are logarithms of the singular values of the tangent map."""

import numpy as np
import pytest

from analysis import (
    finite_time_field,
    finite_time_lyapunov,
)
from ctrnn import CTRNN
from neurodynamics import simulate


def test_finite_time_exponents_are_singular_values_of_the_tangent_map(known, rng):
    """Against differences of the flow map itself."""
    net, start, step = known.CHAOTIC, rng.normal(size=3), 1e-5
    ends = [
        simulate(net, 6.0, start + sign * step * row, rtol=1e-12, atol=1e-13, save="final").y[:, -1]
        for row in np.eye(3)
        for sign in (1, -1)
    ]
    tangent = np.array([(ends[2 * i] - ends[2 * i + 1]) / (2 * step) for i in range(3)]).T
    expected = np.log(np.linalg.svd(tangent, compute_uv=False)) / 6.0
    found = finite_time_lyapunov(net, start, 6.0, rtol=1e-10)
    assert np.allclose(found.exponents, expected, atol=1e-6)


def test_finite_time_exponents_of_many_starts_are_those_of_each(known, rng):
    starts = rng.normal(size=(5, 3))
    many = finite_time_lyapunov(known.CHAOTIC, starts, 10.0)
    each = [finite_time_lyapunov(known.CHAOTIC, start, 10.0).exponents for start in starts]
    assert np.array_equal(many.exponents, each)


def test_long_finite_times_neither_overflow_nor_pretend(known):
    """Backwards in Lorenz' system nothing is left of the smallest singular value: nan, and the largest stays right."""
    found = finite_time_lyapunov(known.LORENZ, [1.0, 2.0, 20.0], 2000.0)
    assert found.exponents[0] == pytest.approx(0.906, abs=0.02)
    assert np.isnan(found.exponents[2])


def test_the_ridge_of_the_field_is_the_separatrix():
    net = CTRNN([[0, -8], [-8, 0]], constant_inputs=4)
    field = finite_time_field(net, 6, [[-5, 5], [-4, 4]], resolution=(21, 17))
    assert field.values.shape == (17, 21)
    ridge = field.x[field.values.argmax(axis=1)]
    assert np.allclose(ridge, field.y, atol=0.51)


def test_bad_fields_are_refused(known):
    with pytest.raises(ValueError, match="`bounds`"):
        finite_time_field(known.OSCILLATOR, 1, [[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="two different states"):
        finite_time_field(known.OSCILLATOR, 1, [[0, 1], [0, 1]], plane=(0, 0))
    with pytest.raises(ValueError, match="`duration` must be positive"):
        finite_time_lyapunov(known.OSCILLATOR, [0, 0], 0)
