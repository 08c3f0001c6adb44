"""Genomes of neat-python as rate networks, and back; neat is not imported."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.validation import Floats, as_count, as_instance
from recurrent.rate import RateNetwork

SLOPES = {"sigmoid": ("logistic", 5.0), "tanh": ("tanh", 2.5), "identity": ("linear", 1.0), "relu": ("relu", 1.0)}
SUM = "sum"


def from_neat(genome: Any, config: Any) -> RateNetwork:
    """Return the network that a genome of neat-python describes as a CTRNN, ``tau x' = -x + f(beta + rho (W x + V u))``.

    States are in the order of the genome's output keys, then of the others; inputs in that of its input keys. neat's
    "sigmoid" is s(5 z), its "tanh" tanh(2.5 z): the slopes are multiplied into the weights.

    Parameters
    ----------
    genome : neat.DefaultGenome
        Its nodes have one activation, of "sigmoid", "tanh", "identity" and "relu", and add up what they hear. Connections
        that are not enabled are left out.
    config : neat.Config

    Notes
    -----
    What neat's program computes is another matter: it advances at half the speed, clamps what it exponentiates, and keeps
    nodes to which nothing leads at 0.

    Examples
    --------
    >>> from types import SimpleNamespace as Thing
    >>> from recurrent import from_neat
    >>> node = Thing(bias=0.1, response=1.0, activation="sigmoid", aggregation="sum", time_constant=2.0)
    >>> genome = Thing(nodes={0: node}, connections={(-1, 0): Thing(key=(-1, 0), weight=0.5, enabled=True)})
    >>> config = Thing(genome_config=Thing(input_keys=[-1], output_keys=[0]))
    >>> from_neat(genome, config).input_weights
    array([[2.5]])
    """
    inputs, outputs = _keys(config)
    nodes = genome.nodes
    missing = [key for key in outputs if key not in nodes]
    if missing:
        raise ValueError(f"`genome` has no node {missing[0]}, which is an output of `config`.")
    order = [*outputs, *sorted(key for key in nodes if key not in outputs)]
    kinds = sorted({nodes[key].activation for key in order})
    if len(kinds) != 1 or kinds[0] not in SLOPES:
        raise ValueError(f"`genome` must have nodes of one activation, of {', '.join(SLOPES)}; got {', '.join(kinds)}.")
    others = [key for key in order if nodes[key].aggregation != SUM]
    if others:
        raise ValueError(f"`genome` must add up what its nodes hear; node {others[0]} has {nodes[others[0]].aggregation!r}.")
    name, slope = SLOPES[kinds[0]]
    places = {key: i for i, key in enumerate(order)} | {key: k for k, key in enumerate(inputs)}
    W, V = np.zeros((len(order), len(order))), np.zeros((len(order), len(inputs)))
    for gene in genome.connections.values():
        a, b = gene.key
        if gene.enabled:
            (V if a in inputs else W)[places[b], places[a]] = slope * nodes[b].response * gene.weight
    biases = [slope * nodes[key].bias for key in order]
    taus = [getattr(nodes[key], "time_constant", 1.0) for key in order]
    return RateNetwork(W, input_weights=V, biases=biases, time_constants=taus, activation=name)


def to_neat(network: RateNetwork, config: Any, key: int = 0) -> Any:
    """Return the genome of neat-python that describes a rate network: the inverse of `from_neat`.

    Its first states are the outputs, its responses 1; weights that are 0 are no connections. Innovation numbers count the
    connections: a population that is to cross such genomes needs numbers of its own.

    Parameters
    ----------
    network : RateNetwork
    config : neat.Config
        With as many inputs as the network has, and at most as many outputs as it has states.
    key : int

    Examples
    --------
    >>> from recurrent import RateNetwork, to_neat
    >>> try:
    ...     to_neat(RateNetwork([[0.0]]), None)
    ... except TypeError as error:
    ...     print(error)
    `config` must be that of neat-python; got NoneType.
    """
    as_instance(network, "network", RateNetwork)
    inputs, outputs = _keys(config)
    n, m = network.state_dim, network.input_dim
    if m != len(inputs) or n < len(outputs):
        raise ValueError(f"`config` has {len(inputs)} inputs and {len(outputs)} outputs; the network {m}, and {n} states.")
    kind = next((kind for kind, (name, _) in SLOPES.items() if name == network.activation.name), None)
    if kind is None:
        raise ValueError(f"`network` has the activation {network.activation.name!r}, which neat does not know.")
    slope, own = SLOPES[kind][1], config.genome_config
    genome = config.genome_type(as_count(key, "key"))
    first = 1 + max([*outputs, -1])
    order = [*outputs, *range(first, first + n - len(outputs))]
    biases, taus, V, W = (network.param(part) for part in ("biases", "time_constants", "input_weights", "weights"))
    for i, name in enumerate(order):
        gene = own.node_gene_type(name)
        gene.bias, gene.response, gene.activation, gene.aggregation = float(biases[i]) / slope, 1.0, kind, SUM
        gene.time_constant = float(taus[i])
        genome.nodes[name] = gene
    for matrix, sources in ((V, inputs), (W, order)):
        _connect(genome, own, matrix / slope, sources, order)
    return genome


def _connect(genome: Any, config: Any, weights: Floats, sources: list[int], order: list[int]) -> None:
    """Add the connections of a matrix to a genome."""
    for i, j in np.argwhere(weights != 0.0):
        pair = sources[j], order[i]
        gene = config.connection_gene_type(pair, innovation=len(genome.connections) + 1)
        gene.weight, gene.enabled = float(weights[i, j]), True
        genome.connections[pair] = gene


def _keys(config: Any) -> tuple[list[int], list[int]]:
    own: Any = getattr(config, "genome_config", None)
    if not hasattr(own, "input_keys") or not hasattr(own, "output_keys"):
        raise TypeError(f"`config` must be that of neat-python; got {type(config).__name__}.")
    return list(own.input_keys), list(own.output_keys)
