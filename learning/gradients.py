"""Gradients of what a trajectory shows, by parameters, initial states and inputs."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from learning.outputs import Outputs
from learning.trials import Course, Trial, Way, of_system, span_of
from learning.unrolled import Seen, Unrolled
from neurodynamics.simulation import simulate, state_at_end
from neurodynamics.status import Status
from neurodynamics.systems import DynamicalSystem, replay_of
from neurodynamics.validation import Floats, as_items, as_number
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

METHODS = ("discrete", "forward", "hybrid", "adjoint")
CHECK_STEP = 1e-4  # of central differences along a direction, relative to each parameter, or to 1 where it is below


@dataclass(frozen=True, eq=False)
class Gradient:
    """The value of a loss along a trajectory, and its derivatives.

    Attributes
    ----------
    value : float
    vector : ndarray, shape (D,)
        By the chosen parameters, in their order; arrays as they are packed, column by column.
    by : dict of str to ndarray
        The same by name, each in the shape of its array.
    y0 : ndarray, shape (N,)
        By the initial state.
    inputs : ndarray, shape (S, M)
        By inputs that are held over each step; empty where the method does not give them.
    times : ndarray, shape (S + 1,)
        Ends of the steps.
    shown : ndarray, shape (L, K)
        What the loss was asked about.
    method : str
    exact : bool
        Whether it is exact to rounding for what was computed. Otherwise a function of the system could not be recorded, and
        its derivatives are central differences, good to about 1e-9.
    gap : float or None
        How far it is from the derivative of what was computed, relative to its length: of the continuous adjoint its
        distance from the discrete gradient, with ``check=True`` that from a central difference along the gradient.
    status : Status
        Where it was interrupted, or had no more time, derivatives are NaN; the value is NaN or that of the whole trajectory.
    """

    value: float
    vector: Floats
    by: dict[str, Floats]
    y0: Floats
    inputs: Floats
    times: Floats
    shown: Floats
    method: str
    exact: bool
    gap: float | None = None
    status: Status = Status.SUCCESS

    def __repr__(self) -> str:
        length = length_of(self.vector)
        end = "" if self.exact else "; by differences"
        return f"Gradient(value {self.value:.6g}, length {length:.4g}, {self.method}{end})"


class Chosen:
    """Some of a system's parameters, in order: by name, without those that a mask holds at zero."""

    def __init__(self, system: DynamicalSystem, names: Sequence[str] | str | None) -> None:
        self.layout = layout = system.layout
        listed = [names] if isinstance(names, str) else list(layout.shapes) if names is None else as_items(names, "params")
        self.arrays = {name: layout.positions(name) for name in listed}
        parts = [np.ravel(each, order="F") for each in self.arrays.values()]
        self.positions = np.concatenate(parts) if parts else np.zeros(0, dtype=int)
        if np.bincount(self.positions, minlength=1).max() > 1:
            raise ValueError("`params` must name each parameter once.")
        self.free = np.ones(self.positions.size, dtype=bool)
        mask = getattr(system, "mask", None)
        if isinstance(mask, np.ndarray):
            held = np.zeros(layout.size, dtype=bool)
            held[layout.positions("weights")[~mask]] = True
            self.free = ~held[self.positions]

    def vector(self, whole: Floats) -> Floats:
        """Return the chosen entries of a vector (P,), zero where a mask holds them."""
        return np.where(self.free, whole[self.positions], 0.0)

    def by_name(self, whole: Floats) -> dict[str, Floats]:
        """Return them by name."""
        spread = np.zeros(whole.size)
        spread[self.positions] = self.vector(whole)
        return {name: spread[each] for name, each in self.arrays.items()}

    def directions(self, size: int) -> Floats:
        """Return each of them as a direction of all parameters, shape (P, D)."""
        out = np.zeros((size, self.positions.size))
        out[self.positions, np.arange(self.positions.size)] = self.free
        return out


