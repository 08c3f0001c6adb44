"""All fixed points of networks and of other systems: against closed forms, other methods, and 50 digits."""

from __future__ import annotations

from math import comb, cos, pi

import mpmath
import numpy as np
import pytest

from analysis import fixed_points
from ctrnn import CTRNN, Activation, DynamicalSystem, Interrupted, Sine, centre_crossing, library, random_ctrnn
from neurodynamics import models


def exact(net, y):
    """The equilibrium of a logistic network near y, to 50 digits."""
    n = net.state_dim
    W, b, g, c, leak = (getattr(net, name).tolist() for name in ("weights", "biases", "gains", "constant_inputs", "leaks"))

    def f(*state):
        o = [1 / (1 + mpmath.exp(-mpmath.mpf(g[j]) * (state[j] + mpmath.mpf(b[j])))) for j in range(n)]
        return [
            -mpmath.mpf(leak[i]) * state[i] + mpmath.mpf(c[i]) + sum(mpmath.mpf(W[i][j]) * o[j] for j in range(n))
            for i in range(n)
        ]

    with mpmath.workdps(50):
        return mpmath.findroot(f, tuple(map(float, y)), tol=1e-80, maxsteps=50)


def newton(net, rng, starts):
    """Equilibria that Newton's method reaches in the states, with a Jacobian written down here."""
    W, b, g, leak = net.weights, net.biases, net.gains, net.leaks
    values = [lambda x: 0.5 * (1 + np.tanh(0.5 * x)), lambda x: 0.25 / np.cosh(0.5 * x) ** 2]
    if net.activation.name == "tanh":
        values = [np.tanh, lambda x: 1 / np.cosh(x) ** 2]
    low = -1.0 if net.activation.name == "tanh" else 0.0
    outputs = rng.uniform(low, 1.0, (starts, len(b)))
    y = (outputs @ W.T + net.constant_inputs) / leak
    with np.errstate(all="ignore"):
        for _ in range(40):
            x = g * (y + b)
            J = W * (g * values[1](x))[:, None, :] - np.diag(leak)
            J[np.abs(np.linalg.det(J)) < 1e-12] = np.eye(len(b))
            f = values[0](x) @ W.T + net.constant_inputs - leak * y
            step = np.linalg.solve(J, f[..., None])[..., 0]
            y = y - step * np.minimum(1.0, 20.0 / np.abs(step).max(axis=1, keepdims=True))
    good = (np.abs(f).max(axis=1) < 1e-9) & (np.abs(step).max(axis=1) < 1e-9)
    return np.unique(np.round(y[good], 6), axis=0)


# Networks whose equilibria are known ---------------------------------------------------------------------------------


def test_two_neuron_oscillator():
    found = fixed_points(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]))
    assert repr(found) == "FixedPoints(1 point, 0 stable, complete: certified)"
    assert np.abs(found.x - [2.75, 1.75]).max() <= 1e-14
    assert np.abs(found.eigenvalues - [0.125 + 0.25j, 0.125 - 0.25j]).max() < 1e-15
    assert found.kind[0] == "unstable focus"
    assert found.index.tolist() == [2]
    assert found.residual.max() <= 1e-14
    assert found.missed == 0
    assert np.allclose(found.outputs, 0.5, atol=1e-15)


@pytest.mark.parametrize("n", [1, 3, 7])
def test_decoupled_bistable_units(n):
    found = fixed_points(CTRNN(8 * np.eye(n), biases=-4))
    assert found.complete
    assert np.bincount(found.index).tolist() == [comb(n, k) * 2 ** (n - k) for k in range(n + 1)]
    assert found.stable.sum() == 2**n
    assert (found.index == (found.eigenvalues.real > 0).sum(axis=1)).all()


@pytest.mark.parametrize("name", ["two_neuron_oscillator", "three_neuron_chaos", "mutual_inhibition", "bistable_neuron"])
def test_circuits_of_the_library_have_an_index_sum_of_one(name):
    found = fixed_points(library.load(name).net)
    assert found.complete
    assert ((-1.0) ** found.index).sum() == 1


