"""Networks whose parameters jump: occupancy, exponents, delays, impulses and noise, each against a closed form."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from hopfield import AdditiveNetwork, GradedBAM, GradedHopfield, MarkovJump
from neurodynamics import Status, simulate

Q = [[-1.0, 1.0], [3.0, -3.0]]


def scalar(rate, **more):
    """dx = rate x dt."""
    return AdditiveNetwork([[0.0]], leaks=-rate, activation="linear", **more)


def test_modes_have_the_occupancy_of_the_generator():
    """Of 400 paths, at each of many moments; the standard error is that of independent paths."""
    net = MarkovJump([scalar(0.0), scalar(0.0)], Q)
    run = net.run(20.0, np.zeros((400, 1)), dt=0.5, points=40, rng=1)  # steps as long as the stays
    np.testing.assert_allclose(net.occupancy, [0.75, 0.25])
    assert np.abs((run.modes == 1).mean(axis=0) - 0.25).max() < 4.5 * np.sqrt(0.1875 / 400)
    stays = (run.modes[:, 1:] == 1)[run.modes[:, :-1] == 1].mean()
    assert stays == pytest.approx(0.25 + 0.75 * np.exp(-4 * 0.5), abs=0.02)  # exp(Q h)[1, 1], exact at any step


def test_paths_decay_almost_surely_while_their_mean_square_grows():
    net = MarkovJump([scalar(1.0), scalar(-3.0)], [[-2.0, 2.0], [2.0, -2.0]])
    exponents = net.exponents()
    assert (exponents.almost_sure, exponents.mean_square) == (-1, pytest.approx(0.4721, abs=5e-5))
    run = net.run(40.0, np.ones((200, 1)), dt=0.01, rng=2)
    slopes = np.log(run.y[:, 0, -1]) / 40.0
    assert slopes.mean() == pytest.approx(-1, abs=5 * slopes.std() / np.sqrt(200) + 0.03)  # Euler's steps: h F^2 / 2


def test_a_delay_is_that_of_the_method_of_steps():
    """x' = -x(t - 1): x = 1 - t on [0, 1], then t^2/2 - 2 t + 3/2 on [1, 2]."""
    net = MarkovJump([AdditiveNetwork([[-1.0]], leaks=0.0, activation="linear")], [[0.0]], delay=1.0)
    run = net.run(2.0, [1.0], dt=1e-3, points=100)
    t = run.t
    exact = np.where(t <= 1, 1 - t, t**2 / 2 - 2 * t + 1.5)
    np.testing.assert_allclose(run.y[0, 0], exact, atol=2e-3)
    without = MarkovJump(net.modes, [[0.0]]).run(2.0, [1.0], dt=1e-3, points=100)
    np.testing.assert_allclose(without.y[0, 0], np.exp(-t), atol=2e-3)


def test_leaks_see_the_present():
    """x' = -2 x(t) with a delay that nothing else uses."""
    run = MarkovJump([scalar(-2.0)], [[0.0]], delay=0.5).run(1.0, [1.0], dt=1e-4)
    assert run.y[0, 0, -1] == pytest.approx(np.exp(-2), abs=1e-4)


def test_impulses_multiply_the_state():
    modes = [AdditiveNetwork(np.zeros((2, 2)), leaks=0.0, activation="linear")]
    turn = [[0.0, -1.0], [1.0, 0.0]]
    run = MarkovJump(modes, [[0.0]], impulses=(0.5, turn)).run(2.0, [1.0, 0.0], dt=0.1, points=20)
    np.testing.assert_allclose(run.y[0, :, -1], [1.0, 0.0])  # four quarters
    at = np.searchsorted(run.t, 0.6)
    np.testing.assert_allclose(run.y[0, :, at], [0.0, 1.0])
    half = MarkovJump([scalar(1.0)], [[0.0]], impulses=(0.25, 0.5)).run(2.0, [1.0], dt=1e-3)
    assert half.y[0, 0, -1] == pytest.approx(np.exp(2.0) / 2**8, rel=2e-3)


