"""Networks and their runs come back from files, from pickles, and from `replace`, with all that they are."""

import pickle

import numpy as np
import pytest

from neurodynamics import load_network, load_solution, simulate
from recurrent import (
    GRU,
    LSTM,
    NARX,
    CohenGrossberg,
    DifferentiableComputer,
    EchoState,
    Elman,
    FullyRecurrent,
    Jordan,
    LinearFilter,
    LiquidState,
    Memristive,
    NeuralTuringMachine,
    Shunting,
)

NETWORKS = [
    FullyRecurrent(np.ones((2, 2)), mask=np.eye(2), activation="softplus"),
    Elman([[0.5]], [[1.0]], [[2.0], [3.0]], output_activation="tanh"),
    Jordan([[1.0]], [[0.5]], [[2.0]], alpha=0.5),
    LSTM(np.ones((6, 2)), forget=False, peepholes=np.ones((2, 2))),
    GRU(np.ones((3, 1)), reset="before"),
    NARX([[1.0, 0.5]], [[0.5, 0.1]], [[2.0]]),
    LinearFilter([1.0, 0.5], [1.0, -0.3]),
    CohenGrossberg([[0.0, 1.0], [1.0, 0.0]], (1.0, 0.5)),
    Shunting(3, upper=2.0),
    Memristive([[1.0]], 1.0),
    EchoState.random(5, 1, leak=0.5, rng=0),
    LiquidState([[0.0]], drive=16.0),
    NeuralTuringMachine.copying(2),
    DifferentiableComputer.copying(2),
]


@pytest.mark.parametrize("net", NETWORKS, ids=lambda net: type(net).__name__)
def test_a_network_comes_back(net, tmp_path):
    path = tmp_path / "net.npz"
    net.save(path)
    y, u = np.full(net.state_dim, 0.3), np.full(net.input_dim, 0.2)
    for other in (load_network(path), pickle.loads(pickle.dumps(net)), net.replace()):
        assert type(other) is type(net)
        np.testing.assert_array_equal(other.params, net.params)
        np.testing.assert_array_equal(other.rhs(0, y, u), net.rhs(0, y, u))
        np.testing.assert_array_equal(other.outputs(y), net.outputs(y))


def test_a_run_comes_back_with_its_network(tmp_path):
    net = EchoState.random(5, 1, leak=0.5, rng=0)
    run = simulate(net, 10, np.zeros(5), inputs=[0.3])
    run.save(tmp_path / "run.npz")
    back = load_solution(tmp_path / "run.npz")
    np.testing.assert_array_equal(back.y, run.y)
    assert isinstance(back.system, EchoState)
    np.testing.assert_array_equal(back.system.params, net.params)
