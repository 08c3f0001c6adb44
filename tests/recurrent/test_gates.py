"""Gated networks: torch's to 1e-12, and the exponents that follow from their equations."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

from analysis import lyapunov_spectrum
from neurodynamics import Sampled, simulate
from recurrent import GRU, LSTM, MGU

TORCH = Path(__file__).parent / "torch_layers.npz"  # made once: see its "how"


def states(net, x, y0):
    signal = Sampled(np.arange(x.shape[1] + 1), np.c_[x, x[:, -1]], kind="hold")
    return simulate(net, x.shape[1], y0, inputs=signal).y[:, 1:]


@pytest.mark.parametrize(("cls", "kind"), [(LSTM, "lstm"), (GRU, "gru")])
@pytest.mark.parametrize("reverse", [False, True])
def test_layers_of_torch_are_reproduced(cls, kind, reverse):
    data = np.load(TORCH)
    state_dict = {name.split(".", 1)[1]: data[name] for name in data.files if name.startswith(f"{kind}.")}
    n = state_dict["weight_hh_l0"].shape[1]
    x, rows = data["x"], slice(n, 2 * n) if reverse else slice(0, n)  # (M, T)
    h0 = data[f"{kind}_h0"][int(reverse)]
    y0 = h0 if kind == "gru" else np.concatenate([h0, data["lstm_c0"][int(reverse)]])
    y = states(cls.from_torch(state_dict, reverse=reverse), x[:, ::-1] if reverse else x, y0)[:n]
    expected = data[f"{kind}_out"][rows]  # (N, T), both directions behind each other
    np.testing.assert_allclose(y[:, ::-1] if reverse else y, expected, atol=1e-12)


def test_a_state_dict_of_another_layer_says_which():
    gru = {"weight_hh_l0": np.zeros((6, 2)), "weight_ih_l0": np.zeros((6, 1))}
    with pytest.raises(ValueError, match=r"must be that of LSTM, 4 gates.*that of GRU"):
        LSTM.from_torch(gru)
    with pytest.raises(ValueError, match="no 'weight_hh_l0'; it has encoder"):
        LSTM.from_torch({"encoder.weight_hh_l0": np.zeros((8, 2)), "fc.bias": np.zeros(1)})
    cell = {name.removesuffix("_l0"): array for name, array in gru.items()}
    np.testing.assert_array_equal(GRU.from_torch(cell).params, GRU.from_torch(gru).params)
    with pytest.raises(ValueError, match="no 'weight_hh_l1'; it has weight_hh_l0"):
        GRU.from_torch(gru, layer=1)
    with pytest.raises(ValueError, match="projections"):
        LSTM.from_torch(gru | {"weight_hr_l0": np.zeros((1, 2))})


def test_shapes_of_gates_are_named():
    with pytest.raises(ValueError, match=r"\(4 N, N\): 4 blocks of N rows for the gates i, f, g, o; got \(6, 2\)(.|\n)*<-"):
        LSTM(np.zeros((6, 2)))
    with pytest.raises(ValueError, match="`reset` must be one of 'after', 'before'"):
        GRU(np.zeros((6, 2)), reset="never")
    with pytest.raises(TypeError, match="`forget` must be True or False"):
        LSTM(np.zeros((8, 2)), forget="no")
    net = LSTM(np.zeros((8, 2))).replace(peepholes=np.ones((3, 2)))
    assert net.param_dim == LSTM(np.zeros((8, 2))).param_dim + 6


def exponents(net, n):
    return lyapunov_spectrum(net, np.full(net.state_dim, 0.1), duration=200, k=n, rng=0).exponents


def test_memory_without_recurrent_weights_forgets_at_the_rate_of_its_forget_gate():
    bias = np.concatenate([np.zeros(3), np.ones(3), np.zeros(6)])
    found = exponents(LSTM(np.zeros((12, 3)), biases=bias), 6)
    np.testing.assert_allclose(found[:3], np.log(1 / (1 + np.exp(-1.0))), atol=1e-12)
    assert found[0] == pytest.approx(-0.3132617, abs=5e-8)
    assert np.isneginf(found[3:]).all()


def test_memory_without_a_forget_gate_keeps_what_it_has():
    found = exponents(LSTM(np.zeros((9, 3)), forget=False), 6)
    assert np.abs(found[:3]).max() == 0
    assert np.isneginf(found[3:]).all()


@pytest.mark.parametrize("net", [GRU(np.zeros((6, 2))), GRU(np.zeros((6, 2)), reset="before"), MGU(np.zeros((4, 2)))])
def test_gates_half_open_halve_the_state(net):
    np.testing.assert_allclose(exponents(net, 2), np.log(0.5), atol=1e-12)


def test_copies_and_pickles_are_the_network(rng):
    net = LSTM(rng.normal(size=(8, 2)), rng.normal(size=(8, 1)), 0.1, peepholes=rng.normal(size=(3, 2)))
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net)), net.replace()):
        np.testing.assert_array_equal(other.rhs(0, [1, 2, 3, 4], [5]), net.rhs(0, [1, 2, 3, 4], [5]))
    with pytest.raises(TypeError, match="unknown argument 'gates'"):
        net.replace(gates=3)


@pytest.mark.parametrize(("cls", "gates", "blocks"), [(LSTM, 4, 2), (GRU, 3, 1), (MGU, 2, 1)])
def test_an_output_layer_hears_the_units_and_changes_nothing_else(cls, gates, blocks, rng):
    arrays = {"weights": rng.normal(size=(3 * gates, 3)), "input_weights": rng.normal(size=(3 * gates, 2))}
    V, d, y = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3 * blocks)
    bare, net = cls(**arrays), cls(**arrays, output_weights=V, output_biases=d)
    for each in (net, pickle.loads(pickle.dumps(net)), net.replace(biases=0.0)):
        np.testing.assert_allclose(each.outputs(y), V @ y[:3] + d, rtol=1e-14)
        np.testing.assert_array_equal(each.rhs(0, y, [0.5, -1.0]), bare.rhs(0, y, [0.5, -1.0]))
    assert bare.output_dim == 3
