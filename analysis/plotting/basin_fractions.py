"""Shares of basins along a parameter, as stacked areas."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.attractors import WORDS, BasinSweep
from analysis.plotting.attractors import name_of
from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import attractor_color
from neurodynamics import DIVERGES, UNDECIDED
from neurodynamics.validation import Floats


@draws(BasinSweep)
def plot_basin_sweep(found: BasinSweep, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw shares of basins over a parameter, stacked, each attractor in the colour of its id.

    Parameters
    ----------
    found : BasinSweep
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.stackplot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import basin_sweep, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[6.0]], biases=-3)
    >>> ax = plotting.plot_basin_sweep(basin_sweep(net, "biases[0]", [-3.1, -3.0, -2.9], samples=50, rng=0))
    """
    fresh = ax is None
    ax = axes_or_new(ax, size=(7.4, 4.0))
    shares = [(k, found.fractions[:, k], _name(found, k)) for k in range(found.count)]
    shares += [(label, share, name_of(label)) for label, share in
               ((UNDECIDED, found.undecided), (DIVERGES, found.diverging)) if share.any()]  # fmt: skip
    defaults = {"colors": [attractor_color(label) for label, _, _ in shares], "labels": [name for _, _, name in shares],
                "edgecolor": "white", "linewidth": 0.6}  # fmt: skip
    if shares and len(found.values):
        values, rows = _stepped(found.values, np.array([share for _, share, _ in shares]))
        ax.stackplot(values, *(100 * rows), **with_defaults(style, **defaults))
        ax.set_xlim(np.min(found.values), np.max(found.values))
    ax.set(xlabel=found.name, ylabel="share of starts (%)", ylim=(0.0, 100.0))
    if fresh:
        legend_beside(ax)
    return ax


def _stepped(values: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Return values and shares (A, V) with an upright edge where an attractor is there at one value and not at the next."""
    after = np.flatnonzero(((shares[:, 1:] > 0) != (shares[:, :-1] > 0)).any(axis=0)) + 1
    twice = np.repeat(after, 2)
    sides = np.stack([shares[:, after - 1], shares[:, after]], axis=2).reshape(len(shares), -1)
    middles = np.repeat(0.5 * (values[after - 1] + values[after]), 2)
    return np.insert(values, twice, middles), np.insert(shares, twice, sides, axis=1)


def _name(found: BasinSweep, number: int) -> str:
    """Return the kinds that an attractor goes through."""
    records = [found.record(v, number) for v in range(len(found.values))]
    words = list(dict.fromkeys(WORDS[each.kind][0] for each in records if each is not None))
    return f"{number}: {', then '.join(words)}"