class Pass:
    """One pass ahead: the trajectory of a trial, or of several side by side, what is shown, and the losses (L,)."""

    def __init__(self, system: Any, loss: Callable, trials: Sequence[Trial], courses: Sequence[Course], of: str) -> None:
        self.system, self.courses, self.given = system, courses, trials[0].inputs
        self.unrolled = Unrolled(system, courses if len(trials) > 1 else courses[0])
        self.outputs = Outputs(system, self.unrolled.seen, of)
        self.values, self.gradient = np.empty(len(trials)), np.zeros(self.outputs.shown.shape)
        shown, gradient = (a if len(trials) > 1 else a[..., np.newaxis] for a in (self.outputs.shown, self.gradient))
        for lane, (trial, steps) in enumerate(zip(trials, courses, strict=True)):
            rows = slice(len(steps.looks))
            self.values[lane], gradient[rows, :, lane] = asked(trial.loss or loss, shown[rows, :, lane], trial.targets)

    def cotangents(self, by_params: Floats) -> Seen:
        """Return the cotangents of the states that are seen; what outputs give the parameters is added."""
        run = self.unrolled
        return Seen(run.looks if run.several else self.courses[0].looks, self.outputs.back(self.gradient, by_params))

    @property
    def exact(self) -> bool:
        """Whether derivatives are exact to rounding."""
        return self.unrolled.exact and self.outputs.exact


def asked(loss: Callable, shown: Floats, targets: Any) -> tuple[float, Floats]:
    """Return what a loss says, checked."""
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is told below
        answer = loss(shown, targets)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise TypeError("`loss` must return its value and its gradient by what is shown, (L, K).")
    value, gradient = float(answer[0]), np.asarray(answer[1], dtype=np.float64)
    if gradient.shape != shown.shape:
        raise ValueError(f"`loss` must return a gradient of the shape {shown.shape} of what is shown; got {gradient.shape}.")
    if not (np.isfinite(value) and np.isfinite(gradient).all()):
        where = np.argwhere(~np.isfinite(gradient))
        raise ArithmeticError(f"`loss` is not finite{f' at row {where[0][0]} of what is shown' if len(where) else ''}.")
    return value, gradient


def length_of(vector: Any) -> float:
    """Return the length of a vector, which does not overflow where its squares would."""
    return float(scipy.linalg.norm(vector, check_finite=False))


