"""Recursive least squares against normal equations; FORCE against a run in numpy, and by what the closed loop does."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN
from learning import force, recursive_least_squares
from neurodynamics import Status, discretise, simulate
from recurrent import EchoState, FullyRecurrent, IndRNN, RateNetwork


@pytest.mark.parametrize("forgetting", [1.0, 0.97])
def test_recursive_least_squares_ends_with_the_solution_of_the_normal_equations(forgetting, rng):
    X, Y, ridge, T = rng.normal(size=(6, 80)), rng.normal(size=(2, 80)), 0.3, 80
    weight = forgetting ** np.arange(T - 1, -1, -1.0)
    squares = (weight * X) @ X.T + ridge * forgetting**T * np.eye(6)
    exact = np.linalg.solve(squares, (weight * X) @ Y.T).T
    found = recursive_least_squares(X, Y, ridge=ridge, forgetting=forgetting)
    assert found.weights == pytest.approx(exact, rel=1e-10, abs=1e-12)


def nets(rng, n=12):
    W, U = 1.5 / np.sqrt(n) * rng.normal(size=(n, n)), rng.uniform(-1, 1, (n, 2))
    return {
        "CTRNN": CTRNN(W, rng.normal(size=n), rng.uniform(1, 2, n), input_weights=U, activation="tanh"),
        "RateNetwork": RateNetwork(W, U, rng.normal(size=n), 2.0),
        "EchoState": EchoState(W, U, rng.normal(size=n), 0.4),
        "FullyRecurrent": FullyRecurrent(W, U, rng.normal(size=n)),
    }


@pytest.mark.parametrize("kind", ["CTRNN", "RateNetwork", "EchoState", "FullyRecurrent"])
def test_force_does_what_its_definition_says(kind, rng):
    """In numpy, with V from the normal equations of all that was corrected so far."""
    net, T, ridge, every, h = nets(rng)[kind], 60, 0.5, 3, 0.1
    Y, y0 = rng.normal(size=(2, T)), rng.normal(size=12)
    flow = {"dt": h} if net.kind == "flow" else {}
    forced = force(net, Y, ridge=ridge, every=every, y0=y0, **flow)
    y, V, squares, products = y0, np.zeros((2, 12)), ridge * np.eye(12), np.zeros((12, 2))
    for k in range(T):
        r = net.outputs(y) if kind == "CTRNN" else y
        z = V @ r
        assert forced.shown[:, k] == pytest.approx(z, rel=1e-6, abs=1e-8)
        if k % every == 0:
            squares, products = squares + np.outer(r, r), products + np.outer(r, Y[:, k])
            V = np.linalg.solve(squares, products).T
        y = y + h * net.rhs(k * h, y, z) if flow else net.rhs(k, y, z)
    assert forced.readout.weights == pytest.approx(V, rel=1e-6, abs=1e-8)
    assert forced.state == pytest.approx(y, rel=1e-6, abs=1e-8)
    r = net.outputs(y) if kind == "CTRNN" else y
    u = forced.readout.weights @ r
    assert forced.network.rhs(0, y) == pytest.approx(net.rhs(0, y, u), rel=1e-6)  # the loop is closed


def test_a_chaotic_network_learns_to_make_a_sum_of_sines(rng):
    n, dt = 200, 0.1
    net = CTRNN(1.5 / np.sqrt(n) * rng.normal(size=(n, n)), activation="tanh", input_weights=rng.uniform(-1, 1, (n, 1)))
    steps = np.arange(8000)
    signal = lambda k: np.sin(2 * np.pi * k / 300) + 0.5 * np.sin(2 * np.pi * k / 100)  # noqa: E731
    forced = force(net, signal(steps)[np.newaxis], dt=dt, y0=rng.normal(size=n))
    late, early = (forced.change[part].max() for part in (slice(-1000, None), slice(1000)))
    assert late < 0.01 * early
    loop = discretise(forced.network, "euler", dt)
    said = forced.readout(loop.outputs_of_rows(simulate(loop, 1500, forced.state).y.T.copy()).T)[0]
    assert said == pytest.approx(signal(8000 + np.arange(1501)), abs=0.2)
    silent = discretise(net, "euler", dt)  # the control: without what was learned
    said = forced.readout(silent.outputs_of_rows(simulate(silent, 1500, forced.state).y.T.copy()).T)[0]
    assert np.abs(said - signal(8000 + np.arange(1501))).max() > 1.0


def test_time_is_kept(rng):
    n = 300
    net = FullyRecurrent(1.5 / np.sqrt(n) * rng.normal(size=(n, n)), rng.normal(size=(n, 1)))
    found = force(net, rng.normal(size=(1, 200_000)), every=1, y0=rng.normal(size=n), timeout=0.3)
    assert found.status is Status.TIMEOUT
    assert 0 < found.shown.shape[1] == found.change.size < 200_000


def test_what_cannot_be_is_refused():
    net = CTRNN([[1.0]], input_weights=[[1.0]])
    for call, message in (
        (lambda: force(net, [[1.0]]), "`dt` must be given for flows"),
        (lambda: force(net, [1.0], dt=0.1), r"`targets` must have shape \(K, T\)"),
        (lambda: force(IndRNN([0.5], [[1.0]]), [[1.0]]), "`net` must have a matrix of weights"),
        (lambda: recursive_least_squares([[1.0]], [[1.0, 2.0]]), "must be equally long"),
        (lambda: recursive_least_squares([[1.0]], [[1.0]], forgetting=1.1), "`forgetting` must be at most 1"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
