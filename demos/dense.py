"""Dense memories hold N^(n-1) patterns; attention keeps letters apart, blends those that are alike, or blends all."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import plotting
from hopfield import DenseMemory, SoftmaxMemory, capacity, measures, patterns

SHAPE = (12, 9)
TEXT = "OQCGEFIT"
BETAS = (1.0, 0.1, 0.06, 0.005)


def figure(size: int = 60, degrees: tuple[int, ...] = (2, 3, 4), points: int = 9, tried: int = 60) -> Figure:
    """Patterns that stay, against how many are stored, beside the theory; letters at four inverse temperatures."""
    fig = plt.figure(figsize=(9.5, 6.2), layout="constrained")
    above, below = fig.subfigures(2, 1, height_ratios=(1.25, 1))
    _capacity(above.subplots(), size, degrees, points, tried)
    _letters(below)
    return fig


def _capacity(ax: Axes, size: int, degrees: tuple[int, ...], points: int, tried: int) -> None:
    for place, degree in enumerate(degrees):
        most, color = capacity.dense_memory(size, degree), plotting.series_color(place)
        counts = np.unique(np.rint(most * np.geomspace(0.2, 5, points)).astype(int).clip(2))
        stable = [_stable(count, size, degree, tried) for count in counts]
        low, high = measures.wilson(stable, np.minimum(counts, tried))
        ax.fill_between(counts, low, high, color=color, alpha=0.15, linewidth=0)
        ax.semilogx(counts, stable / np.minimum(counts, tried), "o-", markersize=3, color=color, label=f"degree {degree}")
        ax.axvline(most, color=color, linewidth=0.8, linestyle=":")
    ax.set_xlabel("patterns stored")
    ax.set_ylabel("share without a wrong unit")
    ax.set_title(f"N = {size}; dotted: N^(n-1) / (2 (2n-3)!! ln N)", loc="left")
    ax.legend(frameon=False)


def _stable(count: int, size: int, degree: int, tried: int) -> int:
    xi = patterns.random(count, size, rng=count)
    return int(DenseMemory(xi, degree).is_stable(xi[:tried]).sum())


def _letters(fig: Figure) -> None:
    xi = patterns.letters(TEXT, SHAPE)
    axes = np.ravel(fig.subplots(1, len(BETAS)))
    for ax, beta in zip(axes, BETAS, strict=True):
        ends = SoftmaxMemory(xi, beta).recall(xi.astype(float)).states
        plotting.plot_patterns(ends, SHAPE, columns=4, ax=ax)
        kinds = len(np.unique(ends.round(3), axis=0))
        ax.set_title(f"beta = {beta:g}: {kinds} state{'s' if kinds > 1 else ''}", loc="left")
    fig.suptitle("where each letter comes to rest in a softmax memory", fontsize="medium")
