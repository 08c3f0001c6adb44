"""Files that were written before classes had names of their own in files, and modules their rooms, still load."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ctrnn import CTRNN, AdditiveNetwork, MotorCTRNN, Pulse, Sine, load, simulate, simulate_ensemble
from hopfield import (
    DiscreteBAM,
    DiscreteHopfield,
    GradedBAM,
    GradedHopfield,
    Recall,
    SequenceMemory,
    load_recall,
    patterns,
)

FOLDER = Path(__file__).parents[2] / "data" / "first_layout"
WEIGHTS, BIASES = [[4.5, 1], [-1, 4.5]], [-2.75, -1.75]
STORED, PARTNERS = patterns.random(2, 12, rng=0), patterns.random(2, 5, rng=1)
NETWORKS = {
    "ctrnn": CTRNN(WEIGHTS, biases=BIASES),
    "motor": MotorCTRNN(WEIGHTS, biases=BIASES, motor_weights=[[1, -1]]),
    "additive": AdditiveNetwork(WEIGHTS, [0.5, -1], [1, 2], activation="tanh"),
    "graded": GradedHopfield.from_patterns(STORED, gain=4),
    "graded_bam": GradedBAM.from_pairs(STORED, PARTNERS),
}
MEMORIES = {
    "bam": DiscreteBAM.from_pairs(STORED, PARTNERS),
    "discrete": DiscreteHopfield.from_patterns(STORED),
    "sequence": SequenceMemory.from_patterns(patterns.random(4, 12, rng=2)),
}


def test_every_file_is_tried():
    files = {file.stem for file in FOLDER.glob("*.npz")}
    assert files == {*NETWORKS, *MEMORIES, "recall", "solution", "ensemble"}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name):
    loaded, made = load(FOLDER / f"{name}.npz"), NETWORKS[name]
    assert type(loaded) is type(made)
    assert loaded.activation is made.activation
    np.testing.assert_array_equal(loaded.params, made.params)
    y = np.linspace(-1, 1, made.state_dim)
    np.testing.assert_array_equal(loaded.rhs(0, y), made.rhs(0, y))
    np.testing.assert_array_equal(loaded.outputs(y), made.outputs(y))


@pytest.mark.parametrize("name", MEMORIES)
def test_memories(name):
    loaded, made = load(FOLDER / f"{name}.npz"), MEMORIES[name]
    assert type(loaded) is type(made)
    np.testing.assert_array_equal(loaded.patterns, made.patterns)
    np.testing.assert_array_equal(loaded.bias, made.bias)
    np.testing.assert_array_equal(loaded.couplings.dense(), made.couplings.dense())


def test_a_recall():
    loaded, made = load(FOLDER / "recall.npz"), MEMORIES["discrete"].recall(STORED, rng=0)
    assert type(loaded) is Recall
    for field in ("states", "status", "periods", "energies", "overlaps"):
        np.testing.assert_array_equal(getattr(loaded, field), getattr(made, field))
    np.testing.assert_array_equal(load_recall(FOLDER / "recall.npz").states, STORED)


def test_a_solution():
    """With the solver's tolerance: the steps may be others by now."""
    loaded = load(FOLDER / "solution.npz")
    drive = [Sine(0.5, 0.1) + Pulse(1, 0.5, 2), 0.2]
    made = simulate(NETWORKS["ctrnn"], 5, [0, 0], inputs=drive, rtol=1e-10, atol=1e-12, dense_output=True)
    assert type(loaded) is type(made)
    assert type(loaded.system) is CTRNN
    np.testing.assert_array_equal(loaded.system.params, made.system.params)
    np.testing.assert_allclose(loaded.final, made.final, atol=1e-5)
    between = np.linspace(0.1, 4.9, 50)
    np.testing.assert_allclose(loaded.sol(between), made.sol(between), atol=1e-5)
    pulse = (1 <= loaded.t) & (loaded.t < 1.5)
    np.testing.assert_allclose(loaded.input_values[0], 0.5 * np.sin(0.2 * np.pi * loaded.t) + 2 * pulse, atol=1e-12)


def test_an_ensemble():
    loaded = load(FOLDER / "ensemble.npz")
    made = simulate_ensemble(NETWORKS["ctrnn"], 5, [[0, 0], [1, 1]], t_eval=[0, 2.5, 5], rtol=1e-10, atol=1e-12)
    assert type(loaded) is type(made)
    assert type(loaded.system) is CTRNN
    np.testing.assert_array_equal(loaded.t, made.t)
    np.testing.assert_array_equal(loaded.params, made.params)
    np.testing.assert_allclose(loaded.y, made.y, atol=1e-5)
