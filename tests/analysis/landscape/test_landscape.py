"""Landscapes in closed form, with all their points: counts, indices, energies, barriers, trees."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy.optimize import brentq

from analysis import energy_landscape
from ctrnn import CTRNN
from hopfield import GradedHopfield

BALANCED = {  # temperature; index: (patterns mixed, points, overlap with each, energy per neuron)
    2: (0.25, {0: (1, 4, 0.99933, -0.326797), 1: (2, 4, 0.49966, -0.163399), 2: (0, 1, 0.0, 0.0)}),
    3: (0.6, {0: (1, 6, 0.90733, -0.108283), 1: (2, 12, 0.45367, -0.054142), 2: (3, 8, 0.37859, -0.052541),
              3: (0, 1, 0.0, 0.0)}),
}  # fmt: skip


@pytest.mark.parametrize("n", [1, 2, 12, 400])
def test_curie_and_weiss(n):
    beta, m = 2.0, 0.9575040240772688
    land = energy_landscape(GradedHopfield(np.full((n, n), 1 / n), gain=beta))
    barrier = m * m / 2 - (m * np.arctanh(m) + np.log(1 - m * m) / 2) / beta
    assert land.complete
    assert land.index.tolist() == [0, 0, 1]
    np.testing.assert_allclose(land.outputs, m * np.array([-1, 1, 0])[:, None] * np.ones(n), rtol=0, atol=1e-10)
    np.testing.assert_allclose(land.barriers[[0, 1], [1, 0]] / n, barrier, rtol=0, atol=1e-10)
    assert land.morse_sum == 1
    assert land.mirror.tolist() == [1, 0, 2]


@pytest.mark.parametrize(("n", "form"), [(8, "patterns"), (8, "matrix"), (8000, "patterns")])
@pytest.mark.parametrize("p", BALANCED)
def test_balanced_patterns(p, n, form, balanced):
    temperature, known = BALANCED[p]
    land = energy_landscape(balanced(p, n, temperature, form), samples=64 if n == 8 else 0)
    assert land.complete
    assert land.morse_sum == 1
    assert land.symmetric
    assert land.classes == 2 ** (p - 1)
    for index, (mixed, count, m, energy) in known.items():
        points = land.index == index
        assert points.sum() == count
        np.testing.assert_allclose(land.energy[points] / n, energy, rtol=0, atol=1e-6)
        overlaps = np.sort(np.abs(land.outputs[points] @ land.patterns.T / n), axis=1)
        np.testing.assert_allclose(overlaps, np.sort([0.0] * (p - mixed) + [m] * mixed)[None] + 0 * overlaps, atol=1e-5)
    assert sorted(label.kind for label in land.labels) == ["pattern"] * p + ["reversed"] * p
    assert (land.joins >= 0).all()
    height = (known[1][3] - known[0][3]) * n
    off = ~np.eye(2 * p, dtype=bool)
    np.testing.assert_allclose(land.barriers[off], height, rtol=1e-5)
    assert [len(basin.parts) for basin in land.tree] == [2 * p]


@pytest.mark.parametrize("n", [1, 3, 5])
def test_decoupled_units_make_a_hypercube(n):
    """3^N points, C(N, k) 2^(N-k) of index k; all passes between neighbours are equally high."""
    land = energy_landscape(CTRNN(8 * np.eye(n), biases=-4.0), samples=2000)
    assert land.complete
    assert np.bincount(land.index).tolist() == [comb(n, k) * 2 ** (n - k) for k in range(n + 1)]
    assert land.morse_sum == 1
    corners = land.minima > 4
    assert np.abs(np.diff(land.joins, axis=1)).all()
    flips = (corners[land.joins[:, 0]] != corners[land.joins[:, 1]]).sum(axis=1)
    assert (flips == 1).all()
    assert len(land.joins) == n * 2 ** (n - 1)
    assert [len(basin.parts) for basin in land.tree] == [2**n]
    off = ~np.eye(2**n, dtype=bool)
    assert np.ptp(land.barriers[off]) < 1e-12
    assert np.ptp(land.energy[:: 3**n - 1]) >= 0
    exact = 2.0**-n
    spread = np.sqrt(exact * (1 - exact) / 2000)
    assert np.abs(land.volumes.share - exact).max() < 5 * spread
    assert land.volumes.undecided == 0


@pytest.mark.parametrize(
    ("activation", "v", "energy"), [("arctangent", 0.57287298, -0.05300983), ("tanh", 0.8145285312, -0.1144208035)]
)
def test_the_two_units_of_hopfield(activation, v, energy):
    land = energy_landscape(GradedHopfield([[0, 1], [1, 0]], gain=1.4, activation=activation))
    np.testing.assert_allclose(land.outputs, v * np.array([[-1, -1], [1, 1], [0, 0]]), rtol=0, atol=1e-8)
    np.testing.assert_allclose(land.energy, [energy, energy, 0.0], rtol=0, atol=1e-8)
    assert land.joins.tolist() == [[0, 1]]


def test_the_surface_of_mueller_and_brown(valley):
    """A user's own system; figures as the literature has them."""
    land = energy_landscape(valley, bounds=[[-2, 1.5], [-0.5, 2.2]])
    np.testing.assert_allclose(land.energy, [-146.6995, -108.1667, -80.7678, -72.2489, -40.6648], rtol=0, atol=1e-4)
    expected = [[-0.5582, 1.4417], [0.6235, 0.0280], [-0.0500, 0.4667], [0.2125, 0.2930], [-0.8220, 0.6243]]
    np.testing.assert_allclose(land.x, expected, rtol=0, atol=6e-5)
    assert land.joins.tolist() == [[1, 2], [0, 2]]
    assert land.passes[0, 1] == land.energy[4]
    assert [basin.minima for basin in land.tree] == [(1, 2), (0, 1, 2)]
    assert not land.complete
    assert land.missed == 0


