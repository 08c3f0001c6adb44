"""Delay vectors."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import delay_embedding


def test_rows_are_delay_vectors():
    x = np.arange(20.0) ** 2
    found = delay_embedding(x, 3, 4)
    assert found.shape == (12, 3)
    for i in range(12):
        np.testing.assert_array_equal(found[i], [x[i], x[i + 4], x[i + 8]])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="`delay` is too large for 5 samples"):
        delay_embedding(np.arange(5), 3, 3)
    with pytest.raises(ValueError, match="`series` must have shape"):
        delay_embedding(np.ones((3, 3)), 2)
