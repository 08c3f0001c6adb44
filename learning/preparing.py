"""What ``python -m neurodynamics.prepare`` compiles for gradients."""

from __future__ import annotations

import numpy as np

from ctrnn import CTRNN
from learning.gradients import gradient
from learning.losses import MeanSquare
from learning.training import train
from learning.trials import Trial


def gradients() -> None:
    """Take gradients of a small network, of one trial and of several, back and ahead."""
    for activation in ("logistic", "tanh"):
        net, targets = CTRNN(np.eye(3), activation=activation), np.zeros((1, 3))
        for method in ("discrete", "forward"):
            gradient(net, MeanSquare(), None, targets, times=[1.0], method=method, dt=0.1)
        train(net, [Trial(targets, times=[1.0])] * 2, MeanSquare(), steps=1, dt=0.1)


WORK = {"gradients": gradients}
