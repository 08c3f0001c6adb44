"""What several analyses share: evaluation at many points, constant inputs, planes, least squares."""

from analysis.common.at_points import (
    WITHOUT_BOUND,
    blows_up,
    equations_at,
    evaluate_at,
    image_of,
    iterate,
    jacobians_at,
    residuals_at,
    seconds_a_call,
)
from analysis.common.autonomous import constant_drive, depends_on_time, require_autonomous, require_system, without_noise
from analysis.common.boxes import as_box, as_window, constant_inputs, phase_box
from analysis.common.deadlines import deadline_in, seconds_until
from analysis.common.levenberg import levenberg_marquardt, newton, polish, reach_of, rounding_of, solve
from analysis.common.marching import zero_curves
from analysis.common.plane import Plane, plane_of, restricted
from analysis.common.resets import beyond_reset
from analysis.common.settle import Loop, Path, follow
from analysis.common.signs import LEAST, careful_atol, is_next_to_zero, keep_their_sign
from analysis.common.small_matrices import exponentials
from analysis.common.time_scales import slowest_time, typical_rate
from analysis.common.window import box_around

__all__ = [
    "LEAST",
    "WITHOUT_BOUND",
    "Loop",
    "Path",
    "Plane",
    "as_box",
    "as_window",
    "beyond_reset",
    "blows_up",
    "box_around",
    "careful_atol",
    "constant_drive",
    "constant_inputs",
    "deadline_in",
    "depends_on_time",
    "equations_at",
    "evaluate_at",
    "exponentials",
    "follow",
    "image_of",
    "is_next_to_zero",
    "iterate",
    "jacobians_at",
    "keep_their_sign",
    "levenberg_marquardt",
    "newton",
    "phase_box",
    "plane_of",
    "polish",
    "reach_of",
    "require_autonomous",
    "require_system",
    "residuals_at",
    "restricted",
    "rounding_of",
    "seconds_a_call",
    "seconds_until",
    "slowest_time",
    "solve",
    "typical_rate",
    "without_noise",
    "zero_curves",
]
