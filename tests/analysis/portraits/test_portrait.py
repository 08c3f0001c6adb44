"""Everything of a portrait at once, and its picture."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis import phase_portrait
from ctrnn import CTRNN, DynamicalSystem, random_ctrnn


@pytest.fixture(autouse=True)
def no_figures():
    yield
    plt.close("all")


def labels(ax):
    return ax.get_legend_handles_labels()[1]


def test_an_oscillator_has_one_cycle_and_its_period():
    portrait = phase_portrait(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]))
    (cycle,) = portrait.cycles
    assert abs(cycle.period - 28.9999078994859) < 1e-9
    assert set(portrait.ends) == {"cycle"}
    assert len(portrait.nullclines) == 2
    ax = portrait.plot()
    assert {"attracting cycle, period 29", "unstable focus", "neuron 0 at rest", "trajectory"} <= set(labels(ax))
    ax.figure.savefig("/dev/null", format="png", dpi=30)


def test_nine_equilibria_and_their_separatrices():
    portrait = phase_portrait(CTRNN([[8, 0.5], [0.5, 8]], biases=-4.3), trajectories=3)
    assert len(portrait.points) == 9
    assert len(portrait.separatrices) == 16
    assert not portrait.cycles
    assert portrait.ends == ("fixed point",) * 3
    assert {"stable node", "saddle", "unstable node", "stable manifold (separatrix)"} <= set(labels(portrait.plot()))


def test_more_neurons_are_seen_in_principal_components_or_in_a_plane(rng):
    net = random_ctrnn(5, rng, time_constants=(0.5, 2))
    net = net.replace(biases=-net.weights.sum(axis=1) / 2)
    for plane in (None, "principal", (0, 3)):
        portrait = phase_portrait(net, plane=plane, trajectories=4)
        chosen = portrait.plane
        assert np.allclose(chosen.axes @ chosen.axes.T, np.eye(2))
        assert np.allclose(chosen.project(chosen.lift(np.array([[0.3, -0.7]]))), [[0.3, -0.7]])
        portrait.plot()
    for k, nullcline in enumerate(portrait.nullclines):  # exact in the section: that neuron does not move there
        for branch in nullcline.branches:
            for point in chosen.lift(branch[:: max(1, len(branch) // 10)]):
                assert abs(net.rhs(0, point)[(0, 3)[k]]) < 1e-9


def test_a_flow_of_ones_own_has_nullclines():
    def van_der_pol(t, y, u, params, out):
        out[0] = y[1]
        out[1] = (1 - y[0] * y[0]) * y[1] - y[0]

    portrait = phase_portrait(DynamicalSystem(van_der_pol, 2), box=[(-3, 3), (-4, 4)])
    assert abs(portrait.cycles[0].period - 6.6632868593231) < 1e-9
    states = np.concatenate(portrait.nullclines[1].branches)
    assert np.abs((1 - states[:, 0] ** 2) * states[:, 1] - states[:, 0]).max() < 1e-5
    assert {"state 0 at rest", "state 1 at rest"} <= set(labels(portrait.plot()))


def test_noise_plays_no_part():
    net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75], noise=0.1)
    assert abs(phase_portrait(net, trajectories=2).cycles[0].period - 28.9999078994859) < 1e-9


def test_edges():
    net = CTRNN([[4.5, 1], [-1, 4.5]])
    with pytest.raises(ValueError, match="at least 2 states"):
        phase_portrait(CTRNN([[1.0]]))
    with pytest.raises(ValueError, match="`plane` must be 'principal' or two different"):
        phase_portrait(random_ctrnn(3, 1), plane=(1, 1))
    nothing = phase_portrait(net, timeout=0.0)
    assert len(nothing.points) == len(nothing.trajectories) == 0
    nothing.plot()
