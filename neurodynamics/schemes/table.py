"""The methods of integration by name: what each one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from neurodynamics.schemes import tableaus
from neurodynamics.schemes.rodas import RODAS4
from neurodynamics.schemes.tableaus import Tableau
from neurodynamics.validation import nearest


@dataclass(frozen=True)
class Method:
    """A way to integrate.

    Parameters
    ----------
    name : str
    family : {"fixed", "adaptive", "rosenbrock", "taylor", "scipy", "map"}
    order : int
        Order of convergence (of a stochastic method: strong order, for additive noise); 0 where a run chooses it.
    tableau : Tableau, optional
    noisy : bool
        Whether it integrates the system's ``diffusion``.
    additive_noise_only : bool
        Whether the noise must not depend on the state.
    exponential : bool
        Whether the leak is integrated exactly.
    refine : int
        Points a step in the output of a run without ``t_eval``, for smooth pictures.
    """

    name: str
    family: str
    order: int
    tableau: Tableau | None = None
    noisy: bool = False
    additive_noise_only: bool = False
    exponential: bool = False
    refine: int = 1

    @property
    def constant_step(self) -> bool:
        """Whether the method needs ``dt``."""
        return self.family == "fixed"


_ALL = (
    Method("euler", "fixed", 1, tableaus.EULER),
    Method("exponential_euler", "fixed", 1, tableaus.EULER, exponential=True),
    Method("heun", "fixed", 2, tableaus.HEUN),
    Method("midpoint", "fixed", 2, tableaus.MIDPOINT),
    Method("rk4", "fixed", 4, tableaus.RK4),
    Method("euler_maruyama", "fixed", 1, tableaus.EULER, noisy=True),
    Method("stochastic_heun", "fixed", 1, tableaus.HEUN, noisy=True, additive_noise_only=True),
    Method("dopri5", "adaptive", 5, tableaus.DOPRI5, refine=4),
    Method("dop853", "adaptive", 8, tableaus.DOP853, refine=8),
    Method("rodas4", "rosenbrock", 4, RODAS4, refine=4),
    Method("taylor", "taylor", 0, refine=16),
    Method("map", "map", 0),
    Method("RK23", "scipy", 3, refine=3),
    Method("RK45", "scipy", 5, refine=4),
    Method("DOP853", "scipy", 8, refine=8),
    Method("Radau", "scipy", 5, refine=4),
    Method("BDF", "scipy", 5, refine=2),
    Method("LSODA", "scipy", 12, refine=2),
)
METHODS = {method.name: method for method in _ALL}
FOR_FLOWS = [method.name for method in _ALL if method.family != "map"]

def method_named(name: Any) -> Method:
    """Return the method of that name, or raise with the nearest names."""
    if isinstance(name, str) and name in FOR_FLOWS:
        return METHODS[name]
    raise ValueError(
        f"`method` must be one of {', '.join(map(repr, FOR_FLOWS))}, or None to choose one; got {name!r}."
        + nearest(name, FOR_FLOWS)
    )
