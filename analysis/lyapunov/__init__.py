"""Lyapunov exponents with their errors: of flows, maps and driven systems, measured and from theory."""

from analysis.lyapunov import flow
from analysis.lyapunov.alignment import AlignmentIndex, gali
from analysis.lyapunov.averages import algebraic_part, average, running
from analysis.lyapunov.carrier import Carrier, OutOfTime, TimeLimit, addresses_of
from analysis.lyapunov.classification import Classification, classify
from analysis.lyapunov.covariant import CovariantVectors, covariant_vectors
from analysis.lyapunov.dimensions import entropy_rate, kaplan_yorke_dimension, kaplan_yorke_interval
from analysis.lyapunov.expansion import ExpansionEntropy, expansion_entropy
from analysis.lyapunov.fast_indicator import FastLyapunovIndicator, fast_lyapunov_indicator
from analysis.lyapunov.finite_time import FiniteTimeExponents, FiniteTimeField, finite_time_field, finite_time_lyapunov
from analysis.lyapunov.flow import (
    BUDGET_USED,
    CLOCK_SIZE,
    COUNT_SIZE,
    DONE,
    EDGE,
    EVERY,
    EXTRA_ROWS,
    FRESH,
    PIECE,
    TOGETHER,
    Bins,
    H,
    Pair,
    T,
    advance_flow,
)
from analysis.lyapunov.kind import kind_of
from analysis.lyapunov.mean_field import MeanField, mean_field_lyapunov
from analysis.lyapunov.parameter_map import LyapunovEnsemble, LyapunovMap, lyapunov_ensemble, lyapunov_map
from analysis.lyapunov.pool import pooled
from analysis.lyapunov.record import LyapunovSpectrum
from analysis.lyapunov.rest import AT_REST, NEAR, rest_near
from analysis.lyapunov.scheme import Scheme, random_vectors, tangent_rtol_of
from analysis.lyapunov.slopes import JAC, RHS, TANGENT, Signals
from analysis.lyapunov.spectrum import largest_lyapunov_exponent, lyapunov_spectrum
from analysis.lyapunov.tangent_maps import Course, course_of, settling_times, span_of

__all__ = [
    "AlignmentIndex",
    "Classification",
    "CovariantVectors",
    "ExpansionEntropy",
    "FastLyapunovIndicator",
    "FiniteTimeExponents",
    "FiniteTimeField",
    "LyapunovEnsemble",
    "LyapunovMap",
    "LyapunovSpectrum",
    "MeanField",
    "classify",
    "covariant_vectors",
    "entropy_rate",
    "expansion_entropy",
    "fast_lyapunov_indicator",
    "finite_time_field",
    "finite_time_lyapunov",
    "gali",
    "kaplan_yorke_dimension",
    "kaplan_yorke_interval",
    "largest_lyapunov_exponent",
    "lyapunov_ensemble",
    "lyapunov_map",
    "lyapunov_spectrum",
    "mean_field_lyapunov",
    "pooled",
]
