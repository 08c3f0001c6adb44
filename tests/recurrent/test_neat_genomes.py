"""Genomes of neat-python: against the equations of its nodes, written out; with stand-ins for its classes."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from neurodynamics import simulate
from recurrent import RateNetwork, from_neat, to_neat


class Gene(SimpleNamespace):
    def __init__(self, key, innovation=None):
        super().__init__(key=key, innovation=innovation)


class Genome(SimpleNamespace):
    def __init__(self, key):
        super().__init__(key=key, nodes={}, connections={})


CONFIG = SimpleNamespace(genome_type=Genome, genome_config=SimpleNamespace(
    input_keys=[-1, -2], output_keys=[0, 1], node_gene_type=Gene, connection_gene_type=Gene))  # fmt: skip


def node(bias, response, tau, activation="sigmoid"):
    return SimpleNamespace(bias=bias, response=response, activation=activation, aggregation="sum", time_constant=tau)


def genome(activation="sigmoid"):
    links = {(-1, 0): 0.7, (-2, 5): -1.1, (5, 0): 0.9, (0, 5): -0.4, (5, 5): 0.3, (5, 1): 1.3, (-1, 1): 2.0}
    return SimpleNamespace(
        nodes={5: node(0.2, 1.5, 0.7, activation), 0: node(-0.1, 1.0, 1.0, activation), 1: node(0.3, 0.8, 2.0, activation)},
        connections={pair: SimpleNamespace(key=pair, weight=w, enabled=pair != (-1, 1)) for pair, w in links.items()},
    )


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_its_nodes_follow_their_equations(activation):
    """Each node by itself: tau x' = -x + f(bias + response * sum), Euler's method in plain Python."""
    given = genome(activation)
    shape = {"sigmoid": lambda z: 1 / (1 + math.exp(-5 * z)), "tanh": lambda z: math.tanh(2.5 * z)}[activation]
    values, inputs, dt = dict.fromkeys(given.nodes, 0.0), {-1: 0.4, -2: -0.6}, 0.05
    for _ in range(200):
        old = values | inputs
        for key, own in given.nodes.items():
            heard = sum(gene.weight * old[a] for (a, b), gene in given.connections.items() if b == key and gene.enabled)
            values[key] += dt / own.time_constant * (-old[key] + shape(own.bias + own.response * heard))
    net = from_neat(given, CONFIG)
    run = simulate(net, 10, np.zeros(3), inputs=[0.4, -0.6], method="euler", dt=dt)
    assert run.final == pytest.approx([values[key] for key in (0, 1, 5)], abs=1e-12)


def test_a_network_goes_out_and_comes_back(rng):
    net = RateNetwork(rng.normal(size=(4, 4)), rng.normal(size=(4, 2)), rng.normal(size=4), rng.uniform(0.5, 2, 4),
                      activation="logistic")  # fmt: skip
    given = to_neat(net, CONFIG, key=7)
    assert given.key == 7
    assert list(given.nodes) == [0, 1, 2, 3]
    assert len(given.connections) == 24
    assert sorted(gene.innovation for gene in given.connections.values()) == list(range(1, 25))
    again = from_neat(given, CONFIG)
    assert again.params == pytest.approx(net.params, rel=1e-15)


def test_what_has_no_equal():
    mixed = genome()
    mixed.nodes[5].activation = "tanh"
    product = genome()
    product.nodes[1].aggregation = "product"
    empty = SimpleNamespace(nodes={0: node(0, 1, 1)}, connections={})
    for given, words in ((mixed, "one activation"), (product, "node 1 has 'product'"), (empty, "no node 1")):
        with pytest.raises(ValueError, match=words):
            from_neat(given, CONFIG)
    with pytest.raises(ValueError, match="2 inputs and 2 outputs"):
        to_neat(RateNetwork([[0.0]], [[1.0]]), CONFIG)
    with pytest.raises(ValueError, match="does not know"):
        to_neat(RateNetwork(np.zeros((2, 2)), np.zeros((2, 2)), activation="softplus"), CONFIG)
