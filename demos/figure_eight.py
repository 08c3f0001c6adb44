"""Two uncoupled oscillators learn to draw a figure eight; what they have learned is then found as a limit cycle."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import limit_cycle, plotting
from ctrnn import CTRNN
from learning import Trial, losses, train
from neurodynamics import simulate

PERIOD, SIZE = 20.0, 0.7
START = [0.0, 0.8, 0.0, 0.8]


def oscillators(seed: int) -> CTRNN:
    """Return two pairs of neurons that oscillate at about 1 and 2 turns a period, almost without connections."""
    weights = 0.1 * np.random.default_rng(seed).normal(size=(4, 4))
    for first, speed in ((0, 1.1), (2, 1.8)):
        w = 1.4 * speed * 2 * np.pi / PERIOD
        weights[first : first + 2, first : first + 2] += [[1.4, w], [-w, 1.4]]
    return CTRNN(weights, activation="tanh")


def eight(end: float) -> Trial:
    """Return the trial whose targets are x = sin and y = sin twice as fast, of neurons 0 and 2, from time 5 on."""
    times = np.arange(5.5, end, 0.5)
    targets = np.full((len(times), 4), np.nan)
    targets[:, 0] = SIZE * np.sin(2 * np.pi * times / PERIOD)
    targets[:, 2] = SIZE * np.sin(4 * np.pi * times / PERIOD)
    return Trial(targets, times=times, y0=START)


def figure(stages: tuple[tuple[float, int], ...] = ((85.0, 200), (250.0, 120)), seed: int = 1) -> Figure:
    """What is drawn before and after; the loss. Each stage: the end of the trial, and steps of L-BFGS."""
    net, history = oscillators(seed), []
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    before = simulate(net, 200, START).outputs
    for end, steps in stages:
        fit = train(net, eight(end), losses.MeanSquare(), params=["weights", "biases"], optimiser="lbfgs", steps=steps,
                    dt=0.25)  # fmt: skip
        net, history = fit.network, [*history, *fit.history["loss"]]
    cycle = limit_cycle(net, simulate(net, 400, START).final)
    after = np.array([net.outputs(y) for y in cycle.y.T]).T
    turn = np.linspace(0, 2 * np.pi, 200)
    titles = ("before: two oscillators on their own", f"after: one limit cycle of period {cycle.period:.4f}")
    for ax, outputs, title in zip(axes[:2], (before, after), titles, strict=True):
        ax.plot(SIZE * np.sin(turn), SIZE * np.sin(2 * turn), color="#b8b8b8", linewidth=4, label="wanted")
        ax.plot(outputs[0], outputs[2], color=plotting.series_color(0), linewidth=1, label="drawn")
        ax.set(xlabel="output of neuron 0", ylabel="output of neuron 2", title=title, xlim=(-1, 1), ylim=(-1.1, 1.1))
    axes[0].legend(frameon=False, loc="upper right", ncols=2)
    axes[2].semilogy(np.arange(1, len(history) + 1), history, color=plotting.series_color(0))
    axes[2].set(xlabel="step", ylabel="mean square error", title="learning, over two horizons")
    return fig
