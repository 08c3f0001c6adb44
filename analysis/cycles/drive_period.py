"""The common period of the inputs of a driven flow."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from neurodynamics import DynamicalSystem
from neurodynamics.inputs import SINE, TRAIN, Inputs

PHASES = 61  # at which inputs are compared with themselves one period later
LARGEST_RATIO = 64  # of periods that are put together to a common one


def common_period(drive: Inputs) -> float:
    """Return the least time after which all sines and pulse trains repeat."""
    periods = set()
    for term in drive.terms:
        if int(term[1]) == SINE and term[3] != 0:
            periods.add(abs(2 * np.pi / term[3]))
        elif int(term[1]) == TRAIN:
            periods.add(float(term[5]))
        elif drive.callable is None and int(term[1]) != SINE:
            raise ValueError("`period` must be given: among the inputs are others than sines and pulse trains.")
    if not periods:
        raise ValueError("`period` must be given: no input says how often it repeats.")
    longest = max(periods)
    common = 1
    for each in periods:
        ratio = Fraction(longest / each).limit_denominator(LARGEST_RATIO)
        if abs(float(ratio) * each / longest - 1) > 1e-9:
            raise ValueError(f"`period` must be given: the inputs' periods {sorted(periods)} have none in common.")
        common = int(np.lcm(common, ratio.denominator))
    return float(longest * common)


def require_periodic(flow: DynamicalSystem, drive: Inputs, start: float, period: float) -> None:
    """Raise where inputs differ a period later."""
    times = start + period * (np.arange(PHASES) + 0.389) / PHASES
    now, later = drive.at(times), drive.at(times + period)
    off = np.abs(now - later) > 1e-7 * (1.0 + np.abs(now).max(initial=0.0))
    if off.any():
        channel, k = (int(i) for i in np.argwhere(off)[0])
        raise ValueError(
            f"`inputs[{channel}]` must repeat after the period {period:g}; at t = {times[k]:g} it is {now[channel, k]:g}, "
            f"one period later {later[channel, k]:g}. A pulse train must begin by `start` and last for two periods."
        )
    if flow.structure("additive") is not None:
        return
    for state in (np.full(flow.state_dim, 0.31), np.linspace(-1.3, 0.9, flow.state_dim)):
        for time, u in zip(times[::7], now.T[::7], strict=True):
            if not np.allclose(flow.rhs(time, state, u), flow.rhs(time + period, state, u), rtol=1e-7, equal_nan=True):
                raise ValueError(f"`system` must repeat after the period {period:g}; its right-hand side does not.")
