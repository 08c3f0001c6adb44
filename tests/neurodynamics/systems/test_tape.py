"""Sweeps over what a kernel did: forwards and backwards they are one matrix, at the cost of few evaluations."""

import numpy as np
import pytest

from neurodynamics import cascade, linearise, mask, switch, unroll
from neurodynamics.systems.tape import Tape, record
from recurrent import GRU, LSTM, EchoState, FullyRecurrent


def test_elementary_functions_have_their_slopes():
    """Against central differences of the same expression in numbers, good to 1e-9."""

    def f(x, exp, sqrt, sin, cos, tanh, log):
        return exp(-x) / (1.5 + sin(x) * cos(2 - x)) - sqrt(x) * log(x) ** 3 + 2.0 / x - tanh(x) ** x + abs(-x)

    tape = Tape()
    (x,) = tape.leaves(np.array([0.7]))
    calls = [lambda z, name=name: getattr(z, name)() for name in ("exp", "sqrt", "sin", "cos", "tanh", "log")]
    result = f(x, *calls)
    numbers = (np.exp, np.sqrt, np.sin, np.cos, np.tanh, np.log)
    assert result.real == pytest.approx(f(0.7, *numbers), rel=1e-15)
    tape.results = np.array([result.place])
    slope = (f(0.7 + 1e-5, *numbers) - f(0.7 - 1e-5, *numbers)) / 2e-5
    assert tape.backwards(np.ones((1, 1)), 1).item() == pytest.approx(slope, rel=1e-8)
    assert tape.forwards(np.ones((1, 1))).item() == pytest.approx(slope, rel=1e-8)


def compositions():
    rng = np.random.default_rng(2)
    nets = [FullyRecurrent(rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 0.1 * k) for k in range(2)]
    gru = GRU(rng.normal(size=(9, 3)), rng.normal(size=(9, 3)))
    return {"cascade": cascade(nets[0], gru), "switch": switch(nets, [0, 1, 1]), "unroll": unroll(gru, 4),
            "mask": mask(gru, {"weights": rng.random((9, 3)) < 0.5})}  # fmt: skip


@pytest.mark.parametrize("name", compositions())
def test_compositions_are_swept_as_their_parts_are(name, rng):
    """w'(J v) = (J'w)'v, with J by dual numbers, which are another way."""
    system = compositions()[name]
    y, u = rng.normal(size=system.state_dim), rng.normal(size=system.input_dim)
    at, w = linearise(system, y, u, t=1.0), rng.normal(size=(system.state_dim, 2))
    np.testing.assert_allclose(at.vjp(w), system.jac(1.0, y, u).T @ w, rtol=1e-12, atol=1e-13)
    one_by_one = np.stack([at._dual(dp=direction) for direction in np.eye(system.param_dim)], axis=1)
    np.testing.assert_allclose(at.dfdparams(), one_by_one, rtol=1e-12, atol=1e-13)


def test_sweeps_cost_operations_of_units_and_not_of_weights():
    """The matrices of a reservoir of 400 units are two operations."""
    net = EchoState.random(400, 1, rng=0)
    tape = record(net.function("rhs").source, 0.0, np.zeros(400), np.zeros(1), net.params)
    assert len(tape.operations) < 10 * 400
    assert net.param_dim > 400**2


def test_all_parameters_come_without_an_evaluation_for_each(rng):
    """An LSTM of 60 units has 14 940 parameters; its right-hand side is run once."""
    net = LSTM(rng.normal(size=(240, 60)) / 8, rng.normal(size=(240, 1)), biases=rng.normal(size=240))
    y, u = rng.normal(size=120), rng.normal(size=1)
    at = linearise(net, y, u)
    calls = []
    object.__setattr__(at, "_tape", record(net.function("rhs").source, 0.0, y, u, net.params))
    at.__dict__["_dual"] = lambda **directions: calls.append(directions)
    F = at.dfdparams()
    assert not calls
    k = int(rng.integers(net.param_dim))
    np.testing.assert_allclose(F[:, k], linearise(net, y, u)._dual(dp=np.eye(1, net.param_dim, k)[0]), atol=1e-15)
