"""Lines on which one neuron is at rest."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import series_color
from analysis.portraits import Nullcline


@draws(Nullcline)
def plot_nullcline(nullcline: Nullcline, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the branches of a nullcline, in the colour of its neuron.

    Parameters
    ----------
    nullcline : Nullcline
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import nullclines, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ax = plotting.plot_nullcline(nullclines(net)[0])
    """
    fresh = ax is None
    ax = axes_or_new(ax, size=(5.4, 4.8))
    label = rf"$\dot y_{{{nullcline.neuron}}} = 0$"
    for branch in nullcline.branches:
        defaults = {"color": series_color(nullcline.neuron), "linewidth": 1.8, "label": label}
        ax.plot(*branch.T, **with_defaults(style, **defaults))
        label = "_nolegend_"
    if fresh or not ax.get_xlabel():
        ax.set_xlabel("state y of neuron 0")
        ax.set_ylabel("state y of neuron 1")
    return ax
