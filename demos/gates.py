"""How long gates remember: exponents of a long short-term memory, and the gain at which gated rates wake up."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from neurodynamics import simulate
from recurrent import GRU, LSTM, GatedRate, run


def figure(units: int = 60, duration: float = 60.0) -> Figure:
    """A pulse in cells of different forget gates; decay times; gated rates below and above gain two."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    pulse = np.zeros((1, 61))
    pulse[0, 5] = 4.0
    for k, bias in enumerate((-1.0, 1.0, 3.0, 5.0)):
        cell = LSTM(np.zeros((4, 1)), [[1.0], [0.0], [1.0], [0.0]], [-2.0, bias, 0.0, 2.0])
        axes[0].plot(run(cell, pulse)[1], color=plotting.series_color(k), label=f"forget bias {bias:g}")
    axes[0].set(xlabel="step", ylabel="cell c", title="one pulse in memory cells")
    axes[0].legend(frameon=False)

    bias = np.linspace(-3, 6, 40)
    lstm = [np.log(LSTM(np.zeros((4, 1)), biases=[0, b, 0, 0]).jac(0, [0.0, 0.0])[1, 1]) for b in bias]
    gru = [np.log(GRU(np.zeros((3, 1)), biases=[0, b, 0]).jac(0, [0.0])[0, 0]) for b in bias]
    axes[1].semilogy(bias, -1 / np.array(lstm), color=plotting.series_color(0), label="LSTM")
    axes[1].semilogy(bias, -1 / np.array(gru), "--", color=plotting.series_color(1), label="GRU")
    axes[1].set(xlabel="bias of the gate", ylabel="memory -1/exponent (steps)", title="what one gate is worth")
    axes[1].legend(frameon=False)

    rng = np.random.default_rng(2)
    weights = rng.normal(size=(units, units)) / np.sqrt(units)
    start, t = rng.normal(size=units), np.linspace(0, duration, 301)
    for k, gain in enumerate((1.5, 4.0)):
        sol = simulate(GatedRate(gain * weights), duration, start, t_eval=t)
        axes[2].plot(t, sol.y[:3].T, color=plotting.series_color(k), linewidth=0.9, label=[f"g = {gain:g}", None, None])
    axes[2].set(xlabel="time", ylabel="states of three units", title="gated rates rest below g = 2")
    axes[2].legend(frameon=False)
    return fig


