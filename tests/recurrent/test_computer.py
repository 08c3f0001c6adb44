"""The differentiable computer: a hand-wired one copies, and a random one keeps the invariants of its memory."""

import numpy as np
import pytest

from neurodynamics import linearise, simulate
from recurrent import DifferentiableComputer, run


def given(bits):
    """A mark, the string, and the time to answer."""
    n = len(bits)
    inputs = np.zeros((4, 2 * n + 1))
    inputs[0, 1 : n + 1], inputs[1, 0], inputs[2, 1 : n + 1], inputs[3, n + 1 :] = bits, 1, 1, 1
    return inputs


def test_a_computer_copies_along_its_links(rng):
    bits = rng.integers(0, 2, 40)
    machine = DifferentiableComputer.copying(41)
    states = run(machine, given(bits))
    said = machine.outputs(states)[0, 41:]
    np.testing.assert_allclose(said, 2 * bits - 1, atol=1e-12)
    parts = machine.parts(states)
    np.testing.assert_allclose(parts["links"][..., -1], np.eye(41, k=-1), atol=1e-12)
    np.testing.assert_allclose(parts["memory"][1:, 0, -1], 2 * bits - 1, atol=1e-12)
    assert (parts["reading"].argmax(axis=0)[41:] == np.arange(1, 41)).all()


def random_machine(rng, biases):
    return DifferentiableComputer(6, 3, rng.normal(size=(4, 9)), 2 * rng.normal(size=(20, 9)), 0.0, biases, inputs=2)


def test_memories_keep_their_invariants(rng):
    machine = random_machine(rng, 0.0)
    parts = machine.parts(run(machine, rng.normal(size=(2, 300))))
    for name in ("usage", "writing", "reading", "precedence", "links"):
        assert parts[name].min() >= 0
        assert parts[name].max() <= 1 + 1e-12
    for name in ("writing", "reading", "precedence", "links"):
        assert parts[name].sum(axis=0).max() <= 1 + 1e-12
    assert parts["links"].sum(axis=1).max() <= 1 + 1e-12
    assert not parts["links"][np.arange(6), np.arange(6)].any()
    assert parts["usage"].max() > 0.3  # the memory is used


def test_all_that_is_allocated_is_one_less_the_product_of_usage(rng):
    """A machine that writes by allocation only shows it as its weighting."""
    biases = np.zeros(20)
    biases[[15, 16]] = 60.0  # the gates of allocating and writing, open
    machine = random_machine(rng, biases)
    machine = machine.replace(interface=np.where(np.isin(np.arange(20), (15, 16))[:, np.newaxis], 0.0, machine.interface))
    parts = machine.parts(run(machine, rng.normal(size=(2, 200))))
    np.testing.assert_allclose(parts["writing"].sum(axis=0), 1 - np.prod(parts["usage"], axis=0), atol=1e-12)
    assert parts["writing"].sum(axis=0).min() < 0.999


def test_the_jacobian_is_that_of_differences(rng):
    machine = DifferentiableComputer(3, 2, rng.normal(size=(2, 5)), rng.normal(size=(16, 5)), 0.1, 0.2)
    y, e = rng.uniform(0.1, 0.6, machine.state_dim), 1e-6
    rows = [(machine.rhs(0, y + e * v, [0.3]) - machine.rhs(0, y - e * v, [0.3])) / (2 * e) for v in np.eye(y.size)]
    np.testing.assert_allclose(machine.jac(0, y, [0.3]), np.transpose(rows), atol=1e-7)
    assert linearise(machine, y, [0.3]).exact


def test_shapes_are_named():
    with pytest.raises(ValueError, match=r"`interface` must have shape \(4 C \+ 8, C \+ H \+ M\) = \(12, 2\); got \(3, 2\)"):
        DifferentiableComputer(2, 1, np.zeros((0, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="`y0` must have shape"):
        simulate(DifferentiableComputer.copying(2), 3, [0.0])
