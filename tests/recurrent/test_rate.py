"""Rate networks: gates, limits that theory gives, and the leaky map."""

import numpy as np
import pytest

from neurodynamics import simulate
from recurrent import GRU, GRUODE, GatedRate, LiquidTimeConstant, RateNetwork


def test_the_zero_state_of_gated_units_loses_stability_at_gain_two(rng):
    """Both gates are half open there: J = (-1 + g W/2)/2 with W of spectral abscissa 1."""
    W = rng.normal(size=(30, 30)) / np.sqrt(30)
    W /= np.linalg.eigvals(W).real.max()
    gates = rng.normal(size=(2, 30, 30))
    for gain, sign in ((1.98, -1), (2.02, 1)):
        J = GatedRate(gain * W, *gates).jac(0, np.zeros(30))
        assert np.sign(np.linalg.eigvals(J).real.max()) == sign
        np.testing.assert_allclose(np.linalg.eigvals(J).real.max(), -0.5 + gain / 4, rtol=1e-9)


def test_closed_update_gates_hold_the_state(rng):
    """s(-800) = 0: what is held does not change at all."""
    net = GatedRate(rng.normal(size=(3, 3)), update_biases=-800)
    np.testing.assert_array_equal(simulate(net, 10, [1, 2, 3]).final, [1, 2, 3])


def test_the_flow_of_a_gated_unit_rests_where_the_unit_does(rng):
    W, b = rng.normal(size=(6, 2)), rng.normal(size=6)
    rest = simulate(GRUODE(W, None, b), 20_000, [0.1, -0.2], rtol=1e-12, atol=1e-14, save="final").final
    unit = GRU(W, None, np.r_[b[:4], [0, 0]], b[4:], reset="before")
    np.testing.assert_allclose(unit.rhs(0, rest), rest, atol=1e-10)
    assert np.abs(rest).max() < 1


def test_liquid_states_stay_between_zero_and_their_targets(rng):
    net = LiquidTimeConstant(5 * rng.normal(size=(4, 4)), biases=rng.normal(size=4), targets=2.0)
    y = simulate(net, 50, rng.uniform(0, 2, 4)).y
    assert y.min() >= 0
    assert y.max() <= 2


def test_bad_time_constants_are_named():
    with pytest.raises(ValueError, match=r"`time_constants\[1\]` must be positive"):
        RateNetwork(np.eye(2), time_constants=[1, 0])
    with pytest.raises(ValueError, match=r"`reset_weights` must have shape"):
        GatedRate(np.eye(2), reset_weights=np.eye(3))
