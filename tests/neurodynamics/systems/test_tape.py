"""What is recorded: operations, products as a whole, and the answers of comparisons."""

import numpy as np
import pytest

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
