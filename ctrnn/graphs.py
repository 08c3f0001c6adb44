"""Networks as graphs of networkx, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ctrnn.conversions import require_ctrnn
from ctrnn.network import CTRNN
from neurodynamics.extras import extra_package
from neurodynamics.validation import as_number

VECTORS = {"bias": "biases", "time_constant": "time_constants", "gain": "gains", "leak": "leaks",
           "constant_input": "constant_inputs", "noise": "noise"}  # fmt: skip
KIND, INPUT = "kind", "input"  # of nodes that stand for inputs


def to_networkx(net: CTRNN) -> Any:
    """Return a ``networkx.DiGraph``: a node i for each neuron, an edge from j to i with ``weight`` for each connection.

    Neurons carry ``bias``, ``time_constant``, ``gain``, ``leak``, ``constant_input`` and ``noise``. Inputs with weights
    are nodes ``"input 0"``, .. of the ``kind`` "input". Connections of weight 0 are no edges. The graph's ``activation`` is
    a name. Needs the package networkx: ``pip install "neural-attractors[graphs]"``.

    Examples
    --------
    >>> from ctrnn import CTRNN, to_networkx
    >>> list(to_networkx(CTRNN([[0.0, 2.0], [0.0, -1.0]])).edges(data="weight"))
    [(1, 0, 2.0), (1, 1, -1.0)]
    """
    require_ctrnn(net)
    graph = _networkx().DiGraph(activation=net.activation.name)
    for i in range(net.state_dim):
        graph.add_node(i, **{name: float(getattr(net, array)[i]) for name, array in VECTORS.items()})
    for i, j in np.argwhere(net.weights.T != 0.0):
        graph.add_edge(int(i), int(j), weight=float(net.weights[j, i]))
    if "input_weights" in net.layout.shapes:
        for k in range(net.input_dim):
            graph.add_node(f"input {k}", **{KIND: INPUT})
            for i in np.flatnonzero(net.input_weights[:, k]).tolist():
                graph.add_edge(f"input {k}", i, weight=float(net.input_weights[i, k]))
    return graph


def from_networkx(graph: Any, *, weight: str = "weight", activation: Any = None) -> CTRNN:
    """Return the network of a graph: an edge from a to b with a weight is the connection from a to b.

    Parameters
    ----------
    graph : networkx.DiGraph
        Neurons are in the order of its nodes. What a node does not carry (see `to_networkx`) has the default of a CTRNN; an
        edge without a weight has 1. Edges of an undirected graph go both ways.
    weight : str
        The attribute of edges that holds the weight.
    activation : str or Activation, optional
        By default the one that the graph names, else the logistic function.

    Examples
    --------
    >>> import networkx
    >>> from ctrnn import from_networkx
    >>> from_networkx(networkx.DiGraph([("a", "b")])).weights.tolist()
    [[0.0, 0.0], [1.0, 0.0]]
    """
    if not hasattr(graph, "nodes") or not hasattr(graph, "is_directed"):
        raise TypeError(f"`graph` must be a graph of networkx; got {type(graph).__name__}.")
    if graph.is_multigraph():
        raise ValueError("`graph` must have one edge at most between two nodes; add up those of the multigraph.")
    kinds = dict(graph.nodes(data=KIND))
    inputs = {node: k for k, node in enumerate(node for node, kind in kinds.items() if kind == INPUT)}
    neurons = {node: i for i, node in enumerate(node for node, kind in kinds.items() if kind != INPUT)}
    W, V = np.zeros((len(neurons), len(neurons))), np.zeros((len(neurons), len(inputs)))
    for a, b, value in (graph if graph.is_directed() else graph.to_directed()).edges(data=weight, default=1.0):
        if b in inputs:
            raise ValueError(f"`graph`: the input {b!r} must have no edges that lead to it; got one from {a!r}.")
        matrix, column = (V, inputs[a]) if a in inputs else (W, neurons[a])
        matrix[neurons[b], column] = as_number(value, f"{weight}[{a!r}, {b!r}]")
    vectors = {array: _vector(graph, neurons, name, _default(array)) for name, array in VECTORS.items()}
    chosen = graph.graph.get("activation", "logistic") if activation is None else activation
    return CTRNN(W, input_weights=V if inputs else None, activation=chosen, **vectors)


def _vector(graph: Any, neurons: dict[Any, int], name: str, default: float) -> list[float]:
    """Return an attribute of all neurons."""
    given = graph.nodes(data=name, default=default)
    return [as_number(value, f"{name}[{node!r}]") for node, value in given if node in neurons]


def _default(array: str) -> float:
    return 1.0 if array in ("time_constants", "gains", "leaks") else 0.0


def _networkx() -> Any:
    return extra_package("networkx", "graphs", "graphs need the package networkx")
