"""Recurrence plots."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, with_defaults
from analysis.plotting.given import draws
from analysis.series import RecurrencePlot


@draws(RecurrencePlot)
def plot_recurrence(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the pairs of moments whose states are close.

    Parameters
    ----------
    found : RecurrencePlot
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.imshow`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import plotting, recurrence_plot
    >>> ax = plotting.plot_recurrence(recurrence_plot(np.sin(np.arange(200) / 5)))
    """
    ax = axes_or_new(ax, size=(5.0, 5.0))
    defaults = {"cmap": "binary", "origin": "lower", "interpolation": "nearest", "vmin": 0, "vmax": 1}
    ax.imshow(np.asarray(found.matrix), **with_defaults(style, **defaults))
    ax.set_xlabel("sample i")
    ax.set_ylabel("sample j")
    ax.set_title(f"DET {found.determinism:.3f}, LAM {found.laminarity:.3f}")
    return ax
