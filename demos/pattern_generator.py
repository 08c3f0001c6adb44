"""Five neurons in a ring, each inhibiting the next, make a rhythm: its cycle to rounding, and where it is born."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import limit_cycle, sweep_diagram
from ctrnn import CTRNN

SIZE = 5
INHIBITION = -6.0


def ring(excitation: float = 3.0) -> CTRNN:
    """Return a ring with self-excitation, its biases centred so that all outputs can be 1/2."""
    weights = excitation * np.eye(SIZE) + INHIBITION * np.roll(np.eye(SIZE), -1, axis=1)
    return CTRNN(weights, biases=-weights.sum(axis=1) / 2)


def figure(values: int = 200) -> Figure:
    """One turn of the cycle, its Floquet multipliers, and the rhythm while one neuron is driven."""
    network = ring()
    cycle = limit_cycle(network, np.linspace(-1, 3, SIZE))
    drive = np.linspace(-6, 6, values)
    diagram = sweep_diagram(network, "constant_inputs[0]", drive)

    fig = plt.figure(figsize=(13.5, 4.2), layout="constrained")
    left, middle, right = fig.subplots(1, 3, width_ratios=[1.2, 0.9, 1.3])
    cycle.plot(left)
    left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=SIZE, frameon=False, fontsize="small",
                handlelength=1.2, columnspacing=1.0)  # fmt: skip
    middle.semilogy(range(SIZE), abs(cycle.multipliers), "o", color="#0072B2")
    middle.axhline(1.0, color="#9A9A9A", linewidth=1)
    middle.set(xticks=range(SIZE), xlabel="multiplier", ylabel="modulus", ylim=(1e-8, 10))
    middle.set_title("perturbations after one turn", loc="left")
    diagram.plot(right)
    right.set_xlabel("constant input of neuron 0")
    right.set_title("extrema and fixed points while one neuron is driven", loc="left")
    return fig
