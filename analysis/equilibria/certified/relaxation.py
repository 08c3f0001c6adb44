"""What the search has to know about an activation on an interval, every bound rounded outwards.

==========  ===========================================================================================
``points``  phi(x) and phi'(x), to rounding
``values``  the range of phi on [low, high]
``slopes``  the range of phi' there
``lines``   a slope d and the range of ``phi(x) - d x``, d such that it is nearly as narrow as can be,
            with the inner point where the line is worst: the place to cut the interval
==========  ===========================================================================================

One set of pointer kernels serves an activation, so the search itself is compiled once for all of them. They take arrays
of lower and upper ends (in the places of `y` and `u` of the common signature), as long as a multiple of the vector
width.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

from analysis.equilibria.certified.rounding import TINY, UNIT
from neurodynamics.activations import ACTIVATIONS, Activation
from neurodynamics.compiling import (
    WIDTH,
    absolute,
    address_of,
    call,
    clamp,
    fma,
    kernel,
    load,
    pointer,
    select_positive,
    splat,
    store,
)

# Increasing, odd about the origin up to a constant, convex on the left and concave on the right.
SIGMOIDS = ("logistic", "tanh", "erf", "arctangent")
# The derivative increases.
CONVEX = ("softplus",)
# Constant slope between these points; one where the slope stays the same does no harm.
KINKS = {"linear": (0.0,), "relu": (0.0,), "hard_sigmoid": (-2.0, 2.0)}

HALVINGS = 14  # of the range of the best slope; the bounds hold after any number of them
DERIVATIVE_ULP = 8.0  # error of every built-in derivative, in units in the last place


@dataclass(frozen=True)
class Relaxation:
    """Addresses of an activation's kernels, and the errors of its value (relative) and derivative (absolute)."""

    points: int
    values: int
    slopes: int
    lines: int
    value_error: float
    slope_error: float
    kernels: tuple[Any, ...]  # keeps the machine code alive


def is_relaxable(activation: Activation) -> bool:
    """Whether the shape of the activation is known, so that it can be bounded on intervals."""
    return activation.name in (*SIGMOIDS, *CONVEX, *KINKS) and activation is ACTIVATIONS[activation.name]


@functools.cache
def relaxation(activation: Activation) -> Relaxation:
    """Compile the kernels of an activation whose shape is known."""
    value, derivative = activation.value, activation.derivative
    value_error = 2.0 * UNIT * (activation.ulp + 1.0)
    slope_error = 2.0 * UNIT * (DERIVATIVE_ULP + 2.0) * activation.max_slope
    most_slope = activation.max_slope * (1.0 + 4.0 * UNIT)
    low, high = (float(end) for end in activation.range)
    if activation.name in KINKS:
        slopes = _slopes_of_pieces(derivative, KINKS[activation.name])
        lines = _lines_over_pieces(value, value_error, KINKS[activation.name])
    elif activation.name in CONVEX:
        slopes = _slopes_of_convex(derivative, slope_error)
        lines = _lines_over_convex(value, derivative, value_error, slope_error)
    else:
        slopes = _slopes_of_sigmoid(derivative, slope_error, most_slope)
        lines = _lines_over_sigmoid(value, derivative, value_error, slope_error)
    kernels = (_points(value, derivative), _values(value, value_error, low, high), slopes, lines)
    points, values, slope, line = map(address_of, kernels)
    return Relaxation(points, values, slope, line, value_error, slope_error, kernels)


@kernel
def evaluate(function, low, high, p, out):
    """Call one of an activation's kernels, by its address, for p intervals."""
    call(function, 0.0, pointer(low), p, pointer(high), p, pointer(low), 0, pointer(out), p)


def _points(value: Any, derivative: Any) -> Any:
    @kernel
    def points(index, t, x, n, unused, m, params, p, out, k):
        for j in range(0, n, WIDTH):
            store(out, j, value(load(x, j)))
            store(out, n + j, derivative(load(x, j)))

    return points


