"""Gradients of trajectories agree between methods, with differences in higher precision, and with closed forms."""

import math

import mpmath
import numpy as np
import pytest

from ctrnn import CTRNN
from learning import Trial, gradient, gradient_flow, losses, sweeps, train
from learning.frames import DIRECTIONS, Memory
from neurodynamics import DynamicalSystem, Status, models, simulate
from neurodynamics.inputs import Pulse, Sampled, Sine
from neurodynamics.systems import cascade
from recurrent import GRU, LSTM, Elman, FullyRecurrent, LiquidTimeConstant, SecondOrder


def series(rng, m, length):
    return Sampled(np.arange(length), rng.normal(size=(m, length)))


def maps(rng):
    yield LSTM(rng.normal(size=(12, 3)), rng.normal(size=(12, 2)), rng.normal(size=12))
    yield GRU(rng.normal(size=(9, 3)), rng.normal(size=(9, 2)), rng.normal(size=9))
    yield Elman(rng.normal(size=(4, 4)), rng.normal(size=(4, 2)), rng.normal(size=(2, 4)), rng.normal(size=4))
    yield SecondOrder(rng.normal(size=(3, 3, 2)), rng.normal(size=3))
    yield FullyRecurrent(rng.normal(size=(3, 3)), rng.normal(size=(3, 2)), activation="relu")


