"""The loss of several trials is the mean of theirs, and infinite where it does not exist."""

import numpy as np
import pytest

from ctrnn import CTRNN
from learning import Trial, gradient, losses
from learning.gradients import Chosen
from learning.objective import Objective, Way

NET = CTRNN([[1.0, 0.5], [-0.5, 1.0]], biases=[0.1, -0.2])
TRIALS = [Trial([[0.2, 0.8]], times=[5.0]), Trial([[0.5, 0.1], [0.3, 0.3]], times=[1.0, 2.0], y0=[1.0, -1.0])]


def objective(params, **way):
    return Objective(NET, losses.MeanSquare(), Chosen(NET, params), Way(**way), None)


def test_it_is_the_mean(rng):
    whole = objective(["biases", "weights"], dt=0.1)
    value, g = whole(whole.start(), TRIALS)
    given = {"params": ["biases", "weights"], "dt": 0.1}
    each = [gradient(NET, losses.MeanSquare(), trial.y0, trial.targets, times=trial.times, **given) for trial in TRIALS]
    assert value == pytest.approx(np.mean([one.value for one in each]), rel=1e-14)
    np.testing.assert_allclose(g, np.mean([one.vector for one in each], axis=0), rtol=1e-13)


def test_residuals_have_the_loss_and_its_gradient():
    whole = objective("weights", dt=0.1)
    value, g = whole(whole.start(), TRIALS)
    r, J = whole.residuals(whole.start(), TRIALS)
    assert r @ r == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(2 * J.T @ r, g, rtol=1e-11, atol=1e-15)


def test_where_parameters_or_trajectories_leave_their_range():
    whole = objective("time_constants", dt=0.1)
    assert whole(np.array([-1.0, 1.0]), TRIALS)[0] == np.inf
    unstable = objective("leaks", dt=0.1)
    assert unstable(np.array([-1e3, 1.0]), [Trial([[0.0, 0.0]], times=[99.0])])[0] == np.inf
