"""Edge states, sweeps and responses against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import basin_sweep, basins, edge_state, find_attractors, fixed_points, response
from analysis.attractors import basin_sweeps
from ctrnn import CTRNN, Interrupted
from neurodynamics import DynamicalSystem, Kind, Status

LOWER, UPPER = -3.41509291064406, -2.58490708935594  # folds of one neuron with w = 6, closed form


# Edges ---------------------------------------------------------------------------------------------------------------


def test_the_edge_of_rivals_is_the_symmetric_saddle(rivals):
    found = edge_state(find_attractors(rivals, samples=20), [3, -2], [-1, 5])
    assert found.kind == Kind.FIXED_POINT
    assert found.unstable == 1
    assert found.attractors == (0, 1)
    np.testing.assert_allclose(found.y, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.path[:, 0], found.path[:, 1], atol=1e-3)  # on the separatrix all the way


def test_edges_are_saddles_of_the_certified_list(four_states):
    att = find_attractors(four_states, samples=20)
    saddles = fixed_points(four_states)
    saddles = saddles.x[saddles.index == 1]
    for a, b in ((0, 1), (1, 3), (2, 3)):
        found = edge_state(att, att[a].y, att[b].y + 0.1)
        assert np.abs(saddles - found.y).max(axis=1).min() < 1e-9
        assert found.attractors == (a, b)


def test_the_edge_may_be_a_cycle(systems):
    att = find_attractors(systems["nested circles"], box=[[-2, 2], [-2, 2]], samples=50)
    found = edge_state(att, [0.1, 0.0], [0.9, 0.1])
    assert found.kind == Kind.LIMIT_CYCLE
    assert found.unstable == 1
    assert found.period == pytest.approx(2 * np.pi, rel=1e-9)
    np.testing.assert_allclose(np.hypot(*found.cycle.y), 0.5, rtol=1e-7)


def test_no_edge_inside_a_basin(rivals):
    att = find_attractors(rivals, samples=20)
    with pytest.raises(ValueError, match="`a` and `b` must go to different attractors; both go to 1"):
        edge_state(att, [3, -2], [5, 1])
    with pytest.raises(ValueError, match="`b` must be the id of one of the 2 attractors"):
        edge_state(att, 0, 2)
    np.testing.assert_allclose(edge_state(att, 0, 1).y, edge_state(att, att[0].y, att[1].y).y, atol=1e-12)
    assert edge_state(att, [3, -2], [-1, 5], timeout=0.0).status == Status.TIMEOUT


# Sweeps --------------------------------------------------------------------------------------------------------------


def test_ids_go_on_through_the_folds_of_one_neuron():
    values = np.linspace(-3.8, -2.2, 17)
    found = basin_sweep(CTRNN([[6.0]]), "biases[0]", values, samples=400)
    assert found.count == 2
    for value, ids in zip(values, found.ids, strict=True):
        assert ids.tolist() == [0] * int(value < UPPER) + [1] * int(value > LOWER)
    np.testing.assert_allclose(found.fractions.sum(axis=1), 1.0)


def test_fractions_are_those_of_the_unstable_equilibrium():
    """Which is the boundary of the two basins."""
    found = basin_sweep(CTRNN([[6.0]]), "biases[0]", np.linspace(-3.3, -2.7, 7), samples=500, box=[[-1, 7]])
    for v, each in enumerate(found.attractors):
        boundary = each.points.x[~each.points.stable][0, 0]
        assert found.fractions[v, 0] == np.mean(found.samples < boundary)
        np.testing.assert_array_equal(found.record(v, 1).y, each[1].y)


def test_an_id_goes_on_where_a_fixed_point_becomes_a_cycle():
    """x' = x (p - r^2) - y ..: a circle of radius sqrt(p) is born at the origin."""

    def hopf(t, y, u, params, out):
        growth = params[0] - y[0] * y[0] - y[1] * y[1]
        out[0] = growth * y[0] - y[1]
        out[1] = growth * y[1] + y[0]

    found = basin_sweep(DynamicalSystem(hopf, 2, params={"p": -0.2}), "p", [-0.2, -0.1, 0.05, 0.2], samples=30)
    assert [ids.tolist() for ids in found.ids] == [[0]] * 4
    assert [each[0].kind for each in found.attractors] == [Kind.FIXED_POINT] * 2 + [Kind.LIMIT_CYCLE] * 2


