"""Networks whose synapses are filters, and causal recursive backpropagation through them.

Layers follow each other, and all memory is in the synapses: ``s_ij = sum_p b_ijp x_j[t-p] - sum_p a_ijp s_ij[t-p]``,
``x'_i = phi(sum_j s_ij + c_i)``. Derivatives by the coefficients of a synapse are recursive filters themselves; errors go
back through a synapse by its impulse response, ahead in time. Cut after ``window`` steps, that needs no more of the future
than so many steps for each layer behind: causal recursive backpropagation [1]_.

References
----------
.. [1] Campolucci, Uncini, Piazza & Rao (1999), On-line learning algorithms for locally recurrent neural networks, IEEE
   Trans. Neural Networks 10, 253.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from learning.flow_graphs import ONE, Arc, FlowGraph
from neurodynamics import Activation, activation as activation_of
from neurodynamics.validation import Floats, as_count, as_floats, as_instance, as_items


@dataclass(frozen=True, eq=False)
class FilterLayer:
    """A layer of neurons with filters as synapses.

    Parameters
    ----------
    feedforward : array_like, shape (N, M, P)
        b, ``[i, j, p]`` for the input j of p steps before.
    feedback : array_like, shape (N, M, Q)
        a, ``[i, j, p]`` for the synapse's own value of p + 1 steps before; stable where all roots are inside the circle.
    biases : array_like, shape (N,)
    activation : str or Activation

    Examples
    --------
    >>> from learning import FilterLayer
    >>> FilterLayer([[[1.0]]], [[[-0.5]]], [0.0], "linear").run([[1.0, 0.0, 0.0]])[0].tolist()
    [[1.0, 0.5, 0.25]]
    """

    feedforward: Floats
    feedback: Floats
    biases: Floats
    activation: Activation = "tanh"  # type: ignore[assignment]

    def __post_init__(self) -> None:
        b, a, c = (as_floats(getattr(self, name), name) for name in ("feedforward", "feedback", "biases"))
        if b.ndim != 3 or not b.size:
            raise ValueError(f"`feedforward` must have shape (N, M, P), none of them 0; got {b.shape}.")
        if a.ndim != 3 or a.shape[:2] != b.shape[:2]:
            raise ValueError(f"`feedback` must have shape (N, M, Q) with (N, M) = {b.shape[:2]}, that of `feedforward`; "
                             f"got {a.shape}.")  # fmt: skip
        if c.shape != b.shape[:1]:
            raise ValueError(f"`biases` must have shape (N,) = {b.shape[:1]}; got {c.shape}.")
        for name, array in (("feedforward", b), ("feedback", a), ("biases", c)):
            object.__setattr__(self, name, array)
        object.__setattr__(self, "activation", activation_of(self.activation))

    def run(self, inputs: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return outputs (N, T), net inputs (N, T) and what the synapses bring (N, M, T), from rest."""
        x = as_floats(inputs, "inputs")
        if x.ndim != 2 or len(x) != self.feedforward.shape[1] or not x.size:
            raise ValueError(f"`inputs` must have shape (M, T) with M = {self.feedforward.shape[1]}, T > 0; got {x.shape}.")
        s = np.empty((*self.feedforward.shape[:2], x.shape[1]))
        for i, j in np.ndindex(s.shape[:2]):
            s[i, j] = self._filtered(i, j, x[j], self.feedforward[i, j])
        if not np.isfinite(s).all():
            i, j, t = np.argwhere(~np.isfinite(s))[0]
            raise ArithmeticError(f"the synapse ({i}, {j}) is not finite at time {t}: its `feedback` has roots outside of "
                                  "the unit circle.")  # fmt: skip
        net = s.sum(axis=1) + self.biases[:, np.newaxis]
        return self.activation(net), net, s

    def _filtered(self, i: int, j: int, x: Floats, b: ArrayLike = (1.0,)) -> Floats:
        from scipy.signal import lfilter  # late: it takes its time

        return lfilter(b, np.concatenate([[1.0], self.feedback[i, j]]), x)

    def back(self, delta: Floats, x: Floats, s: Floats, window: int) -> tuple[LayerGradient, Floats]:
        """Return the gradient of this layer and the errors (M, T) of its inputs, from those (N, T) of the net inputs."""
        length = x.shape[1]
        by = LayerGradient(np.empty(self.feedforward.shape), np.empty(self.feedback.shape), delta.sum(axis=1))
        errors, impulse = np.zeros(x.shape), np.eye(1, min(window + 1, length))[0]
        for i, j in np.ndindex(s.shape[:2]):
            heard, own = self._filtered(i, j, x[j]), self._filtered(i, j, s[i, j])
            by.feedforward[i, j] = [delta[i, p:] @ heard[: max(length - p, 0)] for p in range(by.feedforward.shape[2])]
            by.feedback[i, j] = [-delta[i, p:] @ own[: max(length - p, 0)] for p in range(1, by.feedback.shape[2] + 1)]
            response = self._filtered(i, j, impulse, self.feedforward[i, j])
            errors[j] += np.convolve(delta[i, ::-1], response)[:length][::-1]
        return by, errors


