"""Kinds and indices of points whose linearisation is known."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from analysis import linear_stability, stability
from ctrnn import CTRNN, DynamicalSystem


def turned(matrix, rng):
    """The same map in other orthonormal coordinates: nothing is triangular or diagonal any more."""
    q, _ = np.linalg.qr(rng.normal(size=np.shape(matrix)))
    return q @ np.asarray(matrix, dtype=float) @ q.T


KINDS = {
    "stable node": [[-1, 0], [0, -2]],
    "unstable node": [[1, 0], [0, 2]],
    "stable focus": [[-1, 2], [-2, -1]],
    "unstable focus": [[1, 2], [-2, 1]],
    "stable star": [[-3, 0], [0, -3]],
    "unstable star": [[3, 0], [0, 3]],
    "stable degenerate node": [[-1, 1], [0, -1]],
    "unstable degenerate node": [[1, 1], [0, 1]],
    "saddle": [[1, 0], [0, -2]],
    "centre": [[0, 2], [-2, 0]],
    "non-hyperbolic": [[0, 0], [0, -1]],
    "saddle-focus": [[1, 0, 0], [0, -1, 2], [0, -2, -1]],
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_flows_do_not_depend_on_coordinates(kind, rng):
    for _ in range(20):
        assert linear_stability(turned(KINDS[kind], rng)).kind == kind
    assert linear_stability(KINDS[kind]).kind == kind


MAPS = {
    "stable node": ([[0.5, 0], [0, -0.7]], 0),
    "unstable node": ([[1.5, 0], [0, -2]], 2),
    "saddle": ([[0.5, 0], [0, -2]], 1),
    "stable focus": ([[0.3, 0.4], [-0.4, 0.3]], 0),
    "unstable focus": ([[1, 1], [-1, 1]], 2),
    "centre": ([[0.6, 0.8], [-0.8, 0.6]], 0),
    "non-hyperbolic": ([[-1, 0], [0, 0.5]], 0),
}


@pytest.mark.parametrize("kind", MAPS)
def test_kinds_of_maps(kind, rng):
    matrix, index = MAPS[kind]
    found = linear_stability(turned(matrix, rng), kind="map")
    assert found.kind == kind
    assert found.index == index


@pytest.mark.parametrize("n", [1, 3, 10, 40])
def test_index_is_the_number_of_eigenvalues_to_the_right(n, rng):
    values = rng.uniform(0.1, 2, n) * rng.choice([-1, 1], n)
    basis = rng.normal(size=(n, n)) + 2 * n**0.5 * np.eye(n)
    found = linear_stability(basis @ np.diag(values) @ np.linalg.inv(basis))
    assert found.index == (values > 0).sum()
    assert found.stable == (values < 0).all()
    assert np.abs(found.eigenvalues.real - np.sort(values)[::-1]).max() <= found.threshold.max()


def test_the_threshold_holds_the_error_of_an_ill_conditioned_eigenvalue(rng):
    """A zero eigenvalue that rounding moves by 1e-9 is not taken for growth; 40 digits say where it is."""
    matrix = np.array([[-1.0, 1e7, 0.0], [0.0, -2.0, 1e7], [0.0, 0.0, 0.0]])
    matrix = turned(matrix, rng)
    with mpmath.workdps(40):
        exact, _ = mpmath.eig(mpmath.matrix(matrix.tolist()))
    true = np.sort([float(v.real) for v in exact])[::-1]
    found = linear_stability(matrix)
    assert (np.abs(found.eigenvalues.real - true) <= found.threshold).all()
    assert found.kind == "non-hyperbolic"
    assert found.index == 0


def test_time_scales_and_periods():
    found = linear_stability([[-0.5, 2, 0], [-2, -0.5, 0], [0, 0, -4]])
    assert np.allclose(found.time_scales, [2, 2, 0.25])
    assert np.allclose(found.periods, [np.pi, np.pi, np.inf])
    found = linear_stability([[0.5]], kind="map")
    assert np.allclose(found.time_scales, 1 / np.log(2))


def test_a_point_of_a_network_and_of_a_cycle_of_a_map():
    net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    found = stability(net, [2.75, 1.75])
    assert np.allclose(found.eigenvalues, [0.125 + 0.25j, 0.125 - 0.25j], atol=1e-15)
    assert found.kind == "unstable focus"

    def logistic_map(t, y, u, params, out):
        out[0] = params[0] * y[0] * (1 - y[0])

    r = 3.2
    cycle = ((r + 1) + np.sqrt((r - 3) * (r + 1))) / (2 * r)
    found = stability(DynamicalSystem(logistic_map, 1, params=[r], kind="map"), [cycle], period=2)
    assert abs(found.eigenvalues[0] - (4 + 2 * r - r * r)) < 1e-8  # by finite differences


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"`jacobian` must have shape"):
        linear_stability([[1, 2, 3]])
    with pytest.raises(ValueError, match=r"`jacobian\[0, 1\]` must be finite"):
        linear_stability([[1, np.nan], [0, 1]])
    with pytest.raises(ValueError, match="`period` has a meaning for maps only"):
        stability(CTRNN([[1.0]]), [0.0], period=2)
