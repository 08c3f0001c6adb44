"""The kind of motion that exponents with their errors imply."""

from __future__ import annotations

from neurodynamics import Kind
from neurodynamics.validation import Floats

CLEAR = 3.0  # errors that an exponent must be away from zero
RESOLVED = 0.02  # of the fastest contraction: how well the zeros of a torus must be known, which weak chaos resembles
SMALL = 1e-7  # rounding and tolerance of the integration: less than this is zero in any case


def signs(exponents: Floats, errors: Floats) -> list[int]:
    """Return +1, -1, or 0 where an exponent cannot be told from zero."""
    margin = _margins(errors)
    return [0 if abs(x) <= m else 1 if x > 0 else -1 for x, m in zip(exponents, margin, strict=True)]


def _margins(errors: Floats) -> list[float]:
    return [max(CLEAR * error, SMALL) if error == error else float("inf") for error in errors]


def kind_of(exponents: Floats, errors: Floats, system_kind: str, autonomous: bool) -> Kind:
    """Return what the motion is, UNDECIDED where the errors leave it open.

    A moving flow has one exponent of zero; a second one makes a torus, where both are known well; a positive one chaos.
    An exponent of zero of a map may as well be a bifurcation, so maps are chaotic, periodic, or undecided.
    """
    sign = signs(exponents, errors)
    if sign[0] > 0:
        return Kind.CHAOS
    if not autonomous:
        return Kind.UNDECIDED
    zeros = sign.count(0)
    if system_kind == "map":
        return Kind.LIMIT_CYCLE if sign[0] < 0 else Kind.UNDECIDED
    if sign[0] < 0:  # a flow that moves has an exponent of zero
        return Kind.FIXED_POINT
    if zeros == 1 and sign[0] == 0:
        return Kind.LIMIT_CYCLE if len(sign) > 1 else Kind.UNDECIDED
    resolved = max(_margins(errors)[:2]) <= RESOLVED * abs(exponents[-1])
    if zeros == 2 and sign[0] == 0 and len(sign) > 2 and resolved:
        return Kind.TORUS
    return Kind.UNDECIDED
