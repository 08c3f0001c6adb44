"""Gradients of what a trajectory shows, by parameters, initial states and inputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from learning.checking import checked, length_of
from learning.chosen import Chosen, require_differentiable
from learning.courses import Way
from learning.passes import Pass, first_overflow, sweep_back
from learning.trials import Trial, of_system, span_of
from neurodynamics.records import Record
from neurodynamics.status import Status
from neurodynamics.systems import DynamicalSystem, replay_of
from neurodynamics.validation import Floats, as_flag, as_number
from neurodynamics.watched import OutOfTime, as_on_interrupt, as_timeout, long_call

METHODS = ("discrete", "forward", "hybrid", "adjoint")


@dataclass(frozen=True, eq=False)
class Gradient(Record):
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
    check = as_flag(check, "check")
    about = of_system(trial, system, loss)
    if about is not None:
        given = {"y0": y0, "t_span": t_span, "times": times, "window": window, "integrator": integrator, "dt": dt}
        for name in (name for name, value in given.items() if value is not None):
            raise ValueError(f"`{name}` is for losses of trajectories; this one looks at the system alone. Leave it out.")
        whole, n = about.by_params, system.state_dim
        found = Gradient(about.value, chosen.vector(whole), chosen.by_name(whole), np.zeros(n),
                         np.zeros((0, system.input_dim)), np.zeros(0), about.residuals.reshape(-1, n), method,
                         replay_of(system).exact)  # fmt: skip
        if not check:
            return found
        return checked(found, system, chosen.positions, lambda net: (of_system(trial, net, loss) or about).value)  # type: ignore[no-any-return]
    run = _Asking(system, loss, trial, chosen, way, check)
    seconds, then = as_timeout(timeout), as_on_interrupt(on_interrupt)
    run.ends = np.inf if seconds is None else time.perf_counter() + seconds
    return long_call(run.work, run.result, timeout=seconds, on_interrupt=then, quiet=False, operations=run.operations())


class _Asking:
    """A gradient on its way."""

    def __init__(self, system: DynamicalSystem, loss: Callable, trial: Trial, chosen: Chosen, way: Way, check: bool) -> None:
        self.system, self.loss, self.trial, self.chosen, self.way, self.check = system, loss, trial, chosen, way, check
        self.ahead: Pass | None = None
        self.whole, self.start = np.full(system.param_dim, np.nan), np.full(system.state_dim, np.nan)
        self.held = np.zeros((0, system.input_dim))
        self.gap: float | None = None
        self.ends = np.inf

    def passed(self, system: DynamicalSystem) -> Pass:
        """Return a pass ahead, with other parameters on the same steps, but for resets, whose times move."""
        if time.perf_counter() >= self.ends:
            raise OutOfTime
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
            sweep_back(ahead, exact, chosen, self.way._replace(method="discrete"))
            length = length_of(chosen.vector(exact))
            self.gap = length_of(chosen.vector(whole - exact)) / max(length, 1e-300)
        if not (np.isfinite(whole[chosen.positions]).all() and np.isfinite(start).all()):
            raise ArithmeticError(f"the gradient is not finite {first_overflow(ahead)} steps before the end: it explodes.")
        self.whole, self.start = whole, start
        self.held = given if self.way.method == "discrete" else self.held
        found = self.result(Status.SUCCESS)
        if not self.check:
            return found
        return checked(found, system, chosen.positions, lambda net: self.passed(net).values[0])  # type: ignore[no-any-return]

    def result(self, status: Status) -> Gradient:
        """Return what there is; derivatives that are not known yet are NaN."""
        ahead, chosen = self.ahead, self.chosen
        value, times, shown, exact = np.nan, np.zeros(0), np.zeros((0, self.system.output_dim)), True
        if ahead is not None:
            value, times, shown, exact = float(ahead.values[0]), ahead.courses[0].times, ahead.outputs.shown, ahead.exact
        return Gradient(value, chosen.vector(self.whole), chosen.by_name(self.whole), self.start, self.held, times, shown,
                        self.way.method, exact, self.gap, status)  # fmt: skip
