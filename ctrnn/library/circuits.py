"""The record of a circuit whose behaviour is known, and the list of those in the library."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ctrnn.network import CTRNN
from neurodynamics.records import Record


@dataclass(frozen=True)
class Figure:
    """A number that is known about a circuit.

    Attributes
    ----------
    value : float
        Published, or in closed form.
    tolerance : float
        How far a measurement may be away: rounding of what was published, or the error of the measurement.
    how : str
        What it is and how it is measured.
    """

    value: float
    tolerance: float
    how: str

    def agrees(self, measured: float) -> bool:
        """Whether a measurement lies within the tolerance."""
        return abs(measured - self.value) <= self.tolerance


@dataclass(frozen=True, eq=False)
class Circuit(Record):
    """A network with what is known about it.

    Attributes
    ----------
    name, title : str
        For :func:`library.load`, and for tables.
    net : CTRNN
    citation : str
        Where it comes from.
    behaviour : str
        What it does, in a sentence.
    y0 : tuple of float
        A state to start from that shows it.
    t_span : tuple of float
        A time that shows it.
    figures : dict of str to Figure
        What was published or follows in closed form.
    """

    name: str
    title: str
    net: CTRNN
    citation: str
    behaviour: str
    y0: tuple[float, ...]
    t_span: tuple[float, float]
    figures: dict[str, Figure]
    _measure: Callable[[], dict[str, Any]]
    _recipe: tuple[str, tuple[Any, ...], dict[str, Any]] | None = None

    def measure(self) -> dict[str, float]:
        """Return every figure as measured by simulation; from some milliseconds to some seconds."""
        return {name: float(value) for name, value in self._measure().items() if name in self.figures}

    def __reduce__(self) -> Any:
        """Other processes make it again: measurements are functions of the place where it was made."""
        if self._recipe is None:
            raise TypeError(f"the circuit {self.name!r} was not made by a function of the library; copy its `net`.")
        return _again, self._recipe

    def __repr__(self) -> str:
        return f"Circuit({self.name!r}: {self.behaviour})"


CIRCUITS: dict[str, Callable[[], Circuit]] = {}


def listed(make: Callable[..., Circuit]) -> Callable[..., Circuit]:
    """Put a function that makes a circuit into the library, under its name."""

    @functools.wraps(make)
    def made(*args: Any, **options: Any) -> Circuit:
        circuit = make(*args, **options)
        object.__setattr__(circuit, "_recipe", (make.__name__, args, options))
        return circuit

    CIRCUITS[make.__name__] = made
    return made


def _again(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Circuit:
    return CIRCUITS[name](*args, **options)
