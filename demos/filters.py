"""Synapses that are filters: how little of the future a gradient needs, and what is learned with that little."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import plotting
from learning import Adam, FilterLayer, causal_backpropagation

POLES = (0.6, 0.8, 0.9)
Row = list[FilterLayer]


def figure(steps: int = 400, length: int = 200, windows: tuple[int, ...] = (1, 4, 16)) -> Figure:
    """Errors of gradients over the window; losses while a network learns to do what another does; what it has learned."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    _errors_over_windows(axes[0])
    rng = np.random.default_rng(1)
    u = rng.normal(size=(1, length))
    teacher, pupil = _network(rng, [0.9, 0.5], 0.8), _network(rng, [0.2, -0.2], 0.3)
    wanted = _shown(teacher, u)
    for k, window in enumerate(windows):
        learned, losses = _taught(pupil, u, wanted, steps, window)
        name = f"{window} step{'s' if window > 1 else ''} ahead"
        axes[1].semilogy(losses, color=plotting.series_color(k), label=name)
    axes[1].set(xlabel="step of Adam", ylabel="mean square error", title="a pupil learns from a teacher")
    axes[1].legend(frameon=False)
    last = slice(max(length - 60, 0), length)
    t = np.arange(length)[last]
    axes[2].plot(t, wanted[0, last], color="#222222", linewidth=3, alpha=0.3, label="teacher")
    axes[2].plot(t, _shown(pupil, u)[0, last], ":", color="#888888", label="pupil, before")
    axes[2].plot(t, _shown(learned, u)[0, last], color=plotting.series_color(len(windows) - 1), linewidth=1, label="after")
    axes[2].set(xlabel="time (steps)", ylabel="output", title="their answers to the same noise")
    axes[2].legend(frameon=False, loc="upper left", ncols=3, fontsize="small")
    axes[2].margins(y=0.2)
    return fig


def _errors_over_windows(ax: Axes, length: int = 150) -> None:
    """Draw what a gradient lacks whose errors come from a window of the future; lines are powers of the slowest pole."""
    u, errors, windows = np.ones((1, length)), np.zeros((1, length)), np.arange(1, 31)
    errors[0, -1] = 1.0
    for k, pole in enumerate(POLES):
        row = [FilterLayer([[[1.0]]], [[[-0.3]]], [0.1], "linear"), FilterLayer([[[0.7]]], [[[-pole]]], [0.1])]
        exact = _flat(causal_backpropagation(row, u, errors)[:1])
        cut = [_flat(causal_backpropagation(row, u, errors, window=int(w))[:1]) for w in windows]
        lacking = np.array([np.linalg.norm(each - exact) for each in cut]) / np.linalg.norm(exact)
        ax.semilogy(windows, lacking, "o", markersize=3, color=plotting.series_color(k), label=f"pole {pole}")
        ax.semilogy(windows, pole ** (windows + 1.0), color=plotting.series_color(k), linewidth=0.8)
    ax.set(xlabel="window w (steps ahead)", ylabel="error of the gradient", title="it falls like |pole|$^w$ (lines)")
    ax.legend(frameon=False)


def _network(rng: np.random.Generator, first: list[float], second: float) -> Row:
    """Return a layer of two neurons and one that reads them, with a pole in each synapse."""
    return [FilterLayer(rng.normal(size=(2, 1, 2)), -np.array(first).reshape(2, 1, 1), np.zeros(2)),
            FilterLayer(rng.normal(size=(1, 2, 1)), np.full((1, 2, 1), -second), np.zeros(1), "linear")]  # fmt: skip


def _shown(row: Row, x: np.ndarray) -> np.ndarray:
    for layer in row:
        x = layer.run(x)[0]
    return x


def _flat(parts: list) -> np.ndarray:
    return np.concatenate([np.ravel(array) for part in parts for array in part])


def _taught(row: Row, u: np.ndarray, wanted: np.ndarray, steps: int, window: int) -> tuple[Row, list[float]]:
    """Return the network after steps of Adam, and its losses; poles stay within the unit circle."""
    rule, losses = Adam(), []
    memory = rule.begin(_flat([(each.feedforward, each.feedback, each.biases) for each in row]).size)
    for _ in range(steps):
        error = _shown(row, u) - wanted
        losses.append(float(np.mean(error**2)))
        g = causal_backpropagation(row, u, 2 * error / error.size, window=window)
        change, new = rule.change(_flat(g), 0.02, memory), []
        for layer in row:
            arrays = []
            for array in (layer.feedforward, layer.feedback, layer.biases):
                arrays.append(array + change[: array.size].reshape(array.shape))
                change = change[array.size :]
            new.append(FilterLayer(arrays[0], np.clip(arrays[1], -0.97, 0.97), arrays[2], layer.activation))
        row = new
    return row, losses