def gradient(
    system: DynamicalSystem,
    loss: Callable,
    y0: ArrayLike | None = None,
    targets: Any = None,
    *,
    inputs: Any = None,
    t_span: Any = None,
    times: ArrayLike | None = None,
    params: Sequence[str] | str | None = None,
    method: str = "discrete",
    integrator: str | None = None,
    dt: float | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    of: str = "outputs",
    window: int | None = None,
    check: bool = False,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> Gradient:
    """Differentiate a loss along a trajectory.

    ``discrete`` and ``hybrid`` go back through the steps (backpropagation through time [1]_), ``forward`` carries
    sensitivities along (real-time recurrent learning [2]_); these three agree to rounding, for what was computed. ``hybrid``
    [3]_ takes blocks of N steps back and sensitivities from block to block, in a time that grows with N**3 a step where
    ``forward`` takes N**4. ``adjoint`` integrates ``dw/dt = -J' w`` backwards (Pearlmutter [4]_, Pontryagin's costate): the
    derivative of the solution, which differs from that of its approximation by the error of the steps, see ``gap``.

    Parameters
    ----------
    system : DynamicalSystem
        A flow or a map of compiled functions. Times of resets are found by dop853; perturbations go through resets by the
        saltation matrix.
    loss : callable ``(shown (L, K), targets) -> (value, gradient (L, K))``
        See :mod:`learning.losses`.
    y0 : array_like, shape (N,), optional
        Zero by default.
    targets, t_span, times, inputs
        See :class:`Trial`.
    params : str or sequence of str, optional
        Names of parameters, entries or whole arrays; by default all.
    method : {"discrete", "forward", "hybrid", "adjoint"}
    integrator : {"euler", "heun", "midpoint", "rk4", "dopri5", "dop853"}, optional
        For flows: "rk4" where ``dt`` is given, else "dop853", whose steps are chosen by ``rtol`` and ``atol``.
    dt : float, optional
    rtol, atol : float
    of : {"outputs", "states"}
        What is shown to the loss.
    window : int, optional
        Truncated backpropagation: each time of the loss reaches back so many steps; 1 is Elman's one-step rule.
    check : bool
        Whether to compare with a central difference along the gradient, see ``gap``.
    timeout : float, optional
        Seconds; then what there is is returned, see ``status``.
    on_interrupt : {"raise", "return"}

    Returns
    -------
    Gradient

    References
    ----------
    .. [1] Werbos (1990), Backpropagation through time: what it does and how to do it, Proc. IEEE 78, 1550.
    .. [2] Williams & Zipser (1989), A learning algorithm for continually running fully recurrent neural networks, Neural
       Computation 1, 270.
    .. [3] Schmidhuber (1992), A fixed size storage O(n^3) time complexity learning algorithm for fully recurrent continually
       running networks, Neural Computation 4, 243.
    .. [4] Pearlmutter (1989), Learning state space trajectories in recurrent neural networks, Neural Computation 1, 263.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from learning import gradient, losses
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> g = gradient(net, losses.MeanSquare(), [0, 0], [[0.5, 0.5]], times=[5.0], params=["weights", "biases"], dt=0.01)
    >>> g.by["weights"].shape, round(g.value, 6)
    ((2, 2), 0.059819)
    """
    require_differentiable(system)
    way = Way(method, window, integrator, dt, rtol, atol, of).checked(*METHODS)
    trial, chosen = Trial(targets, t_span, times, y0, inputs), Chosen(system, params)
    about = of_system(trial, system, loss)
    if about is not None:
        whole, n = about.by_params, system.state_dim
        found = Gradient(about.value, chosen.vector(whole), chosen.by_name(whole), np.zeros(n),
                         np.zeros((0, system.input_dim)), np.zeros(0), about.residuals.reshape(-1, n), method,
                         replay_of(system).exact)  # fmt: skip
        return _checked(found, system, chosen, lambda net: (of_system(trial, net, loss) or about).value) if check else found
    run = _Asking(system, loss, trial, chosen, way, check)
    seconds, then = as_timeout(timeout), as_on_interrupt(on_interrupt)
    return long_call(run.work, run.result, timeout=seconds, on_interrupt=then, quiet=False, operations=run.operations())


class _Asking:
    """A gradient on its way."""

    def __init__(self, system: DynamicalSystem, loss: Callable, trial: Trial, chosen: Chosen, way: Way, check: bool) -> None:
        self.system, self.loss, self.trial, self.chosen, self.way, self.check = system, loss, trial, chosen, way, check
        self.ahead: Pass | None = None
        self.whole, self.start = np.full(system.param_dim, np.nan), np.full(system.state_dim, np.nan)
        self.held = np.zeros((0, system.input_dim))
        self.gap: float | None = None

    def passed(self, system: DynamicalSystem) -> Pass:
        """Return a pass ahead, with other parameters on the same steps, but for resets, whose times move."""
        steps = None if self.ahead is None else self.ahead.courses[0]
        if steps is None or steps.jumps:
            steps = self.way.course(system, self.trial)
        return Pass(system, self.loss, [self.trial], [steps], self.way.of)

    def operations(self) -> float:
        """Return about how many there are, where the number of steps is known."""
        system, (start, end), dt = self.system, span_of(self.trial.t_span), self.way.dt
        if dt is None and system.kind == "flow":
            return np.inf
        steps = end - start if dt is None else (end - start) / as_number(dt, "dt", positive=True)
        directions = 4 if self.way.method == "discrete" else self.chosen.positions.size + system.state_dim
        return steps * (system.state_dim + system.param_dim) * (1 + directions)

    def work(self) -> Gradient:
        """Go ahead, and back."""
        system, chosen = self.system, self.chosen
        self.ahead = ahead = self.passed(system)
        whole, given = np.zeros(system.param_dim), np.zeros((ahead.unrolled.size, system.input_dim))
        start = sweep_back(ahead, whole, chosen, self.way, given)
        if self.way.method == "adjoint":
            exact = np.zeros(system.param_dim)
            _discrete(ahead, exact, np.zeros(given.shape), chosen)
            length = length_of(chosen.vector(exact))
            self.gap = length_of(chosen.vector(whole - exact)) / max(length, 1e-300)
        if not (np.isfinite(whole[chosen.positions]).all() and np.isfinite(start).all()):
            raise ArithmeticError(f"the gradient is not finite {_first_overflow(ahead)} steps before the end: it explodes.")
        self.whole, self.start = whole, start
        self.held = given if self.way.method == "discrete" else self.held
        found = self.result(Status.SUCCESS)
        return _checked(found, system, chosen, lambda net: self.passed(net).values[0]) if self.check else found

    def result(self, status: Status) -> Gradient:
        """Return what there is; derivatives that are not known yet are NaN."""
        ahead, chosen = self.ahead, self.chosen
        value, times, shown, exact = np.nan, np.zeros(0), np.zeros((0, self.system.output_dim)), True
        if ahead is not None:
            value, times, shown, exact = float(ahead.values[0]), ahead.courses[0].times, ahead.outputs.shown, ahead.exact
        return Gradient(value, chosen.vector(self.whole), chosen.by_name(self.whole), self.start, self.held, times, shown,
                        self.way.method, exact, self.gap, status)  # fmt: skip


def sweep_back(ahead: Pass, whole: Floats, chosen: Chosen, way: Way, given: Floats | None = None) -> Floats:
    """Add the gradient by all parameters to ``whole``, and that by held inputs to ``given``; return that by the start."""
    if way.window is not None:
        return _truncated(ahead, whole, given, min(way.window, ahead.unrolled.size))
    ways = {"discrete": _discrete, "forward": _forward, "hybrid": _hybrid, "adjoint": _adjoint}
    return ways[way.method](ahead, whole, given, chosen)


def require_differentiable(system: Any) -> None:
    """Raise where a system cannot be differentiated along its trajectories."""
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    if system.host:
        raise ValueError("`system` must have compiled functions; one made with host=True has none.")
    if system.event_terminal.any():
        raise ValueError("`system` must go on after its events: where a trajectory ends at one, there is nothing to compare "
                         "with targets. Declare them without `terminal`.")  # fmt: skip


def _at_start(seen: Seen) -> Floats:
    """Return the cotangent of the first state."""
    return np.where(seen.looks[:, np.newaxis] == 0, seen.cotangents, 0.0).sum(axis=0)


def _discrete(ahead: Pass, whole: Floats, given: Floats | None, chosen: Chosen) -> Floats:
    w = ahead.cotangents(whole)
    return ahead.unrolled.back(w, whole, given) + _at_start(w)


def _forward(ahead: Pass, whole: Floats, given: Floats | None, chosen: Chosen) -> Floats:
    """Sensitivities by the chosen parameters and the initial state, all at once."""
    n, p = ahead.system.state_dim, ahead.system.param_dim
    w, count = ahead.cotangents(whole), chosen.positions.size
    S = np.concatenate([np.zeros((n, count)), np.eye(n)], axis=1)
    by_params = np.concatenate([chosen.directions(p), np.zeros((p, n))], axis=1)
    _, _, total = ahead.unrolled.ahead(S, by_params, seen=w)
    whole[chosen.positions] += total[:count]
    return total[count:]


def _hybrid(ahead: Pass, whole: Floats, given: Floats | None, chosen: Chosen) -> Floats:
    """Blocks of N steps: within one go back, to its beginning come sensitivities of all that was before."""
    n, size, run = ahead.system.state_dim, ahead.unrolled.size, ahead.unrolled
    w = ahead.cotangents(whole)
    S, start = np.zeros((n, whole.size)), _at_start(w)
    to_start = np.eye(n)  # d y / d y0
    for first in range(0, size, n):
        last = min(first + n, size)
        at_first = run.back(w, whole, given, first, last)
        whole += at_first @ S
        start += at_first @ to_start
        rows, by_params = np.empty((n, n)), np.zeros((n, whole.size))
        for i, unit in enumerate(np.eye(n)):
            rows[i] = run.back(None, by_params[i], None, first, last, unit)
        S, to_start = rows @ S + by_params, rows @ to_start
    return start


def _truncated(ahead: Pass, whole: Floats, given: Floats | None, window: int) -> Floats:
    """Each time of the loss reaches back ``window`` steps."""
    w = ahead.cotangents(whole)
    start = _at_start(w)
    for k, cotangent in zip(w.looks.tolist(), w.cotangents, strict=True):
        if k > 0 and cotangent.any():
            at_first = ahead.unrolled.back(None, whole, given, max(k - window, 0), k, cotangent)
            start += at_first if k <= window else 0.0
    return start


def _adjoint(ahead: Pass, whole: Floats, given: Floats | None, chosen: Chosen) -> Floats:
    """Pearlmutter's equations along the dense output of the trajectory."""
    system, steps = ahead.system, ahead.courses[0]
    if system.kind == "map":
        raise ValueError('`method="adjoint"` is for flows; that of a map is method="discrete".')
    if system.has("reset"):
        raise ValueError('`method="adjoint"` is for flows without a reset; use method="discrete".')
    n, m, p = system.state_dim, system.input_dim, system.param_dim
    path = simulate(system, (steps.times[0], steps.times[-1]), steps.y0, inputs=ahead.given, method="dop853", rtol=1e-10,
                    atol=1e-12, dense_output=True).sol  # fmt: skip
    assert path is not None
    replay, u = replay_of(system), np.zeros(m)

    def costate(t: float, state: Floats, middle: float) -> Floats:
        steps.inputs.evaluate(t, middle, u)
        leaves = replay.at(t, path(t), u, np.asarray(system.params)).back(state[:n, np.newaxis])[:, 0]
        return np.concatenate([-leaves[:n], -leaves[n + m : n + m + p]])

    w, state = np.zeros((steps.times.size, n)), np.zeros(n + p)
    seen = ahead.cotangents(whole)
    np.add.at(w, seen.looks, seen.cotangents)
    jumps = np.isin(steps.times, steps.inputs.breakpoints)
    stops = np.flatnonzero(w.any(axis=1) | jumps | (np.arange(len(w)) == 0))[::-1]
    for k, before in zip(stops, [*stops[1:], 0], strict=True):
        state[:n] += w[k]
        if k > before:
            span = float(steps.times[k]), float(steps.times[before])
            state = state_at_end(functools.partial(costate, middle=sum(span) / 2), span, state)
    whole += state[n:]
    return state[:n]


def _first_overflow(ahead: Pass) -> int:
    """Return how many steps back from the end cotangents stay finite."""
    w, size = ahead.cotangents(np.zeros(ahead.system.param_dim)), ahead.unrolled.size
    end: Floats | None = None
    for k in range(size, 0, -1):
        end = ahead.unrolled.back(w, np.zeros(ahead.system.param_dim), None, k - 1, k, end)
        if not np.isfinite(end).all():
            return size - k + 1
    return size


def _checked(found: Gradient, system: Any, chosen: Chosen, value_of: Callable[[Any], float]) -> Gradient:
    """Return the gradient with its distance from central differences of a loss along it, extrapolated to fourth order."""
    length = length_of(found.vector)
    if length == 0.0:
        return found
    direction = np.zeros(system.param_dim)
    direction[chosen.positions] = found.vector / length
    h = CHECK_STEP / float((np.abs(direction) / np.maximum(np.abs(system.params), 1.0)).max())
    try:
        moved = [system.with_params(system.params + side * h * direction) for side in (1.0, -1.0, 0.5, -0.5)]
    except ValueError as error:
        raise ValueError(f"`check` moves parameters, and not all may move: {error} Leave such ones out of `params`."
                         ) from error  # fmt: skip
    far, low, near, below = (value_of(each) for each in moved)
    measured = (8.0 * (near - below) - (far - low)) / (6.0 * h)
    return dataclasses.replace(found, gap=abs(measured - length) / length)
