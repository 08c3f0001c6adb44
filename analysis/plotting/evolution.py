"""Scores of evolution: over the generations, of replicates, and of several methods."""

from __future__ import annotations

from typing import Any

import numpy as np
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


@draws("runs")
def plot_replicates(replicates: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the best score so far of each run, and their median.

    Parameters
    ----------
    replicates : Replicates
        As ``run.replicates(count)`` returns them.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, of the median.

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
    >>> ax = plotting.plot_replicates(run.replicates(5))
    """
    ax = axes_or_new(ax, size=(6.0, 3.4))
    courses = [run.history["best"] for run in replicates.runs]
    longest = max(len(course) for course in courses)
    for k, course in enumerate(courses):
        label = f"each of {len(courses)} runs" if k == 0 else None
        ax.plot(np.arange(1, len(course) + 1), course, color=QUIET, alpha=0.6, linewidth=0.8, label=label)
    kept = [np.append(course, np.full(longest - len(course), course[-1] if len(course) else np.nan)) for course in courses]
    if longest:
        median = np.median(kept, axis=0)
        ax.plot(np.arange(1, longest + 1), median, **with_defaults(style, color=series_color(0), label="median"))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="generation", ylabel="best score so far")
    legend_beside(ax)
    return ax


@draws("differences")
def plot_comparison(comparison: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the best score of each run by method, with the median and its 95 % bootstrap interval.

    Parameters
    ----------
    comparison : Comparison
        As `neuroevolution.compare` returns it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.errorbar`, of the medians.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import HillClimbing, RandomSearch, compare, evolve
    >>> genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    >>> def runs(method):
    ...     return evolve(genotype, lambda genes: -abs(genes[:, 0]), method, generations=5, rng=1).replicates(5)
    >>> ax = plotting.plot_comparison(compare({"climbing": runs(HillClimbing()), "random": runs(RandomSearch())}))
    """
    ax = axes_or_new(ax, size=(1.5 + 1.2 * len(comparison.replicates), 3.6))
    for k, each in enumerate(comparison.replicates.values()):
        beside = k + 0.12 + 0.2 * np.linspace(0, 1, len(each)) if len(each) > 1 else [k + 0.2]
        ax.plot(beside, np.sort(each.scores), "o", color=QUIET, markersize=3.5, label="each run" if k == 0 else None)
        median, low, high = each.median()
        label = "median, 95 %" if k == 0 else None
        defaults = with_defaults(style, color=series_color(0), fmt="o", capsize=4.0, label=label)
        ax.errorbar([k], [median], [[median - low], [high - median]], **defaults)
    names = [f"{name}\nn = {len(each)}" for name, each in comparison.replicates.items()]
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="best score", xlim=(-0.5, len(names) - 0.4))
    legend_beside(ax)
    return ax
