"""A memory that breaks down at once: Hebb's rule holds 0.138 patterns a unit, as the theory says, and no more."""

import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from hopfield import capacity, capacity_curve

LOADS = (0.04, 0.08, 0.11, 0.125, 0.135, 0.145, 0.155, 0.165, 0.18, 0.2)


def figure(sizes: tuple[int, int] = (200, 1000), networks: int = 4, probes: int = 50) -> Figure:
    """Overlaps at the end, started on the patterns, beside the replica-symmetric theory for endless networks."""
    critical = capacity.critical_load()
    loads = np.append(np.linspace(0.01, critical, 200), [critical, 0.21])
    theory = [capacity.overlap(min(load, critical)) for load in loads[:-2]]

    fig = plotting.plot_capacity(
        capacity_curve("hebbian", sizes[-1], LOADS, networks=networks, probes=probes, rng=1),
        theory=(loads[:-2], theory),
    ).figure
    ax = fig.axes[0]
    small = capacity_curve("hebbian", sizes[0], LOADS, networks=networks, probes=probes, rng=2)
    ax.plot(small.loads, small.overlaps, color="#9A9A9A", linewidth=1.2, marker="o", markersize=3, label="overlap")
    ax.annotate(f"N = {sizes[0]}", (small.loads[-1], small.overlaps[-1]), (0, 8), textcoords="offset points", ha="right")
    ax.axvline(critical, color="#222222", linewidth=0.8, linestyle=":")
    ax.set_title(f"dotted: the critical load of the theory, {critical:.4f}; grey: N = {sizes[0]}", loc="left")
    ax.set_ylim(-0.03, 1.05)
    ax.set_xticks(np.arange(0, 0.21, 0.05))
    return fig
