"""Where two critical eigenvalues meet: Bogdanov-Takens points of flows, resonances 1:1 and 1:2 of maps."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.bifurcations.continuation import Corrected
from analysis.bifurcations.family import Family
from analysis.bifurcations.records import End, EndKind, SpecialKind
from analysis.bifurcations.singular import Singular
from neurodynamics.validation import Floats

STEP = 1e-4  # of the difference quotients for the meeting of the null vectors, relative
POLISHING = 12
CLOSE = 0.2  # relative: a double zero further from the interpolated one is another


def end_at_double_zero(problem: Singular, previous: Corrected, found: Corrected) -> tuple[Corrected, End] | None:
    """Locate the point between two points of a curve of Hopf or Neimark-Sacker points at which the angle vanishes."""
    family = problem.family
    odd = [problem.mu(float(each.u[-1]))[2] for each in (previous, found)]
    share = odd[0] / (odd[0] - odd[1]) if odd[0] != odd[1] else 0.0
    guess = previous.u + share * (found.u - previous.u)
    half = family.is_map and np.cos(float(guess[-1])) < 0.0
    guess[-1] = np.pi if half else 0.0
    kind = (SpecialKind.R2 if half else SpecialKind.R1) if family.is_map else SpecialKind.BT
    z = guess[:-1]
    met = locate_double_zero(family, z, SpecialKind.PD if half else SpecialKind.LP)
    if met is None or float(np.abs((met[0] - z) / problem.scale(guess)[:-1]).max()) > CLOSE:
        return None
    last = found._replace(u=np.append(met[0], guess[-1]), error=met[1])
    end = EndKind.RESONANCE if family.is_map else EndKind.BOGDANOV_TAKENS
    place = family.n
    D = np.zeros_like(found.D)
    D[: family.n, : family.n + family.m] = family(met[0])[1]
    evidence: Any = {"z": met[0], "error": met[1]}
    return last._replace(D=D), End(end, float(met[0][place]), str(kind), evidence)


def locate_double_zero(family: Family, z: Floats, kind: SpecialKind) -> tuple[Floats, float] | None:
    """Solve ``F = 0, g = 0, w . v = 0`` near z; return z and the relative length of the last step."""
    problem = Singular(family, kind)
    problem.start(z)

    def meeting(u: Floats) -> float:
        solved = problem.bordered(u)
        return float(solved.w @ solved.v / (np.linalg.norm(solved.w) * np.linalg.norm(solved.v)))

    last, scale = np.inf, np.maximum(1.0, np.abs(z))
    for _ in range(POLISHING):
        F, D = problem(z)
        gradient = [(meeting(z + h) - meeting(z - h)) / (2 * float(h.sum())) for h in np.diag(STEP * scale)]
        step = np.linalg.lstsq(np.vstack([D, gradient]), np.append(F, meeting(z)))[0]
        size = float(np.abs(step / scale).max())
        if not np.isfinite(size) or size > 0.5:
            return None
        if size >= 0.5 * last and last < 1e-8:
            break
        z, last = z - step, size
        if size < 1e-15:
            break
    return (z, last) if last < 1e-6 else None