def test_a_ring_of_minima_is_one_unresolved_set(hat):
    land = energy_landscape(hat, samples=50, starts=200)
    assert len(land.x) == 1
    assert len(land.unresolved) == 1
    np.testing.assert_allclose(land.unresolved[0].upper - land.unresolved[0].lower, 2.0, atol=0.1)
    assert "not isolated" in land.reason
    assert land.volumes.undecided == 50
    assert "1 unresolved" in repr(land)


def test_a_line_of_minima_is_one_unresolved_set():
    net = GradedHopfield([[1.0, 0.0], [0.0, 0.5]], activation="linear")  # E does not depend on the first unit
    land = energy_landscape(net, bounds=(-1, 1), samples=0)
    assert not land.complete
    assert len(land.x) == 0
    assert len(land.unresolved) == 1


# Soft directions ------------------------------------------------------------------------------------------------------


def test_a_ring_of_minima_with_tiny_barriers():
    """2 cos(th_i - th_j) / 20: minima and saddles lie on the circle u = r cos(th - psi), at psi = pi k / 20."""
    n = 20
    angles = 2 * np.pi * np.arange(n) / n
    land = energy_landscape(GradedHopfield(2 * np.cos(angles[:, None] - angles) / n, gain=2.0), samples=100)
    assert land.complete
    assert np.bincount(land.index).tolist() == [n, n, 1]

    def on_the_circle(psi):
        """E at the stationary point r of the direction psi: r = sum_j 2/n cos(th_j - psi) tanh(2 r cos(th_j - psi))."""
        c = np.cos(angles - psi)
        r = brentq(lambda r: 2 / n * c @ np.tanh(2 * r * c) - r, 0.5, 2.0, xtol=1e-15)
        u, v = r * c, np.tanh(2 * r * c)
        fields = 2 * np.cos(angles[:, None] - angles) / n @ v
        return (-v @ fields / 2 + (u * v - np.log(np.cosh(2 * u)) / 2).sum()), np.abs(fields - u).max()

    energies = []
    for psi in (0.0, np.pi / n):
        energy, residual = on_the_circle(psi)
        assert residual < 1e-12
        energies.append(energy)
    height = abs(energies[1] - energies[0])
    assert height == pytest.approx(1.2287e-5, rel=1e-4)
    barriers = land.barriers[~np.eye(n, dtype=bool)]
    np.testing.assert_allclose(barriers, height, rtol=1e-6)
    assert len(land.tree) == 1
    assert len(land.tree[0].minima) == n
    assert (np.bincount(land.joins.ravel()) == 2).all()  # a ring
    assert land.volumes.undecided == 0


@pytest.mark.parametrize("weights", [[[1.0]], [[0.0, 1.0], [1.0, 0.0]]])
def test_a_quartic_minimum_is_one(weights):
    """At the bifurcation E = u^4 / 12 to leading order; below it (the control) the origin is proved."""
    land = energy_landscape(GradedHopfield(weights), samples=50)
    assert land.index.tolist() == [0]
    np.testing.assert_allclose(land.x, 0.0, atol=1e-4)
    assert not land.certified.any()
    assert not land.complete
    assert "no curvature along one direction" in land.reason
    assert land.volumes.counts.tolist() == [50]
    assert energy_landscape(GradedHopfield(weights, gain=0.9), samples=0).complete


def test_a_flat_saddle_is_no_minimum():
    """Flat along the first unit, falling along the second; and u^3 at a fold, from which one side leaves."""
    land = energy_landscape(GradedHopfield([[1.0, 0.0], [0.0, 2.0]]), samples=0)
    assert np.abs(land.minima[:, 1]).min() > 1
    gain = 2.0
    x = np.arccosh(np.sqrt(gain))  # where g (1 - tanh^2 x) = 1
    fold = energy_landscape(GradedHopfield([[1.0]], x / gain - np.tanh(x), gain=gain), samples=0)
    assert (fold.index == 0).sum() == 1
    assert abs(fold.minima[0, 0] - x / gain) > 0.1