def _values(value: Any, error: float, least: float, most: float) -> Any:
    """Phi increases: its range is [phi(low), phi(high)]."""

    @kernel
    def values(index, t, low, n, high, m, params, p, out, k):
        for j in range(0, n, WIDTH):
            s = value(load(low, j))
            store(out, j, clamp(s - fma(absolute(s), error, TINY), least, most))
            s = value(load(high, j))
            store(out, n + j, clamp(s + fma(absolute(s), error, TINY), least, most))

    return values


# Sigmoids: on the convex part the graph lies above its tangents and ``phi(x) - d x`` is largest at an end ------------


def _slopes_of_sigmoid(derivative: Any, error: float, most_slope: float) -> Any:
    """Phi' falls with the distance from the origin."""

    @kernel
    def slopes(index, t, low, n, high, m, params, p, out, k):
        for j in range(0, n, WIDTH):
            a, b = load(low, j), load(high, j)
            most = derivative(clamp(splat(0.0), a, b)) + error
            far = clamp(absolute(a), absolute(b), math.inf)
            store(out, j, clamp(derivative(far) - error, 0.0, most_slope))
            store(out, n + j, clamp(most, 0.0, most_slope))

    return slopes


def _lines_over_sigmoid(value: Any, derivative: Any, error: float, slope_error: float) -> Any:
    """The line touches at c >= 0 and at -c, where phi' = d, or as near to these as the interval comes.

    The width of the range of ``phi(x) - d x`` is a convex function of d, whose derivative is the place of the smallest
    minus the place of the largest value; its minimum is found by halving the range of c.
    """

    @kernel
    def extremes(a, b, sa, sb, c, d):
        """Largest and smallest value of phi(x) - d x and where they are, but for rounding."""
        zero = clamp(splat(0.0), a, b)
        right, left = clamp(c, zero, b), clamp(-c, a, zero)
        at_a, at_b = fma(-d, a, sa), fma(-d, b, sb)
        at_right, at_left = fma(-d, right, value(right)), fma(-d, left, value(left))
        top, x_top = clamp(at_right, at_a, math.inf), select_positive(at_right - at_a, right, a)
        bottom, x_bottom = clamp(at_left, -math.inf, at_b), select_positive(at_b - at_left, left, b)
        return top, bottom, x_top, x_bottom

    @kernel
    def lines(index, t, low, n, high, m, params, p, out, k):
        for j in range(0, n, WIDTH):
            a, b = load(low, j), load(high, j)
            sa, sb = value(a), value(b)
            near = absolute(clamp(splat(0.0), a, b))
            far = clamp(absolute(a), absolute(b), math.inf)
            left, right = splat(0.0), splat(1.0)
            for _ in range(HALVINGS):
                middle = 0.5 * (left + right)
                c = fma(far - near, middle * middle, near)  # squared: finer where intervals are wide
                top, bottom, x_top, x_bottom = extremes(a, b, sa, sb, c, derivative(c))
                left = select_positive(x_bottom - x_top, middle, left)
                right = select_positive(x_bottom - x_top, right, middle)
            d = derivative(c)
            # an error of d turns the tangent; the rest are errors of the values and of these few operations
            pad = fma(b - a, slope_error, TINY)
            pad = fma(clamp(absolute(sa), absolute(sb), math.inf) + d * far, 2.0 * error + 8.0 * UNIT, pad)
            middle = 0.5 * (a + b)
            from_top = absolute(x_top - middle) - absolute(x_bottom - middle)
            store(out, j, d)
            store(out, n + j, 0.5 * (top + bottom))
            store(out, 2 * n + j, fma(0.5, top - bottom, pad))
            store(out, 3 * n + j, select_positive(from_top, x_bottom, x_top))

    return lines


# Convex activations --------------------------------------------------------------------------------------------------


def _slopes_of_convex(derivative: Any, error: float) -> Any:
    @kernel
    def slopes(index, t, low, n, high, m, params, p, out, k):
        for j in range(0, n, WIDTH):
            store(out, j, clamp(derivative(load(low, j)) - error, 0.0, math.inf))
            store(out, n + j, derivative(load(high, j)) + error)

    return slopes


