"""Domains are kept by every method, and the field inside is the system's."""

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import Box, DynamicalSystem, Simplex, confined, simulate, simulate_ensemble
from recurrent import FullyRecurrent


def outwards(t, y, u, params, out):
    for i in range(y.size):
        out[i] = params[i]


@pytest.mark.parametrize("options", [{}, {"method": "euler", "dt": 0.3}, {"method": "RK45"}, {"method": "rk4", "dt": 0.1}])
def test_a_box_is_kept_by_every_method(options, rng):
    net = confined(CTRNN(rng.uniform(-1, 1, (3, 3)), constant_inputs=[5.0, -5.0, 0.0]), Box(-1.0, 1.0))
    run = simulate(net, 20.0, [0.1, 0.2, 0.3], **options)
    assert run.y.min() >= -1
    assert run.y.max() <= 1
    assert run.final[0] == 1
    assert run.final[1] == -1
    inside = [0.3, -0.2, 0.5]
    np.testing.assert_allclose(net.rhs(0, inside), net.parts[0].rhs(0, inside), rtol=1e-14)
    np.testing.assert_allclose(net.jac(0, inside), net.parts[0].jac(0, inside), rtol=1e-13)


def test_a_simplex_is_kept(rng):
    net = confined(DynamicalSystem(outwards, 4, [0.3, -1.0, 0.1, -0.2]), Simplex())
    starts = Simplex().project(rng.normal(size=(5, 4)))
    ends = simulate_ensemble(net, 30.0, starts, save="final").y
    np.testing.assert_allclose(ends, np.tile([1.0, 0, 0, 0], (5, 1)), atol=1e-9)  # the largest rate takes all
    run = simulate(net, 0.5, starts[0])
    np.testing.assert_allclose(run.y.sum(axis=0), 1, atol=1e-12)
    assert run.y.min() >= 0


def test_projections_are_the_nearest_points(rng):
    """No other point of the simplex is closer."""
    for row in rng.normal(size=(20, 5)):
        nearest = Simplex().project(row)
        others = rng.dirichlet(np.ones(5), 300)
        assert nearest.sum() == pytest.approx(1)
        assert (np.linalg.norm(others - row, axis=1) >= np.linalg.norm(nearest - row) - 1e-12).all()


def test_a_map_is_set_back():
    net = confined(FullyRecurrent([[3.0]], activation="linear"), Box(-2.0, 2.0))
    assert simulate(net, 3, [0.5]).y.tolist() == [[0.5, 1.5, 2.0, 2.0]]


def test_bad_domains_are_named():
    with pytest.raises(ValueError, match="`upper` must be above `lower` = 1; got 0"):
        Box(1, 0)
    with pytest.raises(TypeError, match="`domain` must be a Box or a Simplex"):
        confined(CTRNN([[1.0]]), (0, 1))
