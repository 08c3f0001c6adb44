"""Recalls and networks come back from files as they were, and nothing of size N x N is formed on the way."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest
from scipy import sparse

from hopfield import (
    DiscreteBAM,
    DiscreteHopfield,
    GradedBAM,
    GradedHopfield,
    load,
    load_memory,
    load_network,
    load_recall,
    patterns,
    save_memory,
    storkey,
)
from hopfield.couplings import Block, Dense, Sparse, as_coupling


def same(a, b):
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    return a == b


def test_a_recall_comes_back_as_it_was(tmp_path):
    xi = patterns.random(4, 30, rng=0)
    cues = patterns.flip(xi, 0.2, rng=1)
    made = [
        DiscreteHopfield.from_patterns(xi).recall(cues, rng=2, record=True),
        DiscreteHopfield.from_patterns(xi, "sequence").recall(cues, update="synchronous"),
        DiscreteHopfield(np.zeros((30, 30))).recall(cues),
        DiscreteBAM.from_pairs(xi, xi[:, :20]).recall(cues),
    ]
    for recall in made:
        recall.save(tmp_path / "recall.npz")
        assert same(load_recall(tmp_path / "recall.npz"), recall)
    assert not same(made[0], made[2])


def test_other_files_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", states=np.zeros(3))
    with pytest.raises(ValueError, match="not one that this project has written"):
        load_recall(tmp_path / "other.npz")


# Networks -------------------------------------------------------------------------------------------------------------


def ring(n):
    return sparse.diags_array([1.0, 1.0], offsets=[-1, 1], shape=(n, n))


XI, OTHER = patterns.random(4, 30, rng=0), patterns.random(4, 20, rng=1)
MADE = {
    "hebbian": lambda: DiscreteHopfield.from_patterns(XI),
    "binary": lambda: DiscreteHopfield.from_patterns(patterns.to_binary(XI), values="binary"),
    "storkey": lambda: DiscreteHopfield.from_patterns(XI, "storkey", diagonal=True),
    "sequence": lambda: DiscreteHopfield.from_patterns(XI, "sequence"),
    "sparse": lambda: DiscreteHopfield(Sparse(ring(30), scale=3), bias=0.5),
    "dense": lambda: DiscreteHopfield(Dense(np.ones((30, 30)), scale=7)),
    "block without layers": lambda: DiscreteHopfield(Block(np.ones((20, 10)))),
    "bam": lambda: DiscreteBAM.from_pairs(XI, OTHER),
    "bam, two matrices": lambda: DiscreteBAM.from_pairs(XI, OTHER, "bam_pseudo_inverse"),
}


def start(net):
    return {"probes": patterns.flip(XI, 0.2, rng=3)} if net.layers is None else {"a": patterns.flip(XI, 0.2, rng=3)}


@pytest.mark.parametrize("name", MADE)
def test_a_discrete_network_comes_back_as_it_was(name, tmp_path):
    net = MADE[name]()
    net.save(tmp_path / "net.npz")
    again = load_memory(tmp_path / "net.npz")
    assert type(again) is type(net)
    assert repr(again) == repr(net)
    assert again.layers == net.layers
    assert (again.patterns is None) == (net.patterns is None)
    probes = start(net)
    if net.values == "binary":
        probes = {"probes": patterns.to_binary(probes["probes"])}
    assert same(again.recall(**probes, rng=4), net.recall(**probes, rng=4))
    assert type(load(tmp_path / "net.npz")) is type(net)
    for copied in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert same(copied.recall(**probes, rng=4), net.recall(**probes, rng=4))


def test_couplings_of_graded_networks_keep_their_form(tmp_path):
    made = [
        GradedHopfield.from_patterns(XI, "hebbian"),
        GradedHopfield.from_patterns(XI, "storkey", activation="logistic"),
        GradedHopfield(Sparse(ring(30), scale=3), currents=0.1, gain=np.linspace(1, 2, 30), input_weights=np.ones((30, 2))),
        GradedBAM.from_pairs(XI, OTHER),
        GradedBAM.from_pairs(XI, OTHER, "bam_pseudo_inverse"),
        GradedHopfield.from_patterns(XI).with_params({"weights[0, 1]": 2.0}),
    ]
    for net in made:
        net.save(tmp_path / "net.npz")
        again = load_network(tmp_path / "net.npz")
        assert repr(again.couplings) == repr(net.couplings)
        assert isinstance(again.couplings, Block) == isinstance(net.couplings, Block)
        np.testing.assert_array_equal(again.params, net.params)
        assert again.input_dim == net.input_dim
        u = np.linspace(-1, 1, net.state_dim)
        np.testing.assert_array_equal(again.rhs(0.0, u), net.rhs(0.0, u))


@pytest.mark.parametrize("kind", [DiscreteHopfield, GradedHopfield])
def test_a_large_network_is_little_more_than_its_patterns(kind, tmp_path):
    """N = 10^5: as a matrix 80 GB, as patterns 2 MB, beside vectors of 0.8 MB."""
    xi = patterns.random(20, 100_000, rng=5)
    net = kind.from_patterns(xi, "hebbian")
    net.save(tmp_path / "net.npz")
    vectors = 1 if kind is DiscreteHopfield else 6
    assert (tmp_path / "net.npz").stat().st_size < 2.0e6 + vectors * 0.8e6 + 1e4
    again = load(tmp_path / "net.npz")
    assert np.shares_memory(again.patterns, again.couplings.left)
    probe = patterns.flip(xi[0], 0.2, rng=6)
    assert same(again.energy(probe), net.energy(probe))
    assert again.recall(probe).overlaps[0, 0] > 0.99


def test_damaged_networks_are_refused(tmp_path):
    net = DiscreteHopfield(storkey(XI), patterns=XI)
    net.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as archive:
        parts = dict(archive)
    del parts["couplings.core"], parts["couplings.left"]
    np.savez(tmp_path / "net.npz", **{**parts, "couplings.left": np.ones((3, 29))})
    with pytest.raises(ValueError, match="is damaged"):
        load_memory(tmp_path / "net.npz")
    with pytest.raises(ValueError, match="holds a memory, not a network; use `load_memory`"):
        load_network(tmp_path / "net.npz")
    with pytest.raises(TypeError, match="`network` must be a DiscreteHopfield or a DiscreteBAM; got int"):
        save_memory(3, tmp_path / "net.npz")


# Files that somebody has changed ----------------------------------------------------------------------------------------


def changed(path, change):
    """Write the file again with arrays changed."""
    with np.load(path) as archive:
        arrays = dict(archive)
    change(arrays)
    np.savez(path, **arrays)


def put(name, value):
    return lambda arrays: arrays.__setitem__(name, np.asarray(value))


MEMORY_CHANGES = {
    "indices": put("couplings.indices", [10**6, 0, 1, 2]),
    "negative indices": put("couplings.indices", [-7, 0, 1, 2]),
    "indptr": put("couplings.indptr", [0, 9, 2, 3, 4]),
    "data": put("couplings.data", [np.nan, 1.0, 1.0, 1.0]),
    "texts": put("couplings.data", ["a", "b", "c", "d"]),
    "shape": put("couplings.shape", [10**12, 10**12]),
    "scale": put("couplings.scale", np.nan),
    "no scale": put("couplings.scale", 0.0),
    "form": put("couplings.form", "cube"),
    "bias": put("bias", [np.inf] * 4),
    "long bias": put("bias", np.zeros(9)),
    "patterns": put("patterns", np.full((1, 4), 3, np.int8)),
    "missing": lambda arrays: arrays.pop("couplings.indptr"),
}


@pytest.mark.parametrize("change", MEMORY_CHANGES)
def test_changed_memories_are_refused(change, tmp_path):
    path = tmp_path / "memory.npz"
    ring = sparse.csr_array(([1.0] * 4, [1, 2, 3, 0], [0, 1, 2, 3, 4]), shape=(4, 4))
    DiscreteHopfield(ring, patterns=[[1, 1, -1, -1]]).save(path)
    assert load_memory(path).size == 4
    changed(path, MEMORY_CHANGES[change])
    with pytest.raises(ValueError, match=r"memory\.npz' is damaged"):
        load_memory(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", [99]), ("status", [0, 0]), ("status", [0.5]), ("energies", [np.nan]), ("states", np.ones(4)),
     ("periods", [[1]]), ("overlaps", np.ones(3)), ("trace.states", np.ones((1, 2, 3)))],
)  # fmt: skip
def test_changed_recalls_are_refused(name, value, tmp_path):
    path = tmp_path / "recall.npz"
    net = DiscreteHopfield.from_patterns([[1, 1, -1, -1]])
    net.recall([1, 1, -1, 1], record=True).save(path)
    assert load_recall(path).success.all()
    changed(path, put(name, value))
    with pytest.raises(ValueError, match=r"recall\.npz' is damaged"):
        load_recall(path)


def test_sparse_couplings_are_checked_and_owned():
    """Indices out of range, however they came there; what is changed later changes nothing."""
    w = sparse.csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
    net = DiscreteHopfield(w)
    w.data[:], w.indices[:] = 7.0, 0
    assert net.couplings.dense().tolist() == [[0, 1], [1, 0]]
    for place in ("data", "indices", "indptr"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(net.couplings.matrix, place)[0] = 5
    bad = sparse.csr_array(np.eye(3))
    bad.indices[1] = 10**6
    for make in (DiscreteHopfield, Sparse, lambda w: GradedHopfield(w), lambda w: DiscreteHopfield(w.T)):
        with pytest.raises(ValueError, match="is no valid sparse array"):
            make(bad)


def test_graphs_are_couplings():
    import networkx
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(3))
    graph.add_edge(0, 1, weight=2.0)
    assert as_coupling(graph).dense().tolist() == [[0, 0, 0], [2, 0, 0], [0, 0, 0]]
    assert DiscreteHopfield(networkx.cycle_graph(5)).couplings.symmetric
