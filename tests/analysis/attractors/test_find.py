"""Attractors that are known in closed form or from the literature, each found once; and what must not be reported."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import find_attractors, stroboscopic_map
from ctrnn import CTRNN, Interrupted, Sine
from neurodynamics import DIVERGES, UNDECIDED, DynamicalSystem, Kind, Status

FOLD = -2.58490708935594  # of one neuron with w = 6 (closed form)
CHAOTIC = CTRNN(
    [[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]], [-4.108, -2.787, -1.114], [1, 2.5, 1]
)  # Beer (1995), figure 9D


def kinds(found):
    return [each.kind for each in found]


# Figures -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_decoupled_units_have_all_their_attractors(n):
    found = find_attractors(CTRNN(8 * np.eye(n), biases=-4), samples=200)
    assert kinds(found) == [Kind.FIXED_POINT] * 2**n
    assert all("certified; absorbing ball verified" in each.how for each in found)
    np.testing.assert_array_equal(found.labels, [sum((y > 4) * 2 ** np.arange(n)[::-1]) for y in found.samples])


def test_the_cycle_of_the_oscillator_is_found_once(oscillator, rng):
    found = find_attractors(oscillator, samples=1000, rng=rng)
    assert repr(found) == "Attractors: 1 limit cycle (period 28.999908)"
    assert found[0].period == pytest.approx(28.9999078994859, abs=1e-9)
    assert found[0].share == 1.0
    assert found[0].exponents[1] == pytest.approx(np.log(0.00197965) / 28.9999078994859, rel=1e-5)


def test_the_chaotic_attractor_is_found_once():
    found = find_attractors(CHAOTIC, samples=1000)
    assert kinds(found) == [Kind.CHAOS]
    assert found[0].share == 1.0
    (chaos,) = found
    assert abs(chaos.exponents[0] - 0.0097) < 4 * chaos.errors[0]
    assert abs(chaos.exponents[2] + 0.4660) < 4 * chaos.errors[2]


def test_the_transposed_network_rests():
    """The orientation test: with W transposed one equilibrium attracts everything."""
    found = find_attractors(CHAOTIC.replace(weights=CHAOTIC.weights.T), samples=200)
    assert kinds(found) == [Kind.FIXED_POINT]
    np.testing.assert_allclose(found[0].y, [0.6637596, -2.0585909, 3.7098977], atol=1e-7)
    np.testing.assert_allclose(found[0].exponents, [-0.38726, -0.72283, -0.86220], atol=1e-5)


def test_a_cycle_beside_a_fixed_point(systems):
    found = find_attractors(systems["nested circles"], box=[[-2, 2], [-2, 2]], samples=400)
    assert kinds(found) == [Kind.FIXED_POINT, Kind.LIMIT_CYCLE]
    assert found[1].period == pytest.approx(2 * np.pi, rel=1e-9)
    inside = np.hypot(*found.samples.T) < 0.5  # the radius of the circle that repels
    np.testing.assert_array_equal(found.labels, np.where(inside, 0, 1))
    np.testing.assert_allclose(np.hypot(*found[1].points.T), 1.0, rtol=1e-7)


def test_a_slow_passage_is_no_attractor():
    """Just past the fold: the passage takes about 4000 time constants."""
    found = find_attractors(CTRNN([[6.0]], biases=FOLD + 1e-6), samples=300)
    assert kinds(found) == [Kind.FIXED_POINT]
    assert found[0].share == 1.0
    both = find_attractors(CTRNN([[6.0]], biases=FOLD - 1e-3), samples=300)  # the control
    assert len(both) == 2


def test_a_slow_passage_whose_budget_ends_is_undecided():
    found = find_attractors(CTRNN([[6.0]], biases=FOLD + 1e-10), samples=100)
    assert kinds(found) == [Kind.FIXED_POINT]
    assert 0 < found.undecided < 1
    assert found.undecided + found[0].share == pytest.approx(1.0)
    assert found.status == Status.MAX_STEPS
    assert "% of samples undecided" in repr(found)


@pytest.mark.parametrize(("p", "shear"), [(0.3, 30.0), (0.01, 0.0)])
def test_cycles_whose_neighbours_wander_or_take_long(p, shear):
    """r' = r (p - r^2), w' = -w + shear (r^2 - p): displacements grow about tenfold before they vanish, or fall slowly."""

    def rotor(t, y, u, params, out):
        growth = params[0] - y[0] * y[0] - y[1] * y[1]
        out[0] = growth * y[0] - y[1]
        out[1] = growth * y[1] + y[0]
        out[2] = -y[2] - params[1] * growth

    size = 3 * np.sqrt(p)
    found = find_attractors(DynamicalSystem(rotor, 3, params=[p, shear]), box=[-size, size], samples=60)
    assert kinds(found) == [Kind.LIMIT_CYCLE]
    assert found[0].share == 1.0
    np.testing.assert_allclose(np.hypot(*found[0].points[:, :2].T), np.sqrt(p), rtol=1e-6)
    assert found[0].exponents[1] == pytest.approx(max(-2 * p, -1.0), rel=1e-6)


# Systems of users, and maps ------------------------------------------------------------------------------------------


def test_van_der_pol(systems):
    (cycle,) = find_attractors(systems["van der Pol"], samples=200)
    assert cycle.period == pytest.approx(6.66328685932, abs=1e-8)


def test_lorenz(systems):
    (chaos,) = find_attractors(systems["Lorenz"], samples=200)
    assert chaos.kind == Kind.CHAOS
    assert chaos.share == 1.0
    assert abs(chaos.exponents[0] - 0.9056) < 4 * chaos.errors[0]


def test_henon(systems):
    found = find_attractors(systems["Henon"], samples=500)
    assert kinds(found) == [Kind.CHAOS]
    assert abs(found[0].exponents[0] - 0.41922) < 4 * found[0].errors[0] + 1e-3
    assert found.diverging + found[0].share == 1.0
    far = np.abs(found.samples[:, 0]) > 3  # x' = 1 - 1.4 x^2 + y falls for ever from there
    assert (found.labels[far] == DIVERGES).all()


@pytest.mark.parametrize(
    ("a", "kind", "period"), [(1.5, Kind.FIXED_POINT, np.nan), (2.1, Kind.LIMIT_CYCLE, 2), (2.5, Kind.CHAOS, np.nan)]
)
def test_symmetric_copies_are_told_apart(systems, a, kind, period):
    """x' = a x - x^3 maps x to -x into itself; its attractors are of either sign until they merge at a = 3 sqrt(3) / 2."""
    found = find_attractors(systems["odd cubic"].with_params([a]), samples=400)
    assert kinds(found) == [kind, kind]
    assert (found[0].points < 0).all()
    assert (found[1].points > 0).all()
    np.testing.assert_equal([each.period for each in found], [period, period])
    if a == 1.5:
        np.testing.assert_allclose([each.y[0] for each in found], [-np.sqrt(0.5), np.sqrt(0.5)], atol=1e-12)


