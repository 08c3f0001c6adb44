"""What is watched along a curve of bifurcations, and which points of codimension two its zeros are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.continuation import Corrected
from analysis.bifurcations.normal_forms import FLOW_RULES, MAP_RULES, Local
from analysis.bifurcations.records import SpecialKind
from analysis.bifurcations.singular import Singular
from analysis.bifurcations.spectral_tests import sorted_eigenvalues, spectral_tests
from neurodynamics.validation import Floats

K = SpecialKind
TESTS: dict[tuple[SpecialKind, bool], tuple[tuple[str, SpecialKind], ...]] = {
    (K.LP, False): (("meeting", K.BT), ("leading", K.CP), ("pairs", K.ZH)),
    (K.H, False): (("leading", K.GH), ("zero", K.ZH), ("pairs", K.HH)),
    (K.LP, True): (("meeting", K.R1), ("leading", K.CP), ("flip", K.LPPD), ("pairs", K.LPNS)),
    (K.PD, True): (("meeting", K.R2), ("leading", K.GPD), ("zero", K.LPPD), ("pairs", K.PDNS)),
    (K.NS, True): (("leading", K.CH), ("third", K.R3), ("quarter", K.R4), ("zero", K.LPNS), ("flip", K.PDNS),
                   ("pairs", K.NSNS)),
}  # fmt: skip


class Station(NamedTuple):
    """A point of a curve: unknowns, tangent, error, eigenvalues, tests, null vectors, leading coefficient."""

    u: Floats
    t: Floats
    error: float
    values: np.ndarray
    tests: Floats
    v: np.ndarray
    w: np.ndarray
    coefficient: float


def station(problem: Singular, point: Corrected, v: np.ndarray | None = None, w: np.ndarray | None = None,
            coefficients: bool = True) -> Station:  # fmt: skip
    """Return a point with its tests; null vectors are turned towards those of a neighbour."""
    family, n = problem.family, problem.family.n
    A = family.linear(point.D[:n, :n])
    values = sorted_eigenvalues(A[np.newaxis], family.is_map)[0]
    solved = problem.bordered(point.u, A)
    right, left = (each / np.linalg.norm(each) for each in (solved.v, solved.w))
    if not problem.complex and v is not None and w is not None:
        right, left = right * np.sign(right @ v), left * np.sign(left @ w)
    angle = float(point.u[-1]) if problem.complex else 0.0
    rest = spectral_tests(_without(values, problem.mu(angle)[0], problem.complex)[np.newaxis], family.is_map)
    known: dict[str, Any] = {"zero": rest.zero[0], "pairs": rest.pairs[0], "flip": rest.flip[0]}
    known |= {"third": np.cos(angle) + 0.5, "quarter": np.cos(angle)}
    if not problem.complex:
        known["meeting"] = float(left @ right)
    known["leading"] = _leading(problem, point.u, A, angle, right, left) if coefficients and family.smooth else 1.0
    names = TESTS[problem.kind, family.is_map]
    tests = np.array([float(known[name]) for name, _ in names])
    return Station(point.u, point.t, point.error, values, tests, right, left, float(known["leading"]))


def _without(values: np.ndarray, mu: Any, pair: bool) -> np.ndarray:
    """The spectrum without the critical eigenvalue, or pair."""
    rest = np.delete(values, np.argmin(np.abs(values - mu)))
    return np.delete(rest, np.argmin(np.abs(rest - np.conj(mu)))) if pair else rest


def _leading(problem: Singular, u: Floats, A: Floats, angle: float, v: np.ndarray, w: np.ndarray) -> float:
    """The coefficient whose zero is a point of codimension two, with the sign of the null vectors."""
    family = problem.family
    form = family.forms(u[: problem.columns.stop])
    if problem.kind == K.LP:
        return float(w @ form(v, v))
    if problem.complex and problem.mu(angle)[2] == 0.0:  # the end of the curve
        return float("nan")
    rule = (MAP_RULES if family.is_map else FLOW_RULES)[problem.kind]
    try:
        found = rule.coefficients(Local(A, form, angle))
    except np.linalg.LinAlgError:
        return float("nan")
    value = float(np.real(found[rule.lead]))
    return value * abs(angle) if problem.kind == K.H else value  # l1 has a pole at Bogdanov-Takens points


class CurveCollector:
    """Points on their way to `Station`, with null vectors turned alike."""

    def __init__(self, problem: Singular, first: Station | None = None, coefficients: bool = True) -> None:
        self.problem, self.last, self.coefficients = problem, first, coefficients
        self.stations: list[Station] = []

    def __call__(self, point: Corrected) -> None:
        """Take a point."""
        last = self.last
        v, w = (None, None) if last is None else (last.v, last.w)
        self.last = station(self.problem, point, v, w, self.coefficients)
        self.stations.append(self.last)

    @property
    def done(self) -> list[Station]:
        """The points that are complete."""
        return self.stations

    def flush(self) -> list[Station]:
        """Return all points so far."""
        return self.stations
