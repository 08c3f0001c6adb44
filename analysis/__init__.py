"""Take a dynamical system apart; pictures of what is found are in :mod:`analysis.plotting`."""

from __future__ import annotations

import importlib
from typing import Any

from analysis.lyapunov import (
    Classification,
    FiniteTimeExponents,
    FiniteTimeField,
    LyapunovEnsemble,
    LyapunovMap,
    LyapunovSpectrum,
    MeanField,
    classify,
    entropy_rate,
    finite_time_field,
    finite_time_lyapunov,
    kaplan_yorke_dimension,
    largest_lyapunov_exponent,
    lyapunov_ensemble,
    lyapunov_map,
    lyapunov_spectrum,
    mean_field_lyapunov,
    pooled,
)
from analysis.nullclines import Nullcline, nullclines, phase_box

__all__ = [
    "Classification",
    "FiniteTimeExponents",
    "FiniteTimeField",
    "LyapunovEnsemble",
    "LyapunovMap",
    "LyapunovSpectrum",
    "MeanField",
    "Nullcline",
    "classify",
    "entropy_rate",
    "finite_time_field",
    "finite_time_lyapunov",
    "kaplan_yorke_dimension",
    "largest_lyapunov_exponent",
    "lyapunov_ensemble",
    "lyapunov_map",
    "lyapunov_spectrum",
    "mean_field_lyapunov",
    "nullclines",
    "phase_box",
    "plotting",
    "pooled",
]


def __getattr__(name: str) -> Any:
    """Import the pictures, and with them matplotlib, when they are first asked for."""
    if name == "plotting":
        return importlib.import_module("analysis.plotting")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
