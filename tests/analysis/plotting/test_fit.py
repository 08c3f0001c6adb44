"""The picture of training shows its history."""

from __future__ import annotations

from ctrnn import CTRNN
from learning import Trial, losses, train


def test_the_loss_is_drawn_over_the_steps():
    trial = Trial([[0.2]], times=[5.0])
    fit = train(CTRNN([[1.0]]), trial, losses.MeanSquare(), params="biases", dt=0.1, steps=5)
    line = fit.plot().lines[0]
    assert (line.get_ydata() == fit.history["loss"]).all()
