"""A reservoir learns Mackey and Glass's series, goes on by itself, and how much of its inputs it remembers."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from neurodynamics import simulate
from recurrent import EchoState, mackey_glass, memory_capacity


def figure(units: int = 400, shown: int = 500, length: int = 2000) -> Figure:
    """The closed loop and the series; memory of past inputs; eigenvalues before and after closing the loop."""
    x = np.tanh(mackey_glass(3300 + shown, rng=0) - 1)[np.newaxis]
    net = EchoState.random(units, 1, spectral_radius=0.8, input_scale=0.5, bias_scale=0.2, leak=0.5, rng=1)
    states = net.harvest(x[:, :3300])
    readout = net.fit(states[:, 300:-1], x[:, 301:3300], ridge=1e-14)
    loop = net.closed_loop(readout)
    said = simulate(loop, shown - 1, states[:, -1]).outputs[0]

    fig = plt.figure(figsize=(13, 7), layout="constrained")
    grid = fig.add_gridspec(2, 2)
    series, memory, plane = fig.add_subplot(grid[0, :]), fig.add_subplot(grid[1, 0]), fig.add_subplot(grid[1, 1])
    series.plot(x[0, 3300:], color="#222222", linewidth=1.6, label="series")
    series.plot(said, "--", color=plotting.series_color(1), linewidth=1.2, label="closed loop, by itself")
    error = np.abs(said - x[0, 3300:])
    lost = int(np.argmax(error > 0.1)) if (error > 0.1).any() else shown
    series.set(xlabel="steps after the loop was closed", ylabel="tanh(x - 1)",
               title=f"Mackey and Glass's series, tau = 17: right to 0.1 for {lost} steps")
    series.set(ylim=(-0.6, 0.5))
    series.legend(frameon=False, loc="upper right", ncols=2)

    for k, (scale, name) in enumerate(((0.01, "almost linear"), (1.0, "driven hard"))):
        small = EchoState.random(50, 1, spectral_radius=0.95, input_scale=scale, rng=2)
        kept = memory_capacity(small, delays=80, length=length, rng=0)
        memory.plot(kept, color=plotting.series_color(k), label=f"{name}: {kept.sum():.1f} of 50")
    memory.set(xlabel="delay (steps)", ylabel="share remembered", title="memory capacity")
    memory.legend(frameon=False)

    for k, (system, at, name) in enumerate(((net, 0 * states[:, -1], "at rest"), (loop, states[:, -1], "loop closed"))):
        values = np.linalg.eigvals(system.jac(0, at))
        plane.plot(values.real, values.imag, "o.x"[2 * k], markersize=3, color=plotting.series_color(k), label=name)
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 200))
    plane.plot(circle.real, circle.imag, color="#888888", linewidth=0.8)
    plane.set(xlabel="real part", ylabel="imaginary part", title="eigenvalues of the Jacobian", aspect="equal")
    plane.legend(frameon=False)
    return fig
