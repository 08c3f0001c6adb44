"""Synchronisation: of coupled copies, of a response with its drive, of an oscillator with a force."""

from analysis.synchrony.conditional import ConditionalExponents, conditional_exponents
from analysis.synchrony.rotation import RotationNumber, rotation_number
from analysis.synchrony.tongues import ArnoldTongues, arnold_tongues
from analysis.synchrony.transversal import MasterStability, master_stability

__all__ = [
    "ArnoldTongues",
    "ConditionalExponents",
    "MasterStability",
    "RotationNumber",
    "arnold_tongues",
    "conditional_exponents",
    "master_stability",
    "rotation_number",
]
