"""Angles in pictures."""

import math

import numpy as np
import pytest

from analysis import find_attractors, limit_cycle, phase_portrait, plotting
from analysis.plotting.seams import broken
from neurodynamics import DynamicalSystem, simulate
from neurodynamics.systems import Angles


def forced_pendulum(t, y, u, params, out):
    out[0] = y[1]
    out[1] = 0.5 - math.sin(y[0]) - 0.2 * y[1]


PENDULUM = DynamicalSystem(forced_pendulum, 2, angles=[0])


def test_lines_are_broken_where_an_angle_passes_its_seam():
    t = np.linspace(0.0, 10.0, 201)
    states, times = broken(Angles.of([0], 2), np.column_stack([t, np.sin(t)]), t)
    gaps = np.isnan(states[:, 0])
    np.testing.assert_allclose(times[gaps], [np.pi, 3 * np.pi], atol=0.05)
    assert not np.isnan(states[:, 1]).any()
    assert np.nanmax(np.abs(np.diff(states[:, 0]))) < 0.1


@pytest.mark.parametrize(
    "draw",
    [lambda: plotting.plot_trajectory(simulate(PENDULUM, 20, [0.0, 3.0])),
     lambda: phase_portrait(PENDULUM, trajectories=2).plot(),
     lambda: plotting.plot_phase_plane(PENDULUM, solutions=simulate(PENDULUM, 20, [0.0, 3.0])),
     lambda: find_attractors(PENDULUM, samples=20).plot()],
)  # fmt: skip
def test_planes_show_one_period_and_no_line_across(draw):
    ax = draw()
    np.testing.assert_allclose(ax.get_xlim(), [-np.pi, np.pi], rtol=1e-6)
    for line in ax.lines:
        if line.get_linestyle() != "None" and len(line.get_xdata()) > 50:
            assert not (np.abs(np.diff(line.get_xdata())) > 4.0).any()


def test_cycles_over_time_stay_within_a_period():
    ax = limit_cycle(PENDULUM, [0.0, 3.0]).plot()
    assert np.nanmax(np.abs(ax.lines[0].get_ydata())) <= np.pi
