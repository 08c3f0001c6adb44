"""Phase planes: nullclines as computed, arrows along the flow, equilibria by their stability."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from ctrnn import CTRNN, Sine, simulate
from neurodynamics import models

BEER = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
BISTABLE = CTRNN(8 * np.eye(2), biases=-4.0)


def by_label(ax):
    return {line.get_label(): line for line in ax.lines}


def test_nullclines_are_exact():
    """Every drawn point is at rest in its direction."""
    ax = plotting.plot_phase_plane(BEER)
    lines = by_label(ax)
    for neuron in (0, 1):
        line = lines[rf"$\dot y_{{{neuron}}} = 0$"]
        assert line.get_color() == plotting.series_color(neuron)
        for point in np.transpose(line.get_data()):
            assert abs(BEER.rhs(0, point)[neuron]) < 1e-12
    assert ax.get_xlabel() == "state y of neuron 0"
    assert ax.get_ylabel() == "state y of neuron 1"


def test_inputs_move_the_picture():
    """A constant input to neuron 0 is a shift of its nullcline's equation, exactly that of a constant drive."""
    moved = by_label(plotting.plot_phase_plane(BEER, inputs=[1.0, 0.0], box=[(-1, 6), (-2, 5)]))
    same = by_label(plotting.plot_phase_plane(BEER.replace(constant_inputs=[1.0, 0.0]), box=[(-1, 6), (-2, 5)]))
    for label, line in moved.items():
        np.testing.assert_array_equal(line.get_data(), same[label].get_data())


def test_equilibria_are_marked_by_their_stability():
    """Decoupled bistable units: y = 4 is unstable, the other two are stable."""
    low, high = 0.170_604, 8 - 0.170_604
    points = [(low, high), (4, low), (4, 4)]
    lines = by_label(plotting.plot_phase_plane(BISTABLE, equilibria=points))
    for kind, point in zip(("attracting", "saddle", "repelling"), points, strict=True):
        np.testing.assert_array_equal(np.ravel(lines[f"{kind} equilibrium"].get_data()), point)


def test_trajectories_are_drawn_and_fit():
    runs = [simulate(BEER, 40, start) for start in ([0, 0], [20, 1])]
    ax = plotting.plot_phase_plane(BEER, solutions=runs, field="stream")
    np.testing.assert_array_equal(by_label(ax)["trajectories"].get_data(), runs[0].y)
    assert ax.get_xlim()[1] > 20


def test_other_systems_show_directions_and_nullclines():
    system = models.van_der_pol()
    ax = plotting.plot_phase_plane(system, solutions=simulate(system, 20, [1, 1]))
    assert {"trajectory", "start"} < set(by_label(ax))
    assert ax.get_xlabel() == "state 0"
    without = plotting.plot_phase_plane(system, solutions=simulate(system, 20, [1, 1]), show_nullclines=False)
    assert set(by_label(without)) == {"trajectory", "start"}
    alone = plotting.plot_phase_plane(system)
    assert alone.get_xlim()[0] < -2.0 < 2.0 < alone.get_xlim()[1]  # the cycle reaches 2.0086


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"system": CTRNN(np.zeros((3, 3)))}, "must be a flow of 2 states; got a flow of 3"),
        ({"system": BEER, "inputs": [Sine(1, 1), 0]}, "must be constants"),
        ({"system": BEER, "field": "arows"}, "Did you mean 'arrows'"),
        ({"system": BEER, "equilibria": [1, 2, 3]}, r"must have shape \(K, 2\)"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.plot_phase_plane(**arguments)
