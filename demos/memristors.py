"""Memristors: the hysteresis of one, and a circuit that runs downhill to the corners of a box."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from neurodynamics import Sine, simulate, simulate_ensemble
from recurrent import Memristive, loop_projector


def figure(duration: float = 8.0, members: int = 40) -> Figure:
    """Current over voltage at three frequencies; states of a circuit; its Lyapunov function."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    device = Memristive([[1.0]], alpha=0.0, beta=1.0, xi=5.0)
    for k, frequency in enumerate((0.5, 1.0, 4.0)):
        t = np.linspace(0, 1 / frequency, 400)
        w = simulate(device, t[-1], [0.5], t_eval=t, inputs=[Sine(1.0, frequency)], rtol=1e-9).y[0]
        voltage = np.sin(2 * np.pi * frequency * t)
        axes[0].plot(voltage, voltage / (1 + 5 * w), color=plotting.series_color(k), label=f"{frequency:g} cycles a unit")
    axes[0].set(xlabel="voltage", ylabel="current", title="hysteresis, pinched at zero")
    axes[0].legend(frameon=False)

    rng = np.random.default_rng(4)
    edges = np.array([(i, j) for i in range(6) for j in range(i)])[rng.permutation(15)[:12]]
    net = Memristive(loop_projector(edges), 0.3 * rng.normal(size=12), alpha=0.2, beta=0.5, xi=0.5)
    t = np.linspace(0, duration, 200)
    run = simulate(net, duration, rng.uniform(0.2, 0.8, 12), t_eval=t)
    axes[1].plot(t, run.y.T, linewidth=1.0)
    axes[1].set(xlabel="time", ylabel="memories w", title="twelve devices in the box [0, 1]")

    runs = simulate_ensemble(net, duration, rng.uniform(0, 1, (members, 12)), t_eval=t)
    for b in range(members):
        axes[2].plot(t, runs[b].energies, color=plotting.series_color(0), alpha=0.4, linewidth=0.8)
    corners = (np.arange(4096)[:, np.newaxis] >> np.arange(12) & 1).astype(float)
    best = simulate_ensemble(net, 1e-9, corners, method="euler", dt=1e-9, t_eval=[0.0])
    lowest = min(best[b].energies[0] for b in range(4096))
    axes[2].axhline(lowest, linestyle="--", color="#D55E00", label="best of 4096 corners")
    axes[2].set(xlabel="time", ylabel="energy L", title=f"{members} starts run downhill")
    axes[2].legend(frameon=False)
    return fig
