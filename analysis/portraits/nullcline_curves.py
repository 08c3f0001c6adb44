"""Nullclines: of two additive neurons from their equations, of other planar flows by tracing the zeros of each component."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import as_box, box_around, constant_inputs, evaluate_at, phase_box, zero_curves
from analysis.equilibria import fixed_points
from neurodynamics import DynamicalSystem
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_size
from neurodynamics.watched import long_call

HALVINGS = 90  # from any reasonable box to neighbouring floating-point numbers
SLOPE_SAMPLES = 4001  # where the slope of an activation cannot be inverted in closed form


@dataclass(frozen=True, eq=False)
class Nullcline(Record):
    """The points of a box at which one of two neurons is at rest.

    Attributes
    ----------
    neuron : int
        Whose derivative vanishes.
    branches : tuple of array, each (K, 2)
        Connected pieces, each a chain of states ``(y_0, y_1)``. A branch ends where it leaves the box.
    asymptotes : tuple of float
        Values of the neuron's own state at which a branch runs off to infinity: there the other neuron would have to be
        saturated.
    """

    neuron: int
    branches: tuple[Floats, ...]
    asymptotes: tuple[float, ...]

    plot = drawn("plot_nullcline", "Draw the nullcline")

    def __repr__(self) -> str:
        sizes = ", ".join(str(len(branch)) for branch in self.branches)
        return f"Nullcline(neuron {self.neuron}, {len(self.branches)} branches of {sizes or 'no'} points)"


def nullclines(
    network: DynamicalSystem, *, box: ArrayLike | None = None, inputs: Any = None, points: int = 200
) -> tuple[Nullcline, Nullcline]:
    """Return the two nullclines of a network of two neurons, or of another flow of two states.

    Neuron i is at rest where the other neuron, k, puts out what i needs:

        ``phi(g_k (y_k + b_k)) = (lambda_i y_i - W_ii phi(g_i (y_i + b_i)) - I_i) / W_ik``

    Each point solves this equation to rounding: for chosen y_i through the inverse of the activation, for chosen y_k by
    bisection of the right-hand side between its extrema. Of other flows the zeros of each component of f are traced on a
    grid, and refined by Newton's method.

    Parameters
    ----------
    network : DynamicalSystem
        Two neurons, with an activation that never decreases; or another flow of two states.
    box : array_like, shape (2, 2), optional
        Rows (least, largest) of each state; by default :func:`phase_box`, and where the system is no network, the box of
        `find_attractors`.
    inputs : array_like, shape (M,), optional
        Constants.
    points : int
        Points, of either kind, on each monotone piece of a branch.

    Returns
    -------
    tuple of Nullcline
        Of neuron 0 and of neuron 1.

    Raises
    ------
    ValueError
        Where the system is of another kind; the message says why.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import nullclines
    >>> nullclines(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]))[0].neuron
    0
    """
    reason = why_no_nullclines(network)
    if reason:
        raise ValueError(f"`network` has no nullclines: {reason}.")
    drive = constant_inputs(network, inputs)
    window = default_box(network, drive) if box is None else as_box(box)
    count = as_size(points, "points", minimum=2)
    if _is_traced(network):
        first, second = long_call(lambda: [_traced(network, i, drive, window) for i in (0, 1)])
    else:
        first, second = long_call(lambda: [_Condition(network, i, drive, window).nullcline(count) for i in (0, 1)])
    return first, second


def default_box(system: Any, drive: Floats) -> Floats:
    """Return the box (2, 2) of a flow whose fixed points are not known."""
    if system.structure("additive") is not None:
        return phase_box(system, inputs=drive)
    return box_around(system, drive, fixed_points(system, inputs=drive, rng=0).x)


def why_no_nullclines(system: DynamicalSystem) -> str:
    """Return why a system has no nullclines, or an empty string."""
    if not isinstance(system, DynamicalSystem) or system.kind != "flow":
        return f"it must be a flow; got {type(system).__name__ if not isinstance(system, DynamicalSystem) else 'a map'}"
    if system.state_dim != 2:
        return f"it must have 2 states; it has {system.state_dim}"
    return ""


def _is_traced(system: DynamicalSystem) -> bool:
    """Whether nullclines are traced, because nothing closed is known."""
    network = system.structure("additive")
    return network is None or not network.activation.monotone


def _traced(system: DynamicalSystem, i: int, drive: Floats, box: Floats) -> Nullcline:
    branches = zero_curves(lambda states: evaluate_at(system, "rhs", states, drive)[:, i], box)
    return Nullcline(i, tuple(np.ascontiguousarray(branch) for branch in branches), ())


class _Condition:
    """``h(y_i) = m(y_k)``: what neuron i needs and what neuron k gives, inside a box."""

    def __init__(self, network: Any, i: int, drive: Floats, box: Floats) -> None:
        self.network, self.i, self.k = network, i, 1 - i
        self.own, self.other = box[i], box[self.k]
        self.constant = float((network.input_weights @ drive + network.constant_inputs)[i])

    def need(self, own: Floats) -> Floats:
        """H = lambda_i y_i - W_ii phi(g_i (y_i + b_i)) - I_i."""
        net, i = self.network, self.i
        return net.leaks[i] * own - net.weights[i, i] * self._output(i, own) - self.constant

    def give(self, other: Floats) -> Floats:
        """M = W_ik phi(g_k (y_k + b_k))."""
        return self.network.weights[self.i, self.k] * self._output(self.k, other)

    def _output(self, neuron: int, states: Floats) -> Floats:
        net = self.network
        return net.activation(net.gains[neuron] * (states + net.biases[neuron]))

    def nullcline(self, count: int) -> Nullcline:
        edges = self._turning_points()
        pieces = [self._piece(a, b, count) for a, b in zip(edges[:-1], edges[1:], strict=True)]
        branches = [self._in_order(branch) for branch in _joined(pieces)]
        return Nullcline(self.i, tuple(branches), self._asymptotes(edges))

    def _in_order(self, branch: Floats) -> Floats:
        return np.ascontiguousarray(branch if self.i == 0 else branch[:, ::-1])

    @property
    def coupled(self) -> bool:
        """Whether the other neuron matters."""
        return bool(self.network.weights[self.i, self.k] != 0 and self.network.gains[self.k] != 0)

    # Where h turns ---------------------------------------------------------------------------------------------------

    def _turning_points(self) -> Floats:
        """Return the ends of the box and between them the extrema of h: phi' = lambda_i / (W_ii g_i)."""
        net, i = self.network, self.i
        scale = net.weights[i, i] * net.gains[i]
        inner = np.empty(0)
        if scale != 0:
            inner = slope_equals(net.activation, net.leaks[i] / scale, net.gains[i] * (self.own + net.biases[i]))
            inner = np.sort(inner / net.gains[i] - net.biases[i])
        return np.concatenate([self.own[:1], inner[(inner > self.own[0]) & (inner < self.own[1])], self.own[1:]])

    # One monotone piece ----------------------------------------------------------------------------------------------

    def _piece(self, start: float, end: float, count: int) -> Floats:
        """Return points (K, 2) as (own, other) on the piece of h between start and end."""
        if not self.coupled:
            return self._line(start, end, count)
        own, needed = self._by_need(np.array([start, end]))
        outer = self.other[np.argsort(self.give(self.other), kind="stable")]
        given = self.give(outer)
        if needed[0] > given[1] or needed[1] < given[0]:
            return np.empty((0, 2))
        cuts = solve_monotone(self.need, np.clip(needed, *given), start, end)
        inside = (needed > given[0]) & (needed < given[1])
        own = np.where((needed < given[0]) | (needed > given[1]), cuts, own)
        ends = np.where(inside, self._other_at(own), outer)  # where saturated, all up to the end of the box
        across, along = np.linspace(own[0], own[1], count), np.linspace(ends[0], ends[1], count)
        points = np.concatenate([
            np.column_stack([across, self._other_at(across)]),
            np.column_stack([solve_monotone(self.need, self.give(along), own.min(), own.max()), along]),
        ])  # fmt: skip
        direction = np.sign(ends[1] - ends[0]) * (1 if own[1] >= own[0] else -1)
        return points[np.lexsort((direction * points[:, 1], points[:, 0]))]

    def _by_need(self, own: Floats) -> tuple[Floats, Floats]:
        """Return two own states, and what they need, in the order of the need."""
        needed = self.need(own)
        order = np.argsort(needed, kind="stable")
        return own[order], needed[order]

    def _line(self, start: float, end: float, count: int) -> Floats:
        """Without a coupling, a line on which the other state is free."""
        level = self.give(self.other[:1])
        low, high = np.sort(self.need(np.array([start, end])))
        if not low <= level[0] <= high or low == high:
            return np.empty((0, 2))
        own = solve_monotone(self.need, level, start, end)
        other = np.linspace(self.other[0], self.other[1], count)
        return np.column_stack([np.repeat(own, count), other])

    def _other_at(self, own: Floats) -> Floats:
        """Return the other state for which neuron i rests, inside the box."""
        wanted = self.need(own)
        inverse, k = self.network.activation.inverse, self.k
        if inverse is None:
            return solve_monotone(self.give, wanted, *self.other)
        low, high = self.network.activation.range
        values = wanted / self.network.weights[self.i, k]
        arguments = np.array([inverse(v) if low < v < high else np.nan for v in values.tolist()])
        states = arguments / self.network.gains[k] - self.network.biases[k]
        beyond = ~((states >= self.other[0]) & (states <= self.other[1]))
        states[beyond] = solve_monotone(self.give, wanted[beyond], *self.other)
        return states

    def _asymptotes(self, edges: Floats) -> tuple[float, ...]:
        if not self.coupled:
            return ()
        found: set[float] = set()
        levels = self.network.weights[self.i, self.k] * np.array(self.network.activation.range)
        for start, end in zip(edges[:-1], edges[1:], strict=True):
            low, high = np.sort(self.need(np.array([start, end])))
            within = levels[(levels >= low) & (levels <= high)] if low < high else levels[:0]
            found.update(map(float, solve_monotone(self.need, within, start, end)))
        return tuple(sorted(found))


