"""Readouts that are learned step by step: recursive least squares, and FORCE, which learns in the closed loop."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import AdditiveNetwork, DynamicalSystem, Status
from neurodynamics.compiling import call, copy, kernel, pointer
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_instance, as_number
from neurodynamics.watched import OutOfTime, as_on_interrupt, as_timeout, long_call
from recurrent import EchoState, FullyRecurrent, RateNetwork, Readout

PIECE = 1e7  # operations between two looks for Ctrl-C and the deadline


def recursive_least_squares(
    states: ArrayLike, targets: ArrayLike, *, ridge: float = 1.0, forgetting: float = 1.0
) -> Readout:
    """Return the readout ``o = V x`` that recursive least squares ends with, one time after the other.

    It minimises ``sum_t forgetting**(T - t) |V x_t - y_t|^2 + ridge * forgetting**T |V|^2``. There is no bias: add a state
    that is 1 for one.

    Parameters
    ----------
    states : array_like, shape (N, T)
    targets : array_like, shape (K, T)
    ridge : float
        Above 0.
    forgetting : float
        In (0, 1]; the memory lasts ``1 / (1 - forgetting)`` times.

    Examples
    --------
    >>> from learning import recursive_least_squares
    >>> recursive_least_squares([[1.0, 2.0]], [[2.0, 4.0]], ridge=1e-9).weights.round(6).tolist()
    [[2.0]]
    """
    X, Y = as_floats(states, "states"), as_floats(targets, "targets")
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError(f"`states` (N, T) and `targets` (K, T) must be equally long; got {X.shape} and {Y.shape}.")
    keep = as_number(forgetting, "forgetting", positive=True)
    if keep > 1:
        raise ValueError(f"`forgetting` must be at most 1, which forgets nothing; got {keep:g}.")
    P, V = np.eye(len(X)) / as_number(ridge, "ridge", positive=True), np.zeros((len(Y), len(X)))
    error = np.empty(len(Y))
    for x, y in zip(np.ascontiguousarray(X.T), Y.T, strict=True):
        error[:] = V @ x - y
        _learn(P, V, x, error, keep)
    return Readout(V, np.zeros(len(Y)))


@kernel
def _learn(P, V, r, error, forgetting):
    """Gain: k = P r / (lambda + r.P r), V <- V - error k', P <- (P - k (P r)') / lambda; return |k| |error|."""
    n = r.size
    Pr, size = np.zeros(n), forgetting
    for i in range(n):
        for j in range(n):
            Pr[j] += P[i, j] * r[i]
    for i in range(n):
        size += r[i] * Pr[i]
    for i in range(n):
        k = Pr[i] / size
        for o in range(error.size):
            V[o, i] -= error[o] * k
        for j in range(n):
            P[i, j] = (P[i, j] - k * Pr[j]) / forgetting
    return np.sqrt(np.sum(Pr * Pr) * np.sum(error * error)) / size


@dataclass(frozen=True, eq=False)
class Forced(Record):
    """What FORCE learning has led to.

    Attributes
    ----------
    network : DynamicalSystem
        The network with its loop closed, which has no inputs left: of Euler's steps ``dt`` it makes what it has learned.
    readout : Readout
    state : ndarray, shape (N,)
        Where training ended.
    targets, shown : ndarray, shape (K, T)
        What was wanted, and the outputs while learning, each before it was corrected.
    change : ndarray, shape (T,)
        Lengths of the steps of the weights, which fall to nothing where learning comes to its end.
    status : Status
    """

    network: Any
    readout: Readout
    state: Floats
    targets: Floats
    shown: Floats
    change: Floats
    status: Status

    plot = drawn("plot_forced", "Draw targets and outputs while learning, and the changes of the weights")

    def __repr__(self) -> str:
        last = f", last change {self.change[self.change > 0][-1]:.3g}" if self.change.any() else ""
        return f"Forced({self.change.size} steps{last})"


def force(
    net: DynamicalSystem, targets: ArrayLike, *, dt: float | None = None, ridge: float = 1.0, every: int = 2,
    y0: ArrayLike | None = None, readout: Readout | None = None, timeout: float | None = None, on_interrupt: str = "raise",
) -> Forced:  # fmt: skip
    """Teach a network to make signals by itself: FORCE learning [1]_.

    The outputs ``z = V r`` are fed back as the network's inputs while recursive least squares corrects V, so quickly that
    the loop is never far from the target.

    Parameters
    ----------
    net : AdditiveNetwork, EchoState, RateNetwork or FullyRecurrent
        Its inputs are the fed back outputs: ``input_weights`` has a column for each target. Chaotic by itself, mostly. r are
        the outputs of additive networks, such as a CTRNN, and the states of others.
    targets : array_like, shape (K, T)
        One column a step.
    dt : float, optional
        Euler's step; for flows.
    ridge : float
        alpha: the first guess of the correlations' inverse is ``1 / alpha``.
    every : int
        How many steps from one correction to the next.
    y0 : array_like, shape (N,), optional
        Zero by default, where a network without biases stays: give another state.
    readout : Readout, optional
        V to start with, without biases; zero by default.
    timeout : float, optional
        Seconds; what was learned until then is returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was learned as ``.result``, or returns it.

    References
    ----------
    .. [1] Sussillo & Abbott (2009), Generating coherent patterns of activity from chaotic neural networks, Neuron 63, 544.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from learning import force
    >>> rng = np.random.default_rng(0)
    >>> J, U = 1.5 / np.sqrt(100) * rng.normal(size=(100, 100)), rng.uniform(-1, 1, (100, 1))
    >>> sine = np.sin(0.1 * np.arange(3000))[np.newaxis]
    >>> forced = force(CTRNN(J, activation="tanh", input_weights=U), sine, dt=0.1, y0=rng.normal(size=100))
    >>> bool(np.abs(forced.shown - sine)[0, -500:].max() < 0.05), forced.network.state_dim
    (True, 100)
    """
    as_instance(net, "net", (AdditiveNetwork, EchoState, RateNetwork, FullyRecurrent))
    Y, skip = as_floats(targets, "targets"), as_count(every, "every", minimum=1)
    if Y.ndim != 2 or len(Y) != net.input_dim or not Y.size:
        raise ValueError(f"`targets` must have shape (K, T), a row for each of {net.input_dim} inputs; got {Y.shape}.")
    if (net.kind == "map") != (dt is None):
        raise ValueError("`dt` must be given for flows, and not for maps.")
    h, skip = 0.0 if dt is None else as_number(dt, "dt", positive=True), min(skip, Y.shape[1])
    n, seconds, then = net.state_dim, as_timeout(timeout), as_on_interrupt(on_interrupt)
    silent = Readout(np.zeros((len(Y), n)), np.zeros(len(Y)))
    first = silent if readout is None else as_instance(readout, "readout", Readout)
    closed_loop(net, first)  # says what does not fit
    y = np.zeros(n) if y0 is None else net.check_state(y0, "y0").copy()
    run = _Forcing(net, Y, h, first, np.eye(n) / as_number(ridge, "ridge", positive=True), skip, y)
    found: Forced = long_call(lambda: run.run(seconds), run.result, timeout=seconds, on_interrupt=then)
    return found


class _Forcing:
    """A run of FORCE learning, in pieces."""

    def __init__(self, net: Any, Y: Floats, h: float, first: Readout, P: Floats, every: int, y: Floats) -> None:
        self.net, self.Y, self.h, self.P, self.every, self.y = net, Y, h, P, every, y
        self.features = net.address("outputs") if net.structure("additive") else 0  # 0: the states
        self.V, self.biases = first.weights.copy(), first.biases
        self.out, self.change, self.done = np.empty(Y.shape), np.zeros(Y.shape[1]), 0

    def run(self, seconds: float | None) -> Forced:
        began, piece, length = time.perf_counter(), max(int(PIECE / self.y.size**2), 1), self.Y.shape[1]
        while self.done < length:
            if seconds is not None and time.perf_counter() >= began + seconds:
                raise OutOfTime
            stop, params = min(self.done + piece, length), np.asarray(self.net.params)
            _force(self.net.address("rhs"), self.features, self.net.kind == "map", params, self.Y, self.h, self.every,
                   self.y, self.V, self.biases, self.P, self.out, self.change, self.done, stop)  # fmt: skip
            self.done = stop
        return self.result(Status.SUCCESS)

    def result(self, status: Status) -> Forced:
        if not np.isfinite(self.V).all():
            raise ArithmeticError("the network ran away while it learned: take a smaller `dt`, or a larger `ridge`.")
        readout, done = Readout(self.V.copy(), self.biases), self.done
        return Forced(closed_loop(self.net, readout), readout, self.y.copy(), self.Y[:, :done].copy(),
                      self.out[:, :done].copy(), self.change[:done].copy(), status)  # fmt: skip


@kernel
def _force(f, shown, a_map, params, targets, h, every, y, V, d, P, out, change, first, last):
    """Steps ``first`` to ``last``: z = V r + d goes back in as it is, then V learns from its error."""
    n, k = y.size, d.size
    r, z, slope, error = np.empty(n), np.empty(k), np.empty(n), np.empty(k)
    for step in range(first, last):
        if shown != 0:
            call(shown, 0.0, pointer(y), n, pointer(y), 0, pointer(params), params.size, pointer(r), n)
        else:
            copy(y, r)
        for o in range(k):
            z[o] = d[o] + np.sum(V[o] * r)
            out[o, step] = z[o]
            error[o] = z[o] - targets[o, step]
        if step % every == 0:
            change[step] = _learn(P, V, r, error, 1.0)
        call(f, step if a_map else step * h, pointer(y), n, pointer(z), k, pointer(params), params.size, pointer(slope), n)
        for i in range(n):
            y[i] = slope[i] if a_map else y[i] + h * slope[i]


def closed_loop(net: Any, readout: Readout) -> Any:
    """Return the network in which the readout's outputs are the inputs: ``W + U V``, and ``U d`` beside what is constant."""
    if readout.weights.shape != (net.input_dim, net.state_dim):
        raise ValueError(
            f"`readout` must have shape (M, N) = ({net.input_dim}, {net.state_dim}), its outputs being the inputs; "
            f"got {readout.weights.shape}."
        )
    if getattr(net, "diagonal", False):
        raise ValueError("`net` must have a matrix of weights, to which the loop is added.")
    if isinstance(net, EchoState):
        return net.closed_loop(readout)
    U, constant = net.input_weights, "constant_inputs" if net.structure("additive") else "biases"
    changes: dict[str, Any] = {"weights": net.weights + U @ readout.weights, "input_weights": None}
    changes[constant] = getattr(net, constant) + U @ readout.biases
    return net.replace(**changes, **({"mask": None} if hasattr(net, "mask") else {}))
