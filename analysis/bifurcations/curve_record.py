"""The record of a curve of bifurcations over two parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, Points, SpecialKind
from neurodynamics import Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats


@dataclass(frozen=True, eq=False, repr=False)
class BifurcationCurve(Record):
    """Where a bifurcation happens over two parameters. ``len`` counts points.

    Attributes
    ----------
    kind : SpecialKind
        Of every point: "LP", "H", "PD" or "NS", of cycles "LPC", "PD", "NS" or "HOM".
    parameters : tuple of str
    values : array, shape (K, 2)
    x : array, shape (K, N)
    angle : array, shape (K,)
        Imaginary part of the critical eigenvalue (Hopf), or argument of the critical multiplier (Neimark-Sacker).
    period : array, shape (K,)
        Of cycles, or of those that are born at a Hopf point; of maps, iterations.
    eigenvalues : complex array, shape (K, N)
        Of cycles and maps: multipliers.
    coefficient : array, shape (K,)
        What changes sign where the bifurcation degenerates: ``omega l1`` of Hopf points; of folds ``<w, B(v, v)>`` with unit
        vectors, of folds of cycles a, b of period doublings, Re d of Neimark-Sacker points; nan of homoclinic orbits.
    error : array, shape (K,)
    points : Points
        Of codimension two.
    ends : tuple of End
    status : Status
    bounds : array, shape (2, 2)
    message : str
        What is to be said about all of it: that it is degenerate along its whole length, such as in conservative systems.
    """

    kind: SpecialKind
    parameters: tuple[str, str]
    values: Floats
    x: Floats
    angle: Floats
    period: Floats
    eigenvalues: np.ndarray
    coefficient: Floats
    error: Floats
    points: Points
    ends: tuple[End, End]
    status: Status
    bounds: Floats
    family: Family
    message: str = ""

    def __len__(self) -> int:
        return len(self.values)

    plot = drawn("plot_bifurcation_curve", "Draw the curve")

    def __repr__(self) -> str:
        names = ", ".join(self.parameters)
        ends = " and ".join(str(end.kind) for end in self.ends)
        note = f"; {self.message}" if self.message else ""
        return (f"BifurcationCurve({self.kind.words} over {names}, {len(self)} points, ends: {ends}; "
                f"{', '.join(self.points.labels) or 'no special points'}{note})")  # fmt: skip
