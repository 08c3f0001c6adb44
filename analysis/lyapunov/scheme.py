"""Method and step size for a state and its tangent vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.lyapunov.flow import Pair
from neurodynamics import METHODS, DynamicalSystem
from neurodynamics.inputs import key_from
from neurodynamics.schemes import Tableau, check_step
from neurodynamics.validation import Floats, as_choice, as_number

RTOL, RTOL_LARGE = 1e-7, 1e-6
LARGE = 16  # states from which the looser tolerance is precise enough: errors average out
ADAPTIVE = ("dop853", "dopri5")
FIXED = ("rk4", "heun", "midpoint", "euler")
DIFFERENCES = 1e-9  # relative, of tangent vectors by differences of f
NOISY = ("stochastic_heun", "euler_maruyama")
_NONE = np.zeros(1)
_NO_KEY = np.uint64(0)


@dataclass(frozen=True)
class Scheme:
    """A Runge-Kutta method with its tolerance or step; or the iteration of a map."""

    name: str
    tableau: Tableau | None
    adaptive: bool = False
    noisy: bool = False
    rtol: float = 0.0
    atol: float = 0.0
    h_max: float = np.inf
    dt: float = 0.0
    key: Any = _NO_KEY

    @property
    def is_map(self) -> bool:
        """Whether this iterates a map."""
        return self.tableau is None

    @property
    def stages(self) -> int:
        """Stages of a step, the slope at its end not counted."""
        return 0 if self.tableau is None else self.tableau.stages

    @property
    def order(self) -> int:
        """Order of convergence; 0 for a map."""
        return 0 if self.tableau is None else self.tableau.order

    @property
    def pair(self) -> Pair:
        """Coefficients and noise as the drivers take them, of a pair or of a method of constant step."""
        if self.tableau is None:
            return Pair(np.zeros((1, 1)), _NONE, _NONE, 1, 1, _NONE, _NONE, 0.0, False, False, self.key)
        table = self.tableau
        nothing = np.zeros(table.stages + 1)
        error = nothing if table.error is None else table.error
        error_3 = nothing if table.error_3 is None else table.error_3
        return Pair(table.a, table.b, table.c, table.stages, len(table.a), error, error_3, float(table.error_order),
                    self.adaptive, self.noisy, self.key)  # fmt: skip

    @property
    def settings(self) -> dict[str, float]:
        """What a record says about the steps."""
        return {} if self.is_map else {"rtol": self.rtol, "atol": self.atol} if self.adaptive else {"dt": self.dt}

    def fixed(self, dt: float) -> Scheme:
        """Return the same method with steps of constant length and without noise."""
        return Scheme(self.name, self.tableau, dt=dt)


def scheme_for(
    system: DynamicalSystem, method: Any, dt: Any, rtol: Any, atol: Any, max_step: Any, rng: np.random.Generator
) -> Scheme:
    """Return the scheme that the arguments of a user ask for, or raise."""
    given = {"method": method, "dt": dt, "rtol": rtol, "atol": atol, "max_step": max_step}
    if system.kind == "map":
        for name, value in given.items():
            if value is not None:
                raise ValueError(f"`{name}` has no meaning for a map, which is iterated step by step; leave it out.")
        return Scheme("map", None)
    noise = system.has("diffusion")
    if method is None:
        method = "stochastic_heun" if noise else "dop853" if dt is None else "rk4"
    name = as_choice(method, "method", NOISY if noise else ADAPTIVE + FIXED)
    tableau = METHODS[name].tableau
    if name in ADAPTIVE:
        if dt is not None:
            raise ValueError(f"`dt` has no meaning for {name!r}, which chooses its steps; use rtol, or 'rk4'.")
        usual = RTOL if system.state_dim < LARGE else RTOL_LARGE
        relative = usual if rtol is None else as_number(rtol, "rtol", positive=True)
        absolute = relative if atol is None else as_number(atol, "atol", positive=True)
        h_max = np.inf if max_step is None else as_number(max_step, "max_step", positive=True)
        return Scheme(name, tableau, True, rtol=max(relative, 1e-14), atol=absolute, h_max=h_max)
    for option in ("rtol", "atol", "max_step"):
        if given[option] is not None:
            raise ValueError(f"`{option}` has no meaning for {name!r}, which takes steps of constant length dt.")
    if dt is None:
        raise ValueError(f"`dt` must be given for {name!r}, e.g. a hundredth of the smallest time constant.")
    step = as_number(dt, "dt", positive=True)
    check_step(system, METHODS[name], step, stacklevel=6)
    return Scheme(name, tableau, noisy=noise, dt=step, key=key_from(rng) if noise else _NO_KEY)


def tangent_rtol_of(system: DynamicalSystem, rtol: float) -> float:
    """Return the relative tolerance of tangent vectors: steps cannot make smooth what differences leave rough."""
    return rtol if system.has("jac") else max(rtol, DIFFERENCES)


def random_vectors(rng: np.random.Generator, k: int, n: int) -> Floats:
    """Return k orthonormal rows of length n in random directions."""
    return np.ascontiguousarray(np.linalg.qr(rng.normal(size=(n, k)))[0].T)
