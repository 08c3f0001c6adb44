"""The adding problem: two marked numbers are to be added at the end; memory cells can, Elman's units cannot."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from learning import Trial, gradient_flow, losses, train
from neurodynamics import Sampled
from recurrent import LSTM, FullyRecurrent, run


def sequence(rng: np.random.Generator, length: int) -> tuple[np.ndarray, float]:
    """Return numbers and marks (2, length), and the sum of the two that are marked: one in each half."""
    x = np.zeros((2, length))
    x[0] = rng.uniform(size=length)
    x[1, [rng.integers(length // 2), rng.integers(length // 2, length)]] = 1.0
    return x, float(x[0] @ x[1])


def trials(rng: np.random.Generator, length: int, count: int = 16) -> list[Trial]:
    """Return sequences whose sum is wanted after the last step."""
    made = []
    for _ in range(count):
        x, total = sequence(rng, length)
        made.append(Trial([[total]], times=[length], inputs=Sampled(np.arange(length + 1), np.c_[x, x[:, -1]])))
    return made


def figure(length: int = 30, steps: int = 800, seed: int = 0) -> Figure:
    """The losses of both; sums of new sequences; how gradients of both go back along a sequence."""
    rng = np.random.default_rng(seed)
    cells, units = 3, 10
    W, U = 0.1 * rng.normal(size=(4 * cells, cells)), rng.normal(size=(4 * cells, 2))
    lstm = LSTM(W, U, np.repeat([0.0, 5.0, 0.0, 0.0], cells), output_weights=rng.normal(size=(1, cells)))
    elman = FullyRecurrent(rng.normal(size=(units, units)) / np.sqrt(units), rng.normal(size=(units, 2)),
                           output_weights=rng.normal(size=(1, units)))  # fmt: skip
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    tests = [sequence(rng, length) for _ in range(200)]
    for k, (name, net) in enumerate({"memory cells": lstm, "Elman's units": elman}.items()):
        fit = train(net, lambda rng: trials(rng, length, 8), losses.MeanSquare(), steps=steps, clip=1.0, rng=seed,
                    rate=lambda k: 0.01 * (1 + np.cos(np.pi * k / steps)))  # fmt: skip
        colour, window = plotting.series_color(k), max(steps // 40, 1)
        smooth = np.convolve(fit.history["loss"], np.full(window, 1 / window), "valid")
        axes[0].semilogy(np.arange(len(smooth)) + window, smooth, color=colour, label=f"{len(net.weights[0])} {name}")
        said = [float(fit.network.outputs(run(fit.network, x)[:, -1])[0]) for x, _ in tests]
        axes[1].plot([total for _, total in tests], said, ".", color=colour)
        flow = gradient_flow(fit.network, trials(rng, length, 1)[0], rng=0)
        axes[2].plot(flow.times, flow.growth / np.log(10), color=colour)
    axes[0].axhline(1 / 6, color="#888888", linewidth=0.8)
    axes[0].set(xlabel="step", ylabel="mean square error", title=f"sequences of {length}; line: always says 1")
    axes[0].legend(frameon=False)
    axes[1].plot([0, 2], [0, 2], color="#888888", linewidth=0.8)
    axes[1].set(xlabel="sum", ylabel="what is said", title="new sequences")
    axes[2].set(xlabel="step, to which it went back", ylabel="log10 of the length", title="a gradient on its way back")
    return fig
