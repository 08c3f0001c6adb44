"""Ensembles and sweeps: each member's numbers in its place."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from ctrnn import CTRNN, simulate_ensemble

BEER = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
WEIGHTS = np.linspace(-1, 1, 5)
T = np.linspace(0, 100, 401)
SWEEP = simulate_ensemble(BEER, 100, [0, 0], params={"weights[0, 1]": WEIGHTS}, t_eval=T)


def test_few_members_are_lines():
    ax = plotting.plot_ensemble(SWEEP, neurons=1)
    assert len(ax.lines) == 5
    for member, line in enumerate(ax.lines):
        np.testing.assert_array_equal(line.get_ydata(), SWEEP.outputs[member, 1])
    assert ax.get_ylabel() == "output o of neuron 1"
    assert ax.get_xlabel().startswith("time t")


def test_many_members_are_rows(rng):
    ensemble = simulate_ensemble(BEER, 5, rng.normal(size=(20, 2)), t_eval=np.linspace(0, 5, 11))
    ax = ensemble.plot()
    (image,) = ax.images
    np.testing.assert_allclose(image.get_array()[:, [0, -1]], ensemble.outputs[:, 0, [0, -1]])
    assert ax.get_ylabel() == "member"


def test_final_states_are_points(rng):
    ensemble = simulate_ensemble(BEER, 5, rng.normal(size=(30, 2)), save="final")
    ax = plotting.plot_ensemble(ensemble, what="states", neurons=(1, 0))
    np.testing.assert_array_equal(ax.lines[0].get_data(), ensemble.y[:, [1, 0]].T)
    assert ax.get_xlabel() == "state y of neuron 1"
    single = plotting.plot_ensemble(ensemble, neurons=[1])
    np.testing.assert_array_equal(single.lines[0].get_ydata(), ensemble.outputs[:, 1])
    assert single.get_xlabel() == "member"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plotting.plot_sweep(SWEEP, WEIGHTS[1:]), "one entry for each of the 5 members"),
        (lambda: plotting.plot_sweep(SWEEP, WEIGHTS, neuron=2), "must be below 2"),
        (lambda: plotting.plot_ensemble(SWEEP, neurons=[0, 1]), "must name 1 of them"),
        (lambda: plotting.plot_ensemble(SWEEP, what="inputs"), "`what` must be one of"),
        (lambda: plotting.plot_sweep(simulate_ensemble(BEER, 1, np.zeros((5, 2)), save="final"), WEIGHTS), "with t_eval"),
    ],
)
def test_bad_arguments(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
