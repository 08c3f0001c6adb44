"""A run goes on from its own file alone, also in another process; what differs is named."""

import functools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ctrnn import CTRNN
from learning import Adam, Trial, gradient, losses, train
from learning.checkpoints import system_mark
from neurodynamics import DynamicalSystem
from neurodynamics.files import mark
from neurodynamics.inputs import Pulse, Sampled, Signal, Sine
from recurrent import FullyRecurrent

NET = CTRNN([[1.0, 0.5], [-0.5, 1.0]])
DATA = [Trial([[0.2, 0.5]], times=[2.0], inputs=[Sine(1.0, 0.3), 0.1])]
DECAY = 0.9
SQUARE = losses.MeanSquare()


def falling(step):
    return 0.1 * DECAY**step


def double(shown, targets):
    value, gradient = SQUARE(shown, targets)
    return 2 * value, 2 * gradient


def decay(t, y, u, params, out):
    out[0] = -params[0] * y[0]


def drive(t):
    return DECAY * t


def same_but_quicker(t, y, u, params, out):
    out[0] = -2 * params[0] * y[0]


def trial(**changes):
    return [Trial(**{"targets": [[0.2, 0.5]], "times": [2.0], "inputs": [Sine(1.0, 0.3), 0.1]} | changes)]


@pytest.mark.parametrize(("changes", "named"), [
    ({"rate": lambda step: 0.1 * 0.8**step}, "rate"),
    ({"rate": 0.1}, "rate"),
    ({"loss": double}, "loss"),
    ({"loss": losses.Cycle(2.0)}, "loss"),
    ({"data": trial(loss=double)}, "Trial.loss"),
    ({"data": trial(targets=[[0.2, 0.6]])}, "data"),
    ({"data": trial(inputs=[Sine(1.0, 0.4), 0.1])}, "data"),
    ({"data": trial(inputs=[Pulse(0.1, 0.4, 1.0), 0.1])}, "data"),
    ({"data": DATA * 2}, "data"),
    ({"data": lambda rng: DATA}, "data"),
    ({"optimiser": Adam(beta_1=0.8)}, "optimiser"),
    ({"params": "biases"}, "params"),
    ({"dt": 0.2}, "dt"),
    ({"integrator": "heun"}, "integrator"),
    ({"window": 3}, "window"),
    ({"of": "states"}, "of"),
    ({"clip": 1.0}, "clip"),
    ({"keep": 2}, "keep"),
    ({"bounds": {"biases": (-9, 9)}}, "bounds"),
    ({"rng": 4}, "rng"),
    ({"batch": 1}, "batch"),
    ({"system": NET.replace(activation="tanh")}, "system"),
    ({"system": NET.replace(mask=[[1, 1], [1, 1]])}, "system"),
])  # fmt: skip
def test_what_differs_is_named(changes, named, tmp_path):
    given = {"system": NET, "data": DATA, "loss": SQUARE, "rate": falling, "dt": 0.1, "rng": 3, "checkpoint": tmp_path / "a"}
    train(**given, steps=1)
    assert train(**given, steps=2).steps == 2
    with pytest.raises(ValueError, match=f"`{named}` is not that of the run"):
        train(**given | changes, steps=3)


def test_other_starts_and_damaged_files_are_refused(tmp_path):
    file = tmp_path / "it.fit"
    given = {"data": DATA, "loss": SQUARE, "checkpoint": file, "dt": 0.1}
    train(NET, steps=2, **given)
    with pytest.raises(ValueError, match="other parameters"):
        train(NET.replace(biases=1.0), steps=4, **given)
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(ValueError, match=r"it\.fit"):
        train(NET, steps=4, **given)


def test_folders_are_told_before_anything_is_learned(tmp_path):
    for path, words in ((tmp_path, "must be the name of a file"), (tmp_path / "none" / "it", "a folder that is there")):
        with pytest.raises(ValueError, match=f"`checkpoint` {words}|`checkpoint` must be in {words}"):
            train(NET, DATA, SQUARE, dt=0.1, checkpoint=path)


def marks():
    """Marks of all kinds of things; other processes have the same."""
    class Own:
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, shown, targets):
            return self.factor, shown

    things = (SQUARE, losses.FixedPoints(0.5), Adam(), falling, double, functools.partial(double, targets=1), Own(1), Own(2),
              Own(1).__call__, Sine(1.0, 0.3), Sine(1.0, 0.4), Pulse(0.0, 1.0, 1.0), Signal(drive),
              Signal(lambda t: 2 * t), Sampled([0.0, 1.0], [1.0, 2.0]), np.arange(3), {1, 2}, None, 0.5, "adam",
              lambda step: 0.5, lambda step: 0.25)
    systems = (NET, NET.replace(activation="tanh"), FullyRecurrent([[0.5]]), DynamicalSystem(decay, 1, {"a": 1.0}),
               DynamicalSystem(same_but_quicker, 1, {"a": 1.0}))
    return [*map(mark, things), *map(system_mark, systems)]


def test_marks_are_of_what_things_are_and_not_of_where_they_lie():
    assert len(set(marks())) == len(marks())
    code = "from tests.learning.test_checkpoints import marks; print(marks())"
    root = Path(__file__).parents[2]
    other = subprocess.run([sys.executable, "-c", code.replace("tests.learning.", "")], cwd=Path(__file__).parent,
                           env={"PYTHONPATH": str(root), "PYTHONHASHSEED": "77"}, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(marks())


def test_a_changed_constant_is_another_function(monkeypatch):
    before = mark(falling)
    monkeypatch.setattr(sys.modules[__name__], "DECAY", 0.8)
    assert mark(falling) != before


def test_marks_stay_when_kernels_are_compiled():
    before = system_mark(NET)
    gradient(NET, losses.FixedPoints(0.5), targets=[[0.5, 0.5]])
    assert system_mark(NET) == before
