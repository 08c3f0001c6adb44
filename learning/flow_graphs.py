"""Signal-flow graphs of gains, delays, sums and activations, and their adjoints, which compute gradients.

A node adds what its arcs bring; an arc brings ``gain * phi(x[k - delay])`` of its source. Reversing all arcs turns sums into
branches and branches into sums, and activations into factors: their slopes along a recorded run. Fed with the errors of the
outputs, backwards in time, the reversed graph holds at each node the derivative of the loss by what that node receives [1]_.

References
----------
.. [1] Wan & Beaufays (1996), Diagrammatic derivation of gradient algorithms for neural networks, Neural Computation 8, 182.
"""

from __future__ import annotations

import graphlib
import numbers
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Activation, activation as activation_of
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_count, as_floats, as_instance, as_items, as_number, is_masked
from recurrent import FullyRecurrent

ONE = "1"  # the node that brings biases


class Arc(NamedTuple):
    """What the target receives of the source: ``gain * phi(x[k - delay])``; delays hold zero before the start.

    Examples
    --------
    >>> from learning import Arc
    >>> Arc("x", "y", 0.5, delay=1).activation is None
    True
    """

    source: str
    target: str
    gain: float = 1.0
    delay: int = 0
    activation: Activation | None = None


class Group(NamedTuple):
    """Arcs that are taken together: numbers of arcs, of their sources and targets, gains and delays."""

    arcs: np.ndarray
    source: np.ndarray
    target: np.ndarray
    gain: Floats
    delay: np.ndarray
    activation: Activation | None


