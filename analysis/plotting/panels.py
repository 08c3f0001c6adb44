"""Inputs, states and outputs of a run, one panel each over a common time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from analysis.plotting.axes import new_figure
from analysis.plotting.given import draws
from analysis.plotting.series import QUANTITIES
from analysis.plotting.time_series import plot_time_series
from neurodynamics import Solution
from neurodynamics.validation import as_choice

PANEL_HEIGHT = 1.9


@draws(Solution)
def plot_time_panels(
    solution: Solution, *, what: Sequence[str] = ("inputs", "states", "outputs"), neurons: Any = None, **style: Any
) -> Figure:
    """Draw several quantities of a run below each other.

    Parameters
    ----------
    solution : Solution
    what : sequence of {"inputs", "states", "outputs"}
        From top to bottom.
    neurons : sequence of int, optional
        Which neurons to show; all by default. Inputs are always all shown.
    **style
        As for :func:`plot_time_series`.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, simulate
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> figure = plotting.plot_time_panels(simulate(net, 40, [0, 0]))
    """
    names = [what] if isinstance(what, str) else list(what)
    for i, name in enumerate(names):
        as_choice(name, f"what[{i}]", QUANTITIES)
    figure = new_figure((6.8, 0.6 + PANEL_HEIGHT * len(names)))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for panel, name in zip(panels, names, strict=True):
        plot_time_series(solution, what=name, neurons=None if name == "inputs" else neurons, ax=panel, **style)
    for panel in panels[:-1]:
        panel.set_xlabel("")
    figure.align_ylabels(list(panels))
    return figure
