"""Memories with noise: energies of chains, and paths while parameters jump."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, PALE, series_color
from neurodynamics.validation import as_count

MOST_LINES = 50  # of chains or paths; more cannot be told apart


@draws("energies")
def plot_samples(samples: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the energy of each chain, sweep by sweep, and their mean.

    Parameters
    ----------
    samples : Samples
        With energies; of the first 50 chains.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, of the chains.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import DiscreteHopfield, sample
    >>> ax = plotting.plot_samples(sample(DiscreteHopfield([[0, 1], [1, 0]]), 1.0, chains=5, rng=0))
    """
    if samples.energies is None:
        raise ValueError("`samples` must have energies; couplings that are not symmetric have none.")
    ax = axes_or_new(ax)
    sweeps = np.arange(1, samples.energies.shape[1] + 1)
    ax.plot(sweeps, samples.energies[:MOST_LINES].T, **with_defaults(style, color=PALE, linewidth=0.8))
    ax.plot(sweeps, samples.energies.mean(axis=0), color=INK, label="mean")
    ax.set_xlabel("sweep")
    ax.set_ylabel("energy")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_beside(ax)
    return ax


@draws("modes")
def plot_jump_run(run: Any, *, unit: int = 0, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw a unit along all paths, over the modes of the first path.

    Parameters
    ----------
    run : JumpRun
        Of the first 50 paths.
    unit : int
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from hopfield import GradedHopfield, MarkovJump
    >>> net = MarkovJump([GradedHopfield([[0.5]]), GradedHopfield([[2.0]])], [[-1.0, 1.0], [1.0, -1.0]])
    >>> ax = plotting.plot_jump_run(net.run(20.0, [0.1], dt=0.01, rng=0))
    """
    n = run.y.shape[1]
    if as_count(unit, "unit") >= n:
        raise ValueError(f"`unit` must be 0 .. {n - 1}; got {unit!r}.")
    ax = axes_or_new(ax)
    spans = np.stack([run.t[:-1], np.diff(run.t)], axis=1)
    for mode in range(1 + int(run.modes[0].max(initial=0))):
        ax.broken_barh(spans[run.modes[0, :-1] == mode].tolist(), (0, 1), transform=ax.get_xaxis_transform(), alpha=0.15,
                       linewidth=0, color=series_color(mode), label=f"mode {mode}")  # fmt: skip
    ax.plot(run.t, run.y[:MOST_LINES, unit].T, **with_defaults(style, color=INK, linewidth=0.8))
    ax.set_xlabel("time")
    ax.set_ylabel(f"unit {unit}")
    legend_beside(ax)
    return ax
