"""Delay equations: systems whose further inputs are their own past states.

Everything about delays is in one closing rule. A system with K inputs more, ``dy/dt = f(t, y, [u, z], params)``, is an
ordinary one (:attr:`DelayedSystem.opened`), compiled, differentiated and driven as any other; the delays close it with
``z_k(t) = y_{i_k}(t - tau_k)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import ROLES, SystemFunction, check_signature, keep, pointer, run_once
from neurodynamics.lazily import cached_property
from neurodynamics.systems import DynamicalSystem, ParameterLayout, Recipe, compose, maker, part_of, scratch
from neurodynamics.validation import Floats, as_choice, as_count, as_items, as_number, as_size, as_vector

ARGUMENTS = ("t", "y", "z", "u", "params", "out")
WITHOUT = (
    "this system has delays: its state is a piece of its past, and what was called is for systems whose state is a vector. "
    "`simulate`, `characteristic_roots` and `delayed_lyapunov_spectrum` take delays; the fixed points of `system.undelayed` "
    "are its equilibria."
)


class PastState(NamedTuple):
    """One past state, ``z(t) = y[state](t - delay)``."""

    state: int
    delay: float


class DelayedSystem(DynamicalSystem):
    """A flow with constant delays, ``dy/dt = f(t, y, z, u, params)`` with ``z[k](t) = y[i_k](t - tau_k)``.

    :func:`simulate` takes it as any other system; its state at the start is a vector, which is then its constant past as
    well, a function of time, or a solution to go on from.

    Parameters
    ----------
    rhs : callable ``(t, y, z, u, params, out)``
        As of a :class:`DynamicalSystem`, with the past states ``z`` (K,).
    state_dim : int
        N.
    delays : sequence of (int, float)
        What ``z`` holds: pairs of a state ``i_k`` and a delay ``tau_k > 0``.
    params, input_dim, outputs, output_dim
        As of a :class:`DynamicalSystem`.

    Attributes
    ----------
    past : tuple of (state, delay)
    opened : DynamicalSystem
        The same equations as a system without memory: its last K inputs are ``z``.
    undelayed : DynamicalSystem
        The system with all delays zero, whose equilibria are those of this one.

    References
    ----------
    .. [1] Hale & Verduyn Lunel (1993), Introduction to Functional Differential Equations.

    Examples
    --------
    Mackey and Glass (1977):

    >>> from neurodynamics import DelayedSystem, simulate
    >>> def mackey_glass(t, y, z, u, params, out):
    ...     beta, gamma, n = params
    ...     out[0] = beta * z[0] / (1.0 + z[0] ** n) - gamma * y[0]
    >>> system = DelayedSystem(mackey_glass, 1, [(0, 17.0)], {"beta": 0.2, "gamma": 0.1, "n": 10.0})
    >>> sol = simulate(system, 300, [1.2])
    >>> bool(0.2 < sol.y.min() < sol.y.max() < 1.4)
    True
    """

    opened: DynamicalSystem
    _plain: DynamicalSystem  # the same without events
    past: tuple[PastState, ...]

    def __init__(
        self,
        rhs: Callable,
        state_dim: int,
        delays: Sequence[tuple[int, float]],
        params: Mapping[str, ArrayLike] | ArrayLike = (),
        input_dim: int = 0,
        *,
        outputs: Callable | None = None,
        output_dim: int | None = None,
    ) -> None:
        check_signature(rhs, "rhs", ARGUMENTS)
        n, m = as_size(state_dim, "state_dim"), as_size(input_dim, "input_dim")
        past = _pairs(delays, n)
        vector = ParameterLayout.of(params)[1]
        arrays = {"y": np.full(n, 0.5), "z": np.full(len(past), 0.5), "u": np.zeros(m), "params": vector.copy()}
        for array in arrays.values():
            array.flags.writeable = False
        run_once(rhs, "rhs", {"t": 0.0} | arrays | {"out": np.zeros(n)})
        opened = DynamicalSystem(_opened(rhs, m), n, params, m + len(past), outputs=outputs, output_dim=output_dim)
        self._close(opened, past, Recipe(delayed_feedback, (opened, past)))

    def _close(self, opened: DynamicalSystem, past: tuple[PastState, ...], recipe: Recipe,
               named: DynamicalSystem | None = None) -> None:  # fmt: skip
        """Become the system that these past states close; its parameters are those of `named`."""
        self.__dict__ |= {name: getattr(opened, name) for name in ("kind", "host", "state_dim", "output_dim", "angles")}
        self.__dict__ |= {"input_dim": opened.input_dim - len(past), "past": past, "_recipe": recipe,
                          "layout": (named or opened).layout, "_plain": opened}  # fmt: skip
        self._take(opened)
        self._set_params(np.array((named or opened).params))

    def _take(self, opened: DynamicalSystem) -> None:
        """Follow the opened system, which may have events."""
        names = ("event_dim", "event_directions", "event_terminal", "_added")
        self.__dict__ |= {"opened": opened} | {name: getattr(opened, name) for name in names}
        self._functions = {role: f for role, f in opened._functions.items() if role in ("outputs", "events")}

    @property
    def delays(self) -> Floats:
        """The delays of the past states, (K,)."""
        return np.array([each.delay for each in self.past])

    @property
    def longest_delay(self) -> float:
        """How far the right-hand side looks back."""
        return max(each.delay for each in self.past)

    @cached_property
    def undelayed(self) -> DynamicalSystem:
        """The system with all delays zero."""
        return without_delays(self)

    def has(self, role: str) -> bool:
        """Whether the system gives this function; there is a right-hand side, though none of a state alone."""
        return super().has(role) or role == "rhs"

    def function(self, role: str) -> SystemFunction:
        """Return a compiled function of the system; there is no right-hand side of a state alone."""
        if as_choice(role, "role", ROLES) in ("rhs", "jac"):
            raise ValueError(WITHOUT)
        return super().function(role)

    def program(self) -> Any:
        """Raise: there is no right-hand side of a state alone."""
        raise ValueError(WITHOUT)

    def raise_failures(self, *, as_they_were: bool = False) -> None:
        """Raise where a user's function reached outside its arrays since the last look."""
        self.opened.raise_failures(as_they_were=as_they_were)

    def with_delays(self, delays: ArrayLike | float) -> Self:
        """Return the same equations with other delays, a number for all or one for each past state, (K,)."""
        given = as_vector(delays, "delays", len(self.past), "K")
        pairs = [(each.state, float(delay)) for each, delay in zip(self.past, given, strict=True)]
        return delayed_feedback(self._plain, pairs)._with_added(self._added)

    def with_events(self, events: Any, **options: Any) -> Self:
        """Return the same system with events; see :meth:`DynamicalSystem.with_events`. Their ``u`` holds inputs, then z."""
        if options.get("reset") is not None:
            raise ValueError("`reset` is not for systems with delays: the jumps would come back out of the past.")
        return self._again(self._plain.with_events(events, **options))

    def _with_added(self, added: Any) -> Self:
        return self if added is None else self._again(self._plain._with_added(added))

    def _again(self, opened: DynamicalSystem) -> Self:
        other = object.__new__(type(self))
        other.__dict__.update({name: value for name, value in self.__dict__.items() if name != "undelayed"})
        other._take(opened)
        return other

    def _with_vector(self, vector: Floats) -> Self:
        return delayed_feedback(self._plain.with_params(vector), self.past)._with_added(self._added)

    def __repr__(self) -> str:
        distinct = np.unique(self.delays)
        shown = f"{distinct[0]:g}" if distinct.size == 1 else f"{distinct[0]:g} .. {distinct[-1]:g}"
        return f"{type(self).__name__}({self.state_dim} states, {len(self.past)} past states, delays {shown})"


