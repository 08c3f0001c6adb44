"""Ways down, lowest passes, trees, paths, labels, volumes: against independent ways to say the same."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from analysis import energy_landscape
from analysis.landscape.tree import superbasins
from hopfield import GradedHopfield, measures, patterns
from hopfield.couplings import LowRank
from neurodynamics import simulate


@pytest.mark.parametrize("seed", range(4))
def test_a_landscape_of_ten_units(seed, symmetric):
    land = energy_landscape(symmetric(10, seed), samples=300)
    assert land.complete
    assert land.morse_sum == 1
    assert land.symmetric
    assert (land.joins >= 0).all()
    heights = land.energy[land.saddles]
    assert (heights[:, None] > land.energy[land.joins]).all()
    assert len(land.tree) == 0 or len(land.tree[-1].minima) == len(land.minima)
    assert land.volumes.undecided == 0


def test_ways_down_are_those_of_an_accurate_integration(symmetric):
    net = symmetric(10, 1, gain=8.0)
    land = energy_landscape(net, samples=0)
    assert len(land.saddles) > 5
    for saddle, joins in zip(land.saddles, land.joins, strict=True):
        values, vectors = np.linalg.eig(net.jac(0.0, land.x[saddle]))
        direction = vectors[:, values.real.argmax()].real
        ends = []
        for side in (1, -1):
            run = simulate(net, 400.0, land.x[saddle] + side * 1e-6 * direction, method="dop853", rtol=1e-11, atol=1e-13)
            distance = np.linalg.norm(land.minima - run.y[:, -1], axis=1)
            assert distance.min() < 1e-4
            ends.append(int(distance.argmin()))
        assert sorted(ends) == joins.tolist()


def test_volumes_are_those_of_an_accurate_integration(symmetric):
    """The same random states, with steps of a hundredth of the error."""
    net = symmetric(8, 3)
    land = energy_landscape(net, samples=400, rng=7)
    states = np.arctanh(np.random.default_rng(7).uniform(-1, 1, (400, 8))) / net.gains
    final = np.array([simulate(net, 300.0, y, rtol=1e-10, atol=1e-12).y[:, -1] for y in states[:400]])
    near = np.linalg.norm(final[:, None] - land.minima[None], axis=2).argmin(axis=1)
    exact = np.bincount(near, minlength=len(land.minima))
    assert np.abs(exact - land.volumes.counts).sum() <= 8  # near the boundaries
    assert (land.volumes.low <= land.volumes.share).all()
    assert (land.volumes.high >= land.volumes.share).all()


def test_intervals_are_those_of_wilson():
    net = GradedHopfield([[0, 1], [1, 0]], gain=3.0)
    volumes = energy_landscape(net, samples=200).volumes
    low, high = measures.wilson(volumes.counts, 200)
    np.testing.assert_allclose(volumes.low, low, atol=1e-12)
    np.testing.assert_allclose(volumes.high, high, atol=1e-12)


def random_joins(rng, count=12, saddles=30):
    joins = rng.integers(0, count, size=(saddles, 2))
    joins[3] = (-1, 2)
    return joins, np.round(rng.uniform(0, 5, saddles), 1)  # some are equal


def test_passes_are_the_bottlenecks_of_the_graph(rng):
    """Against Floyd and Warshall's algorithm with max in place of +."""
    joins, energy = random_joins(rng)
    tree, passes = superbasins(12, np.arange(30), energy, joins, 5.0)
    expected = np.full((12, 12), np.inf)
    for (a, b), e in zip(joins, energy, strict=True):
        if a >= 0 and a != b:
            expected[a, b] = expected[b, a] = min(expected[a, b], e)
    for k in range(12):
        expected = np.minimum(expected, np.maximum(expected[:, k, None], expected[None, k]))
    off = ~np.eye(12, dtype=bool)
    np.testing.assert_array_equal(passes[off], expected[off])
    assert np.isnan(passes.diagonal()).all()
    for basin in tree:
        inside = [tree[part - 12].minima if part >= 12 else (part,) for part in basin.parts]
        assert sorted(sum(inside, ())) == list(basin.minima)
        assert all(passes[a, b] == basin.energy for p in inside for q in inside if p is not q for a in p for b in q)
        assert all(tree[part - 12].energy < basin.energy for part in basin.parts if part >= 12)


def test_the_graph_for_networkx(symmetric):
    land = energy_landscape(symmetric(10, 1, gain=8.0), samples=0)
    graph = land.to_networkx()
    assert graph.number_of_nodes() == len(land.minima)
    assert graph.number_of_edges() == len(land.saddles)
    lowest = nx.minimum_spanning_tree(nx.Graph((a, b, {"weight": w}) for a, b, w in
                                               sorted(graph.edges(data="energy"), key=lambda e: -e[2])))  # fmt: skip
    for a in range(1, len(land.minima)):
        way = nx.shortest_path(lowest, 0, a)
        top = max(lowest.edges[pair]["weight"] for pair in zip(way, way[1:], strict=False))
        assert top == pytest.approx(land.passes[0, a], abs=1e-12)
    assert land.graph.nnz == 2 * nx.Graph(graph).number_of_edges() - 2 * nx.number_of_selfloops(nx.Graph(graph))