@dataclass(frozen=True)
class FlowGraph:
    """A signal-flow graph in discrete time.

    Parameters
    ----------
    arcs : sequence of Arc or tuple
        ``(source, target, gain, delay, activation)``; the last three as of :class:`Arc`. A loop needs a delay.
    inputs, outputs : sequence of str
        Names of nodes.
    backwards : bool
        Whether it is the adjoint of a graph: time runs backwards, and activations are factors, the slopes at the targets.

    Examples
    --------
    >>> from learning import FlowGraph
    >>> graph = FlowGraph([("u", "x"), ("x", "x", 0.5, 1)], inputs=["u"], outputs=["x"])
    >>> graph.run([[1.0, 0.0, 0.0]])[graph.rows(["x"])].tolist()
    [[1.0, 0.5, 0.25]]
    >>> graph.adjoint().adjoint() == graph
    True
    """

    arcs: tuple[Arc, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    backwards: bool = False

    def __post_init__(self) -> None:
        arcs = tuple(_as_arc(each, f"arcs[{k}]") for k, each in enumerate(as_items(self.arcs, "arcs")))
        object.__setattr__(self, "arcs", arcs)
        if not arcs:
            raise ValueError("`arcs` must hold at least one.")
        for ends in ("inputs", "outputs"):
            object.__setattr__(self, ends, self._known(getattr(self, ends), ends))
        self._stages()

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Names of all nodes, in the order of the rows of signals."""
        return tuple(sorted({name for arc in self.arcs for name in arc[:2]}))

    @cached_property
    def _row(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.nodes)}

    def rows(self, names: Sequence[str]) -> list[int]:
        """Return the rows of some nodes in the signals of a run."""
        return [self._row[name] for name in self._known(names, "names")]

    def _known(self, names: Any, of: str) -> tuple[str, ...]:
        for k, name in enumerate(as_items(names, of)):
            if not isinstance(name, str) or name not in self._row:
                raise ValueError(f"`{of}[{k}]` must be a node that an arc leads to or from; got {name!r:.60}.")
        return tuple(names)

    def adjoint(self) -> FlowGraph:
        """Return the graph with all arcs reversed, outputs for inputs, and time run the other way."""
        arcs = tuple(arc._replace(source=arc.target, target=arc.source) for arc in self.arcs)
        return replace(self, arcs=arcs, inputs=self.outputs, outputs=self.inputs, backwards=not self.backwards)

    def run(self, inputs: ArrayLike, along: ArrayLike | None = None) -> Floats:
        """Return the signals (nodes, T) of all nodes.

        Parameters
        ----------
        inputs : array_like, shape (M, T)
        along : array_like, shape (nodes, T), optional
            For an adjoint: the signals of the graph that it is the adjoint of, which give the slopes.
        """
        given = as_floats(inputs, "inputs")
        if given.ndim != 2 or len(given) != len(self.inputs):
            raise ValueError(f"`inputs` must have shape (M, T) with M = {len(self.inputs)}; got {given.shape}.")
        x = np.zeros((len(self.nodes), given.shape[1]))
        np.add.at(x, self.rows(self.inputs), given)
        if not self.backwards:
            self._propagate(x)
            return x
        x = x[:, ::-1].copy()
        self._propagate(x, self._slopes(along, given.shape[1])[:, ::-1])
        return x[:, ::-1]

    def _propagate(self, x: Floats, slopes: Floats | None = None) -> None:
        """Let signals go along the arcs, through activations or times their slopes (arcs, T)."""
        for k in range(x.shape[1]):
            for each in self._groups:
                past = k - each.delay
                heard = x[each.source, past]
                if slopes is not None:
                    heard = slopes[each.arcs, k] * heard
                elif each.activation is not None:
                    heard = each.activation(heard)
                np.add.at(x[:, k], each.target, np.where(past >= 0, each.gain * heard, 0.0))

    @property
    def _bends(self) -> bool:
        """Whether there are activations, whose slopes depend on the signals."""
        return any(arc.activation is not None for arc in self.arcs)

    def _slopes(self, along: Any, length: int) -> Floats:
        """Return the slopes (arcs, T) of activations, 1 where there are none."""
        slopes = np.ones((len(self.arcs), length))
        if along is None and self._bends:
            raise ValueError("`along` must be the signals of a run: this graph has activations, whose slopes depend on it.")
        if along is not None:
            signals = as_floats(along, "along")
            if signals.shape != (len(self.nodes), length):
                raise ValueError(f"`along` must have shape (nodes, T) = {(len(self.nodes), length)}; got {signals.shape}.")
            for each in self._groups:
                if each.activation is not None:
                    slopes[each.arcs] = each.activation.slopes(signals[each.target if self.backwards else each.source])
        return slopes

    def gradient(self, signals: ArrayLike, errors: ArrayLike) -> Floats:
        """Return the derivatives (arcs,) of a loss by all gains, by one run of the adjoint graph.

        Parameters
        ----------
        signals : array_like, shape (nodes, T)
            Of a run of this graph.
        errors : array_like, shape (K, T)
            The derivatives of the loss by the outputs.
        """
        if self.backwards:
            raise ValueError("`gradient` is of the graph itself; this is an adjoint. Take its adjoint first.")
        x, wrong, adjoint = as_floats(signals, "signals"), as_floats(errors, "errors"), self.adjoint()
        if x.ndim != 2 or len(x) != len(self.nodes):
            raise ValueError(f"`signals` must have shape (nodes, T) with {len(self.nodes)} nodes; got {x.shape}.")
        if wrong.shape != (len(self.outputs), x.shape[1]):
            raise ValueError(f"`errors` must have shape (K, T) = {(len(self.outputs), x.shape[1])}, as long as `signals`; "
                             f"got {wrong.shape}.")  # fmt: skip
        w = adjoint.run(wrong, along=x)
        found, length = np.empty(len(self.arcs)), x.shape[1]
        for each in self._groups:
            heard = x[each.source] if each.activation is None else each.activation(x[each.source])
            for arc, target, delay, row in zip(each.arcs, each.target, each.delay, heard, strict=True):
                found[arc] = w[target, delay:] @ row[: max(length - delay, 0)]
        return found

    def transfer(self, z: ArrayLike, at: ArrayLike | None = None) -> np.ndarray:
        """Return the transfer matrices (Z, K, M) from inputs to outputs at complex numbers z, a delay being ``1 / z``.

        Parameters
        ----------
        z : array_like of complex, shape (Z,)
            ``exp(i w)`` for the frequency w; no poles. For an adjoint a delay goes back in time, and is ``1 / z`` as well.
        at : array_like, shape (nodes,), optional
            A state of rest at which activations are linearised.
        """
        given = np.atleast_1d(np.asarray(z, dtype=None if isinstance(z, np.ndarray) else object))
        if is_masked(z) or not all(isinstance(each, numbers.Complex) for each in given.ravel()):
            raise TypeError("`z` must be complex numbers, not masked.")
        try:
            points = given.astype(complex)
        except OverflowError as error:
            raise ValueError("`z` must be finite in double precision.") from error
        if points.ndim != 1 or not np.isfinite(points).all() or (points == 0).any():
            raise ValueError("`z` must be complex numbers, finite and not 0, shape (Z,).")
        slopes = self._slopes_at(at)
        outputs, inputs = self.rows(self.outputs), self.rows(self.inputs)
        found = np.empty((len(points), len(outputs), len(inputs)), dtype=complex)
        for k, point in enumerate(points):
            A = np.eye(len(self.nodes), dtype=complex)
            for each in self._groups:
                delayed = point ** -each.delay.astype(float)
                np.subtract.at(A, (each.target, each.source), each.gain * slopes[each.arcs] * delayed)
            try:
                found[k] = np.linalg.solve(A, np.eye(len(A)))[np.ix_(outputs, inputs)]
            except np.linalg.LinAlgError:
                raise ValueError(f"`z[{k}]` must not be a pole of the transfer matrix; {point:g} is one.") from None
        return found

    def _slopes_at(self, at: Any) -> Floats:
        """Return the slopes (arcs,) of activations at a state of rest."""
        bare = at is None and not self._bends
        rest = np.zeros(len(self.nodes)) if bare else as_floats(() if at is None else at, "at")
        if rest.shape != (len(self.nodes),):
            raise ValueError("`at` must be a state of rest, for the slopes of activations, shape (nodes,) = "
                             f"({len(self.nodes)},); got {'none' if at is None else rest.shape}.")  # fmt: skip
        return self._slopes(rest[:, np.newaxis], 1)[:, 0]

    def _stages(self) -> dict[str, int]:
        """Return after how many arcs without delay each node is complete."""
        before: dict[str, set[str]] = {name: set() for name in self.nodes}
        for arc in self.arcs:
            if arc.delay == 0:
                before[arc.target].add(arc.source)
        try:
            order = list(graphlib.TopologicalSorter(before).static_order())
        except graphlib.CycleError as error:
            loop = " -> ".join(reversed(error.args[1]))
            raise ValueError(f"`arcs` must have a delay in every loop; there is none in {loop}.") from None
        stages: dict[str, int] = {}
        for name in order:
            stages[name] = max((stages[each] + 1 for each in before[name]), default=0)
        return stages

    @cached_property
    def _groups(self) -> list[Group]:
        """Arcs of the same stage and activation; what delays hold comes first."""
        stages, together = self._stages(), dict[Any, list[int]]()
        for k, arc in enumerate(self.arcs):
            together.setdefault((stages[arc.source] if arc.delay == 0 else -1, id(arc.activation)), []).append(k)
        groups = []
        for _, arcs in sorted(together.items()):
            some = [self.arcs[k] for k in arcs]
            source = np.array([self._row[arc.source] for arc in some])
            target = np.array([self._row[arc.target] for arc in some])
            gain, delay = np.array([arc.gain for arc in some]), np.array([arc.delay for arc in some])
            groups.append(Group(np.array(arcs), source, target, gain, delay, some[0].activation))
        return groups


def _as_arc(given: Any, name: str) -> Arc:
    parts = as_items(given, name)
    if not 2 <= len(parts) <= 5 or not all(isinstance(each, str) for each in parts[:2]):
        raise ValueError(f"`{name}` must be (source, target, gain, delay, activation), first two names; got {given!r:.60}.")
    arc = Arc(*parts)
    phi = None if arc.activation is None else activation_of(arc.activation)
    return Arc(arc.source, arc.target, as_number(arc.gain, f"{name}.gain"), as_count(arc.delay, f"{name}.delay"), phi)


def flow_graph(net: FullyRecurrent) -> FlowGraph:
    """Return the graph of a recurrent network ``h' = phi(W h + U x + b)`` that starts with h = 0.

    Its inputs are ``x0, x1, ..`` and ``1``, which is to be 1; its outputs ``o0, ..`` after each step. Arcs are in the
    order of W, U and b, each row by row, then of the output layer.

    Parameters
    ----------
    net : FullyRecurrent
        Or one that is made like it, such as :class:`recurrent.Elman`.

    Examples
    --------
    >>> from learning import flow_graph
    >>> from recurrent import FullyRecurrent
    >>> graph = flow_graph(FullyRecurrent([[0.5]], [[1.0]], activation="linear"))
    >>> graph.run([[1.0, 0.0], [1.0, 1.0]])[graph.rows(graph.outputs)].tolist()
    [[1.0, 0.5]]
    """
    as_instance(net, "net", FullyRecurrent)
    if net.diagonal:
        raise ValueError("`net` must have a matrix of weights.")
    n, m, phi = net.state_dim, net.input_dim, net.activation
    z, x = [f"z{i}" for i in range(n)], [f"x{q}" for q in range(m)]
    arcs = _layer(z, z, net.weights, 1, phi) + _layer(x, z, net.input_weights) + _layer([ONE], z, net.biases[:, np.newaxis])
    V = net.output_weights if net.has("outputs") else np.eye(n)
    a, o = [f"a{i}" for i in range(len(V))], [f"o{i}" for i in range(len(V))]
    arcs += _layer(z, a, V, 0, phi)
    if net.has("outputs"):
        arcs += _layer([ONE], a, net.output_biases[:, np.newaxis])
    arcs += [Arc(*pair, activation=net.output_activation if net.has("outputs") else None) for pair in zip(a, o, strict=True)]
    return FlowGraph(tuple(arcs), (*x, ONE), tuple(o))


def _layer(sources: Sequence[str], targets: Sequence[str], gains: Floats, delay: int = 0, phi: Any = None) -> list[Arc]:
    return [Arc(source, target, float(gain), delay, phi) for target, row in zip(targets, gains, strict=True)
            for source, gain in zip(sources, row, strict=True)]  # fmt: skip
