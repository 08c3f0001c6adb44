"""Grossberg's theorems about competition, and the energy of Cohen and Grossberg."""

import numpy as np
import pytest

from neurodynamics import simulate
from recurrent import CohenGrossberg, Feedback, Shunting, may_leonard

START = np.array([0.1, 0.2, 0.3, 0.4])


def settled(feedback, duration=300.0):
    return simulate(Shunting(4, decay=1, upper=3, feedback=feedback), duration, START, rtol=1e-10, atol=1e-12).final


def test_linear_feedback_keeps_proportions():
    """The total goes to B - A/C."""
    final = settled(Feedback())
    np.testing.assert_allclose(final, 2 * START / START.sum(), rtol=1e-8)


def test_faster_than_linear_the_winner_takes_all():
    final = settled(Feedback.faster_than_linear(2.0))
    assert final[3] == pytest.approx((6 + np.sqrt(28)) / 4, rel=1e-9)
    assert np.abs(final[:3]).max() < 1e-9


def test_slower_than_linear_differences_vanish():
    np.testing.assert_allclose(settled(Feedback.slower_than_linear(2.0, 0.5)), 5.5 / 9, rtol=1e-8)


def test_sigmoid_feedback_quenches_what_is_below_a_threshold():
    """The same pattern, weaker or stronger: nothing is kept, or the largest."""
    net = Shunting(4, decay=1, upper=3, feedback=Feedback.sigmoid(2.0, 0.25))
    weak, strong = (simulate(net, 300, scale * START, rtol=1e-10, atol=1e-12).final for scale in (0.1, 2.0))
    assert np.abs(weak).max() < 1e-9
    assert strong[3] > 0.5
    assert strong[3] - strong[0] > 0.5


def test_activities_stay_between_their_potentials(rng):
    net = Shunting(3, upper=2.0, lower=0.5, feedback=Feedback.sigmoid(3.0))
    y = simulate(net, 50, rng.uniform(0, 2, 3), inputs=rng.uniform(0, 30, 6)).y
    assert y.min() >= -0.5
    assert y.max() <= 2.0


def test_may_and_leonards_competitors_spiral_outwards():
    alpha, beta = 0.8, 1.3
    net = may_leonard(alpha, beta)
    rest = np.full(3, 1 / (1 + alpha + beta))
    np.testing.assert_allclose(net.rhs(0, rest), 0, atol=1e-15)
    eigenvalues = np.linalg.eigvals(net.jac(0, rest))
    pair = eigenvalues[np.argmax(eigenvalues.imag)]
    expected = ((alpha + beta) / 2 - 1 + 1j * np.sqrt(3) / 2 * (beta - alpha)) / (1 + alpha + beta)
    assert pair == pytest.approx(expected, abs=1e-12)
    assert pair == pytest.approx(0.0161290 + 0.139682j, abs=1e-6)


def test_energy_never_rises_where_there_is_one(rng):
    C = rng.normal(size=(4, 4))
    net = CohenGrossberg(C + C.T, (1.0, 0.0), (0.3, 1.0))
    assert net.has("energy")
    run = simulate(net, 20, rng.normal(size=4), rtol=1e-9, atol=1e-11)
    energies = [energy(net, y) for y in run.y.T]
    assert np.diff(energies).max() < 1e-9
    y, f, e = run.y[:, 1], net.rhs(0, run.y[:, 1]), 1e-5  # dV/dt = -sum a d' (..)^2
    slope = (energy(net, y + e * f) - energy(net, y - e * f)) / (2 * e)
    assert slope == pytest.approx(-np.sum(f**2 / np.cosh(y) ** 2), rel=1e-6)
    assert not CohenGrossberg(C).has("energy")
    assert not net.with_params({"weights[0, 1]": 9.0}).has("energy")


def energy(net, y):
    out = np.zeros(1)
    net.function("energy")(0.0, y, np.zeros(net.input_dim), net.params, out)
    return out[0]


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="`units`, the number of units, must be given"):
        Shunting()
    with pytest.raises(ValueError, match="the power, must be a whole number"):
        Shunting(2, feedback=(1, 1.5, 1, 0))
    with pytest.raises(ValueError, match=r"`inhibition\[0, 1\]` must be at least 0; got -1"):
        Shunting(inhibition=[[0, -1], [1, 0]])
    with pytest.raises(ValueError, match="half > 0"):
        Shunting(2, feedback=(1, 1, 0, 0))
    with pytest.raises(ValueError, match="the gain, must not be negative"):
        Shunting(2, feedback=Feedback(-1.0))
    with pytest.raises(ValueError, match=r"`decay\[1\]` must be at least 0"):
        Shunting(2, decay=[1.0, -1.0])
    with pytest.raises(ValueError, match="`upper` must be above minus `lower`"):
        Shunting(2, upper=-1.0)


def test_powers_of_any_size_end_soon():
    for power, value in ((7, 0.5**7), (10**15, 0.0)):
        net = Shunting(1, upper=1.0, feedback=Feedback.faster_than_linear(1.0, power))
        np.testing.assert_allclose(net.rhs(0, [0.5], [0.0, 0.0]), -0.5 + 0.5 * value, rtol=1e-14)
