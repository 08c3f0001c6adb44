"""What a trajectory shows: its period, the range of its outputs, its largest exponent. For the library of circuits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics import Activation, AdditiveNetwork, DynamicalSystem, simulate
from neurodynamics.compiling import pointer_kernel
from neurodynamics.systems import BIAS, CONSTANT, GAIN, LEAK, TAU, WEIGHTS
from neurodynamics.validation import Floats

RTOL, ATOL = 1e-11, 1e-13
TIMING = 1e-12  # width to which a crossing is located
PER_PERIOD = 5000  # samples a period in which an extremum is looked for


def settled(net: AdditiveNetwork, y0: Any, duration: float, inputs: Any = None) -> Floats:
    """Return the state after a transient."""
    return simulate(net, duration, y0, inputs=inputs, rtol=RTOL, atol=ATOL, save="final").final


def oscillation(net: AdditiveNetwork, y0: Any, transient: float, level: float, longest: float) -> dict[str, float]:
    """Return period, lowest and highest output of a cycle on which the first state crosses the level upwards once.

    Parameters
    ----------
    transient : float
        Time to settle in.
    longest : float
        A time that is longer than the period and shorter than two.
    """
    start = settled(net, y0, transient)
    sol = simulate(net, 2 * longest, start, rtol=RTOL, atol=ATOL, dense_output=True).sol

    times = np.linspace(0, 2 * longest, 4 * PER_PERIOD)
    x = sol(times)[0] - level
    rising = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))[:2]
    first, second = (threshold(lambda t: sol(t)[0] >= level, times[k], times[k + 1], TIMING) for k in rising)
    outputs = net.outputs(sol(np.linspace(first, second, PER_PERIOD)))
    return {"period": second - first, "lowest_output": -_peak(-outputs), "highest_output": _peak(outputs)}


def frequency(net: AdditiveNetwork, y0: Any, duration: float, level: float = 0.0) -> float:
    """Return the mean angular frequency of the first state about a level, between its first and last rise."""
    sol = simulate(net, duration, y0, rtol=RTOL, atol=RTOL * abs(y0[0] - level), dense_output=True).sol

    times = np.linspace(0, duration, 10 * PER_PERIOD)
    x = sol(times)[0] - level
    rising = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
    first, last = (threshold(lambda t: sol(t)[0] >= level, times[k], times[k + 1], TIMING) for k in rising[[0, -1]])
    return float(2 * np.pi * (rising.size - 1) / (last - first))


def _peak(values: Floats) -> float:
    """Return the highest value of rows sampled over one period, by the parabola through the three points around it."""
    i, k = np.unravel_index(np.argmax(values), values.shape)
    left, top, right = (float(values[i, (k + d) % (values.shape[1] - 1)]) for d in (-1, 0, 1))
    bend = left - 2 * top + right
    return top if bend == 0 else top - (right - left) ** 2 / (8 * bend)


def threshold(passes: Callable[[float], bool], low: float, high: float, width: float) -> float:
    """Return where the answer changes from no (low) to yes (high), to the given width."""
    while high - low > width:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if passes(middle) else (middle, high)
    return 0.5 * (low + high)


# Exponents -----------------------------------------------------------------------------------------------------------


def exponents(net: AdditiveNetwork, y0: Any, transient: float, duration: float) -> dict[str, float]:
    """Return the largest Lyapunov exponent of a network without inputs, and the sum of all: the mean trace.

    The state is integrated together with a unit tangent vector v and the logarithm of its growth,
    ``v' = J v - (v.Jv) v``, ``l' = v.Jv``.
    """
    n = net.state_dim
    flow = DynamicalSystem(_tangent_flow(net.activation), 2 * n + 2, {"params": net.params})
    start = np.zeros(2 * n + 2)
    start[:n], start[n : 2 * n] = y0, 1 / np.sqrt(n)
    options: dict[str, Any] = {"rtol": 1e-8, "atol": 1e-10, "save": "final"}
    start = simulate(flow, transient, start, **options).final
    start[2 * n :] = 0.0
    growth, trace = simulate(flow, duration, start, **options).final[2 * n :] / duration
    return {"largest_exponent": float(growth), "sum_of_exponents": float(trace)}


@functools.cache
def _tangent_flow(phi: Activation) -> Any:
    value, derivative = phi.value, phi.derivative

    @pointer_kernel
    def tangent_flow(index, t, y, size, u, m, params, p, out, k):
        """(y', v', l', trace) of the state, the tangent vector, its growth, and the integral of the trace."""
        n = (size - 2) // 2
        trace = 0.0
        for i in range(n):
            out[i] = params[CONSTANT * n + i] - params[LEAK * n + i] * y[i]
            out[n + i] = -params[LEAK * n + i] * y[n + i]
            trace -= params[LEAK * n + i] / params[TAU * n + i]
        for j in range(n):
            g = params[GAIN * n + j]
            x = g * (y[j] + params[BIAS * n + j])
            o, s = value(x), g * derivative(x)
            for i in range(n):
                w = params[WEIGHTS * n + j * n + i]
                out[i] += w * o
                out[n + i] += w * s * y[n + j]
            trace += params[WEIGHTS * n + j * n + j] * s / params[TAU * n + j]
        growth = 0.0
        length = 0.0
        for i in range(n):
            out[i] /= params[TAU * n + i]
            out[n + i] /= params[TAU * n + i]
            growth += y[n + i] * out[n + i]
            length += y[n + i] * y[n + i]
        growth /= length
        for i in range(n):
            out[n + i] -= growth * y[n + i]
        out[2 * n] = growth
        out[2 * n + 1] = trace

    return tangent_flow
