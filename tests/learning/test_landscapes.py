"""Loss landscapes against closed forms and gradients."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN
from learning import Trial, gradient, loss_landscape, losses
from neurodynamics import Status
from recurrent import FullyRecurrent


def test_a_linear_step_gives_a_paraboloid(rng):
    """After one step from h = 1 the state is w + b."""
    net, directions = FullyRecurrent([[0.4]], biases=0.1, activation="linear"), rng.normal(size=(2, 2))
    found = loss_landscape(net, Trial([[2.0]], times=[1], y0=[1.0]), losses.MeanSquare(), params=["weights", "biases"],
                           directions=directions, points=5)  # fmt: skip
    a, b = np.meshgrid(found.a, found.b, indexing="ij")
    assert found.loss == pytest.approx((0.5 + a * directions[0].sum() + b * directions[1].sum() - 2.0) ** 2, rel=1e-12)


def test_its_slopes_are_products_with_the_gradient(rng):
    net = CTRNN(rng.normal(size=(3, 3)), rng.normal(size=3))
    trials, h = [Trial([[0.3] * 3], times=[2.0], y0=y0) for y0 in rng.normal(size=(2, 3))], 1e-5
    found = loss_landscape(net, trials, losses.MeanSquare(), params="weights", extent=h, points=3, dt=0.1, rng=rng)
    each = [gradient(net, losses.MeanSquare(), t.y0, t.targets, times=t.times, params="weights", dt=0.1) for t in trials]
    mean = np.mean([g.vector for g in each], axis=0)
    slopes = [(found.loss[2, 1] - found.loss[0, 1]) / (2 * h), (found.loss[1, 2] - found.loss[1, 0]) / (2 * h)]
    assert slopes == pytest.approx(found.directions @ mean, rel=1e-6)
    assert np.linalg.norm(found.directions, axis=1) == pytest.approx(np.linalg.norm(net.weights))  # as long as the array


def test_what_parameters_may_not_be_is_nan():
    net = CTRNN([[1.0]], time_constants=1.0)
    found = loss_landscape(net, Trial([[0.3]], times=[1.0]), losses.MeanSquare(), params=["time_constants", "biases"],
                           directions=np.eye(2), extent=2.0, points=5, dt=0.1)  # fmt: skip
    assert (np.isnan(found.loss) == (1.0 + found.a <= 0)[:, np.newaxis]).all()
    assert (found.reasons[2:] == "").all()
    assert found.reasons[0, 0] == "`time_constants[0]` must be positive; got -1."
    assert "10 unknown: `time_constants[0]` must be positive" in repr(found)


def test_where_trajectories_leave_the_numbers_is_told():
    """h' = w h from 1 overflows at the first step with w**k > 2**1024: with w = 4 that is the 512th."""
    net = FullyRecurrent([[2.0]], activation="linear")
    found = loss_landscape(net, Trial([[0.0]], times=[600], y0=[1.0]), losses.MeanSquare(), params="weights",
                           directions=[[1.0], [0.0]], extent=2.0, points=2)  # fmt: skip
    assert found.loss[0].tolist() == [0.0, 0.0]
    assert "not finite after step 511" in found.reasons[1, 0]


def test_time_is_kept():
    net, trial = CTRNN(np.ones((10, 10))), Trial([[0.3] * 10], times=[50.0])
    found = loss_landscape(net, trial, losses.MeanSquare(), params="weights", points=200, dt=0.01, rng=0, timeout=0.3)
    assert found.status is Status.TIMEOUT
    assert 0 < np.isfinite(found.loss).sum() < found.loss.size
    assert ((found.reasons == "there was no time for it") == np.isnan(found.loss)).all()


def test_shapes_are_told():
    net, trial = FullyRecurrent([[0.4]]), Trial([[2.0]], times=[1])
    with pytest.raises(ValueError, match=r"`directions` must have shape \(2, D\) = \(2, 1\)"):
        loss_landscape(net, trial, losses.MeanSquare(), params="weights", directions=[[1.0, 2.0]])
    with pytest.raises(ValueError, match="`points` must be at least 2"):
        loss_landscape(net, trial, losses.MeanSquare(), points=1)
    with pytest.raises(ValueError, match="`data` must hold at least one Trial"):
        loss_landscape(net, [], losses.MeanSquare())
