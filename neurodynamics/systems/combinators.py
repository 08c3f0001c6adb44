"""Systems made of systems: cascades, delay lines, switches, masks and unrolled maps, with Jacobians by the chain rule.

Parts whose kernels take dual numbers (recurrent and additive networks, and what is made of them here) give compositions
that take dual numbers as well, so all derivatives are exact. A part of a user's functions leaves the composition without
a Jacobian of its own: central differences stand in, and results say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import call, compiled, keep, kernel, offset, pointer, pointer_closure
from neurodynamics.files import Saved
from neurodynamics.inputs import Sampled
from neurodynamics.systems.additive_duals import dual_functions
from neurodynamics.systems.dual import dual_kernel, jacobian_of, scratch
from neurodynamics.systems.system import DynamicalSystem, Recipe, maker
from neurodynamics.validation import (
    Floats,
    as_count,
    as_floats,
    as_generator,
    as_instance,
    as_items,
    as_mapping,
    as_number,
    called,
    entry,
    require_room,
)

MOST_JUMPS = 1e7  # of a path of modes that is drawn as a whole


class Part(NamedTuple):
    """What a composition calls of a part: kernels, and the numbers of states, inputs, parameters and outputs."""

    rhs: Any
    outputs: Any
    n: int
    m: int
    p: int
    k: int
    dual: bool


@dual_kernel
def _state_itself(index, t, y, n, u, m, params, p, out, k):
    """Outputs of a system that shows its state."""
    for i in range(k):
        out[i] = y[i]


def _by_address(f: int) -> Any:
    @compiled
    def through_address(index, t, y, n, u, m, params, p, out, k):
        call(f, t, y, n, u, m, params, p, out, k)

    return through_address


def _part(system: Any, name: str) -> Part:
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`{name}` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    if system.host or system.has("events"):
        raise ValueError(f"`{name}` must have compiled functions and no events; add those of the whole with `with_events`.")
    if system.has("diffusion"):
        raise ValueError(f"`{name}` must have no noise, which the whole would not have; give a system without diffusion.")
    sizes = (system.state_dim, system.input_dim, system.param_dim, system.output_dim)
    network = system.structure("additive")
    if network is not None:
        return Part(*dual_functions(network.activation), *sizes, True)
    f, o = (system.function(role).source if system.has(role) else _state_itself for role in ("rhs", "outputs"))
    if getattr(f, "is_dual", False) and getattr(o, "is_dual", False):
        return Part(f, o, *sizes, True)
    shown = _by_address(system.address("outputs")) if system.has("outputs") else _state_itself
    return Part(_by_address(system.address("rhs")), shown, *sizes, False)


class Composition(Saved, DynamicalSystem):
    """What the functions of this file return: ``parts`` are the systems that it is made of."""

    parts: tuple[DynamicalSystem, ...]

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside what its part allows."""
        start = 0
        for part in self.parts:
            part.check_params(vector[..., start : start + part.param_dim])
            start += part.param_dim
        super().check_params(vector)


def _compose(
    recipe: Recipe, rhs: Callable, outputs: Callable, dual: bool, n: int, m: int, k: int,
    names: Sequence[str] = ("",), more: Mapping[str, Any] | None = None,
) -> Composition:  # fmt: skip
    """Return the system of these functions, written in the C signature; its parameters are those of its parts."""
    parts = tuple(recipe.systems)
    make = dual_kernel if dual else pointer_closure
    function = make(rhs)
    params: dict[str, Any] = {}
    for part, prefix in zip(parts, names, strict=True):
        params |= {prefix + name: part.layout.view(part.params, name) for name in part.layout.shapes}
    system = Composition.__new__(Composition)
    system.parts, system._recipe = parts, recipe
    given = {"jac": jacobian_of(function)} if dual else {}
    kind = parts[0].kind if parts else "map"
    angles: dict[int, float] = parts[0].angles.mapping if parts else {}
    if parts and n > parts[0].state_dim:
        before = np.cumsum([0, *(part.state_dim for part in parts)])
        for first, part in zip(before.tolist(), parts, strict=False):
            angles |= part.angles.shifted(first)
    DynamicalSystem.__init__(system, function, n, params | dict(more or {}), m, kind=kind, outputs=make(outputs),
                             output_dim=k, angles=angles, **given)  # fmt: skip
    return system


