"""Fixed points where they are told to be: against differences, eigenvalues of NumPy, and a certified search afterwards."""

import numpy as np
import pytest

from analysis import fixed_points, limit_cycle
from ctrnn import CTRNN
from learning import Trial, gradient, losses, train
from neurodynamics import Sine, simulate
from recurrent import LSTM, FullyRecurrent

LOSSES = [losses.FixedPoints(), losses.FixedPoints(margin=0.9), losses.FixedPoints(margin=0.9, of="norm", weight=3.0)]
STATES = [[0.3, -0.2, 0.5], [-0.4, 0.1, 0.2]]


def networks(rng):
    W = rng.normal(size=(3, 3))
    flow = CTRNN(2 * W, rng.normal(size=3), time_constants=[0.5, 1, 2], input_weights=rng.normal(size=(3, 2)))
    return flow, FullyRecurrent(W, rng.normal(size=(3, 2)), biases=rng.normal(size=3))


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("loss", LOSSES)
def test_value_and_gradient(loss, kind, rng):
    """The value in a line of NumPy, the gradient by differences of it; complex pairs and several states among them."""
    net, u = networks(rng)[kind], np.array([0.2, -0.1])

    def value(net):
        total = 0.0
        for x in np.array(STATES):
            f, J = net.rhs(0, x, u) - kind * x, net.jac(0, x, u)
            total += np.mean(f**2) / 2
            if loss.margin is None:
                continue
            if loss.of == "norm":
                level = np.linalg.svd(J)[1] if kind else np.linalg.eigvalsh((J + J.T) / 2)
            else:
                level = np.abs(np.linalg.eigvals(J)) if kind else np.linalg.eigvals(J).real
            over = np.maximum(level - (1 - loss.margin if kind else -loss.margin), 0)
            total += loss.weight * np.sum(over**2) / 2
        return total

    g = gradient(net, loss, targets=STATES, inputs=u, check=True)
    assert g.value == pytest.approx(value(net), rel=1e-12)
    assert g.gap < 1e-7
    direction = rng.normal(size=net.param_dim) * (g.vector != 0)
    sides = [value(net.with_params(net.params + side * 1e-6 * direction)) for side in (1, -1)]
    spread = np.zeros(net.param_dim)
    for name, part in g.by.items():
        spread[net.layout.positions(name)] = part
    assert spread @ direction == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("optimiser", ["lbfgs", "levenberg"])
def test_a_trained_network_has_stable_fixed_points_where_it_was_told(optimiser, rng):
    """All fixed points of the trained network are found with proof: the wanted are among them, and return at their rate."""
    wanted = np.array([[1.0, -1.0, 1.0], [-1.0, 1.0, 0.5], [1.0, 1.0, -0.5]])
    net = CTRNN(0.3 * rng.normal(size=(3, 3)), activation="tanh")
    fit = train(net, Trial(wanted), losses.FixedPoints(margin=0.2), optimiser=optimiser, steps=500,
                params=["weights", "biases"])  # fmt: skip
    assert fit.loss < 1e-16
    found = fixed_points(fit.network)
    assert found.complete
    for x in wanted:
        distance = np.abs(found.x - x).max(axis=1)
        k = int(np.argmin(distance))
        assert distance[k] < 1e-7
        assert found.stable[k]
        assert np.linalg.eigvals(fit.network.jac(0, x)).real.max() < -0.2 + 1e-7


def test_one_network_learns_a_task_and_where_it_rests(rng):
    """Trials of two losses; `levenberg` and `adam` see the same."""
    data = [Trial([[0.2, 0.8]], times=[3.0]), Trial([[1.5, -1.0]], loss=losses.FixedPoints(margin=0.1))]
    net = CTRNN([[1.0, 0.5], [-0.5, 1.0]])
    fit = train(net, data, losses.MeanSquare(), params=["weights", "biases"], optimiser="levenberg", steps=200, dt=0.1)
    assert fit.loss < 1e-16
    assert np.abs(fit.network.rhs(0, [1.5, -1.0])).max() < 1e-7
    assert simulate(fit.network, 3, [0, 0], method="rk4", dt=0.1).outputs[:, -1] == pytest.approx([0.2, 0.8], abs=1e-7)
    assert train(net, data, losses.MeanSquare(), steps=1, dt=0.1).history["loss"][0] == pytest.approx(
        np.mean([gradient(net, losses.MeanSquare(), None, data[0].targets, times=data[0].times, dt=0.1).value,
                 gradient(net, data[1].loss, None, data[1].targets).value]), rel=1e-13)  # fmt: skip


@pytest.mark.parametrize("period", [9.0, 14.0])
def test_a_trained_oscillator_has_the_period_and_goes_through_the_point(period):
    """Its limit cycle is found by shooting, from elsewhere."""
    net = CTRNN([[1.5, 0.7], [-0.7, 1.5]], activation="tanh")
    start = [0.8, 0.0]
    trial = Trial([[np.nan, np.nan], [np.nan, -0.6], [-0.6, np.nan], [np.nan, np.nan]], y0=start,
                  times=[0, period / 4, period / 2, period], loss=losses.Cycle(weight=10.0))  # fmt: skip
    fit = train(net, trial, losses.MeanSquare(), params=["weights", "biases"], optimiser="lbfgs", of="states", dt=0.1)
    assert fit.loss < 1e-12
    cycle = limit_cycle(fit.network, simulate(fit.network, 200, [0.1, 0.1]).final)
    assert cycle.period == pytest.approx(period, rel=1e-4)  # of rk4's steps, and of the loss
    assert np.linalg.norm(cycle.y.T - start, axis=1).min() < 0.02


def test_of_a_map_with_gates(rng):
    """A user of LSTM asks for rests at two inputs; it is refused where the margin is none of a map's."""
    net = LSTM(*(0.5 * rng.normal(size=shape) for shape in ((8, 2), (8, 2))))
    states = 0.2 * rng.normal(size=(1, net.state_dim))
    g = gradient(net, losses.FixedPoints(margin=0.5), targets=states, inputs=[1.0, 0.0], check=True)
    assert g.gap < 1e-7
    with pytest.raises(ValueError, match="`margin` of a map"):
        gradient(net, losses.FixedPoints(margin=2.0), targets=states)
    with pytest.raises(ValueError, match="`margin` must be at least 0"):
        losses.FixedPoints(margin=-0.5)


def test_what_is_no_state_or_no_rest_is_refused():
    net = CTRNN([[1.0, 0.5], [-0.5, 1.0]])
    with pytest.raises(ValueError, match=r"shape \(K, N\) = \(K, 2\); got \(1, 3\)"):
        gradient(net, losses.FixedPoints(), targets=[[0.0, 1.0, 2.0]])
    with pytest.raises(ValueError, match="`inputs` must be constants"):
        gradient(net, losses.FixedPoints(), targets=[[0.0, 1.0]], inputs=[Sine(1.0, 1.0), 0.0])
    with pytest.raises(ValueError, match="`dt` is for losses of trajectories"):
        gradient(net, losses.FixedPoints(), targets=[[0.0, 1.0]], dt=0.1)
    with pytest.raises(ValueError, match="two or more"):
        gradient(net, losses.Cycle(), times=[1.0], t_span=1.0)
