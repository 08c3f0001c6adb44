"""Memory machines: hand-wired ones do their task without an error, and memories keep their invariants."""


import numpy as np
import pytest

from neurodynamics import linearise
from recurrent import (
    DifferentiableMemory,
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


def test_memories_keep_their_invariants(rng):
    memory = DifferentiableMemory.empty(6, 3)
    for _ in range(60):
        allocation = memory.allocation()
        assert allocation.sum() == pytest.approx(1 - np.prod(memory.usage), abs=1e-12)
        assert ((allocation >= 0) & (allocation <= 1)).all()
        memory = memory.write(rng.normal(size=3), rng.uniform(size=3), key=rng.normal(size=3), strength=rng.uniform(0, 9),
                              allocate=rng.uniform(), gate=rng.uniform(), free=0.3 * rng.uniform(size=6))  # fmt: skip
        assert not np.diag(memory.links).any()
        assert memory.links.min() >= 0
        assert memory.links.sum(axis=0).max() <= 1 + 1e-12
        assert memory.links.sum(axis=1).max() <= 1 + 1e-12
        assert memory.writing.sum() <= 1 + 1e-12
        assert memory.precedence.sum() <= 1 + 1e-12
        assert ((memory.usage >= 0) & (memory.usage <= 1)).all()


def test_what_was_written_is_found_in_its_order():
    memory = DifferentiableMemory.empty(5, 2)
    for k in range(4):
        memory = memory.write([k + 1.0, -k])
    reading = np.eye(5)[0]
    for k in range(1, 4):
        reading = memory.follow(reading)
        np.testing.assert_array_equal(reading, np.eye(5)[k])
        np.testing.assert_array_equal(memory.follow(reading, forwards=False), np.eye(5)[k - 1])
    with pytest.raises(ValueError, match="`gate` must be between 0 and 1"):
        memory.write([1.0, 1.0], gate=1.5)