@maker
def cascade(first: DynamicalSystem, second: DynamicalSystem, *more: DynamicalSystem) -> Composition:
    """Return systems in a row: the outputs of each are the inputs of the next, what is shown are those of the last.

    All parts move at once: a map hears what the part before it shows *before* the step.

    Parameters
    ----------
    first, second, *more : DynamicalSystem
        All flows or all maps. Parameters of the first have the prefix ``first_``, those of the second ``second_``.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import cascade
    >>> chain = cascade(CTRNN([[0.0]], activation="linear"), CTRNN([[0.0]], activation="linear"))
    >>> chain.jac(0, [1.0, 2.0], [0.0]).tolist()
    [[-1.0, 0.0], [1.0, -1.0]]
    """
    a, b = _part(first, "first"), _part(second, "second")
    if first.kind != second.kind:
        raise ValueError(f"`first` and `second` must both be flows or both maps; got a {first.kind} and a {second.kind}.")
    if a.k != b.m:
        raise ValueError(f"`second` must have as many inputs as `first` has outputs, {a.k}; it has {b.m}.")
    n1, m1, p1, k1, n2, p2, k2 = a.n, a.m, a.p, a.k, b.n, b.p, b.k
    f, g, shown, last = a.rhs, b.rhs, a.outputs, b.outputs

    def cascade_rhs(index, t, y, n, u, m, params, p, out, k):
        o = scratch(out, k1)
        shown(index, t, y, n1, u, 0, params, p1, pointer(o), k1)
        f(index, t, y, n1, u, m1, params, p1, out, n1)
        g(index, t, offset(y, n1), n2, pointer(o), k1, offset(params, p1), p2, offset(out, n1), n2)
        keep(o)

    def cascade_outputs(index, t, y, n, u, m, params, p, out, k):
        last(index, t, offset(y, n1), n2, u, 0, offset(params, p1), p2, out, k2)

    names = ("first_", "second_")
    recipe = Recipe(cascade, (first, second))
    both = _compose(recipe, cascade_rhs, cascade_outputs, a.dual and b.dual, n1 + n2, m1, k2, names)
    return cascade(both, *more) if more else both


def _delay_rhs(index, t, y, n, u, m, params, p, out, k):
    """Line: the newest first, everything moves on by one."""
    for i in range(m):
        out[i] = u[i]
    for i in range(n - m):
        out[m + i] = y[i]


def _delay_outputs(index, t, y, n, u, m, params, p, out, k):
    for i in range(k):
        out[i] = y[n - k + i]


@maker
def delay_line(channels: int, lags: int) -> Composition:
    """Return the map that shows each of its inputs ``lags`` steps later; a cascade with it delays a network.

    Examples
    --------
    >>> from neurodynamics import delay_line, Sampled, simulate
    >>> line = delay_line(1, 2)
    >>> simulate(line, 4, [0, 0], inputs=Sampled([0, 1, 2, 3], [[1.0, 2.0, 3.0, 4.0]])).outputs.tolist()
    [[0.0, 0.0, 1.0, 2.0, 3.0]]
    """
    m, count = as_count(channels, "channels", minimum=1), as_count(lags, "lags", minimum=1)
    require_room(m * count, "channels" if m >= count else "lags")
    return _compose(Recipe(delay_line, (m, count)), _delay_rhs, _delay_outputs, True, m * count, m, m, ())


