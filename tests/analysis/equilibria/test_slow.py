"""Slow points whose places and speeds are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import fixed_points, slow_points
from ctrnn import CTRNN, DynamicalSystem, Interrupted, Sine, random_ctrnn, simulate

W = 6.0
LEFT_FOLD = -3.41509291064406  # input + bias (closed form)
AT_FOLD = np.log((1 - 2 / W + np.sqrt(1 - 4 / W)) / (2 / W))  # the net input with s' = 1/w there


@pytest.mark.parametrize("distance", [1e-1, 1e-3, 1e-5])
def test_the_ghost_of_a_fold(distance):
    """The speed has its minimum where the slope is zero, s' = 1/w, and there it is the distance from the fold."""
    net = CTRNN([[W]], biases=LEFT_FOLD - distance)
    found = slow_points(net, rng=1)
    assert found.fixed.tolist() == [True, False]
    assert abs(found.x[1, 0] + net.biases[0] - AT_FOLD) < 1e-8 / distance**0.5
    assert abs(found.speed[1] - distance) < 1e-10
    assert found.converged.all()
    assert np.abs(found.eigenvalues[1]).max() < 1e-6


def test_on_the_other_side_of_the_fold_there_are_two_fixed_points():
    found = slow_points(CTRNN([[W]], biases=LEFT_FOLD + 1e-3), rng=1)
    assert found.fixed.tolist() == [True, True, True]
    assert sorted(found.index.tolist()) == [0, 0, 1]


def test_a_flow_of_ones_own_with_coupled_second_derivatives():
    """|f| of (y0^2 + y0 y1 + y1^2 + 0.01, y0 - y1) is least at the origin; its Hessian has mixed second derivatives."""

    def rhs(t, y, u, params, out):
        out[0] = y[0] * y[0] + y[0] * y[1] + y[1] * y[1] + 0.01
        out[1] = y[0] - y[1]

    found = slow_points(DynamicalSystem(rhs, 2), np.array([[0.3, -0.2], [-0.1, 0.4]]))
    assert len(found) == 1
    assert not found.fixed.any()
    assert np.abs(found.x).max() < 1e-7
    assert abs(found.speed[0] - 0.01) < 1e-12


@pytest.mark.parametrize("n", [20, 150])
def test_large_uniform_networks_have_the_fixed_points_of_curie_and_weiss(n):
    found = slow_points(CTRNN(np.full((n, n), 2 / n), activation="tanh"), 12, rng=1)
    fixed = found[found.fixed]
    assert np.abs(np.abs(fixed.outputs[fixed.index == 0]) - 0.9575040240772688).max() < 1e-13
    assert np.abs(fixed.x[fixed.index == 1]).max(initial=0.0) < 1e-13


def test_every_fixed_point_is_in_the_certified_list(rng):
    net = random_ctrnn(5, rng, weights=(-8, 8), biases=(-4, 4), time_constants=(0.5, 2))
    proved = fixed_points(net)
    found = slow_points(net, 60, rng=rng)
    for y in found.x[found.fixed]:
        assert np.abs(proved.x - y).max(axis=1).min() < 1e-8


def test_a_minimum_of_the_speed_is_lower_than_its_neighbourhood(rng):
    net = random_ctrnn(6, rng, weights=(-6, 6), biases=(-4, 4), time_constants=(0.5, 2))
    found = slow_points(net, 60, rng=rng)
    slow = found[~found.fixed & found.converged]
    for y, speed in zip(slow.x, slow.speed, strict=True):
        for _ in range(20):
            near = y + 1e-4 * rng.normal(size=6)
            assert np.linalg.norm(net.rhs(0, near)) > speed * (1 - 1e-7)


def test_starts_come_as_states_a_solution_or_a_number():
    net = CTRNN([[W]], biases=LEFT_FOLD - 1e-3)
    for starts in ([[4.7], [0.2]], simulate(net, 500, [8.0]), 20):
        assert len(slow_points(net, starts, rng=1)) == 2
    assert len(slow_points(net, 0)) == 0
    assert len(slow_points(net, 20, rng=1, max_speed=1e-4)) == 1
    with pytest.raises(ValueError, match="`starts` must be a number of them or have shape"):
        slow_points(net, np.zeros((3, 2)))
    with pytest.raises(ValueError, match="stroboscopic_map"):
        slow_points(net, inputs=[Sine(1, 1)])


def test_budgets_and_interrupts_keep_what_was_found(monkeypatch):
    net = CTRNN([[W]], biases=LEFT_FOLD - 1e-3)
    late = slow_points(net, 20, timeout=0.0)
    assert late.status < 0
    assert len(late) == 0
    from analysis import slow_points as function

    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setitem(function.__globals__, "polish", stop)
    with pytest.raises(Interrupted) as caught:
        slow_points(net, 20, rng=1)
    assert len(caught.value.result) == 0
