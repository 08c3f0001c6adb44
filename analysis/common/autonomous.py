"""Inputs of analyses that need a system which does not change with time."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics import DynamicalSystem
from neurodynamics.inputs import Inputs
from neurodynamics.validation import Floats

TIMES = (0.0, 0.7310585, 17.3)  # at which a right-hand side is compared with itself


def require_system(system: Any) -> DynamicalSystem:
    """Raise TypeError unless it is a system."""
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    return system


def constant_drive(system: DynamicalSystem, inputs: Any) -> Floats:
    """Return the inputs (M,), or raise where they or the system depend on time."""
    drive = Inputs(inputs, require_system(system).input_dim)
    if not drive.constant:
        raise ValueError(
            "`inputs` must be constants here: where they change with time there are no fixed points. For periodic "
            "inputs use stroboscopic_map(system, inputs), whose fixed points are the periodic responses."
        )
    return drive.base


def depends_on_time(system: DynamicalSystem, drive: Floats) -> bool:
    """Whether the right-hand side itself depends on time, at a few states and times."""
    if system.structure("additive") is not None:
        return False
    n = system.state_dim
    for state in (np.full(n, 0.31), np.linspace(-1.3, 0.9, n)):
        values = [system.rhs(t, state, drive) for t in TIMES]
        if any(not np.array_equal(values[0], value, equal_nan=True) for value in values[1:]):
            return True
    return False


def require_autonomous(system: DynamicalSystem, drive: Floats) -> None:
    """Raise where the right-hand side depends on time."""
    if depends_on_time(system, drive):
        raise ValueError(
            "`system` depends on time, so that it has no fixed points. Where the dependence is periodic, use "
            "stroboscopic_map(system, inputs), whose fixed points are the periodic responses."
        )


def without_noise(system: Any) -> Any:
    """Return the deterministic part of a system."""
    if not system.has("diffusion"):
        return system
    if system.structure("additive") is not None:
        return system.with_params({"noise": np.zeros(system.state_dim)})
    twin = object.__new__(type(system))
    twin.__dict__.update(system.__dict__)
    twin._functions = {role: function for role, function in system._functions.items() if role != "diffusion"}
    return twin
