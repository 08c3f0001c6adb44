"""The loss of several trials is the mean of theirs, and infinite where it does not exist."""

import numpy as np
import pytest

from ctrnn import CTRNN
from learning import Trial, gradient, losses
from learning.chosen import Chosen
from learning.courses import Way
from learning.objective import Objective
from learning.unrolled import Unrolled
from neurodynamics import DynamicalSystem
from neurodynamics.inputs import Sampled, Sine
from recurrent import GRU

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
    assert whole.value(whole.start(), TRIALS) == value


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


# Trials side by side ---------------------------------------------------------------------------------------------------


def kinked(t, y, u, params, out):
    """Which branch is taken differs between trials."""
    for i in range(2):
        push = params[0] * y[1 - i] if y[i] > 0.3 else -params[1] * y[i] ** 3
        out[i] = push - 0.8 * y[i] + np.sin(t) + u[0]


def looked_up(t, y, u, params, out):
    out[0] = params[int(y[0] > 0)] * np.tanh(y[1]) - y[0]
    out[1] = params[0] * np.floor(3 * y[0]) - y[1] + u[0]


def batches(rng):
    """Networks, trials that differ in length and inputs, and how they are run."""
    for n in (3, 10, 17):
        net = CTRNN(rng.normal(size=(n, n)), biases=rng.normal(size=n), time_constants=rng.uniform(0.5, 2, n))
        yield net, [trial(rng, n, n, [length / 2, length]) for length in rng.uniform(0.5, 2, 11)], {"dt": 0.1}
        yield net, [trial(rng, n, n, [length / 2, length]) for length in rng.uniform(0.5, 2, 3)], {}
    gru = GRU(rng.normal(size=(15, 5)), rng.normal(size=(15, 2)), rng.normal(size=15))
    drives = [Sampled(np.arange(k + 1), rng.normal(size=(2, k + 1))) for k in range(1, 19)]
    yield gru, [Trial(rng.normal(size=(k, 5)), inputs=drive) for k, drive in enumerate(drives, 1)], {}
    for f in (kinked, looked_up):
        system = DynamicalSystem(f, 2, params={"a": 0.9, "b": 1.7}, input_dim=1)
        yield system, [trial(rng, 2, 1, [length / 3, length]) for length in rng.uniform(1, 3, 9)], {"dt": 0.05}
        yield system, [trial(rng, 2, 1, [0.5, 1.0]) for _ in range(2)], {"integrator": "heun", "dt": 0.25}


def trial(rng, n, m, times):
    drive = [Sine(*rng.uniform(0.2, 1.0, 2)) for _ in range(m)]
    return Trial(rng.normal(size=(len(times), n)), times=times, y0=rng.normal(size=n), inputs=drive)


def test_trials_side_by_side_are_what_they_are_alone(rng):
    """Their states to the last bit, the gradient to rounding; where branches and lengths differ, too."""
    for net, trials, way in batches(rng):
        whole = Objective(net, losses.MeanSquare(), Chosen(net, None), Way(**way), None)
        value, g = whole(whole.start(), trials)
        alone = [whole(whole.start(), [each]) for each in trials]
        assert value == pytest.approx(np.mean([each[0] for each in alone]), rel=1e-14)
        expected = np.mean([each[1] for each in alone], axis=0)
        np.testing.assert_allclose(g, expected, rtol=1e-9, atol=1e-14 * np.abs(expected).max())
        courses = [Way(**way).course(net, each) for each in trials[:8]]
        beside = Unrolled(net, courses)
        for lane, steps in enumerate(courses):
            np.testing.assert_array_equal(beside.y[-len(steps.times) :, :, lane], Unrolled(net, steps).y)


def test_threads_do_not_change_a_bit(rng):
    net, trials, way = next(batches(rng))
    found = [Objective(net, losses.MeanSquare(), Chosen(net, None), Way(**way), k) for k in (1, 2, 5)]
    first, *others = (each(each.start(), trials * 3) for each in found)
    for other in others:
        assert other[0] == first[0]
        np.testing.assert_array_equal(other[1], first[1])


def test_one_trial_that_leaves_the_numbers_makes_the_loss_infinite(rng):
    def square(t, y, u, params, out):
        out[0] = params[0] * y[0] * y[0] - 1.0

    system = DynamicalSystem(square, 1, params={"a": 1.0})
    trials = [Trial([[0.0]], times=[5.0], y0=[y]) for y in (0.1, 0.2, 9.0, 0.3)]
    whole = Objective(system, losses.MeanSquare(), Chosen(system, None), Way(dt=0.1), None)
    assert whole(whole.start(), trials)[0] == np.inf
    assert np.isfinite(whole(whole.start(), trials[:2])[0])
