"""What is drawn of indicators of chaos."""

import numpy as np
import pytest

from analysis import expansion_entropy, fast_lyapunov_indicator, gali, zero_one_test
from neurodynamics import models


def test_alignment_in_powers_of_ten():
    found = gali(models.standard_map(k=0.9), [0.0, 0.1], 100)
    (line,) = found.plot().lines
    np.testing.assert_allclose(line.get_ydata(), found.log_gali[0] / np.log(10))


def test_a_plane_of_indicators():
    grid = np.linspace(-1.0, 1.0, 5)
    starts = np.array([(x, y) for x in grid for y in grid])
    ax = fast_lyapunov_indicator(models.standard_map(k=0.9), starts, 20).plot()
    assert ax.get_xlabel()
    with pytest.raises(ValueError, match="`plane"):
        fast_lyapunov_indicator(models.standard_map(k=0.9), starts, 20).plot(plane=(0, 7))


def test_the_line_of_expansion_has_the_slope_of_the_entropy():
    found = expansion_entropy(models.logistic_map(r=4), [0, 1], 10, rng=0)
    *curves, line = found.plot().lines
    assert len(curves) == len(found.log_expansion)
    assert np.polyfit(*line.get_data(), 1)[0] == pytest.approx(found.entropy)


def test_the_verdict_of_the_zero_one_test_is_the_title():
    found = zero_one_test(np.cos(np.arange(500.0)))
    assert found.plot().get_title().endswith(str(found.verdict))