def agree(found, first):
    for name in found.by:
        np.testing.assert_allclose(found.by[name], first.by[name], rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(found.y0, first.y0, rtol=1e-10, atol=1e-13)


def test_three_ways_through_maps_agree_and_are_the_derivative(rng):
    for net in maps(rng):
        targets = rng.normal(size=(24, net.output_dim))
        given = {"y0": rng.uniform(0.1, 0.5, net.state_dim), "targets": targets, "inputs": series(rng, 2, 25)}
        back = gradient(net, losses.MeanSquare(), **given, check=True)
        assert back.exact
        assert back.gap < 1e-8, type(net).__name__
        for method in ("forward", "hybrid"):
            agree(gradient(net, losses.MeanSquare(), **given, method=method), back)


def test_by_inputs_and_initial_state(rng):
    net = Elman(rng.normal(size=(4, 4)), rng.normal(size=(4, 2)), rng.normal(size=(1, 4)))
    x, y0, h = rng.normal(size=(2, 11)), rng.uniform(size=4), 1e-6

    def at(x, y0):
        return gradient(net, losses.MeanSquare(), y0, np.zeros((10, 1)), inputs=Sampled(np.arange(11), x))

    found = at(x, y0)
    for k, q in ((0, 0), (4, 1), (9, 0)):
        moved = [x.copy(), x.copy()]
        moved[0][q, k] += h
        moved[1][q, k] -= h
        assert found.inputs[k, q] == pytest.approx((at(moved[0], y0).value - at(moved[1], y0).value) / (2 * h), abs=1e-9)
    for i, unit in enumerate(np.eye(4)):
        assert found.y0[i] == pytest.approx((at(x, y0 + h * unit).value - at(x, y0 - h * unit).value) / (2 * h), abs=1e-9)


@pytest.mark.parametrize("integrator", ["euler", "heun", "rk4", "dopri5", "dop853"])
def test_flows_with_all_explicit_methods(rng, integrator):
    net = CTRNN(rng.normal(size=(3, 3)), biases=rng.normal(size=3), time_constants=[1.0, 2.0, 0.5], gains=[1, 2, 0.7])
    step = {} if integrator.startswith("dop") else {"dt": 0.05}
    given = {"times": [1.0, 2.5, 4.0], "targets": rng.uniform(size=(3, 3)), "integrator": integrator, **step}
    given["inputs"] = [Pulse(0.7, 0.5, 1.0), Sine(1.0, 0.3), 0.2]
    back = gradient(net, losses.MeanSquare(), [0.1, -0.2, 0.3], **given, check=True)
    assert back.gap < 1e-8
    for method in ("forward", "hybrid"):
        agree(gradient(net, losses.MeanSquare(), [0.1, -0.2, 0.3], **given, method=method), back)


def test_what_is_differentiated_is_what_simulate_computes(rng):
    net = CTRNN(rng.normal(size=(3, 3)), biases=rng.normal(size=3))
    sol = simulate(net, 5, [0.1, 0.2, 0.3], method="rk4", dt=0.1, inputs=[Sine(1.0, 0.2), 0.0, 0.1])
    found = gradient(
        net, losses.MeanSquare(), [0.1, 0.2, 0.3], np.zeros((50, 3)), t_span=5, dt=0.1, inputs=[Sine(1.0, 0.2), 0.0, 0.1]
    )
    np.testing.assert_allclose(found.shown, sol.outputs.T[1:], rtol=1e-13)


def test_a_linear_flow_has_closed_form(rng):
    """y' = -a y: loss y(T)^2 / 1 has d/da = -2 T y0^2 exp(-2 a T), d/dy0 = 2 y0 exp(-2 a T)."""

    def decay(t, y, u, params, out):
        out[0] = -params[0] * y[0]

    system = DynamicalSystem(decay, 1, params={"a": 0.7})
    for method in ("discrete", "forward", "adjoint"):
        found = gradient(system, losses.MeanSquare(), [1.3], [[0.0]], times=[2.0], method=method, rtol=1e-11, atol=1e-13)
        assert found.by["a"] == pytest.approx(-2 * 2.0 * 1.69 * np.exp(-2.8), rel=1e-9)
        assert found.y0[0] == pytest.approx(2 * 1.3 * np.exp(-2.8), rel=1e-9)
        assert found.exact


def test_the_continuous_adjoint_says_how_far_it_is(rng):
    net = CTRNN(rng.normal(size=(2, 2)), biases=rng.normal(size=2))
    given = {
        "y0": [0.3, -0.1],
        "times": [1.0, 3.0],
        "targets": [[0.1, 0.2], [0.5, 0.1]],
        "inputs": [Pulse(0.5, 1.0, 1.0), 0.0],
    }
    coarse, fine = (
        gradient(net, losses.MeanSquare(), **given, integrator="euler", dt=dt, method="adjoint").gap for dt in (0.1, 0.01)
    )
    assert 5 < coarse / fine < 20  # of first order
    assert gradient(net, losses.MeanSquare(), **given, method="adjoint", rtol=1e-10, atol=1e-12).gap < 1e-8


def test_truncated_gradients(rng):
    """A window of all steps is the whole gradient; a window of one is Elman's: contexts are taken as inputs."""
    net = FullyRecurrent(rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.normal(size=3))
    x, targets = rng.normal(size=(1, 13)), rng.normal(size=(12, 3))
    given = {"targets": targets, "inputs": Sampled(np.arange(13), x)}
    whole = gradient(net, losses.MeanSquare(), **given)
    np.testing.assert_allclose(gradient(net, losses.MeanSquare(), **given, window=12).vector, whole.vector, rtol=1e-12)
    h = np.concatenate([np.zeros((1, 3)), whole.shown])
    delta = 2 / 36 * (whole.shown - targets) * (1 - whole.shown**2)
    np.testing.assert_allclose(
        gradient(net, losses.MeanSquare(), **given, window=1).by["weights"], delta.T @ h[:-1], rtol=1e-12
    )


def test_branches_are_recorded_where_they_are_met(rng):
    """What a function compares may change along a trajectory, and between stages of a step."""

    def kinked(t, y, u, params, out):
        for i in range(2):
            push = params[0] * y[1 - i] if y[i] > 0.1 else -params[1] * y[i] ** 2
            out[i] = push - 0.3 * y[i] + np.sin(t)

    system = DynamicalSystem(kinked, 2, params={"a": 0.8, "b": 1.7})
    given = {"y0": [0.5, -0.4], "times": np.linspace(1, 12, 12), "targets": np.zeros((12, 2)), "of": "states"}
    found = gradient(system, losses.MeanSquare(), **given, dt=0.01, check=True)
    assert found.exact
    assert found.gap < 1e-6  # differences see the kinks
    agree(gradient(system, losses.MeanSquare(), **given, dt=0.01, method="forward"), found)


def test_branches_that_differ_in_what_is_constant(rng):
    """Where one branch has a constant, another has a result: against complex steps through the same map."""

    def bent(t, y, u, params, out):
        out[0] = -0.7 * y[0] + params[0] * y[1]
        heard = y[0] if y[1] > np.sin(1.7 * t) else y[0] * 0.5 + 0.2
        out[1] = 0.3 * heard + max(np.sin(y[0]), 0.4 + 0.3 * np.tanh(params[1] * y[1])) ** 2.5

    def in_complex_numbers(t, y, params):
        one, other = np.sin(y[0]), 0.4 + 0.3 * np.tanh(params[1] * y[1])
        power = (one if one.real > other.real else other) ** 2.5
        heard = y[0] if y[1].real > np.sin(1.7 * t) else y[0] * 0.5 + 0.2
        return np.array([-0.7 * y[0] + params[0] * y[1], 0.3 * heard + power])

    start, params, targets = np.array([0.3, -0.4]), np.array([0.8, -0.6]), rng.normal(size=(30, 2))
    expected = np.zeros(4)
    for k in range(4):
        x = np.concatenate([start, params]) + 1e-30j * np.eye(4)[k]
        for t, target in enumerate(targets):
            x[:2] = in_complex_numbers(t, x[:2], x[2:])
            expected[k] += ((x[:2] - target) ** 2).sum().imag / 1e-30 / targets.size
    system = DynamicalSystem(bent, 2, params=params, kind="map")
    for method in ("discrete", "forward", "hybrid"):
        found = gradient(system, losses.MeanSquare(), start, targets, of="states", method=method)
        np.testing.assert_allclose(np.concatenate([found.y0, found.vector]), expected, rtol=1e-10)


def test_sigmoids_that_users_write_may_saturate():
    """exp(800) is infinite, and 1 / (1 + exp(800)) has the slope 0."""

    def gate(t, y, u, params, out):
        out[0] = params[1] - y[0] / (1.0 + np.exp(-params[0] * y[0]))

    system = DynamicalSystem(gate, 1, params=[800.0, 0.3], kind="map")
    for method in ("discrete", "forward"):
        found = gradient(system, losses.MeanSquare(), [-1.0], [[0.0]], of="states", times=[1.0], method=method)
        np.testing.assert_allclose([*found.vector, *found.y0], [0.0, 0.6, 0.0], atol=1e-300)


def test_functions_that_cannot_be_recorded_are_differentiated_by_differences():
    def looked_up(t, y, u, params, out):
        table = np.array([0.5, -0.5])
        out[0] = params[0] * table[int(y[0] > 0)] - np.rint(y[0] * 0.0) - y[0]

    system = DynamicalSystem(looked_up, 1, params={"a": 1.0})
    found = gradient(system, losses.MeanSquare(), [1.0], [[0.0]], times=[1.0], dt=0.01)
    assert not found.exact
    a, T = 1.0, 1.0
    y = -0.5 * a + (1.0 + 0.5 * a) * np.exp(-T)
    assert found.by["a"] == pytest.approx(2 * y * -0.5 * (1 - np.exp(-T)), rel=1e-6)


def test_compositions_and_memory_machines(rng):
    two = cascade(
        FullyRecurrent(rng.normal(size=(2, 2)), rng.normal(size=(2, 1))),
        FullyRecurrent(rng.normal(size=(3, 3)), rng.normal(size=(3, 2))),
    )
    assert (
        gradient(two, losses.MeanSquare(), None, np.ones((9, two.output_dim)), inputs=series(rng, 1, 10), check=True).gap
        < 1e-8
    )
    cell = LiquidTimeConstant(
        rng.normal(size=(2, 2)), rng.normal(size=(2, 1)), biases=rng.normal(size=2), time_constants=1.0
    )
    found = gradient(
        cell, losses.MeanSquare(), None, np.ones((20, 2)), t_span=2, dt=0.1, inputs=[Sine(1, 1)], of="states", check=True
    )
    assert found.gap < 1e-8


def test_against_forty_digits(rng):
    """Two tanh units over 60 steps, differentiated by differences of 1e-15 in 40 digits."""
    W, b = rng.normal(size=(2, 2)), rng.normal(size=2)

    def value(weights):
        h = [mpmath.mpf(0), mpmath.mpf(0)]
        for _ in range(60):
            h = [mpmath.tanh(sum(weights[i][j] * h[j] for j in range(2)) + mpmath.mpf(float(b[i]))) for i in range(2)]
        return (h[0] ** 2 + h[1] ** 2) / 2

    with mpmath.workdps(40):
        exact = np.empty((2, 2))
        for i in range(2):
            for j in range(2):
                sides = []
                for sign in (1, -1):
                    weights = [[mpmath.mpf(float(W[r, c])) for c in range(2)] for r in range(2)]
                    weights[i][j] += sign * mpmath.mpf("1e-15")
                    sides.append(value(weights))
                exact[i, j] = (sides[0] - sides[1]) / mpmath.mpf("2e-15")
    found = gradient(FullyRecurrent(W, None, b), losses.MeanSquare(), None, [[0.0, 0.0]], times=[60], params="weights")
    np.testing.assert_allclose(found.by["weights"], exact, rtol=1e-9, atol=1e-14)


def test_check_is_not_deceived_by_curvature_or_scales(rng):
    """Six iterations of a chaotic map, and rates of 100 beside slopes of 0.56: every way is right, and `check` says so."""
    ikeda, column, start = models.ikeda(), models.jansen_rit(), [0.1, 0.2]
    found = gradient(ikeda, losses.MeanSquare(), start, np.zeros((6, 2)), check=True)

    def loss(params):
        z, total = mpmath.mpc(*start), 0
        for _ in range(6):
            z = params[0] + params[1] * z * mpmath.expj(params[2] - params[3] / (1 + z.real**2 + z.imag**2))
            total += (z.real**2 + z.imag**2) / 12
        return total

    with mpmath.workdps(40):
        at = [mpmath.mpf(each) for each in ikeda.params.tolist()]
        exact = [float(mpmath.diff(lambda v, k=k: loss([*at[:k], v, *at[k + 1 :]]), at[k])) for k in range(4)]
    np.testing.assert_allclose(found.vector, exact, rtol=1e-12)
    assert found.gap < 1e-8
    driven = {"y0": np.full(6, 0.2), "targets": np.zeros((6, 1)), "t_span": 0.6, "dt": 0.1, "check": True}
    assert gradient(column, losses.MeanSquare(), **driven).gap < 1e-8


def test_gradients_whose_squares_overflow():
    """RK4 with twenty times the largest stable step: states of 1e77 are differentiated, and those beyond are named."""
    column = models.jansen_rit()
    given = {"y0": np.full(6, 0.2), "targets": [[0.0]], "dt": 0.2}
    assert "length" in repr(gradient(column, losses.MeanSquare(), times=[5.0], **given))
    clipped = train(column, Trial([[0.0]], times=[5.0], y0=given["y0"]), losses.MeanSquare(), params=["p", "c"], dt=0.2,
                    optimiser="descent", rate=1e-3, clip=1.0, steps=1)  # fmt: skip
    assert np.linalg.norm(clipped.state["x"] - clipped.state["start"]) == pytest.approx(1e-3)
    with pytest.raises(ArithmeticError, match="`loss` is not finite"):
        gradient(column, losses.MeanSquare(), times=[10.0], **given)
    with pytest.raises(ArithmeticError, match="the state is not finite after step 80"):
        gradient(column, losses.MeanSquare(), times=[50.0], **given)


def test_masks_are_honoured(rng):
    mask = np.array([[1, 0], [1, 1]])
    net = FullyRecurrent(rng.normal(size=(2, 2)), None, 0.3, mask=mask)
    found = gradient(net, losses.MeanSquare(), [0.1, 0.2], np.zeros((5, 2)), params="weights")
    assert (found.by["weights"] != 0).tolist() == mask.astype(bool).tolist()


def test_what_cannot_be_differentiated_says_why(rng):
    net = CTRNN(np.eye(2))
    for wrong, words in (
        ({"params": "weight"}, "nearest|weights"),
        ({"method": "bptt"}, "method"),
        ({"of": "rates"}, "`of`"),
        ({"times": [7.0], "t_span": 5}, "outside"),
        ({"targets": [[1.0]]}, "targets"),
        ({"window": 0}, "window"),
        ({"window": 2, "method": "hybrid"}, '`window` goes with method="discrete"'),
        ({"params": ["biases", "biases"]}, "`params` must name each parameter once; all or some of 'biases'"),
        ({"params": ["weights", "weights[0, 1]"]}, "`params` must name each parameter once"),
        ({"params": ["biases[1]", "biases[1]"]}, "`params` must name each parameter once"),
        ({"dt": None, "integrator": "rk4"}, '`dt` must be given with integrator="rk4"'),
        ({"integrator": "dop853"}, '`dt` does not go with integrator="dop853"'),
        ({"check": 1}, "`check` must be True or False"),
        ({"dt": -1.0}, "dt"),
        ({"integrator": "taylor"}, "integrator"),
        ({"targets": [[np.inf, 0.0]]}, "targets"),
    ):
        given = {"y0": [0, 0], "targets": [[0.0, 0.0]], "times": [5.0], "dt": 0.1} | wrong
        with pytest.raises((ValueError, TypeError), match=words):
            gradient(net, losses.MeanSquare(), **given)

    def square(t, y, u, params, out):
        out[0] = params[0] * y[0] * y[0]

    blown = DynamicalSystem(square, 1, params={"a": 1.0})
    with pytest.raises(ArithmeticError, match="not finite after step"):
        gradient(blown, losses.MeanSquare(), [5.0], [[0.0]], times=[9.0], dt=0.5)


def operations(net, method, steps, monkeypatch):
    """Count the operations of sweeps: those of a step, or of one direction, times how often."""
    count, run, product = [0.0], Memory.run, net.state_dim**2

    def counted(self, way, first, last):
        directions = self[DIRECTIONS] if way is sweeps.carry_ahead else 1
        count[0] += (last - first) * directions * product if self.replay.role == "rhs" else 0.0
        return run(self, way, first, last)

    monkeypatch.setattr(Memory, "run", counted)
    gradient(net, losses.MeanSquare(), None, np.zeros((1, net.output_dim)), times=[steps], params="weights", method=method)
    monkeypatch.undo()
    return count[0] / steps


def test_cost_of_a_step_grows_with_the_powers_of_n_that_are_known(rng, monkeypatch):
    """2 backwards, 4 ahead, 3 for the hybrid (Schmidhuber 1992): slopes between 16 and 128 units."""
    for method, slope, sizes in (("discrete", 2, (16, 128)), ("hybrid", 3, (16, 128)), ("forward", 4, (16, 32))):
        costs = [operations(FullyRecurrent(rng.normal(size=(n, n)) / np.sqrt(n)), method, 2 * n, monkeypatch) for n in sizes]
        assert np.log(costs[1] / costs[0]) / np.log(sizes[1] / sizes[0]) == pytest.approx(slope, abs=0.1)


def fabs(t, y, u, params, out):
    out[0] = -params[1] * y[0] + math.fabs(params[0])


def erf(t, y, u, params, out):
    out[0] = -params[1] * y[0] + math.erf(params[0]) + math.log2(1.0 + t)


def plain(t, y, u, params, out):
    out[0] = -params[1] * y[0] + float(params[0])


@pytest.mark.parametrize("rhs", [fabs, erf, plain])
def test_a_parameter_that_becomes_a_plain_number_is_no_constant(rhs):
    def at(a, b=1.0):
        return gradient(DynamicalSystem(rhs, 1, {"a": a, "b": b}), losses.MeanSquare(), [0.1], [[0.0]], times=[1.0], dt=0.1)

    found, h = at(0.7), 1e-5
    assert not found.exact
    slopes = [(at(0.7 + h).value - at(0.7 - h).value) / (2 * h), (at(0.7, 1 + h).value - at(0.7, 1 - h).value) / (2 * h)]
    np.testing.assert_allclose(found.vector, slopes, rtol=1e-7)


def repeated(t, y, u, params, out):
    out[0] = -y[0]
    for _ in range(int(params[1])):
        out[0] += params[0]


def test_a_parameter_that_counts_is_constant():
    system, way = DynamicalSystem(repeated, 1, {"a": 0.7, "count": 2.0}), {"dt": 0.1, "integrator": "euler"}
    found = gradient(system, losses.MeanSquare(), [0.0], [[0.0]], times=[1.0], **way)
    end = 1.4 * (1 - 0.9**10)  # Euler's steps
    np.testing.assert_allclose(found.vector, [2 * end * end / 0.7, 0.0], rtol=1e-12)
    assert found.exact


def test_what_ends_at_an_event_is_refused():
    ends = DynamicalSystem(fabs, 1, {"a": 0.7, "b": 1.0}).with_events([lambda t, y: y[0] - 0.5], terminal=[True])
    with pytest.raises(ValueError, match="`system` must go on after its events"):
        gradient(ends, losses.MeanSquare(), [0.0], [[0.0]], times=[1.0])


def test_what_has_no_time_has_no_derivatives():
    net, given = FullyRecurrent([[0.5]]), {"y0": [0.1], "targets": np.ones((20, 1))}
    found = gradient(net, losses.MeanSquare(), **given, timeout=0)
    assert found.status is gradient_flow(net, Trial(t_span=20), rng=0, timeout=0).status is Status.TIMEOUT
    assert np.isnan(found.vector).all()
    assert gradient(net, losses.MeanSquare(), **given, timeout=60).status is Status.SUCCESS
