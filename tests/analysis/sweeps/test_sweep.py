"""Diagrams whose folds, cycles and heights are known in closed form or from the literature."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis import limit_cycle, sweep_diagram
from analysis.sweeps import parts
from ctrnn import CTRNN, DynamicalSystem, Sine, discretise
from neurodynamics import Interrupted, Status

OSCILLATOR = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
FOLDS = -3.41509291064406, -2.58490708935594  # of one neuron with self-weight 6


def logistic_map(t, y, u, params, out):
    out[0] = params[0] * y[0] * (1 - y[0])


@pytest.mark.parametrize("parameter", ["biases[0]", "inputs[0]"])
def test_the_folds_of_one_neuron(parameter):
    """Three equilibria between the folds, one elsewhere; sweeps up and down jump at different ones."""
    values = np.linspace(-4, -2, 81)
    diagram = sweep_diagram(CTRNN([[6.0]]), parameter, values)
    inside = (values > FOLDS[0]) & (values < FOLDS[1])
    counts = [(diagram.points_at == value).sum() for value in values]
    assert np.array_equal(counts, np.where(inside, 3, 1))
    assert diagram.complete
    assert np.array_equal(np.unique(diagram.points_at[~diagram.points_stable]), values[inside])
    last = diagram.start.max()
    up, down = (diagram.start == last - 1), (diagram.start == last)
    assert (diagram.height[up & np.isin(diagram.at, values[inside])] < 0.35).all()
    assert (diagram.height[down & np.isin(diagram.at, values[inside])] > 0.65).all()
    assert (diagram.side == 0).all()


def test_marks_of_rest_lie_on_stable_fixed_points():
    diagram = sweep_diagram(CTRNN([[6.0]]), "biases[0]", [-3.9, -3.0, -2.1])
    for at, height in zip(diagram.at, diagram.height, strict=True):
        here = (diagram.points_at == at) & diagram.points_stable
        assert np.abs(diagram.points_height[here] - height).min() < 1e-6


def test_extrema_of_an_oscillation():
    """REFERENCE B1: outputs between 0.18905638 and 0.81094362; where the equilibrium is stable there is no cycle."""
    diagram = sweep_diagram(OSCILLATOR, "biases[0]", [-5.0, -2.75, -1.0])
    middle = diagram.at == -2.75
    assert set(diagram.side[middle]) == {1, -1}
    assert (diagram.side[~middle] == 0).all()
    for side, expected in ((1, 0.81094362), (-1, 0.18905638)):
        assert np.abs(diagram.height[middle & (diagram.side == side)] - expected).max() < 1e-6
    assert not diagram.points_stable[diagram.points_at == -2.75].any()


def test_states_of_another_neuron():
    diagram = sweep_diagram(OSCILLATOR, "biases[0]", [-2.75], what="states", number=1, starts=[[0.0, 0.0]])
    cycle = limit_cycle(OSCILLATOR, [0, 0])
    assert abs(diagram.height.max() - cycle(np.linspace(0, cycle.period, 4001))[1].max()) < 1e-5


def test_iterates_of_a_map():
    """The logistic map: 1 - 1/r up to r = 3, then the two roots of its 2-cycle."""
    system = DynamicalSystem(logistic_map, 1, params={"r": 3.0}, kind="map")
    diagram = sweep_diagram(system, "r", [2.5, 3.2], starts=[[0.3]], transient=400, duration=20)
    assert (diagram.side == 0).all()
    assert np.abs(diagram.height[diagram.at == 2.5] - 0.6).max() < 1e-12
    two = np.sort(np.roots([3.2**2, -3.2 * 4.2, 4.2]).real)
    found = diagram.height[diagram.at == 3.2]
    assert np.abs(found[:, np.newaxis] - two).min(axis=1).max() < 1e-10
    assert (np.abs(found[:, np.newaxis] - two).min(axis=0) < 1e-10).all()
    fixed = diagram.points_height[(diagram.points_at == 3.2) & ~diagram.points_stable]
    assert np.abs(np.sort(fixed) - [0.0, 1 - 1 / 3.2]).max() < 1e-12


def test_the_step_of_euler_as_a_parameter():
    """REFERENCE A: the 2-cycle that the flow does not have is born at h = 0.8450685."""
    steps = np.linspace(0.7, 1.0, 13)
    diagram = sweep_diagram(discretise(CTRNN([[-10.0]]), "euler", 0.5), "dt", steps, transient=2000, duration=20)
    spread = np.array([np.ptp(diagram.height[diagram.at == h]) for h in steps])
    assert np.array_equal(spread > 1e-6, steps > 0.8450685)


def test_a_flow_of_the_users_own():
    """r' = mu r - r^3: amplitude sqrt(mu)."""

    def hopf(t, y, u, params, out):
        grow = params[0] - y[0] * y[0] - y[1] * y[1]
        out[0] = grow * y[0] - y[1]
        out[1] = grow * y[1] + y[0]

    system = DynamicalSystem(hopf, 2, params={"mu": 0.0})
    diagram = sweep_diagram(system, "mu", [-0.5, 0.5, 1.0], starts=[[0.4, 0.1]])
    assert np.abs(diagram.height[diagram.at == -0.5]).max() < 1e-6
    for mu in (0.5, 1.0):
        tops = diagram.height[(diagram.at == mu) & (diagram.side == 1)]
        assert np.abs(tops - math.sqrt(mu)).max() < 1e-5
    assert np.array_equal(diagram.points_stable, [True, False, False])


def test_runs_that_diverge_are_counted():
    net = CTRNN([[0.0]], activation="linear")
    diagram = sweep_diagram(net, "weights[0, 0]", [0.0, 9.0], starts=[[1.0]], equilibria=False)
    assert diagram.failed == 3  # from the start, and in both sweeps
    assert (diagram.at == 0.0).all()


def test_bad_input_and_budgets(monkeypatch):
    with pytest.raises(ValueError, match="unknown parameter"):
        sweep_diagram(OSCILLATOR, "bias[0]", [0.0])
    with pytest.raises(ValueError, match="names 2 parameters"):
        sweep_diagram(OSCILLATOR, "biases", [0.0])
    with pytest.raises(ValueError, match="`values`"):
        sweep_diagram(OSCILLATOR, "biases[0]", [])
    with pytest.raises(ValueError, match="time_constants"):
        sweep_diagram(OSCILLATOR, "time_constants[0]", [-1.0, 1.0])
    with pytest.raises(ValueError, match="`number`"):
        sweep_diagram(OSCILLATOR, "biases[0]", [0.0], number=2)
    with pytest.raises(ValueError, match="`starts`"):
        sweep_diagram(OSCILLATOR, "biases[0]", [0.0], starts=[[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match="stroboscopic_map"):
        sweep_diagram(OSCILLATOR, "biases[0]", [0.0], inputs=[Sine(1, 1), 0])
    nothing = sweep_diagram(OSCILLATOR, "biases[0]", [0.0], timeout=0)
    assert nothing.status == Status.TIMEOUT
    assert not nothing.complete
    nothing.plot()
    cut = sweep_diagram(OSCILLATOR, "biases[0]", np.linspace(-3, 0, 500), duration=1e6, equilibria=False, timeout=0.3)
    assert (cut.status, cut.failed) == (Status.TIMEOUT, 0)  # none of the runs that are not done has failed

    def stop(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(parts, "simulate_ensemble", stop)
    with pytest.raises(Interrupted) as stopped:
        sweep_diagram(OSCILLATOR, "biases[0]", [0.0])
    assert len(stopped.value.result.points_at) == 1
    plt.close("all")
