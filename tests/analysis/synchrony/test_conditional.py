"""Conditional exponents of Lorenz' equations: exact for y as drive, and by the trace for the others."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import conditional_exponents
from neurodynamics import models

START = [1.0, 1.0, 20.0]


def test_driven_by_y_they_are_those_of_a_triangular_matrix():
    found = conditional_exponents(models.lorenz(), [1], START, 50)
    np.testing.assert_allclose(found.exponents, [-8 / 3, -10.0], atol=1e-6)
    assert (found.driven, found.responding, found.synchronises) == ((1,), (0, 2), True)


def test_driven_by_x_they_add_up_to_the_trace_and_by_z_one_is_zero():
    """Rotation of (x, y) and z is a symmetry of the response to z: it neither forgets nor parts (Pecora & Carroll 1990)."""
    x = conditional_exponents(models.lorenz(), [0], START, 200)
    assert x.exponents.sum() == pytest.approx(-1 - 8 / 3, abs=1e-6)
    assert (np.abs(x.exponents + 11 / 6) < 0.2).all()
    assert x.synchronises is True
    z = conditional_exponents(models.lorenz(), [2], START, 200)
    assert z.exponents.sum() == pytest.approx(-11.0, abs=1e-6)
    assert abs(z.exponents[0]) < 4 * z.errors[0]
    assert z.synchronises is None


@pytest.mark.parametrize("driven", [[], [0, 1, 2], [3], "0"])
def test_there_must_be_a_drive_and_a_response(driven):
    with pytest.raises((ValueError, TypeError), match="`driven"):
        conditional_exponents(models.lorenz(), driven, START, 10)
