"""Domains that states keep: a box, a simplex.

What `simulate` and `simulate_ensemble` return of a system with a ``domain`` lies in it. The field of a confined flow is
that of the nearest point of the domain, and slides along faces that it would leave by; so a step of a numerical method
ends at most its own error outside, and is set back onto the face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import compiled, keep, kernel, pointer
from neurodynamics.systems.combinators import Composition, _compose, _part
from neurodynamics.systems.dual import scratch
from neurodynamics.systems.system import DynamicalSystem, Recipe, maker
from neurodynamics.validation import Floats, as_number, as_real, entry


@dataclass(frozen=True)
class Box:
    """All states between two numbers.

    Examples
    --------
    >>> from neurodynamics import Box
    >>> Box(0.0, 1.0).project([[-0.5, 0.5, 2.0]]).tolist()
    [[0.0, 0.5, 1.0]]
    """

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not as_number(self.lower, "lower") < as_number(self.upper, "upper"):
            raise ValueError(f"`upper` must be above `lower` = {self.lower:g}; got {self.upper:g}.")

    def project(self, states: ArrayLike) -> Floats:
        """Return the nearest states of the domain, of states that are rows."""
        return np.clip(as_real(states, "states"), self.lower, self.upper)

    def __str__(self) -> str:
        return f"between {self.lower:g} and {self.upper:g}"


@dataclass(frozen=True)
class Simplex:
    """All states that are nowhere negative and sum to 1.

    Examples
    --------
    >>> from neurodynamics import Simplex
    >>> Simplex().project([[0.75, 0.75, -3.0]]).tolist()
    [[0.5, 0.5, 0.0]]
    """

    def project(self, states: ArrayLike) -> Floats:
        """Return the nearest states of the domain, of states that are rows (Held, Wolfe & Crowder 1974)."""
        given = as_real(states, "states")
        if given.ndim not in (1, 2) or not given.shape[-1]:
            raise ValueError(f"`states` must have shape (N,) or (K, N); got {given.shape}.")
        rows = np.atleast_2d(given)
        ordered = -np.sort(-rows, axis=1)
        excess = np.cumsum(ordered, axis=1) - 1.0
        counts = np.arange(1, rows.shape[1] + 1)
        used = np.sum(ordered - excess / counts > 0, axis=1)
        level = excess[np.arange(len(rows)), np.maximum(used, 1) - 1] / np.maximum(used, 1)
        return np.maximum(rows - level[:, np.newaxis], 0.0).reshape(given.shape)

    def __str__(self) -> str:
        return "nowhere negative, with the sum 1"


Domain = Box | Simplex
OUTSIDE = 1e-9  # what a start may lie outside by rounding, from where it is set back


def started_in(domain: Domain | None, states: Floats, name: str) -> Floats:
    """Return starts, one or rows of them, on the domain, or raise where one lies outside."""
    if domain is None:
        return states
    nearest = domain.project(states)
    off = np.abs(nearest - states)
    if off.max(initial=0.0) > OUTSIDE:
        worst = tuple(int(i) for i in np.unravel_index(np.argmax(off), off.shape))
        raise ValueError(
            f"`{name}` must be in the domain of the system, {domain}; {entry(name, worst)} is {states[worst]:g}. "
            f"`system.domain.project({name})` is the nearest state."
        )
    return nearest


@maker
def confined(system: DynamicalSystem, domain: Domain) -> Composition:
    """Return the system that keeps a domain: flows slide along its faces, maps are set back onto it.

    Parameters
    ----------
    system : DynamicalSystem
    domain : Box or Simplex

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import Box, confined, simulate
    >>> net = confined(CTRNN([[0.0]], constant_inputs=5.0), Box(0.0, 1.0))
    >>> simulate(net, 10.0, [0.0]).final.tolist()
    [1.0]
    """
    part = _part(system, "system")
    if not isinstance(domain, (Box, Simplex)):
        raise TypeError(f"`domain` must be a Box or a Simplex; got {type(domain).__name__}.")
    f, shown, n0, m0, p0, k0 = part.rhs, part.outputs, part.n, part.m, part.p, part.k
    low, high = (domain.lower, domain.upper) if isinstance(domain, Box) else (0.0, 1.0)
    whole, is_map = isinstance(domain, Simplex), system.kind == "map"

    def inside(y, z):
        """Z becomes the point of the domain nearest to y."""
        shift = 0.0 * y[0]
        if whole:
            for _ in range(n0):
                total, count = -1.0 + 0.0 * y[0], 0
                for i in range(n0):
                    if (y[i] - shift).real > 0.0:
                        total += y[i]
                        count += 1
                shift = total / max(count, 1)
        for i in range(n0):
            z[i] = y[i] - shift
            if z[i].real < low:
                z[i] = low + 0.0 * y[i]
            if z[i].real > high:
                z[i] = high + 0.0 * y[i]

    def slide(z, out):
        """The field loses what leaves the domain at z."""
        level = 0.0 * out[0]
        if whole:
            for _ in range(n0):
                total, count = 0.0 * out[0], 0
                for i in range(n0):
                    if z[i].real > low or (out[i] - level).real > 0.0:
                        total += out[i]
                        count += 1
                level = total / max(count, 1)
        for i in range(n0):
            out[i] -= level
            if (z[i].real <= low and out[i].real < 0.0) or (z[i].real >= high and out[i].real > 0.0):
                out[i] = 0.0 * out[i]

    inside, slide = _helper(inside, part.dual), _helper(slide, part.dual)

    def confined_rhs(index, t, y, n, u, m, params, p, out, k):
        z = scratch(out, n0)
        inside(y, z)
        f(index, t, pointer(z), n0, u, m0, params, p0, out, n0)
        if is_map:
            inside(out, z)
            for i in range(n0):
                out[i] = z[i]
        else:
            slide(z, out)
        keep(z)

    def confined_outputs(index, t, y, n, u, m, params, p, out, k):
        z = scratch(out, n0)
        inside(y, z)
        shown(index, t, pointer(z), n0, u, 0, params, p0, out, k0)
        keep(z)

    whole_system = _compose(Recipe(confined, (system, domain)), confined_rhs, confined_outputs, part.dual, n0, m0, k0)
    whole_system.__dict__["domain"] = domain
    return whole_system


def _helper(function: Any, dual: bool) -> Any:
    return kernel(function) if dual else compiled(function)