def test_a_path_goes_over_the_lowest_pass(symmetric):
    net = symmetric(10, 1, gain=8.0)
    land = energy_landscape(net, samples=0)
    last = len(land.minima) - 1
    path = land.path(0, last)
    assert path.points[[0, -1]].tolist() == [0, last]
    assert path.top == pytest.approx(land.passes[0, last], abs=1e-12)
    assert path.height == pytest.approx(land.barriers[0, last], abs=1e-12)
    np.testing.assert_allclose(path.states[path.marks], land.x[path.points], atol=1e-12)
    np.testing.assert_allclose(path.energy, net.energy(path.states), atol=1e-12)
    for a, b in zip(path.marks, path.marks[1:], strict=False):
        steps = np.diff(path.energy[a : b + 1])
        assert (steps > -1e-9).all() or (steps < 1e-9).all()
    lengths = np.linalg.norm(np.diff(net.outputs(path.states.T).T, axis=0), axis=1)
    np.testing.assert_allclose(np.diff(path.s), lengths, atol=1e-12)


def test_a_path_to_where_one_is(symmetric):
    path = energy_landscape(symmetric(6, 1), samples=0).path(0, 0)
    assert path.height == 0
    assert path.s[-1] == 0


def test_a_path_in_a_large_network(balanced):
    land = energy_landscape(balanced(2, 2000, 0.25), samples=0)
    path = land.path(0, 3)
    assert path.states.shape[1] == 2000
    assert path.height / 2000 == pytest.approx(0.326797 - 0.163399, abs=1e-5)


def test_labels_are_those_of_the_measures():
    xi = patterns.random(5, 40, rng=3)
    net = GradedHopfield(LowRank(xi, scale=40, diagonal=0.0), gain=12.0, patterns=xi)
    land = energy_landscape(net, samples=0, timeout=20)
    spins = np.where(land.outputs[: len(land.minima)] >= 0, 1, -1)
    known = measures.classify(spins, xi)
    assert [str(label.kind) for label in land.labels] == [str(kind) for kind in known.kinds]
    assert {"pattern", "reversed", "mixture"} <= {str(label.kind) for label in land.labels}
    for label, nearest, members in zip(land.labels, known.nearest, known.members, strict=True):
        if label.kind in ("pattern", "reversed"):
            assert label.name.endswith(f" {nearest}")
        elif label.kind == "mixture":
            assert all(str(number) in label.name for number, _ in members)


def test_overlaps_are_those_of_the_network():
    xi = patterns.random(3, 30, rng=0)
    net = GradedHopfield.from_patterns(xi, "hebbian", gain=10.0, activation="logistic")
    land = energy_landscape(net, samples=0)
    np.testing.assert_allclose(land.overlaps, net.overlaps(land.minima), atol=1e-12)


# Without proof --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_a_search_without_proof_finds_nearly_the_same(seed, symmetric):
    net = symmetric(10, seed)
    land, proved = energy_landscape(net, certify=False, starts=64, samples=100), energy_landscape(net, samples=0)
    assert not land.complete
    for index, least in ((0, 1.0), (1, 1.0)):
        known = proved.x[proved.index == index]
        found = land.x[land.index == index]
        gap = np.abs(known[:, None] - found[None]).max(axis=2)
        assert (gap.min(axis=1) < 1e-8).mean() >= least
        assert (gap.min(axis=0) < 1e-8).all()  # and nothing that is not there


@pytest.mark.parametrize("diagonal", [None, 0.0])
def test_overlaps_are_enough(diagonal, rng):
    """All different neurons, three patterns: the search in three variables finds what the certified one proves."""
    xi = patterns.random(3, 14, rng=5)
    for _ in range(5):  # rarely a draw lies so near a bifurcation that nothing is certified
        net = GradedHopfield(LowRank(xi, scale=14, diagonal=diagonal), gain=rng.uniform(3.0, 5.0, 14), patterns=xi)
        proved = energy_landscape(net, certify=True, samples=0)
        if proved.complete:
            break
    assert proved.complete
    land = energy_landscape(net, certify=False, starts=1, samples=64)
    assert land.classes == 14
    gap = np.abs(land.x[:, None] - proved.x[None]).max(axis=2)
    assert gap.min(axis=1).max() < 1e-8
    assert len(land.x) == len(proved.x)
    assert (land.index == proved.index[gap.argmin(axis=1)]).all()
    assert land.symmetric


def test_many_different_neurons_and_few_patterns(rng):
    """No matrix of neurons is formed; the index is that of the whole network, and minima are where recall ends."""
    xi = patterns.random(3, 600, rng=5)
    net = GradedHopfield(LowRank(xi, scale=600, diagonal=0.0), gain=rng.uniform(3.0, 5.0, 600), patterns=xi)
    land = energy_landscape(net, samples=10)
    assert land.classes == 600
    assert land.morse_sum == 1
    assert [net.landscape.index(u) for u in land.x] == land.index.tolist()
    assert np.abs(net.landscape.gradient(land.x)).max() < 1e-9
    names = [label.name for label in land.labels]
    recall = net.recall(xi.astype(float), tolerance=1e-11)
    for k in range(3):
        np.testing.assert_allclose(recall.states[k], land.x[names.index(f"pattern {k}")], atol=1e-8)
    assert (land.joins >= 0).all()
