"""What is recorded: operations, products as a whole, and the answers of comparisons."""

import numpy as np
import pytest

from neurodynamics import DynamicalSystem
from neurodynamics.systems import replay_of
from neurodynamics.systems.tape import Op, Relation, Tape, record
from recurrent import EchoState


def test_numbers_carry_their_values():
    tape = Tape()
    x, y = tape.vector(np.array([0.7, -2.0]))
    result = (2.0 - x) * y / 3.0 + np.exp(-x) ** 2 - 1.0 / y + abs(y) + 2.0**x
    assert result.value == pytest.approx(1.3 * -2.0 / 3.0 + np.exp(-1.4) + 0.5 + 2.0 + 2.0**0.7, rel=1e-15)
    assert [guard[:2] for guard in tape.guards] == [(Relation.LESS, y.place)]


def test_sums_cost_operations_of_units_and_not_of_weights():
    """The matrices of a reservoir of 400 units are two operations."""
    net = EchoState.random(400, 1, rng=0)
    tape = record(net.function("rhs").source, 0.0, np.zeros(400), np.zeros(1), net.params)
    assert len(tape.operations) < 10 * 400
    assert len({id(each.more) for each in tape.operations if each.op == Op.PRODUCT}) == 2
    assert net.param_dim > 400**2


def test_states_are_no_indices_and_parameters_may_be():
    def indexed(t, y, u, params, out):
        out[0] = y[int(params[0])]

    tape = record(indexed, 0.0, np.array([5.0, 6.0]), np.zeros(0), np.array([1.0]), 1)
    assert tape.results.tolist() == [1]

    def by_state(t, y, u, params, out):
        out[0] = params[int(y[0])]

    with pytest.raises(TypeError, match="value of a state"):
        record(by_state, 0.0, np.array([0.0]), np.zeros(0), np.ones(1))


def elementwise(t, y, u, params, out):
    out[:] = params[0] - y
    out[1:] *= np.exp(y[:2]) / params[1:3]


def product(t, y, u, params, out):
    W = params[:9].reshape(3, 3)
    out[:] = W.T @ np.tanh(W @ y) - y**2


def summed(t, y, u, params, out):
    out[:] = -params[0] * y * np.sum(y) + y.mean() * np.dot(params[:3], y)


def pieces(t, y, u, params, out):
    rest = np.full(3, 0.5)
    rest[::2] = np.sin(params[:4:2] * y[::2])
    out[:] = np.maximum(rest, 0.1) + np.abs(y[::-1]) + np.where(y > 0.5, y, params[3:6])


def scaled(t, y, u, params, out):
    z = np.zeros_like(y)
    for i in range(3):
        z[i] = 1.0 + params[i] * y[i]
    out[:] = np.sqrt(z) - np.outer(y, params[:3])[1] + t * u[0]


@pytest.mark.parametrize("rhs", [elementwise, product, summed, pieces, scaled])
def test_arrays_are_recorded(rhs):
    """Reshaped, sliced, added up, multiplied and assigned: derivatives are exact."""
    rng = np.random.default_rng(3)
    y, u, params = rng.uniform(0.2, 0.9, 3), np.array([0.3]), rng.uniform(0.2, 0.9, 9)
    replay = replay_of(DynamicalSystem(rhs, 3, params=params, input_dim=1))
    at = replay.at(0.7, y, u, params)
    assert replay.exact
    point, values = np.concatenate([y, u, params, [0.7]]), np.zeros(3)
    rhs(0.7, y, u, params, values)
    np.testing.assert_allclose(at.values, values, rtol=1e-14)
    np.testing.assert_allclose(at.along(np.eye(14)), _by_differences(rhs, point), atol=2e-10)


def _by_differences(rhs, point, h=1e-3):
    """Return the derivatives by all numbers, from central differences of order 6."""

    def f(x):
        out = np.zeros(3)
        rhs(x[13], x[:3], x[3:4], x[4:13], out)
        return out

    rule = ((1, 45), (2, -9), (3, 1))
    return np.array([sum(c * (f(point + k * e) - f(point - k * e)) for k, c in rule) for e in h * np.eye(14)]).T / (60 * h)
