"""Every way leads down: the energy of a graded network along its trajectories, and the landscape of two units."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from hopfield import GradedHopfield, patterns
from neurodynamics import simulate

PAIR = GradedHopfield([[0, 1], [1, 0]], gain=1.4, activation="arctangent")  # Hopfield (1984), figure 3
STARTS = ((0.9, -0.88), (-0.9, 0.88), (0.9, 0.2), (-0.9, -0.2), (0.1, 0.9), (-0.1, -0.9), (0.55, -0.6), (-0.55, 0.6))


def figure(duration: float = 30.0, points: int = 81) -> Figure:
    """Contours of E over the outputs of two units, and E over time from noisy patterns of a network of 100."""
    fig = plt.figure(figsize=(11, 4.4), layout="constrained")
    left, right = fig.subplots(1, 2, width_ratios=(1.0, 1.2))
    _landscape(left, duration, points)

    xi = patterns.random(5, 100, rng=0)
    network = GradedHopfield.from_patterns(xi)
    runs = [simulate(network, duration / 3, probe.astype(float)) for probe in patterns.flip(xi, 0.3, rng=1)]
    plotting.plot_energy(runs, ax=right)
    right.set_title("100 units, from noisy patterns to the patterns", loc="left")
    return fig


def _landscape(ax, duration, points):
    v = np.linspace(-0.97, 0.97, points)
    grid = np.stack(np.meshgrid(v, v), axis=-1).reshape(-1, 2)
    energies = PAIR.energy(_state_of(grid)).reshape(points, points)
    levels = np.linspace(energies.min(), 0.6, 25)
    ax.contour(v, v, energies, levels=levels, cmap="viridis", linewidths=0.7)
    for start in STARTS:
        path = simulate(PAIR, duration, _state_of(np.array(start))).outputs
        ax.plot(*path, color="#222222", linewidth=1.0)
        ax.plot(*path[:, -1], "o", color="#D55E00", markersize=5)
    ax.plot(0, 0, "x", color="#222222")
    ax.set_xlabel("output of unit 0")
    ax.set_ylabel("output of unit 1")
    ax.set_title("two units: minima (dots) and a saddle (cross)", loc="left")
    ax.set_aspect("equal")


def _state_of(v):
    """Return u = g^-1(V) of Hopfield's arctangent."""
    return 2 / np.pi * np.tan(np.pi * np.asarray(v) / 2) / PAIR.gain[0]