def test_merged_copies_are_one(systems):
    found = find_attractors(systems["odd cubic"].with_params([2.8]), samples=400)
    assert kinds(found) == [Kind.CHAOS]
    (window,) = find_attractors(systems["odd cubic"].with_params([2.7]), samples=400)  # a periodic window
    assert window.period == 6
    np.testing.assert_allclose(np.sort(window.points[:, 0]), np.sort(-window.points[:, 0]), atol=1e-9)


def test_two_rotors_make_a_torus(systems):
    found = find_attractors(systems["two rotors"], samples=50)
    assert kinds(found) == [Kind.TORUS]
    assert found[0].share == 1.0
    assert (np.abs(found[0].exponents[:2]) <= 4 * found[0].errors[:2] + 1e-6).all()


def test_a_forced_network_through_its_stroboscopic_map():
    """A neuron that remembers, shaken a little: both states are cycles of the forcing's period."""
    shaken = stroboscopic_map(CTRNN([[8.0]], biases=-4.0), [Sine(0.5, 0.2)])
    found = find_attractors(shaken, samples=100)
    assert kinds(found) == [Kind.FIXED_POINT] * 2
    np.testing.assert_array_equal(found([[0.5], [7.5]]), [0, 1])


# Continua, divergence ------------------------------------------------------------------------------------------------


