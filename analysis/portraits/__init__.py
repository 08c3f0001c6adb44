"""The phase plane: nullclines, separatrices, portraits."""

from analysis.portraits.nullcline_curves import Nullcline, default_box, nullclines
from analysis.portraits.portrait import PhasePortrait, phase_portrait
from analysis.portraits.separatrices import Branch, Separatrices, separatrix

__all__ = [
    "Branch",
    "Nullcline",
    "PhasePortrait",
    "Separatrices",
    "default_box",
    "nullclines",
    "phase_portrait",
    "separatrix",
]