def test_sweeps_keep_what_is_finished(monkeypatch):
    module = basin_sweeps
    search, calls = module.find_attractors, []

    def third_is_stopped(*args, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return search(*args, **options)

    monkeypatch.setattr(module, "find_attractors", third_is_stopped)
    with pytest.raises(Interrupted) as raised:
        basin_sweep(CTRNN([[6.0]]), "biases[0]", [-3.6, -3.0, -2.4], samples=20)
    assert raised.value.result.values.tolist() == [-3.6, -3.0]
    assert basin_sweep(CTRNN([[6.0]]), "biases[0]", [-3.0], samples=20, timeout=0.0).labels.shape == (0, 20)
    with pytest.raises((KeyError, ValueError), match="bias"):
        basin_sweep(CTRNN([[6.0]]), "bias[0]", [1.0])


# Responses -----------------------------------------------------------------------------------------------------------


def multiply(t, y, u, params, out):
    n = y.size
    for i in range(n):
        out[i] = 0.0
        for j in range(n):
            out[i] += params[j * n + i] * y[j]


FLOW, MAP = (DynamicalSystem(multiply, 3, params={"A": np.eye(3)}, kind=kind) for kind in ("flow", "map"))


def test_response_of_a_shear():
    """exp(J t) = e^-t [[1, k t], [0, 1]]: growth is largest at t = sqrt(k^2 - 4) / k."""
    k = 9.0
    found = response(find_attractors(CTRNN([[0, k], [0, 0]], activation="tanh"), samples=20)[0])
    t = np.sqrt(k**2 - 4) / k
    assert found.growth_time == pytest.approx(t, rel=1e-6)
    assert found.growth == pytest.approx(np.exp(-t) * (k * t + k) / 2, rel=1e-10)
    assert (found.return_time, found.reactivity) == pytest.approx((1.0, k / 2 - 1))


@pytest.mark.parametrize("seed", range(3))
def test_response_of_random_flows_and_maps(seed):
    """By brute force over a fine grid of times, and over all iterations."""
    A = np.random.default_rng(seed).normal(size=(3, 3))
    J = A - (np.linalg.eigvals(A).real.max() + 0.3) * np.eye(3)
    found = response(find_attractors(FLOW.with_params({"A": J}), samples=10)[0])
    values, vectors = np.linalg.eig(J)
    grown = (vectors * np.exp(np.linspace(0, 20, 4001)[:, None, None] * values)) @ np.linalg.inv(vectors)
    assert found.growth == pytest.approx(np.linalg.norm(grown, 2, axis=(1, 2)).max(), rel=1e-5)
    assert found.return_time == pytest.approx(1 / 0.3, rel=1e-6)
    M = 0.9 * A / np.abs(np.linalg.eigvals(A)).max()
    found = response(find_attractors(MAP.with_params({"A": M}), samples=10)[0])
    powers = [np.linalg.norm(np.linalg.matrix_power(M, k), 2) for k in range(60)]
    assert found.growth == pytest.approx(max(powers), rel=1e-6)
    assert found.growth_time == int(np.argmax(powers))
    assert found.return_time == pytest.approx(-1 / np.log(0.9), rel=1e-6)


def test_response_of_a_circle(systems):
    """r' = r (r^2 - a)(1 - r^2): at r = 1 displacements shrink at the rate 2 (1 - a), and in no direction do they grow."""
    att = find_attractors(systems["nested circles"], box=[[-2, 2], [-2, 2]], samples=50)
    found = response(att[1])
    assert found.return_time == pytest.approx(1 / 1.5, rel=1e-6)
    assert found.reactivity == pytest.approx(-1.5, rel=1e-6)
    assert (found.growth, found.growth_time) == (1.0, 0.0)


def test_response_off_a_continuum(systems):
    found = response(find_attractors(systems["circle of rest"], samples=40)[0])
    assert found.return_time == pytest.approx(0.5, rel=1e-6)


def test_chaos_has_no_response(systems):
    with pytest.raises(ValueError, match="must be a fixed point or a cycle"):
        response(find_attractors(systems["odd cubic"].with_params([2.8]), samples=50)[0])
    with pytest.raises(TypeError, match="one of those that find_attractors found"):
        response(basins)
