"""The loss of a training run over its steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import QUIET, series_color


@draws("history")
def plot_fit(fit: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the loss of each step of a training run, and the smallest so far.

    Parameters
    ----------
    fit : Fit
        As `learning.train` returns it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, of the smallest so far.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN
    >>> from learning import Trial, losses, train
    >>> fit = train(CTRNN([[1.0]]), Trial([[0.9]], times=[5.0]), losses.MeanSquare(), dt=0.1, steps=20)
    >>> ax = plotting.plot_fit(fit)
    """
    ax = axes_or_new(ax, size=(6.0, 3.4))
    loss = fit.history["loss"]
    step = np.arange(1, len(loss) + 1)
    ax.plot(step, loss, color=QUIET, linewidth=0.8, label="of each step")
    best = np.minimum.accumulate(loss) if len(loss) else loss
    ax.plot(step, best, **with_defaults(style, color=series_color(0), label="smallest so far"))
    if len(loss) and (loss > 0).all() and loss.max() > 10 * loss.min():
        ax.set_yscale("log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="step", ylabel="loss")
    legend_beside(ax)
    return ax
