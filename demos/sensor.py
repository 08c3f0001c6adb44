"""A neuron that remembers, and a body that decides what it sees: equilibria against the sensor."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import bifurcation_diagram
from ctrnn import CTRNN

NEURON = CTRNN(weights=[[6.0]], biases=-3.0)
SENSORS = {"weak": 0.5, "strong": 1.6}  # how far the body turns the sensor away from what excites it


def figure(sections: int = 12) -> Figure:
    """The neuron's equilibria over its input, and two bodies: where lines and curve cross, the loop is at rest."""
    diagram = bifurcation_diagram(NEURON, "inputs[0]", (-1.2, 1.2), sections=sections)
    fig = plt.figure(figsize=(8, 4.6), layout="constrained")
    ax = fig.add_subplot()
    diagram.plot(ax, what="outputs")
    output = np.linspace(0.0, 1.0, 50)
    for (name, gain), color in zip(SENSORS.items(), ("#0072B2", "#D55E00"), strict=True):
        ax.plot(-gain * (output - 0.5), output, color=color, label=f"{name} feedback through the body")
    ax.set(xlabel="sensor, inputs[0]", ylabel="output o of the neuron")
    ax.set_title("between the folds (LP) the sensor alone does not tell what the neuron does", loc="left", fontsize="medium")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, frameon=False)
    return fig
