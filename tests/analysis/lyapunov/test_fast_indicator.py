"""The fast Lyapunov indicator against the length of vectors by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import fast_lyapunov_indicator
from neurodynamics import Status, models


def test_of_the_shear_it_is_the_length_of_the_sheared_vector():
    found = fast_lyapunov_indicator(models.standard_map(k=0), [[0.1, 0.2], [1.0, 2.0]], 50, vector=[1.0, 0.5])
    np.testing.assert_allclose(found.values, np.log(np.hypot(1 + 50 * 0.5, 0.5)), rtol=1e-12)
    np.testing.assert_allclose(found.history[0], np.log(np.hypot(1 + 0.5 * found.t, 0.5)), rtol=1e-12)


def test_it_is_the_largest_length_until_then():
    """Backwards the shear shortens the vector first: the indicator stays where it began."""
    found = fast_lyapunov_indicator(models.standard_map(k=0), [0.1, 0.2], 40, vector=[10.0, -0.5])
    lengths = np.hypot(10 - 0.5 * found.t, 0.5)
    np.testing.assert_allclose(found.history[0], np.maximum.accumulate(np.log(lengths)), rtol=1e-12)
    assert (np.diff(found.history[0])[:30] == 0).all()


def test_it_grows_by_the_product_of_jacobians():
    system, y, v = models.standard_map(k=1.3), np.array([0.0, 0.1]), np.array([0.6, 0.8])
    found = fast_lyapunov_indicator(system, y, 30, vector=v)
    largest = [0.0]
    for _ in range(30):
        v = system.jac(0, y, np.empty(0)) @ v
        y = system.rhs(0, y, np.empty(0))
        largest.append(max(largest[-1], np.log(np.linalg.norm(v))))
    np.testing.assert_allclose(found.history[0], largest, atol=1e-9)


def test_a_start_that_diverges_has_nan_and_its_status():
    found = fast_lyapunov_indicator(models.henon(), [[0.0, 0.0], [10.0, 10.0]], 100)
    assert np.isfinite(found.values[0])
    assert np.isnan(found.values[1])
    assert found.status.tolist() == [Status.SUCCESS, Status.NON_FINITE]


def test_a_vector_of_no_length_is_refused():
    with pytest.raises(ValueError, match="`vector` must have shape"):
        fast_lyapunov_indicator(models.henon(), [0.0, 0.0], 5, vector=[0.0, 0.0])
