"""Special points, normal forms, tables of points, and how branches end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np

from neurodynamics.records import Record
from neurodynamics.validation import Floats, nearest

FOLLOWERS: dict[str, Callable[..., Any]] = {}  # "curve" and "branches": points lead to curves, and curves to points


def follows(function: Callable) -> Callable:
    """Register a function of the name that a method of special points has."""
    FOLLOWERS[function.__name__] = function
    return function


class SpecialKind(StrEnum):
    """What happens at a special point; the code is what labels begin with."""

    LP = "LP"  # fold of equilibria
    H = "H"  # Hopf
    BP = "BP"  # branch point
    PD = "PD"  # period doubling
    NS = "NS"  # Neimark-Sacker
    LPC = "LPC"  # fold of cycles
    CORNER = "C"  # of a piecewise activation
    HOM = "HOM"  # homoclinic
    SNIC = "SNIC"  # saddle-node on an invariant circle
    CP = "CP"  # cusp
    BT = "BT"  # Bogdanov-Takens
    GH = "GH"  # generalised Hopf (Bautin)
    ZH = "ZH"  # zero-Hopf
    HH = "HH"  # double Hopf
    GPD = "GPD"  # generalised period doubling
    CH = "CH"  # Chenciner
    R1 = "R1"  # resonances
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    LPPD = "LPPD"  # fold-flip
    LPNS = "LPNS"
    PDNS = "PDNS"
    NSNS = "NSNS"
    CPC = "CPC"  # cusp of cycles
    UNDECIDED = "?"  # a test function changed sign, and what happens there was not located

    @property
    def words(self) -> str:
        """The name in words."""
        return _WORDS[self.value]


_WORDS = {
    "LP": "fold", "H": "Hopf", "BP": "branch point", "PD": "period doubling", "NS": "Neimark-Sacker",
    "LPC": "fold of cycles", "C": "corner", "HOM": "homoclinic", "SNIC": "saddle-node on an invariant circle",
    "CP": "cusp", "BT": "Bogdanov-Takens", "GH": "generalised Hopf", "ZH": "zero-Hopf", "HH": "double Hopf",
    "GPD": "generalised period doubling", "CH": "Chenciner", "R1": "resonance 1:1", "R2": "resonance 1:2",
    "R3": "resonance 1:3", "R4": "resonance 1:4", "LPPD": "fold-flip", "LPNS": "fold-Neimark-Sacker",
    "PDNS": "flip-Neimark-Sacker", "NSNS": "double Neimark-Sacker", "CPC": "cusp of cycles", "?": "undecided",
}  # fmt: skip


class Verdict(StrEnum):
    """Which side a bifurcation opens to."""

    SUPERCRITICAL = "supercritical"
    SUBCRITICAL = "subcritical"
    DEGENERATE = "degenerate"  # the coefficient is zero to rounding
    UNDECIDED = "undecided"  # the error of the coefficient covers zero


@dataclass(frozen=True, eq=False, repr=False)
class NormalForm(Record):
    """Coefficients of a normal form, by name: ``form["l1"]``.

    Attributes
    ----------
    coefficients, errors : dict of str to float or complex, and to float
        In the conventions of :func:`analysis.normal_form`; an error is how far the coefficient may be off.
    verdict : Verdict
        What the leading coefficient says; undecided where its error covers zero, or where none does.
    """

    coefficients: Mapping[str, Any]
    errors: Mapping[str, float]
    verdict: Verdict = Verdict.UNDECIDED

    def __getitem__(self, name: str) -> Any:
        if name not in self.coefficients:
            raise KeyError(f"this normal form has the coefficients {', '.join(self.coefficients) or 'none'}; got {name!r}.")
        return self.coefficients[name]

    def __repr__(self) -> str:
        terms = "".join(f"{name}={value:.6g}, " for name, value in self.coefficients.items())
        return f"NormalForm({terms}{self.verdict})"


def verdict_of(coefficient: float, error: float, scale: float = 1.0) -> Verdict:
    """Judge a coefficient whose negative sign means supercritical."""
    if not np.isfinite(coefficient) or not np.isfinite(error):
        return Verdict.UNDECIDED
    if abs(coefficient) <= error:
        return Verdict.DEGENERATE if error <= 1e-9 * scale else Verdict.UNDECIDED
    return Verdict.SUPERCRITICAL if coefficient < 0 else Verdict.SUBCRITICAL


@dataclass(frozen=True, eq=False, repr=False)
class SpecialPoint(Record):
    """A bifurcation.

    Attributes
    ----------
    kind : SpecialKind
        "LP", "H", "BP", ..; ``kind.words`` spells it out.
    label : str
        Such as "LP1": kind and number.
    parameters : dict of str to float
        Values by name.
    x : array, shape (N,)
        The state; of a cycle, a point on it.
    period : float
        Of a cycle; at a Hopf point that of the cycles that are born there; of a map, iterations; nan without one.
    eigenvalues : complex array, shape (N,)
        Of the Jacobian, the least stable first; of maps and cycles, multipliers.
    normal_form : NormalForm or None
    error : float
        How far parameters and state may be off.
    residual : float
        Of the equations that define the point.
    message : str
        What is to be said about it, such as why it was not located.
    system, inputs, data
        Where it belongs: the system at the point, its inputs, and what further computations start from.
    """

    kind: SpecialKind
    label: str
    parameters: Mapping[str, float]
    x: Floats
    period: float
    eigenvalues: np.ndarray
    normal_form: NormalForm | None
    error: float
    residual: float
    message: str = ""
    system: Any = field(default=None, repr=False)
    inputs: Any = field(default=None, repr=False)
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def value(self) -> float:
        """The value of the first parameter."""
        return float(next(iter(self.parameters.values())))

    def curve(self, parameter: Any, bounds: Any = None, **options: Any) -> Any:
        """Continue the bifurcation while a second parameter varies too, within `bounds`; see `bifurcation_curve`."""
        return FOLLOWERS["curve"](self, parameter, bounds, **options)

    def branches(self, **options: Any) -> Any:
        """Return the branches that leave or pass here: of equilibria at a BP, of cycles at a Hopf point or PD."""
        return FOLLOWERS["branches"](self, **options)

    def __repr__(self) -> str:
        where = ", ".join(f"{name}={value:.10g}" for name, value in self.parameters.items())
        period = f", period {self.period:.10g}" if np.isfinite(self.period) and self.period > 1 else ""
        form = f", {self.normal_form!r}" if self.normal_form is not None else ""
        return f"SpecialPoint({self.label} {self.kind.words}, {where}{period}{form})"


class Points(Sequence):
    """Special points in the order of their branch; an item is found by number or by label, ``points["LP1"]``."""

    def __init__(self, points: Sequence[SpecialPoint] = ()) -> None:
        self._points = tuple(points)

    @classmethod
    def numbered(cls, points: Sequence[SpecialPoint]) -> Points:
        """Give labels: each kind is numbered by itself."""
        counts: dict[str, int] = {}
        out = []
        for point in points:
            counts[point.kind] = counts.get(point.kind, 0) + 1
            out.append(replace(point, label=f"{point.kind}{counts[point.kind]}"))
        return cls(out)

    def of_kind(self, *kinds: str) -> Points:
        """Return those of some kinds."""
        return Points([point for point in self._points if point.kind in kinds])

    @property
    def labels(self) -> list[str]:
        """All labels."""
        return [point.label for point in self._points]

    def __len__(self) -> int:
        return len(self._points)

    def __iter__(self) -> Iterator[SpecialPoint]:
        return iter(self._points)

    def __contains__(self, item: object) -> bool:
        return item in self.labels if isinstance(item, str) else item in self._points

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, str):
            for point in self._points:
                if point.label == item:
                    return point
            known = ", ".join(self.labels) or "none"
            raise KeyError(f"no point is called {item!r}; there are {known}.{nearest(item, self.labels)}")
        if isinstance(item, slice):
            return Points(self._points[item])
        if not -len(self) <= item < len(self):
            known = ", ".join(self.labels) or "none"
            raise IndexError(f"there are {len(self)} special points ({known}); got number {item}.")
        return self._points[item]

    def __repr__(self) -> str:
        if not self._points:
            return "no special points"
        return "\n".join(_row(point) for point in self._points)


def _row(point: SpecialPoint) -> str:
    where = "  ".join(f"{name} = {value:<18.12g}" for name, value in point.parameters.items())
    period = f"  period {point.period:<14.10g}" if np.isfinite(point.period) and point.period > 1 else ""
    form = point.normal_form
    terms = "" if form is None else "  " + "  ".join(f"{name} = {value:.6g}" for name, value in form.coefficients.items())
    verdict = "" if form is None or form.verdict == Verdict.UNDECIDED else f"  {form.verdict}"
    note = f"  ({point.message})" if point.message else ""
    return f"{point.label:<5} {point.kind.words:<20} {where}{period}{terms}{verdict}{note}".rstrip()


class EndKind(StrEnum):
    """Why a branch ends."""

    BOUNDS = "bounds"
    CLOSED = "closed"
    FOLDED_BACK = "folded back"  # left through the bound at which it began
    DIVERGED = "diverged"
    BUDGET = "budget"  # max_points
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    STALLED = "stalled"  # the corrector failed down to the shortest step
    CORNER = "corner"
    BRANCH_POINT = "branch point"
    BOGDANOV_TAKENS = "Bogdanov-Takens"
    RESONANCE = "resonance"  # 1:1 or 1:2, where a Neimark-Sacker curve ends
    HOPF = "Hopf"
    PERIOD_DOUBLING = "period doubling"
    PERIOD_LIMIT = "period beyond limit"
    SNIC = "SNIC"
    HOMOCLINIC = "homoclinic"


@dataclass(frozen=True, eq=False)
class End:
    """How a branch ends on one side.

    Attributes
    ----------
    kind : EndKind
    value : float
        Of the parameter there.
    message : str
        What happened, and what to try.
    evidence : dict of str to float
        Figures that the kind rests on, such as the slope of ln T against ln |dp|.
    """

    kind: EndKind
    value: float
    message: str = ""
    evidence: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"End({self.kind} at {self.value:.10g}{': ' + self.message if self.message else ''})"
