"""Domains are kept by every method, and the field inside is the system's."""

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import (
    Box,
    DynamicalSystem,
    PreparedRun,
    Simplex,
    confined,
    load_solution,
    simulate,
    simulate_ensemble,
)
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


def leaps(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -40.0 * y[0]


def at_the_top(t, y, u, params, out):
    out[0] = y[0] - 0.5


@pytest.mark.parametrize("method", ["dopri5", "DOP853"])
def test_whatever_a_run_returns_is_in_the_domain(method, tmp_path):
    """Dense output, states at events, and all of them from a file; a control without the domain leaves the box."""
    free = DynamicalSystem(leaps, 2, events=at_the_top)
    given = {"method": method, "rtol": 1e-3, "atol": 1e-3, "dense_output": True}
    t = np.linspace(0, 3, 1000)
    assert simulate(free, 3.0, [0.9, 0.5], **given).sol(t).min() < -1
    net = confined(DynamicalSystem(leaps, 2), Box(-1.0, 1.0)).with_events([at_the_top])
    run = simulate(net, 3.0, [0.9, 0.5], **given)
    assert run.y_events[0].size
    for states in (run.y, run.sol(t), run.sol(0.7), run.y_events[0], run.final):
        assert np.abs(states).max() <= 1
    if method == "dopri5":
        run.save(tmp_path / "run.npz")
        np.testing.assert_array_equal(load_solution(tmp_path / "run.npz", system=net).sol(t), run.sol(t))


def test_members_that_end_early_are_on_the_domain_and_equal_single_runs():
    net = confined(DynamicalSystem(outwards, 2, [3.0, -2.0]), Box(-1.0, 1.0))
    both = simulate_ensemble(net, 2.0, [[0.1, 0.2], [0.9, 0.3]], save="final", max_steps=3, method="euler", dt=0.3)
    alone = simulate(net, 2.0, [0.9, 0.3], save="final", max_steps=3, method="euler", dt=0.3)
    np.testing.assert_array_equal(both.y_end[1], alone.final)
    assert np.abs(both.y_end).max() <= 1


def test_a_start_outside_is_named_and_rounding_is_not():
    net = confined(DynamicalSystem(outwards, 3, [0.3, -1.0, 0.1]), Simplex())
    with pytest.raises(ValueError, match=r"`y0` must be in the domain of the system, nowhere negative, with the sum 1; y0"):
        simulate(net, 1.0, [0.5, 0.5, 0.5])
    simulate(net, 1.0, [0.1 + 0.2, 0.3, 0.4])
    box = confined(CTRNN(np.zeros((2, 2))), Box(0.0, 1.0))
    with pytest.raises(ValueError, match=r"between 0 and 1; y0\[1\] is 1.5. `system.domain.project\(y0\)` is the nearest"):
        simulate(box, 1.0, [0.5, 1.5])
    with pytest.raises(ValueError, match=r"y0\[1, 0\] is -0.5"):
        simulate_ensemble(box, 1.0, [[0.5, 0.5], [-0.5, 0.5]])
    with pytest.raises(ValueError, match=r"y0\[0\] is -1"):
        PreparedRun(box, 1.0)([-1.0, 0.0])


def test_bad_domains_are_named():
    with pytest.raises(ValueError, match="`upper` must be above `lower` = 1; got 0"):
        Box(1, 0)
    with pytest.raises(TypeError, match="`domain` must be a Box or a Simplex"):
        confined(CTRNN([[1.0]]), (0, 1))
