"""Networks as graphs, and back to the last bit."""

import networkx
import numpy as np
import pytest

from ctrnn import CTRNN, from_networkx, random_ctrnn, to_networkx

ARRAYS = ("weights", "biases", "time_constants", "gains", "leaks", "constant_inputs", "noise")


@pytest.mark.parametrize("inputs", [None, 2])
def test_a_network_comes_back_to_the_last_bit(rng, inputs):
    net = random_ctrnn(5, rng, weights=(-3, 3), biases=(-2, 2), input_dim=inputs)
    net = net.replace(weights=np.where(rng.random((5, 5)) < 0.4, 0.0, net.weights), gains=rng.uniform(1, 2, 5),
                      leaks=rng.uniform(0.5, 1, 5), constant_inputs=rng.normal(size=5), activation="tanh")  # fmt: skip
    graph = to_networkx(net)
    again = from_networkx(graph)
    for name in ARRAYS:
        assert np.array_equal(getattr(again, name), getattr(net, name))
    assert np.array_equal(again.input_weights, net.input_weights)
    assert again.activation is net.activation
    assert graph.number_of_edges() == np.count_nonzero(net.weights) + (0 if inputs is None else 5 * inputs)
    assert graph[1][2]["weight"] == net.weights[2, 1] if net.weights[2, 1] else not graph.has_edge(1, 2)


def test_a_graph_of_networkx_is_its_matrix():
    graph = networkx.gnp_random_graph(6, 0.4, seed=1, directed=True)
    net = from_networkx(graph, activation="tanh")
    assert np.array_equal(net.weights, networkx.to_numpy_array(graph).T)
    pair = networkx.Graph()
    pair.add_edge("a", "b", strength=3.0)
    assert from_networkx(pair, weight="strength").weights.tolist() == [[0.0, 3.0], [3.0, 0.0]]


def test_what_is_no_network():
    with pytest.raises(TypeError, match="`graph`"):
        from_networkx(np.eye(2))
    with pytest.raises(ValueError, match="one edge at most"):
        from_networkx(networkx.MultiDiGraph())
    backwards = networkx.DiGraph([("x", "in")])
    backwards.nodes["in"]["kind"] = "input"
    with pytest.raises(ValueError, match="no edges that lead to it"):
        from_networkx(backwards)
    with pytest.raises((TypeError, ValueError), match="weight"):
        from_networkx(networkx.DiGraph([(0, 1, {"weight": "much"})]))
    with pytest.raises(TypeError, match="`net`"):
        to_networkx(3)


def test_without_the_package_the_pip_line_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ImportError, match=r'pip install "neural-attractors\[graphs\]"'):
        to_networkx(CTRNN([[0.0]]))
