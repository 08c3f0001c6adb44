"""What is drawn of covariant vectors."""

import numpy as np
import pytest

from analysis import covariant_vectors
from neurodynamics import models


def test_the_density_of_angles_integrates_to_one():
    found = covariant_vectors(models.henon(), [0, 0], 500, rng=0)
    (stairs,) = found.plot().patches
    values, edges, _ = stairs.get_data()
    assert values @ np.diff(edges) == pytest.approx(1.0)
    assert edges[0] == 0.0
    assert edges[-1] == 90.0
