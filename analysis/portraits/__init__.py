"""The phase plane: nullclines, separatrices, portraits."""

from analysis.portraits.nullcline_curves import Nullcline, nullclines
from analysis.portraits.portrait import PhasePortrait, phase_portrait
from analysis.portraits.separatrices import Branch, Separatrices, box_around, separatrix

__all__ = [
    "Branch",
    "Nullcline",
    "PhasePortrait",
    "Separatrices",
    "box_around",
    "nullclines",
    "phase_portrait",
    "separatrix",
]