def _joined(pieces: list[Floats]) -> list[Floats]:
    """Return branches: pieces that share an end are one."""
    branches: list[Floats] = []
    for piece in pieces:
        if not len(piece):
            continue
        if branches and np.array_equal(branches[-1][-1], piece[0]):
            branches[-1] = np.concatenate([branches[-1], piece[1:]])
        else:
            branches.append(piece)
    return branches


def solve_monotone(function: Callable[[Floats], Floats], targets: Floats, start: float, end: float) -> Floats:
    """Return for each target the x between start and end at which a monotone function comes closest to it."""
    low, high = np.full(targets.shape, start), np.full(targets.shape, end)
    if not targets.size:
        return low
    rising = function(np.array([start, end]))
    up = rising[1] >= rising[0]
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        below = (function(middle) < targets) == up
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    nearer = np.abs(function(low) - targets) <= np.abs(function(high) - targets)
    return np.where(nearer, low, high)


def slope_equals(activation: Any, slope: float, between: Floats) -> Floats:
    """Return the arguments at which an activation has a given slope, sorted."""
    if activation.riccati is not None and activation.inverse is not None:
        a, b, c = activation.riccati
        values = np.roots([c, b, a - slope]) if c or b else np.empty(0)
        low, high = activation.range
        real = values.real[np.isreal(values) & (values.real > low) & (values.real < high)]
        return np.sort([activation.inverse(float(v)) for v in np.unique(real)])
    low, high = np.sort(between)
    samples = np.union1d(np.linspace(low, high, SLOPE_SAMPLES), [0.0])

    def excess(x: Floats) -> Floats:
        return np.array([activation.derivative(float(v)) for v in x]) - slope

    signs = excess(samples) > 0
    changes = np.flatnonzero(signs[1:] != signs[:-1])
    return np.array([solve_monotone(excess, np.zeros(1), samples[c], samples[c + 1])[0] for c in changes])
