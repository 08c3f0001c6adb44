"""Causal recursive backpropagation against the adjoint of the same network as a graph, and its error against the pole."""

from __future__ import annotations

import numpy as np
import pytest

from learning import FilterLayer, causal_backpropagation, filter_graph

T = 60


def layers(rng, pole=0.8):
    """Two layers; all synapses of the second have two poles, the slower at ``pole``."""
    def layer(n, m, poles):
        feedback = np.tile(np.poly(poles)[1:], (n, m, 1))
        return FilterLayer(rng.normal(size=(n, m, 2)), feedback, 0.3 * rng.normal(size=n), "tanh")

    return [layer(3, 2, [0.5, -0.4]), layer(2, 3, [pole, 0.1])]


def flat(gradients):
    return np.concatenate([part.ravel() for each in gradients for part in each])


def test_layers_run_as_their_graph_does(rng):
    row, u = layers(rng), rng.normal(size=(2, T))
    graph, x = filter_graph(row), u
    for layer in row:
        x = layer.run(x)[0]
    assert graph.run(np.vstack([u, np.ones(T)]))[graph.rows(graph.outputs)] == pytest.approx(x, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("window", [None, T, T - 1])
def test_with_the_whole_window_it_is_backpropagation_through_time(window, rng):
    row, u, errors = layers(rng), rng.normal(size=(2, T)), rng.normal(size=(2, T))
    found, graph = causal_backpropagation(row, u, errors, window=window), filter_graph(row)
    exact = graph.gradient(graph.run(np.vstack([u, np.ones(T)])), errors)
    places = {(*arc[:2], arc.delay): value for arc, value in zip(graph.arcs, exact, strict=True)}
    for k, by in enumerate(found):
        for i, j, p in np.ndindex(by.feedforward.shape):
            source = f"x{j}" if k == 0 else f"y{k - 1}:{j}"
            assert by.feedforward[i, j, p] == pytest.approx(places[source, f"s{k}:{i},{j}", p], rel=1e-9, abs=1e-12)
        for i, j, p in np.ndindex(by.feedback.shape):
            s = f"s{k}:{i},{j}"
            assert by.feedback[i, j, p] == pytest.approx(-places[s, s, p + 1], rel=1e-9, abs=1e-12)
        for i, value in enumerate(by.biases):
            assert value == pytest.approx(places["1", f"z{k}:{i}", 0], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("pole", [0.6, 0.8])
def test_the_error_of_a_short_window_falls_like_the_slowest_pole(pole, rng):
    """One error at the end: what a window w leaves out is the tail of one impulse response, of size pole**w."""
    row, u = layers(rng, pole), rng.normal(size=(2, 3 * T))
    errors = np.zeros((2, 3 * T))
    errors[:, -1] = 1.0
    row[0] = FilterLayer(row[0].feedforward, row[0].feedback, row[0].biases, "linear")
    u[:] = 1.0  # so that tails differ by the response alone
    exact = flat(causal_backpropagation(row, u, errors))
    windows = np.array([10, 15, 20, 25])
    left_out = [np.linalg.norm(flat(causal_backpropagation(row, u, errors, window=int(w))) - exact) for w in windows]
    assert np.polyfit(windows, np.log(left_out), 1)[0] == pytest.approx(np.log(pole), rel=0.02)


def test_only_the_last_layer_needs_no_window(rng):
    row, u, errors = layers(rng), rng.normal(size=(2, T)), rng.normal(size=(2, T))
    short, exact = (causal_backpropagation(row, u, errors, window=w) for w in (1, None))
    assert flat(short[1:]) == pytest.approx(flat(exact[1:]), rel=1e-14)
    assert not np.allclose(flat(short[:1]), flat(exact[:1]), rtol=1e-2)


def test_shapes_are_told():
    layer, wide = FilterLayer([[[1.0]]], [[[0.5]]], [0.0]), FilterLayer(np.ones((1, 2, 1)), np.ones((1, 2, 1)), [0.0])
    for call, message in (
        (lambda: FilterLayer([[1.0]], [[[0.5]]], [0.0]), r"`feedforward` must have shape \(N, M, P\)"),
        (lambda: FilterLayer([[[1.0]]], [[0.5]], [0.0]), r"`feedback` must have shape \(N, M, Q\)"),
        (lambda: FilterLayer([[[1.0]]], [[[0.5]]], [0.0, 1.0]), r"`biases` must have shape \(N,\)"),
        (lambda: layer.run([[1.0], [1.0]]), r"`inputs` must have shape \(M, T\)"),
        (lambda: causal_backpropagation([layer], [[1.0]], [[1.0, 2.0]]), r"`errors` must have the shape \(K, T\)"),
        (lambda: filter_graph([]), "`layers` must be at least one"),
        (lambda: causal_backpropagation([], [[1.0]], [[1.0]]), "`layers` must be at least one"),
        (lambda: causal_backpropagation([layer], [[1.0]], [[1.0]], window=0), "`window` must be at least 1"),
        (lambda: filter_graph([layer, wide]), r"`layers\[1\]` must take"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_a_synapse_that_runs_away_is_named():
    layer = FilterLayer([[[1.0]]], [[[-50.0]]], [0.0], "linear")
    with pytest.raises(ArithmeticError, match=r"the synapse \(0, 0\) is not finite at time 182"):  # 50**182 > 2**1024
        causal_backpropagation([layer], np.ones((1, 400)), np.ones((1, 400)))