def test_noise_has_its_variance():
    """Ornstein and Uhlenbeck: sigma^2 / 2 in the long run."""
    net = MarkovJump([scalar(-1.0, noise=0.8)], [[0.0]], delay=0.1)
    ends = net.run(6.0, np.zeros((4000, 1)), dt=0.02, points=1, rng=3).y[:, 0, -1]
    assert ends.var() == pytest.approx(0.32 / (1 - 0.01), rel=5 * np.sqrt(2 / 4000))


def test_without_delays_it_is_the_switched_system_of_the_contract():
    bams = [GradedBAM([[0.5], [0.1]], gain=2.0), GradedBAM([[2.0], [-1.0]], gain=2.0)]
    net = MarkovJump(bams, Q)
    path = net.path(5.0, rng=4)
    exact = simulate(net.system, 5.0, [0.3, 0.2, 0.1], inputs=[0, 0, 0, path])
    assert exact.success
    slow = MarkovJump(bams, [[0.0, 0.0], [1.0, -1.0]])  # ends in mode 0 for ever
    run = slow.run(5.0, [0.3, 0.2, 0.1], dt=1e-4)
    reference = simulate(bams[0], 5.0, [0.3, 0.2, 0.1]).final
    np.testing.assert_allclose(run.y[0, :, -1], reference, atol=1e-4)


def test_paths_do_not_depend_on_threads_and_copies_agree():
    net = MarkovJump([GradedHopfield([[1.0]], noise=0.3), GradedHopfield([[2.0]])], Q, delay=0.2, impulses=(0.4, 0.9))
    starts = np.linspace(-1, 1, 9)[:, np.newaxis]
    one = net.run(3.0, starts, dt=0.05, rng=5, workers=1)
    for other in (net, pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        np.testing.assert_array_equal(other.run(3.0, starts, dt=0.05, rng=5, workers=2).y, one.y)
    assert repr(net) == "MarkovJump(2 modes of 1 units, delay 0.2, impulses every 0.4)"


def test_time_that_is_up_and_numbers_that_are_not_finite():
    net = MarkovJump([scalar(0.5)], [[0.0]])
    late = net.run(1e6, [1e-300], dt=1e-4, timeout=0.3)
    assert late.status is Status.TIMEOUT
    assert np.isfinite(late.y[0, 0, 0])
    assert np.isnan(late.y[0, 0, -1])
    assert net.run(4000.0, [1.0], dt=0.1).status is Status.NON_FINITE


def test_what_is_refused():
    pair = [scalar(1.0), scalar(2.0)]
    for make, message in [
        (lambda: MarkovJump([], Q), "`modes` must hold at least one network"),
        (lambda: MarkovJump(pair, [[0.0]]), r"`generator` must be \(2, 2\)"),
        (lambda: MarkovJump([pair[0], GradedHopfield(np.eye(2))], Q), r"`modes\[1\]` must have the units"),
        (lambda: MarkovJump(pair, Q, delay=-1.0), "`delay` must be at least 0"),
        (lambda: MarkovJump(pair, Q, impulses=(1.0, [1.0, 2.0])), r"`impulses\[1\]` must be a number or have shape"),
        (lambda: MarkovJump(pair, Q, delay=1.0, impulses=(np.pi, 0.5)).run(9.0, [1.0], dt=0.1), "`dt` must divide the"),
        (lambda: MarkovJump(pair, Q, delay=1.0).exponents(), "is no flow of its state alone"),
        (lambda: MarkovJump([scalar(1.0, noise=0.1), pair[0]], Q).system, "the switched system has no noise"),
    ]:
        with pytest.raises(ValueError, match=message):
            make()
    with pytest.raises(TypeError, match=r"`modes\[0\]` must be a GradedBAM"):
        MarkovJump([1, 2], Q)
