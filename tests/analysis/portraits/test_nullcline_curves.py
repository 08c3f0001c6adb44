"""Nullclines: every point solves its equation, no crossing of it is missed, and branches end where they must."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis import nullclines, phase_box
from ctrnn import CTRNN
from neurodynamics import Activation, Sine, models, simulate

BEER = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
BOGDANOV_TAKENS = CTRNN([[8, -8], [8, 8]], biases=[2.97118384, -9.99647003])
NAMES = ["logistic", "tanh", "relu", "softplus", "linear", "erf", "arctangent", "hard_sigmoid"]


def random_network(rng, activation="logistic"):
    return CTRNN(
        rng.uniform(-9, 9, (2, 2)), rng.uniform(-3, 3, 2), rng.uniform(1, 3, 2), gains=rng.uniform(0.5, 2, 2),
        leaks=rng.uniform(0.5, 2, 2), constant_inputs=rng.normal(size=2), activation=activation,
    )  # fmt: skip


def residual(network, nullcline, inputs=None):
    points = np.concatenate(nullcline.branches) if nullcline.branches else np.empty((0, 2))
    return max((abs(network.rhs(0, point, inputs)[nullcline.neuron]) for point in points), default=0.0)


@pytest.mark.parametrize("activation", NAMES)
def test_the_derivative_vanishes_on_every_point(activation, rng):
    """To rounding: the terms of the right-hand side are below 100, so that 1e-12 is 70 units in the last place."""
    for _ in range(5):
        network = random_network(rng, activation)
        u = rng.normal(size=2)
        for nullcline in nullclines(network, inputs=u, points=40):
            assert residual(network, nullcline, u) < 1e-12


@pytest.mark.parametrize("activation", NAMES)
def test_no_crossing_is_missed(activation, rng):
    """Between two neighbours on a grid at which dy_i/dt has opposite signs there is a point of nullcline i."""
    network = random_network(rng, activation)
    box = phase_box(network)
    axes = np.linspace(box[:, 0], box[:, 1], 25, axis=1)
    field = np.array([[network.rhs(0, (a, b)) for b in axes[1]] for a in axes[0]])
    step = np.diff(axes)[:, 0]
    crossings = 0
    for nullcline in nullclines(network, box=box):
        chains = [dense_chain(branch / step, 0.1) for branch in nullcline.branches]
        points = np.concatenate(chains) if chains else np.empty((0, 2))
        signs = np.sign(field[..., nullcline.neuron])
        for a, b in np.argwhere(signs[:, 1:] != signs[:, :-1]):
            middle = np.array([axes[0, a], 0.5 * (axes[1, b] + axes[1, b + 1])]) / step
            assert (np.abs(points - middle).max(axis=1) <= 0.6).any()
            crossings += 1
    assert crossings or activation in ("relu", "linear", "softplus")


def dense_chain(points, spacing):
    """Fill a chain of points up with points on its straight lines."""
    pieces = [points]
    for a, b in zip(points[:-1], points[1:], strict=True):
        count = int(np.abs(b - a).max() / spacing)
        pieces.append(a + np.linspace(0, 1, count + 2)[1:-1, np.newaxis] * (b - a))
    return np.concatenate(pieces)


def test_a_line_of_the_linear_network():
    network = CTRNN([[0.5, -3.0], [3.0, 2.0]], constant_inputs=[1.0, -2.0], activation="linear")
    (branch,) = nullclines(network)[0].branches
    np.testing.assert_allclose(branch[:, 1], (0.5 * branch[:, 0] - 1.0) / -3.0, rtol=0, atol=1e-14)


def test_chains_are_in_order(rng):
    """Neighbours are close: no branch jumps across the picture."""
    network = random_network(rng)
    box = phase_box(network)
    for nullcline in nullclines(network):
        for branch in nullcline.branches:
            hops = np.abs(np.diff(branch, axis=0)) / np.diff(box)[:, 0]
            assert hops.max() < 0.02


def test_branches_split_at_asymptotes():
    """Each asymptote satisfies y = W_ii phi(y + b) + W_ik (0 or 1), and no branch crosses one."""
    for nullcline in nullclines(BOGDANOV_TAKENS):
        i = nullcline.neuron
        weights, bias = BOGDANOV_TAKENS.weights[i], BOGDANOV_TAKENS.biases[i]
        assert len(nullcline.asymptotes) in (2, 4)
        for a in nullcline.asymptotes:
            need = a - weights[i] / (1 + math.exp(-(a + bias)))
            assert min(abs(need), abs(need - weights[1 - i])) < 1e-13
        for branch in nullcline.branches:
            own = branch[:, i]
            inside = [own.min() + 1e-9 < a < own.max() - 1e-9 for a in nullcline.asymptotes]
            assert not any(inside)
    assert [len(n.branches) for n in nullclines(BOGDANOV_TAKENS)] == [2, 1]
    assert [len(n.branches) for n in nullclines(BEER)] == [1, 1]


def test_decoupled_bistable_units_rest_on_three_lines():
    """Reference B7: equilibria y, 4 and 8 - y."""
    network = CTRNN(8 * np.eye(2), biases=-4.0)
    for nullcline in nullclines(network):
        own = [branch[:, nullcline.neuron] for branch in nullcline.branches]
        assert len(own) == 3
        assert all(np.ptp(values) == 0 for values in own)
        low, middle, high = (values[0] for values in own)
        assert middle == 4.0
        assert low + high == pytest.approx(8.0, abs=1e-14)
        assert residual(network, nullcline) < 1e-14
        assert nullcline.asymptotes == ()


def test_steep_gain():
    """A step at y = 0.5: both sides of it are found, and points on it as exactly as its slope 5e5 allows."""
    network = CTRNN([[2.0, 1.0], [1.0, 0.0]], biases=-0.5, gains=[1e6, 1.0])
    first, second = nullclines(network)
    assert len(first.branches) == 2
    for nullcline in (first, second):
        assert residual(network, nullcline) < 5e5 * np.finfo(float).eps


def test_corners_make_lines():
    """A rectifier at rest on its corner: below y_1 = 0 nothing holds neuron 0 but its own leak."""
    network = CTRNN([[2.0, -1.0], [1.0, 0.0]], activation="relu")
    first, second = nullclines(network, box=[(-2, 3), (-2, 3)])
    on_line = np.concatenate([b[np.abs(b[:, 0]) < 1e-15] for b in first.branches])
    assert on_line[:, 1].min() == -2.0
    assert residual(network, first) == 0.0
    assert residual(network, second) < 1e-15


def test_trajectories_stay_in_the_box(rng):
    network = random_network(rng)
    box = phase_box(network, inputs=[1.0, -1.0])
    end = simulate(network, 60, rng.normal(size=2) * 100, inputs=[1.0, -1.0]).final
    assert (box[:, 0] <= end).all()
    assert (end <= box[:, 1]).all()


def test_a_box_is_found_for_a_system_that_is_no_network():
    """Oracle: w at rest is (1 + tanh((V - 2) / 30)) / 2; the cubic of V crosses it at the one equilibrium."""
    first, second = nullclines(models.morris_lecar())
    v, w = np.concatenate(second.branches).T
    np.testing.assert_allclose(w, (1 + np.tanh((v - 2) / 30)) / 2, atol=1e-6)
    assert np.ptp(v) > 50
    assert len(first.branches) >= 1


@pytest.mark.parametrize(
    ("system", "inputs", "message"),
    [
        (CTRNN(np.zeros((3, 3))), None, "it must have 2 states; it has 3"),
        (BEER, [Sine(1, 1), 0.0], "`inputs` must be constants"),
        (BEER, [1.0], "`inputs` must have one entry for each of the 2 inputs"),
    ],
)
def test_refusals_say_why(system, inputs, message):
    with pytest.raises(ValueError, match=message):
        nullclines(system, inputs=inputs)


def test_an_activation_that_is_not_monotone_is_traced():
    hump = Activation.from_functions(
        "hump", value=lambda x: math.exp(-x * x), derivative=lambda x: -2 * x * math.exp(-x * x), range=(0, 1)
    )
    network = BEER.replace(activation=hump)
    for curve in nullclines(network):
        assert curve.branches
        states = np.concatenate(curve.branches)
        rates = np.array([network.rhs(0.0, state)[curve.neuron] for state in states[::7]])
        np.testing.assert_allclose(rates, 0.0, atol=1e-8)


@pytest.mark.parametrize("box", [[(1, 0), (0, 1)], [0, 1], [(0, 1), (0, np.nan)]])
def test_boxes_are_checked(box):
    with pytest.raises(ValueError, match="box"):
        nullclines(BEER, box=box)
