"""What the kernels of closed loops are told of a network and a task: sizes, and where the network's functions are."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.closed_loop.kernels import SIZES
from neurodynamics.methods import protocol as P
from neurodynamics.simulation import motor_weights_of

_ROLES = {P.RHS: "rhs", P.DIFFUSION: "diffusion", P.OUTPUTS: "outputs", P.RATES: "rates"}


def functions_of(template: Any) -> np.ndarray:
    """Return the addresses of the network's functions, where drivers look for them."""
    functions = np.zeros(P.FUNCTIONS_SIZE, dtype=np.int64)
    for place, role in _ROLES.items():
        if template.has(role):
            functions[place] = template.address(role)
    return functions


def sizes_of(template: Any, task: Any) -> np.ndarray:
    """Return the sizes that the kernels want, in their order."""
    if task.sensors > template.input_dim:
        raise ValueError(
            f"the network must have an input for each of the task's {task.sensors} sensors; it has {template.input_dim}."
        )
    motors, first = motor_weights_of(template)
    if task.motors > motors or (first and task.motors != motors):
        raise ValueError(f"the network must have an output for each of the task's {task.motors} motors; it has {motors}.")
    sizes = [template.state_dim, template.input_dim, template.output_dim, task.motors, task.state_dim, task.sensors,
             task.score_dim, task.param_dim, template.state_dim if task.sets_network else 0, first]  # fmt: skip
    assert len(sizes) == SIZES
    return np.array(sizes, dtype=np.int64)
