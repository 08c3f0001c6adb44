"""What is drawn of a surface."""

import numpy as np
import pytest

from analysis import manifold_surface
from ctrnn import CTRNN


def test_a_disk_in_space():
    found = manifold_surface(CTRNN(np.diag([0.5, 0.2, 3.0]), activation="linear"), np.zeros(3), distance=1.0, spacing=0.3)
    ax = found.plot()
    np.testing.assert_allclose(ax.collections[0].get_array(), found.distance[found.triangles].mean(axis=1))
    assert ax.collections[0].get_clim() == (0.0, pytest.approx(1.0))
    with pytest.raises(ValueError, match="`states` must be three numbers"):
        found.plot(states=(0, 1))
