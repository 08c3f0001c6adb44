"""Several agents in one world: their networks side by side are one network.

Neuron i of agent a is neuron ``i * agents + a`` of the whole, so that the motors of all agents come first, and so do the
places of their sensors. Zeros between the agents add nothing, to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.simulation import parameter_rows
from neurodynamics.systems import AdditiveNetwork
from neurodynamics.validation import Floats, as_floats, as_real


def side_by_side(template: Any, agents: int) -> Any:
    """Return the network of so many agents with the parameters of the template."""
    if agents == 1:
        return template
    if not isinstance(template, AdditiveNetwork):
        raise TypeError(
            f"`template` must be a CTRNN or another additive network where a task has several agents; got "
            f"{type(template).__name__}."
        )
    arrays = _interleaved(template, np.tile(template.params, (1, agents, 1)))
    further = dict.fromkeys(template.further_arguments)
    return type(template).restore({name: array[0] for name, array in arrays.items()}, template.activation, further)


def team_rows(template: Any, whole: Any, params: Any, agents: int) -> tuple[Floats, np.ndarray, Floats]:
    """Return parameters of teams (B, ..), which are usable, and what was given: rows (B, P), or (B, agents, P)."""
    if agents == 1 or np.ndim(params) != 3:
        rows, usable = parameter_rows(template, params)
        clones = np.repeat(rows[:, np.newaxis], agents, axis=1)
        return rows if agents == 1 else whole.layout.pack(_interleaved(template, clones)), usable, rows
    given, shape = as_real(params, "params"), (agents, template.param_dim)
    if given.shape[1:] != shape:
        raise ValueError(f"`params` must have shape (B, {shape[0]}, {shape[1]}), a row for each agent; got {given.shape}.")
    rows, each_usable = parameter_rows(template, given.reshape(-1, template.param_dim))
    usable = np.all(each_usable.reshape(given.shape[:2]), axis=1)
    each = _interleaved(template, rows.reshape(given.shape))
    return whole.layout.pack(each), usable, given


def team_starts(template: Any, y0: Any, agents: int) -> Any:
    """Return first states of teams: of all agents the same where there is one for each neuron of the template."""
    if agents == 1 or y0 is None or np.shape(y0)[-1:] != (template.state_dim,):
        return y0
    return np.repeat(as_floats(y0, "y0"), agents, axis=-1)


def _interleaved(template: Any, rows: Floats) -> dict[str, Floats]:
    """Return the arrays of teams, by name, from the parameters (B, agents, P) of their agents."""
    count, agents, _ = rows.shape
    arrays = {}
    for name, shape in template.layout.shapes.items():
        own = template.layout.view(rows, name)  # (B, agents, ..)
        if len(shape) == 1:
            arrays[name] = np.swapaxes(own, 1, 2).reshape(count, -1)
            continue
        blocks = np.zeros((count, shape[0], agents, shape[1], agents))
        for a in range(agents):
            blocks[:, :, a, :, a] = own[:, a]
        arrays[name] = blocks.reshape(count, shape[0] * agents, shape[1] * agents)
    return arrays


def alone(system: Any, agent: int, agents: int) -> Any:
    """Return the network of one agent of a team."""
    parts = {name: array[(slice(agent, None, agents),) * array.ndim] for name, array in system.arrays().items()}
    return type(system).restore(parts, system.activation, dict.fromkeys(system.further_arguments))
