"""Records of functions hold where comparisons have the same answers, and cost one evaluation."""

import numpy as np

from neurodynamics import DynamicalSystem, linearise
from neurodynamics.systems import replay_of
from recurrent import LSTM


def test_a_record_holds_where_comparisons_have_the_same_answers():
    """One record for each answer; none is used on the other side."""

    def bent(t, y, u, params, out):
        out[0] = params[0] * y[0] if y[0] > 0 else params[1] * y[0]

    system = DynamicalSystem(bent, 1, params=[2.0, 3.0])
    replay = replay_of(system)
    points = [replay.at(0.0, np.array([y]), np.zeros(0), system.params) for y in (1.0, -1.0, 2.0, -2.0)]
    found = [point.back(np.ones((1, 1)))[0, 0] for point in points]
    assert found == [2.0, 3.0, 2.0, 3.0]
    assert len(replay.tables) == 2
    assert replay.exact


def test_what_looks_into_a_table_by_its_state_is_called():
    def looked_up(t, y, u, params, out):
        out[0] = params[int(y[0])] * y[0] ** 2

    system = DynamicalSystem(looked_up, 1, params=[2.0, 3.0])
    replay = replay_of(system)
    at = replay.at(0.0, np.array([1.5]), np.zeros(0), system.params)
    assert not replay.exact
    np.testing.assert_allclose(at.back(np.ones((1, 1)))[:3, 0], [9.0, 0.0, 2.25], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(at.along(np.eye(4))[0, :3], [9.0, 0.0, 2.25], rtol=1e-8, atol=1e-9)


def test_all_parameters_come_without_an_evaluation_for_each(rng):
    """An LSTM of 60 units has 14 940 parameters; its right-hand side is run once."""
    net = LSTM(rng.normal(size=(240, 60)) / 8, rng.normal(size=(240, 1)), biases=rng.normal(size=240))
    y, u = rng.normal(size=120), rng.normal(size=1)
    at = linearise(net, y, u)
    calls = []
    at.__dict__["_dual"] = lambda **directions: calls.append(directions)
    F = at.dfdparams()
    assert not calls
    k = int(rng.integers(net.param_dim))
    np.testing.assert_allclose(F[:, k], linearise(net, y, u)._dual(dp=np.eye(1, net.param_dim, k)[0]), atol=1e-15)
