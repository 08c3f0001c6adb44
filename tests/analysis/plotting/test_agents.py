"""Pictures of agents taken apart show the numbers of their records."""

import numpy as np
import pytest

from ctrnn import CTRNN
from neuroevolution import lesion, robustness, tasks, tonic_input

NET, WALKER = CTRNN(np.diag([1.0, 0.0, 0.0]), biases=[20, 20, -20]), tasks.LeggedWalker()


def test_bars_are_the_scores_that_are_left():
    found = lesion(NET, WALKER)
    ax = found.plot()
    assert [bar.get_width() for bar in ax.patches] == found.scores.tolist()
    assert [label.get_text() for label in ax.get_yticklabels()] == list(found.parts)


def test_pairs_are_a_matrix():
    found = lesion(NET, WALKER, pairs=True)
    assert np.array_equal(found.plot().images[0].get_array(), found.pairs)


def test_disturbances_are_drawn_over_their_size():
    found = robustness(NET, WALKER, [1.0, 30.0], directions=8, rng=1)
    assert np.array_equal(found.plot().lines[0].get_ydata(), np.median(found.scores, axis=1))
    found = tonic_input(NET, WALKER, [-30.0, 0.0])
    assert [line.get_label() for line in found.plot().lines] == ["neuron 0", "neuron 1", "neuron 2", "intact"]


@pytest.mark.parametrize("options", [{"sensor": 3}, {"neuron": 1}])
def test_sensors_and_neurons_that_are_not_there(options):
    from analysis import dynamics_along
    from ctrnn import evaluate

    net = CTRNN([[6.0]], biases=-3, time_constants=0.05, input_weights=[[2, 4]])
    task = tasks.PoleBalancing(1, velocities=False)
    trial = evaluate(net, task, duration=0.2, dt=0.01, substeps=2, record=(0, 0)).solution
    with pytest.raises(ValueError, match="must be below"):
        dynamics_along(trial, moments=2).plot(**options)