def _lines_over_convex(value: Any, derivative: Any, error: float, slope_error: float) -> Any:
    """The line touches from below where phi' = d; the range is narrowest where both ends are equally high."""

    @kernel
    def lines(index, t, low, n, high, m, params, p, out, k):
        for j in range(0, n, WIDTH):
            a, b = load(low, j), load(high, j)
            sa, sb = value(a), value(b)
            left, right = a, b
            for _ in range(3 * HALVINGS):
                c = 0.5 * (left + right)
                d = derivative(c)
                rest = sb - sa - d * (b - a)
                left = select_positive(rest, c, left)
                right = select_positive(rest, right, c)
            top = clamp(fma(-d, a, sa), fma(-d, b, sb), math.inf)
            bottom = fma(-d, c, value(c))
            far = clamp(absolute(a), absolute(b), math.inf)
            pad = fma(b - a, slope_error, TINY)
            pad = fma(clamp(absolute(sa), absolute(sb), math.inf) + d * far, 2.0 * error + 8.0 * UNIT, pad)
            store(out, j, d)
            store(out, n + j, 0.5 * (top + bottom))
            store(out, 2 * n + j, fma(0.5, top - bottom, pad))
            store(out, 3 * n + j, c)

    return lines


# Pieces of constant slope: all extremes are at ends and kinks --------------------------------------------------------


def _slopes_of_pieces(derivative: Any, kinks: tuple[float, ...]) -> Any:
    count = len(kinks)

    @kernel
    def slopes(index, t, low, n, high, m, params, p, out, k):
        for j in range(n):
            # widened a little, so that a point on a kink has the slopes of both sides
            a = low[j] - 4.0 * UNIT * abs(low[j]) - TINY
            b = high[j] + 4.0 * UNIT * abs(high[j]) + TINY
            least, most, start = math.inf, -math.inf, a
            for i in range(count + 1):
                stop = b if i == count else min(max(kinks[min(i, count - 1)], a), b)
                if stop > start:
                    d = derivative(0.5 * (start + stop))
                    least, most, start = min(least, d), max(most, d), stop
            out[j], out[n + j] = least, most

    return slopes


def _lines_over_pieces(value: Any, error: float, kinks: tuple[float, ...]) -> Any:
    """The best slope is that of a chord between two of the ends and kinks."""
    count = len(kinks)

    @kernel
    def corner(i, a, b):
        if i == 0:
            return a
        if i == count + 1:
            return b
        return min(max(kinks[i - 1], a), b)

    @kernel
    def extremes(a, b, d):
        top, bottom = -math.inf, math.inf
        for i in range(count + 2):
            x = corner(i, a, b)
            e = value(x) - d * x
            top, bottom = max(top, e), min(bottom, e)
        return top, bottom

    @kernel
    def lines(index, t, low, n, high, m, params, p, out, k):
        for j in range(n):
            a, b = low[j], high[j]
            d, top, bottom = 0.0, value(b), value(a)
            for i in range(count + 1):
                for h in range(i + 1, count + 2):
                    x, y = corner(i, a, b), corner(h, a, b)
                    if y > x:
                        slope = (value(y) - value(x)) / (y - x)
                        high_end, low_end = extremes(a, b, slope)
                        if high_end - low_end < top - bottom:
                            d, top, bottom = slope, high_end, low_end
            cut = a
            for i in range(count):
                x = corner(i + 1, a, b)
                if abs(x - 0.5 * (a + b)) < abs(cut - 0.5 * (a + b)):
                    cut = x
            size = max(abs(value(a)), abs(value(b))) + d * max(abs(a), abs(b))
            out[j], out[n + j] = d, 0.5 * (top + bottom)
            out[2 * n + j] = 0.5 * (top - bottom) + (2.0 * error + 8.0 * UNIT) * size + TINY
            out[3 * n + j] = cut

    return lines
