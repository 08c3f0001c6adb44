"""Scores over the generations of an evolution."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import QUIET, series_color


@draws("history")
def plot_run(run: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the best score so far, and the median and quartiles of each generation.

    Parameters
    ----------
    run : Run
        As `neuroevolution.evolve` returns it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, of the best.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import RandomSearch, evolve
    >>> genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    >>> run = evolve(genotype, lambda genes: genes[:, 0], RandomSearch(4), generations=3, rng=1)
    >>> ax = plotting.plot_run(run)
    """
    ax = axes_or_new(ax, size=(6.0, 3.4))
    rows = run.history
    ax.fill_between(rows["generation"], rows["q25"], rows["q75"], color=QUIET, alpha=0.3, label="quartiles")
    ax.plot(rows["generation"], rows["median"], color=QUIET, label="median")
    ax.plot(rows["generation"], rows["best"], **with_defaults(style, color=series_color(0), label="best so far"))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="generation", ylabel="score")
    legend_beside(ax)
    return ax
