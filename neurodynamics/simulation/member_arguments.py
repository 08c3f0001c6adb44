"""Initial states, parameters and inputs of the members of an ensemble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.inputs import Inputs, Sampled, Signal
from neurodynamics.simulation.population_rows import unchecked_rows
from neurodynamics.simulation.runs import FAMILIES, Driven, Plan
from neurodynamics.systems import DynamicalSystem, started_in
from neurodynamics.validation import Floats, as_floats


def members_of(system: DynamicalSystem, y0: ArrayLike, params: Any, inputs: Any) -> tuple[Floats, Floats, list[Inputs]]:
    """Return states (B, N), parameters (B, P) and inputs (one for all, or B)."""
    n = system.state_dim
    states = as_floats(y0, "y0")
    if states.ndim not in (1, 2) or states.shape[-1] != n:
        raise ValueError(f"`y0` must have shape (state_dim,) = ({n},) or (B, {n}); got {states.shape}.")
    states = started_in(system.domain, states, "y0")
    theta = _parameter_rows(system, params)
    inputs = [_as_array(item) for item in inputs] if isinstance(inputs, (list, tuple)) else _as_array(inputs)
    drives = _drives(system, inputs)
    sizes = {"y0": len(states) if states.ndim == 2 else None, "params": None if theta is None else len(theta),
             "inputs": len(drives) if _per_member(inputs, system.input_dim) else None}  # fmt: skip
    known = {name: size for name, size in sizes.items() if size is not None}
    if len(set(known.values())) > 1:
        text = " and ".join(f"`{name}` has {size}" for name, size in known.items())
        raise ValueError(f"the numbers of members must agree; {text}.")
    size = next(iter(known.values()), 1)
    states = np.array(np.broadcast_to(states, (size, n)), order="C")
    theta = np.array(np.broadcast_to(system.params if theta is None else theta, (size, system.param_dim)), order="C")
    theta.flags.writeable = False
    return states, theta, drives


def _parameter_rows(system: DynamicalSystem, params: Any) -> Floats | None:
    if params is None or (isinstance(params, Mapping) and not params):
        return None
    theta = unchecked_rows(system, params)
    system.check_params(theta)
    return theta


def _per_member(inputs: Any, input_dim: int) -> bool:
    """Whether the inputs are one entry a member."""
    if inputs is None or isinstance(inputs, Signal) or callable(inputs):
        return False
    if isinstance(inputs, np.ndarray):
        return inputs.ndim == 2
    if isinstance(inputs, (list, tuple)):
        return any(isinstance(item, (list, tuple, np.ndarray)) or (isinstance(item, Sampled) and item.channels == input_dim
                                                                    and input_dim != 1) for item in inputs)  # fmt: skip
    return False


def _as_array(value: Any) -> Any:
    """Return a table or a series of another library as an array of numpy, anything else as it is."""
    foreign = hasattr(value, "__array__") and not isinstance(value, np.ndarray) and np.ndim(value) > 0
    return np.asarray(value) if foreign else value


def _drives(system: DynamicalSystem, inputs: Any) -> list[Inputs]:
    if not _per_member(inputs, system.input_dim):
        return [Inputs(inputs, system.input_dim)]
    drives = []
    for b, item in enumerate(inputs):
        try:
            drives.append(Inputs(item, system.input_dim))
        except (TypeError, ValueError) as error:
            raise type(error)(f"inputs of member {b}: {error}") from error
    return drives


def union_of(drives: list[Inputs]) -> Inputs:
    """One record with the breakpoints of all members and the least analytic of their terms."""
    if len(drives) == 1:
        return drives[0]
    union = Inputs(None, drives[0].base.size)  # filled here: its table is joined from those of the members, not from signals
    union.breakpoints = np.unique(np.concatenate([drive.breakpoints for drive in drives]))
    union.terms = np.concatenate([drive.terms for drive in drives])
    union.callable = next((drive.callable for drive in drives if drive.callable is not None), None)
    return union


class MemberInputs(NamedTuple):
    """The inputs of all members: their terms and breaks behind each other, and the spans of each (B, 4) in them."""

    drive: Driven
    spans: Any


def input_table(plan: Plan, drives: list[Inputs], size: int) -> MemberInputs:
    """Return what the loop over members knows of the inputs."""
    breaks = [FAMILIES[plan.method.family].breaks(plan, plan.inside(drive.breakpoints)) for drive in drives]
    ends = np.cumsum([0, *(len(drive.terms) for drive in drives)])
    break_ends = np.cumsum([0, *(part.size for part in breaks)])
    spans = np.column_stack([ends[:-1], ends[1:], break_ends[:-1], break_ends[1:]])
    starts = np.cumsum([0, *(drive.data.size for drive in drives)])
    terms = np.concatenate([drive.shifted_terms(int(start)) for drive, start in zip(drives, starts, strict=False)])
    base = np.array([drive.base for drive in drives])
    if len(drives) == 1:
        base, spans = np.repeat(base, size, axis=0), np.repeat(spans, size, axis=0)
    varying = any(not drive.constant for drive in drives)
    data = np.concatenate([drive.data for drive in drives])
    drive = Driven(base, terms, len(terms), data, np.zeros(base.shape[1]), varying, np.concatenate(breaks))
    return MemberInputs(drive, spans)
