"""Normal forms of bifurcations of cycles: those of the map from one passage through a plane to the next."""

from __future__ import annotations

import numpy as np

from analysis.bifurcations.cycles.orbit import Orbit
from analysis.bifurcations.family import Family
from analysis.bifurcations.forms.normal_forms import normal_form_at
from analysis.bifurcations.records import NormalForm, SpecialKind, SpecialPoint
from analysis.cycles import poincare_map
from neurodynamics.validation import Floats

OF_MAPS = {SpecialKind.LPC: SpecialKind.LP, SpecialKind.PD: SpecialKind.PD, SpecialKind.NS: SpecialKind.NS}
RETURNS = 1e-6  # relative: the time of return is the period


def cycle_normal_form(point: SpecialPoint) -> NormalForm | None:
    """Return the normal form of a fold, period doubling or Neimark-Sacker bifurcation of a cycle.

    The map is taken on the plane across the cycle where this is fastest, among places that it passes once in a period; its
    derivatives are difference quotients, and the errors say how far two of them differ. The scale of the coefficients
    depends on the plane, their signs do not. None where the cycle passes every such plane more than once.
    """
    system, orbit = point.system, point.data["point"].u
    if point.kind not in OF_MAPS or system.host or system.state_dim < 2:
        return None
    section = _section(orbit, point.data["point"].linearised.field.f.reshape(orbit.stages.shape))
    if section is None:
        return None
    state, normal = section
    passages = poincare_map(system, (normal, float(normal @ state)), inputs=point.inputs, longest=3 * orbit.period)
    z = passages.project(state)
    if not abs(passages.return_time(z) / orbit.period - 1) < RETURNS:
        return None
    family = Family(passages, [], np.zeros(0))
    angle = float(np.abs(np.angle(_critical(point.eigenvalues))))
    return normal_form_at(family, z, OF_MAPS[point.kind], angle)


def _section(orbit: Orbit, rates: Floats) -> tuple[Floats, Floats] | None:
    """The fastest state at which the plane across the flow is passed once in this direction, and its normal."""
    states, speeds = orbit.stages.reshape(-1, orbit.x.shape[1]), np.linalg.norm(rates, axis=2).ravel()
    flow = rates.reshape(states.shape)
    for k in np.argsort(-speeds)[:: max(1, len(speeds) // 40)]:
        normal = flow[k] / speeds[k]
        heights = (states - states[k]) @ normal
        rising = (heights <= 0) & (np.roll(heights, -1) > 0)
        if np.count_nonzero(rising) == 1:
            return states[k], normal
    return None


def _critical(multipliers: np.ndarray) -> complex:
    pairs = multipliers[multipliers.imag > 0]
    return complex(pairs[np.argmin(np.abs(np.abs(pairs) - 1))]) if pairs.size else 1.0 + 0.0j