def test_a_line_of_fixed_points_is_one_attractor():
    """W has the eigenvalue 1: every multiple of (1, 1) is at rest."""
    found = find_attractors(CTRNN(np.full((2, 2), 0.5), activation="linear"), samples=300)
    assert kinds(found) == [Kind.CONTINUUM]
    assert found[0].share == 1.0
    np.testing.assert_allclose(found[0].points[:, 0], found[0].points[:, 1], atol=1e-7)
    assert found([3.0, 1.0]) == 0


def test_a_ring_of_fixed_points_is_one_attractor(systems):
    found = find_attractors(systems["circle of rest"], samples=300)
    assert kinds(found) == [Kind.CONTINUUM]
    np.testing.assert_allclose(np.hypot(*found[0].points.T), 1.0, atol=1e-7)


def test_what_diverges_has_that_label_and_no_nan():
    def spiral(t, y, u, params, out):
        out[0] = 0.1 * y[0] + y[1]
        out[1] = -y[0] + 0.1 * y[1]

    def explodes(t, y, u, params, out):
        out[0] = 1.0 + y[0] * y[0]

    for system in (DynamicalSystem(spiral, 2), DynamicalSystem(explodes, 1), CTRNN([[1.5]], activation="linear")):
        found = find_attractors(system, samples=50)
        assert len(found) == 0
        assert (found.labels == DIVERGES).all()
        assert "100 % of samples diverge" in repr(found)


@pytest.mark.parametrize("speed", [1.0, 1e9, 1e15])
def test_growth_in_proportion_to_time_is_undecided_at_any_speed(speed):
    """Without a leak an input is integrated: y = c t. Networks without a bound diverge far out, the control above."""
    beside = CTRNN(np.diag([6.0, 0.0]), biases=[-3, 0], constant_inputs=[0, speed], leaks=[1.0, 0.0])
    for net in (beside, CTRNN([[0.0]], constant_inputs=speed, leaks=0.0)):
        assert (find_attractors(net, samples=50, rng=0).labels == UNDECIDED).all()


def test_bounded_networks_never_diverge(four_states):
    found = find_attractors(four_states, samples=50)
    assert found.escape == np.inf
    assert (found([[1e12, -1e12], [-1e300, 1e300]]) >= 0).all()


# Called with states --------------------------------------------------------------------------------------------------


def test_states_go_where_they_go(four_states):
    found = find_attractors(four_states, samples=100)
    assert found(found[2].y) == 2
    np.testing.assert_array_equal(found([each.y for each in found]), range(4))
    assert isinstance(found([0.0, 0.0]), int)
    assert found(np.empty((0, 2))).shape == (0,)
    np.testing.assert_array_equal(found(found.samples), found.labels)


def test_a_state_on_the_separatrix_is_undecided(rivals):
    found = find_attractors(rivals, samples=100)
    assert found([2.0, 2.0]) == UNDECIDED
    assert found([2.0, 2.0 + 1e-9]) == 0


def test_nothing_depends_on_threads_or_on_who_else_is_there(four_states, oscillator):
    for system in (four_states, oscillator):
        one, two = (find_attractors(system, samples=333, workers=workers) for workers in (1, 2))
        np.testing.assert_array_equal(one.labels, two.labels)
        np.testing.assert_array_equal(one[0].points, two[0].points)
        assert one(one.samples[7]) == one.labels[7]


# Errors and edges ----------------------------------------------------------------------------------------------------


