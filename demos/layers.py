"""Layers that listen: chaos sets in at gain one, a record is read from both ends, and what a delay line answers to sines."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from scipy import signal

from analysis import lyapunov_spectrum, plotting
from recurrent import FullyRecurrent, IndRNN, LinearFilter, bidirectional, frequency_response, run


def figure(sizes: tuple[int, ...] = (20, 80, 320), gains: int = 13, duration: int = 300) -> Figure:
    """Largest exponents over the gain; two directions after one pulse; gains of filters, in theory and as simulated."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    rng, g = np.random.default_rng(0), np.linspace(0.6, 1.8, gains)
    for k, n in enumerate(sizes):
        weights, start = rng.normal(size=(n, n)) / np.sqrt(n), rng.normal(size=n)
        largest = [lyapunov_spectrum(FullyRecurrent(gain * weights), start, k=1, duration=duration, transient=200, rng=0)
                   .exponents[0] for gain in g]  # fmt: skip
        axes[0].plot(g, largest, ".-", color=plotting.series_color(k), label=f"{n} units")
    axes[0].plot(g[g <= 1], np.log(g[g <= 1]), "--", color="#222222", linewidth=1, label="ln g")
    axes[0].axhline(0, color="#888888", linewidth=0.8)
    axes[0].set(xlabel="gain g of random weights", ylabel="largest exponent (1/step)",
                title="h' = tanh(g J h): chaos beyond g = 1 if large")
    axes[0].legend(frameon=False)

    pulses = np.zeros((1, 60))
    pulses[0, [20, 30]] = 1.0, 0.5
    unit = IndRNN([0.85], [[1.0]], activation="linear")
    both = bidirectional(unit, unit, pulses)
    axes[1].vlines(np.flatnonzero(pulses[0]), 0, pulses[0][pulses[0] > 0], color="#222222", linewidth=3, label="input")
    for k, name in enumerate(("read forwards: the past", "read backwards: the future")):
        axes[1].plot(both[k], ".-", color=plotting.series_color(k), label=name)
    axes[1].set(xlabel="place in the record", ylabel="state", ylim=(-0.1, 2.2), title="a bidirectional network")
    axes[1].legend(frameon=False, loc="upper left")

    w, t = np.linspace(0.02, np.pi, 200), np.arange(400)
    for k, (name, (b, a)) in enumerate({"FIR: mean of 8": (np.ones(8) / 8, [1.0]),
                                        "IIR: Butterworth": signal.butter(3, 0.3)}.items()):  # fmt: skip
        net = LinearFilter(b, a)
        axes[2].plot(w, np.abs(frequency_response(net, w, np.zeros(net.state_dim)))[:, 0, 0], color=plotting.series_color(k),
                     label=name)  # fmt: skip
        tried = 2 * np.pi * np.arange(1, 10) / 20
        measured = [np.abs(run(net, np.sin(x * t)[np.newaxis])[0, 200:] @ np.exp(-1j * x * t[200:])) / 100 for x in tried]
        axes[2].plot(tried, measured, "o", markersize=4, color=plotting.series_color(k))
    axes[2].set(xlabel="frequency (radians a step)", ylabel="gain", title="filters: theory (lines), simulated sines (dots)")
    axes[2].legend(frameon=False)
    return fig