@maker
def switch(systems: Sequence[DynamicalSystem], sequence: ArrayLike | None = None) -> Composition:
    """Return the system that follows one of several, as a sequence of modes or an input says.

    Parameters
    ----------
    systems : sequence of DynamicalSystem
        With equal numbers of states, inputs and outputs. Parameters of system 2 have the prefix ``mode2_``. What is
        shown are the outputs of system 0.
    sequence : array_like of int, optional
        Of maps: the mode at step k is ``sequence[k % len(sequence)]``. Without it the mode is one more input, the last:
        give it a held :class:`Sampled` signal, such as :func:`markov_modes` draws; no step crosses a switch.

    Examples
    --------
    >>> from neurodynamics import switch, simulate
    >>> from recurrent import FullyRecurrent
    >>> double, add = FullyRecurrent([[2.0]], activation="linear"), FullyRecurrent([[1.0]], biases=1.0, activation="linear")
    >>> simulate(switch([double, add], [0, 0, 1]), 3, [1.0]).y.tolist()
    [[1.0, 2.0, 4.0, 5.0]]
    """
    systems = as_items(systems, "systems")
    parts = [_part(system, f"systems[{i}]") for i, system in enumerate(systems)]
    if not parts:
        raise ValueError("`systems` must hold at least one system.")
    first = parts[0]
    for i, (part, system) in enumerate(zip(parts, systems, strict=True)):
        if (part.n, part.m, part.k, system.kind) != (first.n, first.m, first.k, systems[0].kind):
            raise ValueError(f"`systems[{i}]` must have states, inputs, outputs and kind of `systems[0]`; got {system!r}.")
    n0, m0, p0, k0, shown = first.n, first.m, first.p, first.k, first.outputs
    total = sum(part.p for part in parts)
    choose = _choice([(part.rhs, part.p) for part in parts], n0, m0, 0)
    more: dict[str, Any] = {}
    if sequence is not None:
        more["sequence"] = _modes(sequence, len(parts), systems[0].kind)

    def switch_rhs(index, t, y, n, u, m, params, p, out, k):
        if p > total:
            mode = params[total + int(t.real) % (p - total)].real
        else:
            mode = u[m0].real
        choose(int(mode), t, y, u, params, out)

    def switch_outputs(index, t, y, n, u, m, params, p, out, k):
        shown(index, t, y, n0, u, 0, params, p0, out, k0)

    m = m0 if sequence is not None else m0 + 1
    names = [f"mode{i}_" for i in range(len(parts))]
    recipe = Recipe(switch, (tuple(systems), more.get("sequence")))
    return _compose(recipe, switch_rhs, switch_outputs, all(part.dual for part in parts), n0, m, k0, names, more)


def _choice(functions: list[tuple[Any, int]], n: int, m: int, start: int) -> Any:
    """Return a kernel that calls the function of the mode; the last also for all modes beyond."""
    (f, p), rest = functions[0], functions[1:]
    make = kernel if hasattr(f, "is_kernel") else compiled
    if not rest:

        def only(mode, t, y, u, params, out):
            f(0, t, y, n, u, m, offset(params, start), p, out, n)

        return make(only)
    others = _choice(rest, n, m, start + p)
    make = make if hasattr(others, "is_kernel") else compiled

    def choose(mode, t, y, u, params, out):
        if mode <= 0:
            f(0, t, y, n, u, m, offset(params, start), p, out, n)
        else:
            others(mode - 1, t, y, u, params, out)

    return make(choose)


def _modes(sequence: ArrayLike, count: int, kind: str) -> Floats:
    modes = np.atleast_1d(as_floats(sequence, "sequence"))
    if kind != "map":
        raise ValueError("`sequence` is for maps; flows take their mode as the last input, see `markov_modes`.")
    if modes.ndim != 1 or not modes.size or not np.isin(modes, np.arange(count)).all():
        raise ValueError(f"`sequence` must hold modes 0 to {count - 1}; got {modes}.")
    return modes


def markov_modes(generator: ArrayLike, duration: float, *, start: int = 0, rng: Any = None) -> Sampled:
    """Return a path of the Markov chain with this generator as a held signal, the mode input of :func:`switch`.

    Parameters
    ----------
    generator : array_like, shape (S, S)
        Rates ``q_ij >= 0`` from mode i to mode j, rows summing to 0. (For maps, a path in continuous time, looked at
        once a step.)
    duration : float
    start : int
    rng : Generator, int, optional

    Examples
    --------
    >>> from neurodynamics import markov_modes
    >>> signal = markov_modes([[-1.0, 1.0], [2.0, -2.0]], 10.0, rng=0)
    >>> signal.channels
    1
    """
    Q, end = as_floats(generator, "generator"), as_number(duration, "duration", positive=True)
    if Q.ndim != 2 or Q.shape[0] != Q.shape[1]:
        raise ValueError(f"`generator` must be a square matrix; got shape {Q.shape}.")
    off = Q - np.diag(np.diag(Q))
    if (off < 0).any() or not np.allclose(Q.sum(axis=1), 0, atol=1e-9 * max(1.0, np.abs(Q).max())):
        raise ValueError("`generator` must have rates >= 0 off its diagonal, and rows that sum to 0.")
    rng, mode, t = as_generator(rng), as_count(start, "start"), 0.0
    if mode >= len(Q):
        raise ValueError(f"`start` must be a mode, 0 to {len(Q) - 1}; got {mode}.")
    if end * off.sum(axis=1).max(initial=0.0) > MOST_JUMPS:
        raise ValueError(f"`duration` and the rates of `generator` must give at most {MOST_JUMPS:g} jumps; got {end:g}.")
    times, modes = [0.0], [mode]
    while off[mode].sum() > 0:
        t += rng.exponential(1 / off[mode].sum())
        if t >= end:
            break
        mode = int(rng.choice(len(Q), p=off[mode] / off[mode].sum()))
        times.append(t)
        modes.append(mode)
    return Sampled(np.array(times), np.array(modes, dtype=float))


