"""What cannot work with delays says so: it never takes a system with delays for one without."""

from __future__ import annotations

import numpy as np
import pytest

import analysis
import learning
from ctrnn import CTRNN, Controller
from learning.losses import MeanSquare
from neurodynamics import (
    Box,
    PreparedRun,
    cascade,
    confined,
    couple,
    delayed,
    discretise,
    linearise,
    mask,
    models,
    simulate_ensemble,
    switch,
)

NET = CTRNN([[0.5, -1.0], [1.0, 0.5]], activation="tanh")
LATE = delayed(NET, 1.0)
BOX = [(-1, 1), (-1, 1)]
SWEPT = ("weights[0, 1]", (0, 1))


def sense(x, params, out):
    out[:] = x[0]


def act(o, params, out):
    out[:] = o[0]


CALLS = {
    "fixed_points": lambda: analysis.fixed_points(LATE),
    "stability": lambda: analysis.stability(LATE, [0, 0]),
    "slow_points": lambda: analysis.slow_points(LATE),
    "limit_cycle": lambda: analysis.limit_cycle(LATE, [0.1, 0]),
    "lyapunov_spectrum": lambda: analysis.lyapunov_spectrum(LATE),
    "lyapunov_map": lambda: analysis.lyapunov_map(LATE, {"weights[0, 1]": [1.0, 2.0]}),
    "finite_time_field": lambda: analysis.finite_time_field(LATE, 1.0, BOX),
    "minimum_action_path": lambda: analysis.minimum_action_path(LATE, [0, 0], [1, 1]),
    "stationary_density": lambda: analysis.stationary_density(LATE, BOX),
    "classify": lambda: analysis.classify(LATE),
    "phase_portrait": lambda: analysis.phase_portrait(LATE),
    "nullclines": lambda: analysis.nullclines(LATE),
    "poincare_map": lambda: analysis.poincare_map(LATE, ([1.0, 0], 0.0)),
    "sweep_diagram": lambda: analysis.sweep_diagram(LATE, "weights[0, 1]", [1.0, 2.0]),
    "find_attractors": lambda: analysis.find_attractors(LATE),
    "fixed_point_branch": lambda: analysis.fixed_point_branch(LATE, *SWEPT),
    "cycle_branch": lambda: analysis.cycle_branch(LATE, *SWEPT, start=[0.1, 0.0]),
    "bifurcation_diagram": lambda: analysis.bifurcation_diagram(LATE, *SWEPT),
    "simulate_ensemble": lambda: simulate_ensemble(LATE, 5, [[0.0, 0], [1, 1]], method="rk4", dt=0.1),
    "PreparedRun": lambda: PreparedRun(LATE, 1.0),
    "discretise": lambda: discretise(LATE, "euler", 0.1),
    "linearise": lambda: linearise(LATE, [0, 0]),
    "jac": lambda: LATE.jac(0, [0, 0]),
    "cascade": lambda: cascade(LATE, NET),
    "confined": lambda: confined(LATE, Box(0.0, 1.0)),
    "mask": lambda: mask(LATE, {"weights": [[0, 1], [1, 1]]}),
    "switch": lambda: switch([NET, LATE]),
    "couple": lambda: couple(LATE, models.pendulum(), sense=sense, act=act),
    "Controller": lambda: Controller(LATE, 0.1),
    "gradient": lambda: learning.gradient(LATE, MeanSquare(), [0.0, 0.0], times=[1.0], targets=[[0.0, 0.0]]),
}


@pytest.mark.parametrize("name", CALLS)
def test_it_says_that_the_system_has_delays(name):
    with pytest.raises(ValueError, match="this system has delays"):
        CALLS[name]()


def test_the_network_without_delays_has_the_equilibria():
    """The right-hand side with the past equal to a fixed point of `undelayed` vanishes."""
    for point in analysis.fixed_points(LATE.undelayed).x:
        past = point[[each.state for each in LATE.past]]
        np.testing.assert_allclose(LATE.opened.rhs(0, point, np.concatenate([np.zeros(2), past])), 0, atol=1e-12)
