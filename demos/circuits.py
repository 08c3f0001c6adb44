"""The published circuits of `ctrnn.library`, each as it goes on from a start that shows what it does."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import library, simulate
from ctrnn.library import Circuit

COLUMNS, POINTS = 2, 2000
KICKS = {  # added to the circuit's own start, where that is too close to an equilibrium, or neurons would do the same
    "centre_crossing_pair": (1.0, 0.0),
    "odd_ring": (1.0, 0.0, 0.0),
    "bistable_units": (0.5, -1.5, -0.4),
}
SPANS = {"centre_crossing_pair": 30.0, "odd_ring": 30.0}


def figure(duration: float | None = None) -> Figure:
    """Outputs over time, one panel a circuit; ``duration`` replaces the span that a circuit asks for."""
    circuits = [library.load(name) for name in library.names()]
    rows = -(-len(circuits) // COLUMNS)
    fig = plt.figure(figsize=(11, 2.2 * rows + 0.3), layout="constrained")
    panels = list(fig.subplots(rows, COLUMNS, squeeze=False).ravel())
    for panel, circuit in zip(panels, circuits, strict=False):
        draw(panel, circuit, duration)
    for panel in panels[len(circuits) :]:
        panel.remove()
    for panel in panels[: len(circuits) - COLUMNS]:
        panel.set_xlabel("")
    lines = max((panel.lines for panel in panels), key=len)
    fig.legend(handles=list(lines), loc="outside upper center", ncols=len(lines), frameon=False)
    return fig


def draw(panel: plt.Axes, circuit: Circuit, duration: float | None) -> None:
    end = duration or SPANS.get(circuit.name, circuit.t_span[1])
    start = np.add(circuit.y0, KICKS.get(circuit.name, 0.0))
    solution = simulate(circuit.net, end, start, t_eval=np.linspace(0.0, end, POINTS))
    plotting.plot_time_series(solution, ax=panel)
    panel.set_title(circuit.title, loc="left", fontsize="medium")
    if panel.get_legend():
        panel.get_legend().remove()  # one serves all
