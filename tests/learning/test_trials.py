"""Trials as steps: targets, resets and jumps of inputs fall on their ends."""

import numpy as np
import pytest

from ctrnn import CTRNN
from learning import Trial
from learning.courses import Way
from neurodynamics.inputs import Pulse
from recurrent import FullyRecurrent

NET = CTRNN([[0.5]])


def course(system, trial, **way):
    return Way(**way).course(system, trial)


def test_times_and_jumps_are_ends_of_steps():
    steps = course(NET, Trial(times=[0.25, 1.0], inputs=[Pulse(0.33, 0.5, 1.0)]), dt=0.1)
    for t in (0.25, 0.33, 0.83, 1.0):
        assert np.abs(steps.times - t).min() < 1e-12
    np.testing.assert_allclose(steps.times[steps.looks], [0.25, 1.0])
    assert np.diff(steps.times).max() < 0.1 + 1e-12
    uneven = course(NET, Trial(t_span=1.05), dt=0.1).times
    np.testing.assert_allclose(uneven, [*np.arange(11) * 0.1, 1.05], atol=1e-12)


def test_maps_go_by_iterations():
    net = FullyRecurrent([[0.5]])
    steps = course(net, Trial(np.zeros((4, 1))))
    assert steps.times.tolist() == [0, 1, 2, 3, 4]
    assert steps.looks.tolist() == [1, 2, 3, 4]
    assert course(net, Trial(t_span=(3, 7), times=[3, 5])).looks.tolist() == [0, 2]
    for wrong in (Trial(t_span=2.5), Trial(t_span=4, times=[1.5])):
        with pytest.raises(ValueError, match="iterations"):
            course(net, wrong)


def test_what_is_wrong_is_named():
    for make, word in (
        (lambda: Trial(times=[2.0, 1.0]), "times"),
        (lambda: Trial(), "t_span"),
        (lambda: Trial(times=[np.nan]), "times"),
        (lambda: course(NET, Trial(t_span=(1, 0)), dt=0.1), "t_span"),
        (lambda: course(NET, Trial(t_span=1, times=[2.0]), dt=0.1), "times"),
        (lambda: course(NET, Trial(t_span=1), integrator="rk4"), '`dt` must be given with integrator="rk4"'),
        (lambda: course(NET, Trial(t_span=1), integrator="dop853", dt=0.1), '`dt` does not go with integrator="dop853"'),
        (lambda: course(FullyRecurrent([[0.5]]), Trial(t_span=1), dt=0.1), "`dt` is for flows"),
        (lambda: course(FullyRecurrent([[0.5]]), Trial(t_span=1), integrator="rk4"), "`integrator` is for flows"),
        (lambda: Trial(np.zeros((0, 1))), "`t_span` must be given where there are neither `times` nor rows of `targets`"),
        (lambda: course(NET, Trial(t_span=1, y0=[1.0, 2.0]), dt=0.1), "y0"),
        (lambda: course(NET, Trial(t_span=1, inputs=[1, 2]), dt=0.1), "inputs"),
    ):
        with pytest.raises((ValueError, TypeError), match=word):
            make()