def test_transposed_chaos_has_one_attractor():
    W = library.load("three_neuron_chaos").net
    found = fixed_points(W.replace(weights=W.weights.T))
    stable = found[found.stable]
    assert np.abs(stable.x - [0.6637596, -2.0585909, 3.7098977]).max() < 1e-7
    assert np.abs(np.sort(stable.eigenvalues.real) - np.sort([-0.38726, -0.72283, -0.86220])).max() < 1e-5


@pytest.mark.parametrize(("p", "n", "T", "expected"), [(2, 4, 0.25, [4, 4, 1]), (3, 8, 0.6, [6, 12, 8, 1])])
def test_balanced_patterns(p, n, T, expected):
    columns = np.array([[1 - 2 * (c >> k & 1) for k in range(p)] for c in range(2**p)])
    patterns = np.repeat(columns, n // 2**p, axis=0).T
    net = CTRNN(patterns.T @ patterns / n, gains=1 / T, activation="tanh")
    found = fixed_points(net)
    assert found.complete
    assert np.bincount(found.index).tolist() == expected
    D = net.activation.derivative  # symmetric weights: index = eigenvalues of D^1/2 W D^1/2 above 1
    for point, index in zip(found.x, found.index, strict=True):
        root = np.sqrt([D(v) / T for v in point / T])
        assert (np.linalg.eigvalsh(root[:, None] * net.weights * root) > 1).sum() == index


def test_bogdanov_takens_point_is_unresolved_with_its_place():
    circuit = library.load("bogdanov_takens_pair")
    found = fixed_points(circuit.net)
    assert not found.complete
    assert "degenerate" in found.reason
    place = found.unresolved[0]
    assert np.abs(circuit.net.rhs(0, place.point)).max() < 1e-9
    assert place.upper.max() - place.lower.min() < 30


@pytest.mark.parametrize("side", [-1, 1])
def test_odd_ring_at_its_hopf_bifurcation(side):
    n = 5
    w = 1 / cos(pi / n) + side * 1e-6
    found = fixed_points(CTRNN(-w * np.roll(np.eye(n), 1, axis=0), activation="tanh"))
    assert found.index.tolist() == [2 if side > 0 else 0]


# The translation to net inputs ---------------------------------------------------------------------------------------


def test_each_point_is_within_its_radius_of_the_exact_one(rng):
    for n in (1, 2, 4):
        net = random_ctrnn(n, rng, gains=(0.3, 2.0)).replace(
            leaks=rng.uniform(0.5, 2, n), constant_inputs=rng.normal(size=n)
        )
        net = centre_crossing(net)
        found = fixed_points(net)
        assert found.complete
        for y, radius in zip(found.x, found.radius, strict=True):
            true = exact(net, y)
            assert max(abs(mpmath.mpf(float(v)) - t) for v, t in zip(y, true, strict=True)) <= radius
            assert radius < 1e-10


def test_inputs_act_as_constant_drive(rng):
    net = random_ctrnn(4, rng, input_dim=2)
    u = rng.normal(size=2)
    with_inputs = fixed_points(net, inputs=u)
    built_in = fixed_points(net.replace(constant_inputs=net.input_weights @ u))
    assert with_inputs.complete
    assert np.allclose(with_inputs.x, built_in.x, atol=1e-12)
    assert with_inputs.residual.max() < 1e-12


def test_index_sum_is_one_and_newton_finds_nothing_else(rng):
    for n in (2, 4, 6):
        for activation in ("logistic", "tanh"):
            net = random_ctrnn(n, rng, weights=(-10, 10), biases=(-5, 5), gains=(0.5, 1.5), activation=activation)
            found = fixed_points(net)
            assert found.complete
            assert ((-1.0) ** found.index).sum() == 1
            for y in newton(net, rng, 2000):
                assert np.abs(found.x - y).max(axis=1).min() < 1e-5


def test_a_gain_of_zero():
    net = CTRNN([[3.0, 5], [2, 6]], biases=[1, -4], gains=[0, 1])
    found = fixed_points(net)
    assert found.complete
    assert found.residual.max() < 1e-13
    assert (np.abs(found.x - [[float(v) for v in exact(net, y)] for y in found.x]).max(axis=1) <= found.radius).all()


def test_a_negative_leak_is_certified_with_numerical_stability():
    found = fixed_points(CTRNN([[0.5]], leaks=[-1.0], biases=0.0))
    assert found.complete
    assert not found.index_certified.any()
    assert found.index.tolist() == [1]


def test_bounds_limit_the_states():
    net = CTRNN(8 * np.eye(2), biases=-4)
    found = fixed_points(net, bounds=(3, 9))
    assert len(found) == 4
    assert found.complete
    assert "complete within bounds" in repr(found)
    assert len(fixed_points(net, bounds=[(3, 9), (-1, 1)])) == 2


def test_a_line_attractor_is_one_unresolved_set_with_its_direction():
    net = CTRNN([[2.0, 2], [2, 2]], biases=-2.0, activation="hard_sigmoid")
    found = fixed_points(net)
    (line,) = found.unresolved
    assert np.allclose(np.abs(line.null_directions), 1 / np.sqrt(2))
    assert np.allclose([line.lower, line.upper], [[0, 0], [4, 4]], atol=0.1)


# Edges ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [np.zeros((3, 3)), np.eye(3), np.full((3, 3), 5.0)])
def test_degenerate_weights(weights):
    found = fixed_points(CTRNN(weights, biases=[0.1, 0.2, 0.3]))
    assert found.complete
    assert found.residual.max() < 1e-13


def test_no_neurons_and_no_points():
    assert len(fixed_points(CTRNN(np.zeros((0, 0))))) == 1
    found = fixed_points(CTRNN([[8.0]], biases=-4), bounds=(20, 30))
    assert repr(found) == "FixedPoints(0 points, 0 stable, complete within bounds: certified)"
    assert found.eigenvalues.shape == (0, 1)
    assert found.kind.shape == found.stable.shape == (0,)


def test_what_cannot_be_proved_falls_back_with_the_reason():
    bump = Activation.from_functions("bump", value=lambda x: np.exp(-x * x), derivative=lambda x: -2 * x * np.exp(-x * x),
                                     range=(0, 1), max_slope=0.8577638849607068)  # fmt: skip
    net = CTRNN([[5.0]], biases=-1.0, activation=bump)
    found = fixed_points(net, rng=1)
    assert not found.complete
    assert "'bump'" in found.reason
    y = np.linspace(-2, 6, 400_001)  # roots by sign changes
    f = -y + 5 * np.exp(-((y - 1) ** 2))
    roots = y[:-1][np.sign(f[:-1]) != np.sign(f[1:])]
    assert np.allclose(found.x[:, 0], roots, atol=3e-5)
    with pytest.raises(ValueError, match="`certify` must be 'auto' or False here: nothing is known"):
        fixed_points(net, certify=True)


def test_growth_that_nothing_limits_falls_back_or_asks_for_bounds():
    net = CTRNN([[2.0]], constant_inputs=-1.0, activation="relu")
    assert not fixed_points(net, rng=1).complete
    with pytest.raises(ValueError, match="`bounds` are needed"):
        fixed_points(net, certify=True)
    assert fixed_points(net, bounds=(-5, 5)).x.ravel().tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("limit", [{"max_boxes": 0}, {"timeout": 0.0}])
def test_a_budget_of_zero_says_so(limit):
    found = fixed_points(CTRNN(8 * np.eye(3), biases=-4), certify=True, **limit)
    assert len(found) == 0
    assert not found.complete
    assert next(iter(limit)) in found.reason
    assert found.status < 0
    assert np.isnan(found.missed)


def test_inputs_that_change_with_time_point_to_the_stroboscopic_map():
    net = CTRNN([[4.5, 1], [-1, 4.5]])
    with pytest.raises(ValueError, match="stroboscopic_map"):
        fixed_points(net, inputs=[Sine(1, 0.1), 0.0])

    def forced(t, y, u, params, out):
        out[0] = np.sin(t) - y[0]

    with pytest.raises(ValueError, match=r"`system` depends on time.*stroboscopic_map"):
        fixed_points(DynamicalSystem(forced, 1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": [np.nan, 0]}, r"`inputs\[0\]` must be finite"),
        ({"certify": "yes"}, "`certify` must be"),
        ({"bounds": [[1, 0], [0, 1]]}, "`bounds` must be rows"),
        ({"bounds": [np.nan, 1]}, r"`bounds\[0\]` must be finite"),
        ({"period": 2}, "limit_cycle"),
        ({"max_boxes": -1}, "`max_boxes` must be at least 0"),
        ({"timeout": -1.0}, "`timeout` must be at least 0"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        fixed_points(CTRNN([[4.5, 1], [-1, 4.5]]), **arguments)


def test_what_is_no_system_is_refused():
    with pytest.raises(TypeError, match="`system` must be a network"):
        fixed_points(np.eye(2))


def test_a_selection_of_points():
    found = fixed_points(CTRNN(8 * np.eye(2), biases=-4))
    stable = found[found.stable]
    assert len(stable) == 4
    assert not stable.complete
    assert (stable.index == 0).all()
    assert np.array_equal(found[4].x[0], found.x[4])
    assert np.array_equal(np.array(list(found)), found.x)
    assert found[::-1].complete


# From random starts --------------------------------------------------------------------------------------------------


def test_random_starts_agree_with_the_proof(rng):
    for n in (1, 3, 5):
        net = centre_crossing(random_ctrnn(n, rng))
        proved, sought = fixed_points(net), fixed_points(net, certify=False, rng=rng)
        assert not sought.complete
        assert not sought.certified.any()
        for y in sought.x:
            assert np.abs(proved.x - y).max(axis=1).min() < 1e-8
        if sought.missed < 0.5:
            assert len(sought) >= 0.8 * len(proved)


def test_the_estimate_of_missed_points_is_of_the_right_size():
    net = CTRNN(8 * np.eye(5), biases=-4)  # 243 equilibria
    found = fixed_points(net, certify=False, rng=3, starts=150)
    assert 0 < len(found) < 243
    assert 0.3 * 243 < len(found) + found.missed < 3 * 243
    assert "points missed" in found.reason


def test_an_interrupt_keeps_what_was_found(monkeypatch):
    net = CTRNN(8 * np.eye(4), biases=-4)
    calls = []

    def stop(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*arguments)

    from analysis.equilibria import multistart

    original = multistart.draw_starts
    monkeypatch.setattr(multistart, "draw_starts", stop)
    with pytest.raises(Interrupted) as caught:
        fixed_points(net, certify=False, rng=1)
    assert len(caught.value.result) > 10
    assert "interrupted" in repr(caught.value.result)
    calls.clear()
    assert len(fixed_points(net, certify=False, rng=1, on_interrupt="return")) > 10


def test_a_flow_of_ones_own():
    def lorenz(t, y, u, params, out):
        out[0] = params[0] * (y[1] - y[0])
        out[1] = y[0] * (params[1] - y[2]) - y[1]
        out[2] = y[0] * y[1] - params[2] * y[2]

    found = fixed_points(DynamicalSystem(lorenz, 3, params=[10.0, 28.0, 8 / 3]), rng=1)
    c = np.sqrt(8 / 3 * 27)
    assert np.allclose(found.x, [[-c, -c, 27], [0, 0, 0], [c, c, 27]], atol=1e-12)
    assert found.kind.tolist() == ["saddle-focus", "saddle", "saddle-focus"]


# Maps ----------------------------------------------------------------------------------------------------------------


def one_neuron_euler(t, y, u, params, out):
    out[0] = y[0] + params[0] * (-y[0] - 10 / (1 + np.exp(-y[0])))


def test_the_euler_map_of_one_neuron_has_a_cycle_that_the_flow_has_not():
    euler = DynamicalSystem(one_neuron_euler, 1, params={"h": 1.0}, kind="map")
    found = fixed_points(euler, period=2, rng=1)
    with mpmath.workdps(30):
        f = lambda y: -10 / (1 + mpmath.exp(-y))  # noqa: E731
        low = mpmath.findroot(lambda y: f(f(y)) - y, -4.8)
    assert np.allclose(found.x[:, 0], [float(low), float(f(low))], atol=1e-13)
    assert np.allclose(found.x[:, 0], [-4.79504537, -0.08202781], atol=1e-8)
    assert np.allclose(found.eigenvalues.real, 0.203, atol=5e-4)
    assert found.stable.all()
    assert found.orbit.tolist() == [0, 0]
    alone = fixed_points(euler, rng=1)
    assert np.allclose(alone.x, -1.6335062, atol=1e-7)
    assert not alone.stable.any()
    slow = fixed_points(euler.with_params({"h": 0.8}), period=2, rng=1)  # below h = 0.8450685 there is none
    assert len(slow) == 0


@pytest.mark.parametrize(("period", "cycles"), [(1, 1), (2, 1), (3, 2), (4, 3), (5, 6)])
def test_cycles_of_the_logistic_map_at_four(period, cycles):
    """As many as Moebius' formula gives for x -> 4 x (1 - x): (2, 1, 2, 3, 6), less the fixed point 0 at the bound."""

    def logistic(t, y, u, params, out):
        out[0] = 4 * y[0] * (1 - y[0])

    def slope(t, y, u, params, out):
        out[0, 0] = 4 - 8 * y[0]

    system = DynamicalSystem(logistic, 1, jac=slope, kind="map")
    found = fixed_points(system, period=period, bounds=(1e-9, 1), rng=1)
    assert len(found) == cycles * period
    assert found.orbit.max() + 1 == cycles
    points = np.sin(np.pi * np.arange(1, 2**5 * (2**period + 1)) / (2**period + 1)) ** 2  # conjugate to the tent map
    more = np.sin(np.pi * np.arange(1, 2**5 * (2**period - 1)) / (2**period - 1)) ** 2 if period > 1 else points
    exact = np.concatenate([points, more])
    assert np.abs(found.x - exact).min(axis=1).max() < 1e-12
    assert np.allclose(np.abs(found.eigenvalues), 2.0**period, rtol=1e-9)


# Equations in units that differ by many orders ----------------------------------------------------------------------------


def brusselator(t, y, u, params, out):
    out[0] = params[0] - (params[1] + 1) * y[0] + y[0] ** 2 * y[1]
    out[1] = params[1] * y[0] - y[0] ** 2 * y[1]


def uneven(t, y, u, params, out):
    out[0] = 1e-9 * (y[1] - 2)
    out[1] = 1e7 * (y[0] ** 2 - 1e-8 * y[1] ** 2)


@pytest.mark.parametrize(("a", "b"), [(100.0, 3e4), (20.0, 5000.0)])
def test_roots_at_the_end_of_curved_valleys_are_found(a, b):
    """Squares of the equations fall to a valley that turns; Newton's full steps know of none. The root is (A, B/A)."""
    found = fixed_points(DynamicalSystem(brusselator, 2, {"A": a, "B": b}), rng=0)
    np.testing.assert_allclose(found.x, [[a, b / a]], rtol=1e-9)


def test_each_equation_has_a_scale_of_its_own():
    found = fixed_points(DynamicalSystem(uneven, 2), rng=0)
    np.testing.assert_allclose(found.x, [[-2e-4, 2.0], [2e-4, 2.0]], rtol=1e-9)


def test_large_terms_of_one_equation_excuse_nothing_in_another():
    """Far out the currents of a membrane are 1e18 times its gates' rates: rounding of these is no rounding of those."""
    found = fixed_points(models.hodgkin_huxley(), rng=0)
    assert len(found) == 1
    assert found.unresolved == ()


def test_points_in_pandas():
    pytest.importorskip("pandas")
    found = fixed_points(CTRNN([[0, -8], [-8, 0]], constant_inputs=4))
    frame = found.to_pandas()
    np.testing.assert_array_equal(frame[["y[0]", "y[1]"]], found.x)
    assert frame["kind"].tolist() == ["stable node", "saddle", "stable node"]
    assert frame["index"].tolist() == [0, 1, 0]
    assert frame.loc[frame["stable"], "certified"].all()
    assert fixed_points(CTRNN([[0.5]]), bounds=[[50, 60]]).to_pandas().empty