class LayerGradient(NamedTuple):
    """Derivatives of a loss by what a :class:`FilterLayer` is made of.

    Attributes
    ----------
    feedforward : ndarray, shape (N, M, P)
    feedback : ndarray, shape (N, M, Q)
    biases : ndarray, shape (N,)
    """

    feedforward: Floats
    feedback: Floats
    biases: Floats


def causal_backpropagation(
    layers: Sequence[FilterLayer], inputs: ArrayLike, errors: Any, *, window: int | None = None
) -> list[LayerGradient]:
    """Differentiate a loss of the outputs of layers in a row, by causal recursive backpropagation.

    Parameters
    ----------
    layers : sequence of FilterLayer
    inputs : array_like, shape (M, T)
    errors : array_like, shape (K, T), or callable
        Derivatives of the loss by the outputs of the last layer, or a function that gives them for outputs (K, T).
    window : int, optional
        How many steps ahead errors are taken from at each layer, 1 or more; by default all: backpropagation through time.
        The rest falls like ``|pole|**window`` with the slowest pole of the synapses.

    Examples
    --------
    >>> from learning import FilterLayer, causal_backpropagation
    >>> layer = FilterLayer([[[1.0]]], [[[-0.5]]], [0.0], "linear")
    >>> causal_backpropagation([layer], [[1.0, 0.0]], [[0.0, 1.0]])[0].feedback.tolist()
    [[[-1.0]]]
    """
    row, x, runs = _in_a_row(layers), [as_floats(inputs, "inputs")], []
    ahead = x[0].size if window is None else as_count(window, "window", minimum=1)
    for layer in row:
        runs.append(layer.run(x[-1]))
        x.append(runs[-1][0])
    w = as_floats(errors(x[-1]) if callable(errors) else errors, "errors")
    if w.shape != x[-1].shape:
        raise ValueError(f"`errors` must have the shape (K, T) = {x[-1].shape} of the outputs; got {w.shape}.")
    found = []
    for layer, heard, (_, net, s) in reversed(list(zip(row, x, runs, strict=False))):
        by, w = layer.back(layer.activation.slopes(net) * w, heard, s, ahead)
        found.append(by)
    return found[::-1]


def _in_a_row(layers: Any) -> list[FilterLayer]:
    """Return layers of which each takes as many inputs as the one before it has neurons."""
    row = [as_instance(each, f"layers[{k}]", FilterLayer) for k, each in enumerate(as_items(layers, "layers"))]
    if not row:
        raise ValueError("`layers` must be at least one.")
    for k, (before, layer) in enumerate(pairwise(row), 1):
        if layer.feedforward.shape[1] != before.biases.size:
            raise ValueError(f"`layers[{k}]` must take M = {before.biases.size} inputs, the neurons of the layer before it; "
                             f"got {layer.feedforward.shape[1]}.")  # fmt: skip
    return row


def filter_graph(layers: Sequence[FilterLayer]) -> FlowGraph:
    """Return the same layers as a signal-flow graph; its inputs are ``x0, x1, ..`` and ``1``, which is to be 1.

    The arcs of a layer: of each synapse i, j the coefficients b and those of a, negative, and its way to the net input;
    then the biases, then the activations.

    Parameters
    ----------
    layers : sequence of FilterLayer

    Examples
    --------
    >>> from learning import FilterLayer, filter_graph
    >>> [arc[:4] for arc in filter_graph([FilterLayer([[[2.0]]], [[[-0.5]]], [0.0])]).arcs][:2]
    [('x0', 's0:0,0', 2.0, 0), ('s0:0,0', 's0:0,0', 0.5, 1)]
    """
    row = _in_a_row(layers)
    arcs: list[Arc] = []
    heard = first = [f"x{j}" for j in range(row[0].feedforward.shape[1])]
    for k, layer in enumerate(row):
        names = [f"z{k}:{i}" for i in range(len(layer.biases))]
        for i, j in np.ndindex(layer.feedforward.shape[:2]):
            s = f"s{k}:{i},{j}"
            arcs += [Arc(heard[j], s, float(b), p) for p, b in enumerate(layer.feedforward[i, j])]
            arcs += [Arc(s, s, -float(a), p + 1) for p, a in enumerate(layer.feedback[i, j])]
            arcs.append(Arc(s, names[i]))
        arcs += [Arc(ONE, name, float(c)) for name, c in zip(names, layer.biases, strict=True)]
        heard = [f"y{k}:{i}" for i in range(len(names))]
        arcs += [Arc(*pair, activation=layer.activation) for pair in zip(names, heard, strict=True)]
    return FlowGraph(tuple(arcs), (*first, ONE), tuple(heard))
