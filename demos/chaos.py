"""Three neurons are enough for chaos: two runs that start a hundred-millionth apart lose each other."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import library, simulate

CIRCUIT = library.load("three_neuron_chaos")
APART = 1e-8


def figure(duration: float = 3000.0, transient: float = 500.0) -> Figure:
    """The attractor on the left; two runs and their distance on the right."""
    start = simulate(CIRCUIT.net, transient, CIRCUIT.y0).final
    t = np.linspace(0.0, duration, 6001)
    first, second = (
        simulate(CIRCUIT.net, duration, start + np.array(nudge), t_eval=t, rtol=1e-12, atol=1e-14)
        for nudge in ([0, 0, 0], [APART, 0, 0])
    )
    distance = np.linalg.norm(first.y - second.y, axis=0)

    fig = plt.figure(figsize=(12, 5), layout="constrained")
    grid = fig.add_gridspec(2, 2, width_ratios=[1.0, 1.25])
    space, runs, gap = fig.add_subplot(grid[:, 0], projection="3d"), fig.add_subplot(grid[0, 1]), fig.add_subplot(grid[1, 1])
    plotting.plot_trajectory(first, what="outputs", start=False, linewidth=0.5, ax=space)
    space.set_title("the attractor, in outputs")

    for run, color, label in ((first, 0, "one start"), (second, 1, f"{APART:g} away")):
        plotting.plot_time_series(run, neurons=[0], color=plotting.series_color(color), label=label, linewidth=0.9, ax=runs)
    runs.set_title("output of neuron 0")
    runs.set_xlabel("")

    gap.semilogy(t, distance, color="#222222", linewidth=0.9, label="measured")
    exponent = CIRCUIT.figures["largest_exponent"].value
    growth = distance[0] * np.exp(exponent * t)
    gap.semilogy(t[growth < 1], growth[growth < 1], "--", color="#D55E00", label=f"exp({exponent:g} t)")
    gap.set(xlabel="time t (in units of the time constants)", ylabel="distance of states", xlim=(0, duration))
    gap.set_title("distance of the two runs, and the published exponent")
    gap.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, frameon=False)
    return fig
