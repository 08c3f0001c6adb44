"""Embedded Reber grammar: the second symbol returns last but one, and eight memory cells learn to keep it until then."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from learning import Fit, Trial, losses, train
from learning.losses import log_softmax
from neurodynamics import Sampled
from recurrent import LSTM, one_hot, run

SYMBOLS = "BTPSXVE"
GRAPH = {0: "B1", 1: "T2P3", 2: "S2X4", 3: "T3V5", 4: "X3S6", 5: "P4V6", 6: "E7"}  # Reber's: symbols, and where they lead


def string(rng: np.random.Generator) -> tuple[str, list[str]]:
    """Return a string of the embedded grammar, and which symbols may follow each of its beginnings."""
    inner, allowed, state = "", [], 0
    while state != 7:
        ways = GRAPH[state]
        allowed.append(ways[::2])
        k = 2 * rng.integers(len(ways) // 2)
        inner, state = inner + ways[k], int(ways[k + 1])
    second = "TP"[rng.integers(2)]
    return f"B{second}{inner}{second}E", ["TP", *allowed, second, "E"]


def coded(text: str) -> np.ndarray:
    """Return one column of inputs for each symbol."""
    return one_hot([SYMBOLS.index(each) for each in text], len(SYMBOLS))


def trial(rng: np.random.Generator, count: int = 8) -> list[Trial]:
    """Return one run through some strings, whose next symbols are to be predicted."""
    text = "".join(string(rng)[0] for _ in range(count)) + "B"
    return [Trial([SYMBOLS.index(each) for each in text[1:]], inputs=Sampled(np.arange(len(text)), coded(text)))]


def learn(seed: int, cells: int = 8, steps: int = 3500) -> Fit:
    """Return the training of one network."""
    rng = np.random.default_rng(seed)
    net = LSTM(0.3 * rng.normal(size=(4 * cells, cells)), 0.5 * rng.normal(size=(4 * cells, 7)),
               np.repeat([0.0, 1.0, 0.0, 0.0], cells), output_weights=rng.normal(size=(7, cells)))  # fmt: skip
    return train(net, trial, losses.CrossEntropy(), steps=steps, clip=1.0, rng=seed,
                 rate=lambda k: 0.025 * (1 + np.cos(np.pi * k / steps)) + 1e-4)  # fmt: skip


def right(net: LSTM, count: int = 300, seed: int = 99) -> float:
    """Return the share of strings in which every symbol that may follow is expected more than every other."""
    rng, good = np.random.default_rng(seed), 0
    for _ in range(count):
        text, allowed = string(rng)
        logits = net.outputs_of_rows(run(net, coded(text[:-1])).T.copy())
        legal = np.array([[each in which for each in SYMBOLS] for which in allowed])
        good += bool((np.where(legal, logits, np.inf).min(axis=1) > np.where(legal, -np.inf, logits).max(axis=1)).all())
    return good / count


def figure(cells: int = 8, steps: int = 3500, seed: int = 1) -> Figure:
    """The loss; what is expected along two strings that differ in their second symbol; the cells along both."""
    fit = learn(seed, cells, steps)
    net = fit.network
    fig = plt.figure(figsize=(13, 5.5), layout="constrained")
    grid = fig.add_gridspec(2, 3)
    share = right(net)
    fit.plot(ax=fig.add_subplot(grid[:, 0])).set(title=f"{share:.1%} of new strings as the grammar says")
    inner = "BTSSXXTVVE"
    states = []
    for row, second in enumerate("TP"):
        text = f"B{second}{inner}{second}"
        y = run(net, coded(text))
        states.append(y)
        logits = net.outputs_of_rows(y.T.copy())
        ax = fig.add_subplot(grid[row, 1])
        ax.imshow(np.exp(log_softmax(logits)).T, cmap="Greys", vmin=0, vmax=1, aspect="auto")
        ax.set_xticks(np.arange(len(text)), list(text))
        ax.set_yticks(np.arange(7), list(SYMBOLS))
        ax.set(title="" if row else "what is expected next", ylabel="expected", xlabel="read" if row else "")
    apart = np.abs(states[0] - states[1])[cells:]
    keeper = int(np.argmax(apart[:, -2]))
    ax = fig.add_subplot(grid[:, 2])
    for row, second in enumerate("TP"):
        ax.plot(states[row][cells:].T, color=plotting.series_color(row), linewidth=0.6)
        ax.plot(states[row][cells + keeper], color=plotting.series_color(row), linewidth=2.5,
                label=f"second symbol {second}")  # fmt: skip
    ax.set_xticks(np.arange(len(inner) + 3), list(f"B-{inner}-"))
    ax.set(xlabel="read", ylabel="cells", title="the cell that keeps it until the end")
    ax.legend(frameon=False)
    return fig
