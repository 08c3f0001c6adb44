"""Memory machines: hand-wired ones do their task without an error, and memories keep their invariants."""


import numpy as np
import pytest

from neurodynamics import linearise
from recurrent import (
    NeuralTuringMachine,
    run,
)


def test_a_machine_copies_a_thousand_bits(rng):
    bits = rng.integers(0, 2, 1000)
    machine = NeuralTuringMachine.copying(1001)
    given = np.concatenate([np.stack([bits, np.ones(1000), np.zeros(1000)]), np.zeros((3, 1000))], axis=1)
    given[2, 1000:] = 1.0
    said = machine.outputs(run(machine, given, machine.blank()))[0, 1000:]
    np.testing.assert_array_equal(said > 0, bits)
    assert np.abs(np.abs(said) - 1).max() < 1e-9


def test_the_jacobian_of_a_machine_is_that_of_differences(rng):
    machine = NeuralTuringMachine(3, 2, rng.normal(size=(2, 5)), rng.normal(size=(20, 5)), 0.1, 0.2, inputs=1)
    y, e = np.abs(rng.normal(size=machine.state_dim)) + 0.1, 1e-6
    rows = [(machine.rhs(0, y + e * v, [0.3]) - machine.rhs(0, y - e * v, [0.3])) / (2 * e) for v in np.eye(y.size)]
    np.testing.assert_allclose(machine.jac(0, y, [0.3]), np.transpose(rows), atol=1e-7)
    assert linearise(machine, y, [0.3]).exact
    after = machine.rhs(0, np.r_[y[:2], 0.2, 0.5, 0.3, 0.1, 0.1, 0.8, y[8:]], [0.3])
    assert after[2:5].sum() == pytest.approx(1)
    assert after[5:8].sum() == pytest.approx(1)


def test_derivatives_at_an_empty_memory_are_of_cosines_that_rise_within_1e_minus_6(rng):
    """Differences over 1e-9 see them, and those over 1e-5 see the other side."""
    machine = NeuralTuringMachine(3, 2, rng.normal(size=(2, 5)), rng.normal(size=(20, 5)), 0.1, 0.2, inputs=1)
    y = machine.blank()
    J = linearise(machine, y, [0.3]).jvp(np.eye(y.size))

    def off(e):
        rows = [(machine.rhs(0, y + e * v, [0.3]) - machine.rhs(0, y - e * v, [0.3])) / (2 * e) for v in np.eye(y.size)]
        return np.abs(J - np.transpose(rows)).max() / np.abs(J).max()

    assert np.abs(J).max() > 1e3
    assert off(1e-9) < 1e-4
    assert off(1e-5) > 0.1
