"""Transient growth against the singular values of matrix exponentials and powers."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import basins, find_attractors, response
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem


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
