"""The kind of motion that exponents with their errors imply."""

from __future__ import annotations

import numpy as np

from neurodynamics import Kind
from neurodynamics.validation import Floats

CLEAR = 3.0  # errors that an exponent must be away from zero
PARTED, POWER = 5.0, 3.0  # e-folds that neighbours must have parted in the whole run, and than growth like t^3 makes
RESOLVED = 4.0  # e-folds in the whole run within which zeros of a torus must be known: weak chaos and bursting leave more
SMALL = 1e-7  # e-folds a unit of time by rounding and tolerance of the integration: less than this is zero in any case


def signs(exponents: Floats, errors: Floats, unit: float = 1.0) -> list[int]:
    """Return +1, -1, or 0 where an exponent cannot be told from zero."""
    margin = _margins(errors, unit)
    return [0 if abs(x) <= m else 1 if x > 0 else -1 for x, m in zip(exponents, margin, strict=True)]


def _margins(errors: Floats, unit: float = 1.0) -> list[float]:
    return [max(CLEAR * error, SMALL / unit) if error == error else float("inf") for error in errors]


def kind_of(exponents: Floats, errors: Floats, system_kind: str, autonomous: bool, *, states: int, duration: float,
            warm_up: float, unit: float = 1.0, leaves: Kind | None = None) -> Kind:  # fmt: skip
    """Return what the motion is, UNDECIDED where the errors leave it open.

    A moving flow has one exponent of zero; a second one makes a torus, where both are known well; a positive one chaos,
    where neighbours have parted by more than algebraic growth explains, in three dimensions at least. An exponent of zero
    of a map may as well be a bifurcation.

    Parameters
    ----------
    exponents, errors : array, shape (k,)
    system_kind, autonomous
    states : int
        N.
    duration, warm_up, unit : float
        Of the averages; of the tangent vectors before; of time.
    leaves : Kind, optional
        The verdict where the trajectory does not come back: nothing is averaged over an attractor then.
    """
    if leaves is not None:
        return leaves
    sign = signs(exponents, errors, unit)
    if sign[0] > 0:
        planar = system_kind == "flow" and autonomous and states < 3
        algebraic = POWER * np.log1p(duration / (warm_up or unit))
        return Kind.UNDECIDED if planar or exponents[0] * duration < max(PARTED, algebraic) else Kind.CHAOS
    if not autonomous:
        return Kind.UNDECIDED
    zeros = sign.count(0)
    if system_kind == "map":
        return Kind.LIMIT_CYCLE if sign[0] < 0 else Kind.UNDECIDED
    if sign[0] < 0:  # a flow that moves has an exponent of zero
        return Kind.FIXED_POINT
    if zeros == 1 and sign[0] == 0:
        return Kind.LIMIT_CYCLE if len(sign) > 1 else Kind.UNDECIDED
    if zeros == 2 and sign[0] == 0 and len(sign) > 2 and are_zero(exponents[:2], errors[:2], duration, unit):
        return Kind.TORUS
    return Kind.UNDECIDED


def are_zero(exponents: Floats, errors: Floats, duration: float, unit: float = 1.0) -> bool:
    """Whether exponents are known to be zero so well that neighbours cannot have parted in the whole run."""
    close = all(abs(x) <= margin for x, margin in zip(exponents, _margins(errors, unit), strict=True))
    return close and max(_margins(errors, unit)) * duration <= RESOLVED
