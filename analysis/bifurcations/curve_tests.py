"""What is watched along a curve of bifurcations, and which points of codimension two its zeros are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analysis.bifurcations.continuation import Corrected, locate
from analysis.bifurcations.family import Family
from analysis.bifurcations.forms.normal_forms import FLOW_RULES, MAP_RULES, Local
from analysis.bifurcations.records import SpecialKind
from analysis.bifurcations.singular import Singular
from analysis.bifurcations.special import Event, residual
from analysis.bifurcations.spectral_tests import sorted_eigenvalues, spectral_tests
from neurodynamics.validation import Floats

K = SpecialKind
TESTS: dict[tuple[SpecialKind, bool], tuple[tuple[str, SpecialKind], ...]] = {  # by kind, and whether of maps
    (K.LP, False): (("meeting", K.BT), ("leading", K.CP), ("pairs", K.ZH)),
    (K.H, False): (("leading", K.GH), ("zero", K.ZH), ("pairs", K.HH)),
    (K.LP, True): (("meeting", K.R1), ("leading", K.CP), ("flip", K.LPPD), ("pairs", K.LPNS)),
    (K.PD, True): (("meeting", K.R2), ("leading", K.GPD), ("zero", K.LPPD), ("pairs", K.PDNS)),
    (K.NS, True): (("leading", K.CH), ("third", K.R3), ("quarter", K.R4), ("zero", K.LPNS), ("flip", K.PDNS),
                   ("pairs", K.NSNS)),
}  # fmt: skip
CRITICAL = {K.ZH: 3, K.LPNS: 3, K.PDNS: 3, K.HH: 4, K.NSNS: 4}  # eigenvalues; without a complex pair it is a neutral saddle
THROUGH = {  # which curves pass a point of codimension two
    K.CP: (K.LP,), K.BT: (K.LP, K.H), K.GH: (K.H,), K.ZH: (K.LP, K.H), K.HH: (K.H,), K.R1: (K.LP, K.NS), K.R2: (K.PD, K.NS),
    K.GPD: (K.PD,), K.CH: (K.NS,), K.R3: (K.NS,), K.R4: (K.NS,), K.LPPD: (K.LP, K.PD), K.LPNS: (K.LP, K.NS),
    K.PDNS: (K.PD, K.NS), K.NSNS: (K.NS,),
}  # fmt: skip
POLES = {K.H: ("zero",), K.PD: ("zero", "meeting"), K.NS: ("zero",)}  # tests at whose zeros the coefficient has simple poles
ROUNDING, DIFFERENCES = 1e-10, 1e-7  # of the size of its terms: a coefficient that is zero
FALLEN = 1e-3  # a zero of a coefficient is one only where the coefficient has fallen to less of what it was


class Station(NamedTuple):
    """A point of a curve: unknowns, tangent, error, eigenvalues, tests, null vectors, leading coefficient, is it 0?"""

    u: Floats
    t: Floats
    error: float
    values: np.ndarray
    tests: Floats
    v: np.ndarray
    w: np.ndarray
    coefficient: float
    degenerate: bool


class Critical(Singular):
    """A curve of bifurcations over two parameters, with tests for points of codimension two."""

    def __init__(self, family: Family, kind: SpecialKind, bounds: Floats, coefficients: bool) -> None:
        super().__init__(family, kind, bounds)
        self.coefficients = coefficients and family.smooth
        self.tests = TESTS[kind, family.is_map]

    def spots(self, points: list[Any], before: Any) -> list[Station]:
        """Return points with their tests; null vectors are turned towards those of the one before."""
        out = []
        for point in points:
            before = self.station(point, before)
            out.append(before)
        return out

    def station(self, point: Corrected, before: Station | None) -> Station:
        """Return a point with its tests."""
        family, angle = self.family, self.angle(point.u)
        A = family.linear(point.D[: family.n])
        values = sorted_eigenvalues(A[np.newaxis], family.is_map)[0]
        solved = self.bordered(point.u, A)
        right, left = (each / np.linalg.norm(each) for each in (solved.v, solved.w))
        if not self.complex and before is not None:
            right, left = right * np.sign(right @ before.v), left * np.sign(left @ before.w)
        known = _of_the_rest(values, self.mu(angle)[0], family.is_map)
        known |= {"third": np.cos(angle) + 0.5, "quarter": np.cos(angle), "meeting": float((left @ right).real)}
        leading, size = self._leading(point.u, A, angle, right, left) if self.coefficients else (1.0, 1.0)
        known["leading"] = leading * np.prod(np.clip([known[name] for name in POLES.get(self.kind, ())], -1.0, 1.0))
        tests = np.array([float(known[name]) for name, _ in self.tests])
        degenerate = abs(leading) <= (ROUNDING if self.family.analytic else DIFFERENCES) * size
        return Station(point.u, point.t, point.error, values, tests, right, left, leading, degenerate)

    def _leading(self, u: Floats, A: Floats, angle: float, v: np.ndarray, w: np.ndarray) -> tuple[float, float]:
        """The coefficient whose zero is a point of codimension two, with the sign of the null vectors; size of its terms."""
        form, nowhere = self.family.forms(u[: self.columns.stop]), (float("nan"), 0.0)
        if self.kind == K.LP:
            quadratic = form(v, v)
            return float(w @ quadratic), float(np.linalg.norm(quadratic))
        if self.complex and self.mu(angle)[2] == 0.0:  # the end of the curve
            return nowhere
        rule = (MAP_RULES if self.family.is_map else FLOW_RULES)[self.kind]
        try:
            terms = rule.coefficients(Local(A, form, angle))
        except np.linalg.LinAlgError:
            return nowhere
        regular = abs(angle) if self.kind == K.H else 1.0  # l1 has a pole at Bogdanov-Takens points
        return regular * float(np.real(terms[rule.lead])), regular * terms.size

    def events(self, a: Station, b: Station) -> list[Event]:
        """Return the points of codimension two between two points, in order."""
        found = []
        for k in np.flatnonzero(((a.tests < 0.0) != (b.tests < 0.0)) & np.isfinite(a.tests * b.tests)):
            self.start(a.u)

            def test(point: Any, k: int = int(k)) -> float:
                return float(self._stationed(point, a).tests[k])

            met = locate(self, a, b, test, 1e-12, 1e-12)
            name, kind = self.tests[k]
            if met is None or not self._is_critical(kind, met) or (name == "leading" and not self._falls(a, b, met)):
                continue
            z = met.u[: self.columns.stop]
            error = max(met.error, abs(test(met)) / max(abs(b.tests[k] - a.tests[k]), 1e-300))
            event = Event(kind, z, self.angle(met.u), error, residual(self.family, z))
            found.append((float(np.linalg.norm(met.u - a.u)), event))
        return [event for _, event in sorted(found, key=lambda each: each[0])]

    def _stationed(self, point: Any, before: Station) -> Station:
        return point if isinstance(point, Station) else self.station(point, before)

    def _falls(self, a: Station, b: Station, met: Any) -> bool:
        """Whether the coefficient itself, and not only its product with what is zero at its poles, vanishes at a point.

        Where it is zero all along, as in conservative systems, its signs say nothing.
        """
        if a.degenerate and b.degenerate:
            return False
        at = self._stationed(met, a)
        return at.degenerate or abs(at.coefficient) <= FALLEN * max(abs(a.coefficient), abs(b.coefficient))

    def _is_critical(self, kind: SpecialKind, met: Corrected) -> bool:
        values = np.linalg.eigvals(self.family.linear(met.D[: self.family.n]))
        growth = np.abs(np.abs(values) - 1.0) if self.family.is_map else np.abs(values.real)
        return int((growth <= 1e-5 * max(1.0, float(np.abs(values).max()))).sum()) >= CRITICAL.get(kind, 0)


def _of_the_rest(values: np.ndarray, mu: Any, is_map: bool) -> dict[str, Any]:
    """The tests of the spectrum without the critical eigenvalue, or pair."""
    rest = np.delete(values, np.argmin(np.abs(values - mu)))
    if isinstance(mu, complex):
        rest = np.delete(rest, np.argmin(np.abs(rest - np.conj(mu))))
    tests = spectral_tests(rest[np.newaxis], is_map)
    return {"zero": tests.zero[0], "pairs": tests.pairs[0], "flip": tests.flip[0]}
