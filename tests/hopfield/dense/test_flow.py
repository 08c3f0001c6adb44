"""The flow of two layers: against its equations in numpy, its energy, and the landscape that analyses find."""

import pickle

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from analysis import energy_landscape
from hopfield import DenseFlow, SoftmaxMemory, load, patterns, simulate

FORMS = [("softmax", "linear", None), ("softmax", "tanh", 0.3), ("power", "tanh", None), ("power", "tanh", 0.3)]


def made(hidden, activation, memory_time, rng):
    return DenseFlow(
        2 * rng.normal(size=(5, 3)), hidden, activation, beta=0.7, gain=1.3, degree=4, currents=0.1 * rng.normal(size=3),
        time_constants=rng.uniform(0.5, 2, 3), memory_time=memory_time,
    )  # fmt: skip


def equations(net, y, two_layers):
    """Krotov and Hopfield's equations and energy, written with numpy."""
    Xi, N = net.memories, net.memories.shape[1]
    v = y[:N]
    g = np.tanh(1.3 * v) if net.activation.name == "tanh" else 1.3 * v
    L_v = (np.log(np.cosh(1.3 * v)) / 1.3 if net.activation.name == "tanh" else 1.3 * v**2 / 2).sum()
    h = y[N:] if two_layers else Xi @ g
    if net.hidden == "softmax":
        f, L_h = softmax(0.7 * h), logsumexp(0.7 * h) / 0.7
    else:
        x = np.maximum(0.7 * h / N, 0)
        f, L_h = x**3, (x**4).sum() * N / (0.7 * 4)
    rates = (Xi.T @ f - v + net.currents) / net.time_constants
    energy = ((v - net.currents) * g).sum() - L_v + h @ f - L_h - f @ Xi @ g
    return np.append(rates, (Xi @ g - h) / 0.3) if two_layers else rates, energy


@pytest.mark.parametrize("form", FORMS)
def test_right_hand_side_and_energy_are_the_equations(form, rng):
    net = made(*form, rng)
    y = rng.normal(size=net.state_dim)
    rates, energy = equations(net, y, form[2] is not None)
    np.testing.assert_allclose(net.rhs(0, y), rates, rtol=1e-12, atol=1e-12)
    other = rng.normal(size=net.state_dim)
    gap = net.energy(y) - net.energy(other)
    np.testing.assert_allclose(gap, energy - equations(net, other, form[2] is not None)[1], rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("form", FORMS)
def test_energy_falls_along_the_flow_and_the_jacobian_is_exact(form, rng):
    net = made(*form, rng)
    y, step = rng.normal(size=net.state_dim), 1e-6
    columns = [(net.rhs(0, y + step * e) - net.rhs(0, y - step * e)) / (2 * step) for e in np.eye(len(y))]
    np.testing.assert_allclose(net.jac(0, y), np.transpose(columns), rtol=1e-6, atol=1e-7)
    sol = simulate(net, 20, y, rtol=1e-11, atol=1e-13)
    assert sol.max_energy_rise < 1e-10


def test_a_step_of_eulers_method_is_an_update(rng):
    memory = SoftmaxMemory(rng.normal(size=(6, 4)), 0.8)
    v = rng.normal(size=4)
    sol = simulate(memory.flow(), 1, v, method="euler", dt=1.0)
    np.testing.assert_allclose(sol.final, memory.update(v), rtol=1e-13, atol=1e-15)


def test_slow_memories_end_where_fast_ones_do(rng):
    memory = SoftmaxMemory(3 * rng.normal(size=(4, 3)), 0.5)
    v, (one, two) = rng.normal(size=3), (memory.flow(), memory.flow(memory_time=0.1))
    end = simulate(one, 200, v).final
    h = memory.patterns @ end
    np.testing.assert_allclose(two.rhs(0, np.append(end, h)), 0, atol=1e-6)
    assert two.energy(np.append(end, h)) == pytest.approx(one.energy(end), abs=1e-9)


@pytest.mark.parametrize(("beta", "minima"), [(1.0, 6), (0.13, 2), (0.005, 1)])
def test_landscape_has_patterns_then_mixtures_then_the_mean(beta, minima):
    parents = np.repeat(patterns.random(2, 16, rng=3), 3, axis=0)
    X = patterns.flip(parents, 0.13, rng=4).astype(float)
    land = energy_landscape(SoftmaxMemory(X, beta * 40 / 16).flow(), samples=20, rng=0)
    assert len(land.minima) == minima
    ends = SoftmaxMemory(X, beta * 40 / 16).recall(X).states
    nearest = np.abs(land.minima[:, None] - ends).max(axis=2).min(axis=1)
    assert nearest.max() < 1e-5
    assert (np.abs(land.minima[0] - X.mean(axis=0)).max() < 0.2) == (minima == 1)


def test_whole_life(tmp_path, rng):
    for form in FORMS[1:3]:
        net = made(*form, rng)
        net.save(tmp_path / "net.npz")
        y = rng.normal(size=net.state_dim)
        for other in (pickle.loads(pickle.dumps(net)), load(tmp_path / "net.npz"), net.replace(degree=4)):
            np.testing.assert_array_equal(other.rhs(0, y), net.rhs(0, y))
        assert net.with_params({"beta": 2.0}).beta == 2.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: DenseFlow([1.0]), r"`memories` must have shape \(p, N\)"),
        (lambda: DenseFlow([[1.0]], "cubic"), "`hidden`"),
        (lambda: DenseFlow([[1.0]], "power", "linear"), "bounded range"),
        (lambda: DenseFlow([[1.0]], beta=0.0), "`beta` must be positive"),
        (lambda: DenseFlow([[1.0]], "power", degree=2.5), "`degree` must be a whole number"),
        (lambda: DenseFlow([[1.0]], memory_time=0.0), r"`memory_time(\[0\])?` must be positive"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
