"""The Kaplan-Yorke dimension, by hand."""

import numpy as np
import pytest

from analysis import kaplan_yorke_dimension


@pytest.mark.parametrize(
    ("exponents", "expected"),
    [
        ([0.9, 0.0, -14.5], 2 + 0.9 / 14.5),
        ([-1.0, -2.0], 0.0),
        ([0.0, -1.0], 1.0),
        ([0.5, 0.2], 2.0),
        ([0.2, -np.inf], 1.0),
    ],
)
def test_kaplan_yorke_dimension(exponents, expected):
    assert kaplan_yorke_dimension(exponents) == pytest.approx(expected)


def test_what_is_not_a_number_has_no_dimension():
    with pytest.raises(ValueError, match=r"`exponents`.*nan"):
        kaplan_yorke_dimension([0.1, np.nan])
