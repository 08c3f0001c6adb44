"""What is drawn of spectra, correlation sums and order parameters."""

import numpy as np
import pytest

from analysis import correlation_dimension, order_parameter, power_spectrum


def test_the_peak_is_where_the_sine_is():
    ax = power_spectrum(np.sin(2 * np.pi * 0.125 * np.arange(1024)) + 1e-6).plot()
    x, y = ax.lines[0].get_data()
    assert x[np.argmax(y)] == pytest.approx(0.125, abs=x[1] - x[0])
    assert ax.get_yscale() == "log"


def test_the_fitted_line_has_the_slope_of_the_dimension(rng):
    found = correlation_dimension(rng.uniform(size=(800, 2)))
    line = found.plot().lines[1]
    assert np.polyfit(*np.log(line.get_data()), 1)[0] == pytest.approx(found.dimension)


def test_the_order_parameter_is_below_one():
    found = order_parameter(np.outer([1.0, 1.1, 1.2], np.arange(100)))
    curve, mean = found.plot().lines
    np.testing.assert_array_equal(curve.get_ydata(), found.r)
    assert mean.get_ydata()[0] == pytest.approx(found.r.mean())
