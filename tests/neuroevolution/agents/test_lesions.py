"""Lesions, against agents that are built without the part."""

from __future__ import annotations

import numpy as np
import pytest
from punctual import interrupted

from ctrnn import CTRNN, MotorCTRNN, Task, evaluate
from neuroevolution import lesion, robustness, tasks

GAIT = CTRNN(
    [[2.766, 7.311, -4.522], [-2.902, 11.357, -3.603], [-9.787, -14.119, -6.348]], biases=[0.572, 1.77, 16.0],
    time_constants=[7.235, 0.809, 0.505], input_weights=np.eye(3),
)  # fmt: skip
WALKER = tasks.LeggedWalker(reflexive=True)


def score(net):
    return evaluate(net, WALKER, duration=220, dt=0.1).scores[0, 0]


def without(net, connection=None, neuron=None):
    """The network without a connection, or with a neuron whose output stays 0, by its own words."""
    weights, inputs = net.weights.copy(), net.input_weights.copy()
    biases = net.biases.copy()
    if connection is not None:
        weights[connection] = 0.0
    if neuron is not None:
        biases[neuron] = -1e4
    return net.replace(weights=weights, input_weights=inputs, biases=biases)


def test_every_lesion_is_the_agent_built_without_it():
    found = lesion(GAIT, WALKER, pairs=True)
    assert found.intact == score(GAIT)
    scores = dict(zip(found.parts, found.scores, strict=True))
    for i in range(3):
        assert scores[f"neuron {i}"] == pytest.approx(score(without(GAIT, neuron=i)), abs=1e-12)
        for j in range(3):
            assert scores[f"weights[{i}, {j}]"] == score(without(GAIT, (i, j)))
    deaf = GAIT.replace(input_weights=np.diag([0.0, 1.0, 1.0]))
    assert scores["input_weights[0, 0]"] == score(deaf)
    assert "input_weights[0, 1]" not in found.parts  # there is none
    a, b = found.parts.index("neuron 2"), found.parts.index("weights[0, 1]")
    both = score(without(GAIT, (0, 1), 2))
    assert found.pairs[a, b] == found.pairs[b, a] == pytest.approx(both, abs=1e-12)
    assert found.interaction[a, b] == pytest.approx(both - found.scores[a] - found.scores[b] + found.intact)
    assert np.array_equal(np.diag(found.pairs), found.scores)


def reset_nothing(key, trial, state, sensors):
    sensors[0] = 1.0


def step_sum(t, dt, motors, state, sensors, score):
    sensors[0] = 1.0
    score[0] = motors[0]
    return 0


def test_a_neuron_can_be_held_at_another_output_whatever_is_sensed():
    task = Task(reset=reset_nothing, step=step_sum, state_dim=0, sensors=1, motors=1)
    direct = CTRNN([[3.0, 1.0], [0.5, 2.0]], biases=[-1.0, 0.3], gains=[2.0, 1.0])  # sensors reach neuron 0 without weights
    weighted = MotorCTRNN(direct.weights, motor_weights=[[1.0, 0.0]], input_weights=[[5.0], [1.0]])
    for net in (direct, weighted):
        found = lesion(net, task, held=0.3, duration=5, dt=0.1)
        assert found.scores[0] == pytest.approx(0.3, abs=1e-12)
        assert found.scores[1] != pytest.approx(found.intact)
    assert "motor_weights[0, 0]" in lesion(weighted, task, duration=5, dt=0.1).parts


def test_what_cannot_be_held():
    with pytest.raises(ValueError, match="`held` must be an output of the network, between 0 and 1; got 2"):
        lesion(GAIT, WALKER, held=2.0)
    with pytest.raises(ValueError, match=r"`gains\[1\]` must not be 0"):
        lesion(GAIT.replace(gains=[1.0, 0.0, 1.0]), WALKER)
    with pytest.raises(TypeError, match="`task`"):
        lesion(GAIT, None)
    with pytest.raises(ValueError, match="`pairs` were not lesioned"):
        lesion(GAIT, WALKER, connections=False).interaction  # noqa: B018


def test_ctrl_c_leaves_the_calls_own_record():
    for call, kind in ((lesion, "Lesions"), (lambda *given, **more: robustness(*given, [0.1], **more), "Perturbations")):
        caught, _ = interrupted(lambda call=call: call(GAIT, WALKER, duration=1e7, dt=0.1))
        assert type(caught.result).__name__ == kind
        assert np.isnan(caught.result.scores).any()
