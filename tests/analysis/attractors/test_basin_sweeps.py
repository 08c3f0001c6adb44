"""Attractors followed along a parameter: through folds, and where a fixed point becomes a cycle."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import basin_sweep
from analysis.attractors import basin_sweeps
from ctrnn import CTRNN, Interrupted
from neurodynamics import DynamicalSystem, Kind

LOWER, UPPER = -3.41509291064406, -2.58490708935594  # folds of one neuron with w = 6, closed form


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
