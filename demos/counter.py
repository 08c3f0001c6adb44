"""A memory cell learns to count, a^n b^n: its counter is a line of states that stay where they are, an attractor."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from learning import Fit, Trial, losses, train
from neurodynamics import Sampled
from recurrent import LSTM, run

A, B = (1.0, 0.0), (0.0, 1.0)  # a pause is (0, 0)


def stream(rng: np.random.Generator, strings: int = 12, most: int = 8, pauses: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs (2, T) of strings a^n b^n with pauses, and whether each b is the last of its string; -1 elsewhere."""
    x, last = [], []
    for n in rng.integers(1, most + 1, strings):
        for k, symbol in enumerate([A] * n + [B] * n):
            gap = int(rng.random() < pauses) * int(rng.integers(1, 21))
            x += [symbol, *[(0.0, 0.0)] * gap]
            last += [-1 if k < n else int(k == 2 * n - 1), *[-1] * gap]
    return np.array(x).T, np.array(last)


def trial(rng: np.random.Generator) -> list[Trial]:
    """Return one run through a new stream."""
    x, last = stream(rng)
    return [Trial(last, inputs=Sampled(np.arange(len(last) + 1), np.c_[x, x[:, -1]]))]


def learn(seed: int, steps: int) -> Fit:
    """Return the training of one network."""
    rng = np.random.default_rng(seed)
    net = LSTM(0.3 * rng.normal(size=(4, 1)), rng.normal(size=(4, 2)), [0.0, 3.0, 0.0, 0.0], output_weights=[[1.0]])
    return train(net, trial, losses.CrossEntropy(), steps=steps, rate=lambda k: 0.015 * (1 + np.cos(np.pi * k / steps)),
                 clip=1.0, rng=seed)  # fmt: skip


def longest(net: LSTM, most: int = 60) -> int:
    """Return up to which n strings a^n b^n end where they should, for the network."""
    for n in range(1, most + 1):
        y = run(net, np.array([A] * n + [B] * n).T)
        said = net.outputs_of_rows(y.T.copy())[n:, 0] > 0
        if said[:-1].any() or not said[-1]:
            return n - 1
    return most


def figure(steps: int = 1500, seed: int = 0) -> Figure:
    """The loss; the cell while a string is read; the counter left alone beside each count."""
    fit = learn(seed, steps)
    net = fit.network
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    fit.plot(ax=axes[0]).set(title=f"learned with n up to 8: right up to {longest(net)}")

    y = run(net, np.array([A] * 12 + [B] * 12).T)
    axes[1].plot(np.arange(25), np.append(0.0, y[1]), "o-", color=plotting.series_color(0), markersize=3)
    axes[1].axvline(12, color="#888888", linewidth=0.8)
    axes[1].set(xlabel="symbols read: 12 a, then 12 b", ylabel="cell c", title="the counter")

    moduli = []
    for k, state in enumerate(y.T[:12]):
        start = state + np.array([0.5, 0.0])  # the unit is pushed off the line
        path = np.column_stack([start, run(net, np.zeros((2, 40)), start)])
        axes[2].plot(*path[::-1], ".-", color=plotting.series_color(k), linewidth=0.7, markersize=3)
        moduli.append(sorted(np.abs(np.linalg.eigvals(net.jac(0, path[:, 5], [0.0, 0.0])))))
    across, along = np.array(moduli).T
    axes[2].set(xlabel="cell c", ylabel="unit h",
                title=f"left alone: eigenvalues {along.min():.3f}\nto {along.max():.3f}, across up to {across.max():.2f}")
    return fig
