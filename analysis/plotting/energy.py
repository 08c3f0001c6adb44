"""Energy over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, legend_beside, time_label, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.memories import STEPS
from analysis.plotting.palette import series_color, series_style


@draws("energies", "y", list, tuple)
def plot_energy(result: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the energy over time, or over the steps of a recall.

    Parameters
    ----------
    result : Solution, list of Solution, or Recall
        Of systems with an ``energy``; a recall needs its trace: ``record="changes"`` shows the descent unit by unit,
        ``record=True`` sweep by sweep. One line each, or one a probe.
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
    >>> from neurodynamics import models, simulate
    >>> ax = plotting.plot_energy(simulate(models.pendulum(friction=0.2), 20, [2, 0]))
    """
    ax = axes_or_new(ax)
    if hasattr(result, "trace"):
        lines = [(np.arange(len(row)), row) for row in _energies_of(result)]
        name, label = "probe", STEPS[result.trace.step]
    else:
        solutions = list(result) if isinstance(result, (list, tuple)) else [result]
        lines = [(solution.t, solution.energies) for solution in solutions]
        name, label = "run", time_label(solutions[0].system if solutions else None)
    for k, (x, y) in enumerate(lines):
        defaults = {"color": series_color(k), "linestyle": series_style(k), "linewidth": 1.2, "label": f"{name} {k}"}
        ax.plot(x, y, **with_defaults(style, **defaults))
    ax.set_xlabel(label)
    ax.set_ylabel("energy E")
    if 1 < len(lines):
        legend_beside(ax)
    return ax


def _energies_of(recall: Any) -> Any:
    if recall.trace is None:
        raise ValueError("`result` has no trace; pass record=True to `recall`.")
    if recall.trace.energies is None:
        raise ValueError("`result` has no energies: the couplings of its network are not symmetric.")
    return recall.trace.energies
