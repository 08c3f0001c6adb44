"""What is varied: an entry, a whole array, an input, the step of a discretised flow, or a direction among these."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats, as_floats, as_number, nearest

_INPUT = re.compile(r"^inputs(\[(?P<index>-?\d+)\])?$")
NAMED = 5  # entries of a direction that are all named in labels
SAME = 1e-12  # relative: entries that stand in the ratios of a direction


@dataclass(frozen=True, eq=False)
class Parameter:
    """One number that moves a system: ``params = rest + value * direction``, and the inputs alike.

    Attributes
    ----------
    name : str
        What users call it, such as ``"biases[0]"``, and the label of axes.
    value : float or None
        Where the system stands; None where its entries are not in the ratios of the direction.
    rest, direction : arrays, shape (P,)
        Parameters at value 0, and what a unit of the value adds.
    drive, drive_direction : arrays, shape (M,)
        The same of the inputs.
    """

    name: str
    value: float | None
    rest: Floats
    direction: Floats
    drive: Floats
    drive_direction: Floats

    @classmethod
    def of(cls, system: DynamicalSystem, what: Any, drive: Floats, argument: str = "parameter") -> Parameter:
        """Read what a user means by a parameter.

        Parameters
        ----------
        system : DynamicalSystem
        what : str or mapping of str to float
            ``"biases[0]"``, ``"biases"`` (all entries alike), ``"inputs[0]"``, ``"dt"``, or a direction
            ``{"weights[0, 1]": 1, "weights[1, 0]": -1}``: each entry is its weight times the value.
        drive : array, shape (M,)
            Inputs.
        argument : str
            Of the user's call, for messages.
        """
        if isinstance(what, Parameter):
            return what
        given = dict(what) if isinstance(what, Mapping) else {_as_name(what, argument): 1.0}
        weights: dict[str, float] = {}
        direction, drive_direction = np.zeros(system.param_dim), np.zeros(system.input_dim)
        for name, weight in given.items():
            number = as_number(weight, f"{argument}[{name!r}]")
            positions, of_inputs = _positions(system, name, argument)
            (drive_direction if of_inputs else direction)[positions] += number
            known = _name_of(system, name, positions, of_inputs)
            weights[known] = weights.get(known, 0.0) + number
        if not (direction.any() or drive_direction.any()):
            raise ValueError(f"`{argument}` must move something; got {what!r}.")
        rest, still = np.where(direction != 0, 0.0, system.params), np.where(drive_direction != 0, 0.0, drive)
        out = cls(_label(weights), None, rest, direction, still, drive_direction)
        return replace(out, value=out.value_in(system.params, drive))

    def value_in(self, params: Floats, drive: Floats) -> float | None:
        """Return the value where entries are those, None where they are not in the ratios of the direction."""
        direction = np.append(self.direction, self.drive_direction)
        ratios = np.append(params, drive)[direction != 0] / direction[direction != 0]
        first = float(ratios[0])
        return first if bool((np.abs(ratios - first) <= SAME * max(1.0, abs(first))).all()) else None

    def params_at(self, value: float) -> Floats:
        """Return all parameters (P,) at a value."""
        return self.rest + value * self.direction

    def overlaps(self, other: Parameter) -> bool:
        """Whether two of them move the same entry."""
        same = (self.direction != 0) & (other.direction != 0)
        return bool(same.any() or ((self.drive_direction != 0) & (other.drive_direction != 0)).any())


def system_at(system: DynamicalSystem, parameters: Sequence[Parameter], values: Sequence[float]) -> tuple[Any, Floats]:
    """Return the system and its inputs where parameters have values."""
    params, drive = system.params.copy(), parameters[0].drive.copy()
    for each, value in zip(parameters, values, strict=True):
        moved, driven = each.direction != 0, each.drive_direction != 0
        params[moved] = value * each.direction[moved]
        drive[driven] = value * each.drive_direction[driven]
    return system.with_params(params), drive


def two_parameters(system: DynamicalSystem, what: Any, drive: Floats) -> tuple[Parameter, Parameter]:
    """Read a pair of parameters, which must move different entries."""
    if isinstance(what, (str, Mapping)) or len(what) != 2:
        raise ValueError(f"`parameters` must be two of them, such as ('biases[0]', 'biases[1]'); got {what!r}.")
    first, second = (Parameter.of(system, each, drive, f"parameters[{k}]") for k, each in enumerate(what))
    if first.overlaps(second):
        raise ValueError(f"`parameters` must move different entries; {first.name!r} and {second.name!r} share one.")
    return first, second


def interval_of(system: DynamicalSystem, parameter: Parameter, bounds: ArrayLike, argument: str = "bounds") -> Floats:
    """Return the bounds (2,) of a parameter, checked against what the system allows."""
    ends = as_floats(bounds, argument)
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"`{argument}` must be (least, largest) with least < largest; got {ends.tolist()}.")
    for end in ends:
        try:
            system.check_params(parameter.params_at(float(end)))
        except ValueError as error:
            raise ValueError(f"`{argument}` take {parameter.name!r} to {end:g}, where {error}") from error
    return ends


def plane_of(system: DynamicalSystem, parameters: Sequence[Parameter], bounds: ArrayLike) -> Floats:
    """Return the bounds (2, 2) of two parameters, checked."""
    ends = as_floats(bounds, "bounds")
    if ends.shape != (2, 2):
        raise ValueError(f"`bounds` must be two pairs (least, largest), one a parameter; got shape {ends.shape}.")
    return np.array([interval_of(system, each, row, f"bounds[{k}]") for k, (each, row)
                     in enumerate(zip(parameters, ends, strict=True))])  # fmt: skip


def _as_name(name: Any, argument: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"`{argument}` must be a name such as 'biases[0]' or a dict of them; got {type(name).__name__}.")
    return name


def _positions(system: DynamicalSystem, name: Any, argument: str) -> tuple[Any, bool]:
    """Where a name lies, and whether that is among the inputs."""
    match = None if "inputs" in system.layout.shapes else _INPUT.match(_as_name(name, argument))
    if match is None:
        return _of_layout(system, name, argument), False
    if not system.input_dim:
        raise ValueError(f"`{argument}` is {name!r}, but this system has no inputs.")
    index = match["index"]
    if index is None:
        return slice(None), True
    if not -system.input_dim <= int(index) < system.input_dim:
        raise ValueError(f"`{argument}` must be one of the {system.input_dim} inputs; got {name!r}.")
    return int(index) % system.input_dim, True


def _name_of(system: DynamicalSystem, name: str, positions: Any, of_inputs: bool) -> str:
    """The name of an entry with its true index: ``"biases[-1]"`` counts from the end. Whole arrays keep theirs."""
    if isinstance(positions, slice) or np.ndim(positions):
        return name
    return f"inputs[{positions}]" if of_inputs else system.layout.name_of(int(positions))


def _of_layout(system: DynamicalSystem, name: str, argument: str) -> Any:
    try:
        return system.layout.positions(name)
    except ValueError as error:
        field = name.partition("[")[0]
        known = field in system.layout.shapes
        hint = "" if known or "Did you mean" in str(error) else nearest(field, [*system.layout.shapes, "inputs"])
        raise ValueError(f"`{argument}`: {error}{hint}") from error


def _label(weights: Mapping[str, Any]) -> str:
    signs = {1: "", -1: "-"}
    terms = [f"{signs.get(weight, f'{weight:g} ')}{name}" for name, weight in weights.items()]
    return ", ".join(terms) if len(terms) <= NAMED else f"{terms[0]}, .. ({len(terms)} entries)"