class MaskedSystem(Saved, DynamicalSystem):
    """What :func:`mask` returns: some parameters are zero, and stay so."""

    whole: DynamicalSystem
    masks: dict[str, np.ndarray]

    def has(self, role: str) -> bool:
        """Whether the system has this optional function with these parameters: noise, or an energy, may depend on them."""
        return super().has(role) and (role not in self.whole._functions or self.whole._with_vector(self.params).has(role))

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside what the system allows, or masked and not zero."""
        self.whole.check_params(vector)
        for name, there in self.masks.items():
            wrong = np.argwhere((self.layout.view(vector, name) != 0) & ~there)
            if len(wrong):
                index = tuple(int(i) for i in wrong[0][-there.ndim :])
                raise ValueError(f"`{entry(name, index)}` must be 0: it is masked.")


@maker
def mask(system: DynamicalSystem, masks: Mapping[str, ArrayLike]) -> MaskedSystem:
    """Return the system with some entries of its parameters set to zero, which later parameters must keep.

    Parameters
    ----------
    system : DynamicalSystem
    masks : mapping of str to array_like of bool
        By name of a parameter array: True where an entry may be other than zero.

    Examples
    --------
    >>> from neurodynamics import mask
    >>> from recurrent import GRU
    >>> mask(GRU([[1.0], [2.0], [3.0]]), {"weights": [[1], [0], [1]]}).param("weights").ravel().tolist()
    [1.0, 0.0, 3.0]
    """
    params = as_instance(system, "system", DynamicalSystem).params.copy()
    system.function("rhs")  # refuses systems with delays
    kept = {}
    for name, there in as_mapping(masks, "masks").items():
        with called("params", "masks"):
            positions = system.layout.positions(name)
        kept[name] = as_floats(there, f"masks[{name!r}]").astype(bool)
        if kept[name].shape != positions.shape or not positions.ndim:
            raise ValueError(f"`masks[{name!r}]` must have shape {positions.shape}; got {kept[name].shape}.")
        params[positions[~kept[name]]] = 0.0
    masked = MaskedSystem.__new__(MaskedSystem)
    more = {"whole": system, "masks": kept, "_recipe": Recipe(mask, (system, kept))}
    masked.__dict__.update(system.__dict__ | more)
    return masked._with_vector(params)


@maker
def unroll(system: DynamicalSystem, steps: int) -> Composition:
    """Return the map of several steps of a map at once; its inputs are those of all steps, one after the other.

    Examples
    --------
    >>> from neurodynamics import unroll
    >>> from recurrent import FullyRecurrent
    >>> unroll(FullyRecurrent([[2.0]], [[1.0]], activation="linear"), 3).rhs(0, [1.0], [1.0, 0.0, 0.0]).tolist()
    [12.0]
    """
    if getattr(system, "kind", "map") != "map":
        raise ValueError("`system` must be a map; `discretise` makes one of a flow.")
    part, count = _part(system, "system"), as_count(steps, "steps", minimum=1)
    require_room(part.m * count, "steps")
    f, shown, n0, m0, p0, k0 = part.rhs, part.outputs, part.n, part.m, part.p, part.k

    def unrolled_rhs(index, t, y, n, u, m, params, p, out, k):
        z = scratch(out, n0)
        for i in range(n0):
            z[i] = y[i]
        for step in range(count):
            f(index, t * count + step, pointer(z), n0, offset(u, step * m0), m0, params, p0, out, n0)
            for i in range(n0):
                z[i] = out[i]

    def unrolled_outputs(index, t, y, n, u, m, params, p, out, k):
        shown(index, t, y, n0, u, 0, params, p0, out, k0)

    return _compose(Recipe(unroll, (system, count)), unrolled_rhs, unrolled_outputs, part.dual, n0, m0 * count, k0)
