"""Signal-flow graphs: their adjoints against backpropagation through time, and against transfer functions."""

from __future__ import annotations

import numpy as np
import pytest

from learning import Arc, FlowGraph, flow_graph, gradient
from learning.losses import MeanSquare
from neurodynamics import Sampled, activation
from recurrent import Elman, FullyRecurrent, IndRNN

T = 12


def network(rng, kind):
    more = {"output_weights": rng.normal(size=(2, 4)), "output_biases": rng.normal(size=2)} if kind is Elman else {}
    return kind(rng.normal(size=(4, 4)), rng.normal(size=(4, 2)), biases=rng.normal(size=4), **more)


def random_graph(rng, nodes=6, arcs=14):
    """Loops have delays: arcs without one lead on."""
    made = []
    for _ in range(arcs):
        a, b = rng.integers(nodes, size=2)
        delay = int(rng.integers(1, 4)) if b <= a else int(rng.integers(3))
        phi = [None, activation("tanh"), activation("logistic")][rng.integers(3)]
        made.append(Arc(f"n{a}", f"n{b}", float(rng.normal(scale=0.5)), delay, phi))
    made += [Arc("u0", "n0"), Arc("u1", "n1"), Arc(f"n{nodes - 1}", "o0"), Arc("n2", "o1")]
    return FlowGraph(tuple(made), ("u0", "u1"), ("o0", "o1"))


@pytest.mark.parametrize("kind", [FullyRecurrent, Elman])
def test_the_adjoint_gives_what_backpropagation_through_time_gives(kind, rng):
    net, u = network(rng, kind), rng.normal(size=(2, T))
    graph = flow_graph(net)
    signals = graph.run(np.vstack([u, np.ones(T)]))
    shown = signals[graph.rows(graph.outputs)].T
    targets = rng.normal(size=shown.shape)
    value, errors = MeanSquare()(shown, targets)
    found = graph.gradient(signals, errors.T)
    exact = gradient(net, MeanSquare(), np.zeros(4), targets, inputs=Sampled(np.arange(T), u), t_span=T)
    assert value == pytest.approx(exact.value, rel=1e-13)
    parts = np.split(found, np.cumsum([16, 8, 4]))
    for name, part in zip(("weights", "input_weights", "biases"), parts, strict=False):
        assert part.reshape(exact.by[name].shape) == pytest.approx(exact.by[name], rel=1e-10, abs=1e-13)
    if kind is Elman:
        assert parts[3][:8].reshape(2, 4) == pytest.approx(exact.by["output_weights"], rel=1e-10)
        assert parts[3][8:10] == pytest.approx(exact.by["output_biases"], rel=1e-10)


def test_the_gradient_of_any_graph_is_that_of_differences(rng):
    graph, u, w = random_graph(rng), rng.normal(size=(2, T)), rng.normal(size=(2, T))

    def loss(gains):
        arcs = tuple(arc._replace(gain=float(gain)) for arc, gain in zip(graph.arcs, gains, strict=True))
        other = FlowGraph(arcs, graph.inputs, graph.outputs)
        return float((w * other.run(u)[other.rows(other.outputs)]).sum())

    gains, h = np.array([arc.gain for arc in graph.arcs]), 1e-5
    differences = [(loss(gains + h * e) - loss(gains - h * e)) / (2 * h) for e in np.eye(gains.size)]
    assert graph.gradient(graph.run(u), w) == pytest.approx(np.array(differences), rel=1e-7, abs=1e-8)


def test_reversing_twice_gives_the_same_graph(rng):
    graph = random_graph(rng)
    assert graph.adjoint() != graph
    assert graph.adjoint().adjoint() == graph


def test_transfer_from_input_to_output_is_that_of_the_adjoint_from_output_to_input(rng):
    graph, z = random_graph(rng), np.exp(1j * rng.uniform(0, np.pi, 5))
    at = rng.normal(size=len(graph.nodes))
    there, back = graph.transfer(z, at), graph.adjoint().transfer(z, at)
    assert there.shape == (5, 2, 2)
    assert np.abs(there - back.transpose(0, 2, 1)).max() < 1e-12 * np.abs(there).max()
    assert np.abs(there - back).max() > 1e-3  # the control: the graph is not symmetric


def test_transfer_of_a_linear_graph_is_the_transform_of_its_impulse_response(rng):
    graph = FlowGraph([("u", "x"), ("x", "x", 0.6, 1), ("x", "x", -0.3, 2), ("x", "o", 2.0, 1)], ["u"], ["o"])
    w = rng.uniform(0, np.pi, 4)
    response = graph.run(np.eye(1, 200))[graph.rows(["o"])[0]]
    transform = np.exp(-1j * np.outer(w, np.arange(200))) @ response
    assert graph.transfer(np.exp(1j * w))[:, 0, 0] == pytest.approx(transform, rel=1e-12)


def test_a_loop_without_delay_is_refused_by_its_nodes():
    with pytest.raises(ValueError, match=r"`arcs` must have a delay in every loop; there is none in [ab] -> [ab]"):
        FlowGraph([("u", "a"), ("a", "b"), ("b", "a", 0.5)], ["u"], ["b"])


def test_what_cannot_be_said_is_refused():
    graph = FlowGraph([("u", "x", 1.0, 0, "tanh")], ["u"], ["x"])
    loop = FlowGraph([("u", "x"), ("x", "x", 0.5, 1)], ["u"], ["x"])  # 1 / (1 - 0.5 / z)
    for call, message in (
        (lambda: FlowGraph([("u", "x")], ["v"], ["x"]), r"`inputs\[0\]` must be a node"),
        (lambda: graph.run([[1.0], [2.0]]), r"`inputs` must have shape \(M, T\) with M = 1"),
        (lambda: graph.adjoint().run([[1.0]]), "`along` must be the signals of a run"),
        (lambda: graph.adjoint().gradient([[1.0], [1.0]], [[1.0]]), "this is an adjoint"),
        (lambda: graph.transfer([0.0], [0.0, 0.0]), "`z` must be complex numbers, finite and not 0"),
        (lambda: graph.transfer([1.0]), r"`at` must be a state of rest, .* shape \(nodes,\) = \(2,\); got none"),
        (lambda: graph.transfer([1.0], [[0.0, 0.0]]), r"`at` must be .* got \(1, 2\)"),
        (lambda: loop.transfer([1.0, 0.5]), r"`z\[1\]` must not be a pole"),
        (lambda: graph.gradient(np.ones((2, 6)), np.ones((1, 3))), r"`errors` must have shape \(K, T\) = \(1, 6\)"),
        (lambda: graph.gradient(np.ones((3, 6)), np.ones((1, 6))), r"`signals` must have shape \(nodes, T\) with 2 nodes"),
        (lambda: flow_graph(IndRNN([0.5], [[1.0]])), "`net` must have a matrix of weights"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