def _opened(f: Callable, m: int) -> Callable:
    """Return f(t, y, z, u, params, out) as a right-hand side whose inputs are u, then z."""

    def rhs(t, y, inputs, params, out):
        f(t, y, inputs[m:], inputs[:m], params, out)

    return rhs


def _pairs(delays: Any, n: int) -> tuple[PastState, ...]:
    pairs = []
    for k, pair in enumerate(as_items(delays, "delays")):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"`delays[{k}]` must be a pair (state, delay); got {pair!r}.")
        state, delay = as_count(pair[0], f"delays[{k}][0]"), as_number(pair[1], f"delays[{k}][1]", positive=True)
        if state >= n:
            raise ValueError(f"`delays[{k}][0]` must be a state, below state_dim = {n}; got {state}.")
        pairs.append(PastState(state, delay))
    if not pairs:
        raise ValueError("`delays` must hold at least one pair (state, delay); without delays make a DynamicalSystem.")
    return tuple(pairs)


@maker
def delayed_feedback(system: DynamicalSystem, delays: Sequence[tuple[int, float]]) -> DelayedSystem:
    """Return the system whose last inputs are its own past states: ``u[M - K + k] = y[i_k](t - tau_k)``.

    Parameters
    ----------
    system : DynamicalSystem
        A flow of compiled functions with M inputs: a network, a model, a composition.
    delays : sequence of (int, float)
        For each of the last K inputs the state and the delay, positive.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import delayed_feedback, simulate
    >>> net = CTRNN([[0.0]], input_weights=[[1.0, -3.0]], activation="linear")  # y' = -y + u - 3 y(t - 1)
    >>> loop = delayed_feedback(net, [(0, 1.0)])
    >>> bool(abs(simulate(loop, 100, [0.5], inputs=[3.0]).y).max() > 10)  # beyond the Hopf point of the delay
    True
    """
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    if isinstance(system, DelayedSystem):
        raise ValueError("`system` has delays; give all of them at once, for `system.opened`.")
    if system.kind == "map" or system.host or system.domain is not None:
        raise ValueError("`system` must be a flow of compiled functions, without a domain that states keep.")
    if system.has("diffusion"):
        raise ValueError("`system` must have no noise: methods for noise do not keep the past that delays look at.")
    if system.has("reset"):
        raise ValueError("`system` must have no `reset`: the jumps would come back out of the past.")
    past = _pairs(delays, system.state_dim)
    if len(past) > system.input_dim:
        raise ValueError(f"`delays` must hold at most input_dim = {system.input_dim} pairs; got {len(past)}.")
    closed = object.__new__(DelayedSystem)
    closed._close(system, past, Recipe(delayed_feedback, (system, past)))
    return closed


@maker
def without_delays(system: DelayedSystem) -> DynamicalSystem:
    """Return the system with all delays zero: ``z[k] = y[i_k]``."""
    part = part_of(system.opened, "system")
    f, shown, n0, p0, k0, m0 = part.rhs, part.outputs, part.n, part.p, part.k, system.input_dim
    m1, states = part.m, tuple(each.state for each in system.past)

    def undelayed_rhs(index, t, y, n, u, m, params, p, out, k):
        w = scratch(out, m1)
        for i in range(m0):
            w[i] = u[i]
        for i in range(m1 - m0):
            w[m0 + i] = y[states[i]]
        f(index, t, y, n0, pointer(w), m1, params, p0, out, n0)
        keep(w)

    def undelayed_outputs(index, t, y, n, u, m, params, p, out, k):
        shown(index, t, y, n0, u, 0, params, p0, out, k0)

    return compose(Recipe(without_delays, (system,)), undelayed_rhs, undelayed_outputs, part.dual, n0, m0, k0)