def test_errors_name_what_is_wrong(four_states, systems):
    with pytest.raises(TypeError, match="`system` must be a network"):
        find_attractors("net")
    with pytest.raises(ValueError, match="`box` must be 2 rows"):
        find_attractors(four_states, box=[[1, 0], [0, 1]])
    with pytest.raises(ValueError, match=r"`samples` must be a number, or states of shape \(K, 2\)"):
        find_attractors(four_states, samples=np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"`y0` must have shape \(state_dim,\) = \(2,\) or \(K, 2\); got \(3,\)"):
        find_attractors(four_states, samples=10)([1, 2, 3])
    with pytest.raises(TypeError, match="`points` must be the FixedPoints"):
        find_attractors(four_states, points=[[0, 0]])
    with pytest.raises(ValueError, match="stroboscopic_map"):
        find_attractors(four_states, inputs=[Sine(1.0, 1.0), 0.0])


def test_no_samples_and_no_time_still_give_a_result(four_states, oscillator):
    assert len(find_attractors(four_states, samples=0)) == 4
    hurried = find_attractors(oscillator, samples=100, timeout=0.0)
    assert hurried.undecided == 1.0
    assert hurried.status == Status.TIMEOUT


def test_interrupted_keeps_what_was_found(oscillator, monkeypatch):
    from analysis.attractors import search

    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(search, "recognise", stop)
    with pytest.raises(Interrupted) as raised:
        find_attractors(oscillator, samples=20)
    found = raised.value.result
    assert found.status == Status.INTERRUPTED
    assert found.labels.shape == (20,)
    assert find_attractors(oscillator, samples=20, on_interrupt="return").undecided == 1.0


def test_noise_plays_no_part(four_states):
    def noisy(t, y, u, params, out):
        out[0] = 0.3

    def falls(t, y, u, params, out):
        out[0] = y[0] - y[0] ** 3

    found = find_attractors(four_states.replace(noise=0.5), samples=100)
    np.testing.assert_array_equal(found.labels, find_attractors(four_states, samples=100).labels)
    found = find_attractors(DynamicalSystem(falls, 1, diffusion=noisy), samples=50)
    np.testing.assert_array_equal(found.labels, found.samples[:, 0] > 0)


def test_samples_that_stay_undecided_keep_nobody_from_being_recognised():
    """z' = z^2 (1 - z) beside a rotor: from below, z creeps to 0 like -1/t; from above it goes to 1."""

    def half_stable(t, y, u, params, out):
        growth = 1.0 - y[0] * y[0] - y[1] * y[1]
        out[0] = growth * y[0] - y[1]
        out[1] = growth * y[1] + y[0]
        out[2] = y[2] * y[2] * (1.0 - y[2])

    starts = np.random.default_rng(0).uniform(-2, 2, (16, 3))
    starts = starts[np.argsort(starts[:, 2])]  # those that creep first
    found = find_attractors(DynamicalSystem(half_stable, 3), samples=starts, box=[-2, 2])
    assert kinds(found) == [Kind.LIMIT_CYCLE]
    np.testing.assert_allclose(found[0].points[:, 2], 1.0, atol=1e-8)
    np.testing.assert_array_equal(found.labels, np.where(starts[:, 2] > 0, 0, UNDECIDED))


def unwound_pendulum(t, y, u, params, out):
    out[0], out[1] = y[1], -0.5 * y[1] - np.sin(y[0])


def test_rests_far_outside_of_the_box_are_not_listed():
    """They are found by thousands, one a turn; those that samples come to rest at are within a turn or two of the box."""
    found = find_attractors(DynamicalSystem(unwound_pendulum, 2), box=[(-6, 6), (-2, 2)], samples=60, rng=0)
    turns = np.array([each.y[0] for each in found]) / (2 * np.pi)
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-6)
    assert np.abs(turns).max() < 3
    assert sum(each.share for each in found) == 1.0
    assert len(found.points) > 100
