"""The members of an ensemble in one picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, component_label, legend_beside, name_axes, time_label, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.heat_map import draw_heat_map
from analysis.plotting.palette import series_color, series_style
from analysis.plotting.series import Series, chosen_rows, ensemble_values
from neurodynamics import Ensemble

HEAT_MAP_FROM = 20  # lines beyond this number cannot be told apart


@draws(Ensemble)
def plot_ensemble(
    ensemble: Ensemble,
    *,
    what: str = "outputs",
    neurons: Any = None,
    heat_map: bool | None = None,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw what one neuron does in every member; of final states, where the members ended.

    Parameters
    ----------
    ensemble : Ensemble
        With trajectories (B, N, T): one line a member, from 20 members up one row of a heat map each. With final states
        (B, N): one point a member.
    what : {"outputs", "states"}
    neurons : int or sequence of int, optional
        The neuron whose trajectories to show, by default 0; or the two neurons in whose plane to show final states, by
        default 0 and 1 (a single neuron is drawn over the numbers of the members).
    heat_map : bool, optional
        Whether to draw a heat map, whatever the number of members.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, or for :meth:`~matplotlib.axes.Axes.imshow` of a heat map.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, simulate_ensemble
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ax = plotting.plot_ensemble(simulate_ensemble(net, 40, [[0, 0], [1, 1]], t_eval=range(41)))
    """
    values = ensemble_values(ensemble, what)
    if values.ndim == 2:
        return _final(ensemble, values, what, neurons, axes_or_new(ax, size=(5.4, 4.8)), style)
    (neuron,) = _exactly(chosen_rows(0 if neurons is None else neurons, values.shape[1]), 1)
    ax = axes_or_new(ax)
    label = component_label(what, neuron, ensemble.system)
    discrete = ensemble.system is not None and ensemble.system.kind == "map"
    if heat_map if heat_map is not None else len(values) >= HEAT_MAP_FROM:
        series = Series(ensemble.t, values[:, neuron], tuple(range(len(values))), discrete=discrete)
        draw_heat_map(ax, series, label, **style)
        ax.set_ylabel("member")
    else:
        for member, row in enumerate(values[:, neuron]):
            defaults = {"color": series_color(member), "linestyle": series_style(member), "linewidth": 1.0}
            ax.plot(ensemble.t, row, **with_defaults(style, label=f"member {member}", **defaults))
        ax.set_ylabel(label)
        legend_beside(ax)
    ax.set_xlabel(time_label(ensemble.system))
    return ax


def _final(ensemble: Ensemble, values: np.ndarray, what: str, neurons: Any, ax: Axes, style: dict[str, Any]) -> Axes:
    count = values.shape[1]
    chosen = chosen_rows(range(min(2, count)) if neurons is None else neurons, count)
    defaults = {"linestyle": "", "marker": ".", "markersize": 4, "color": series_color(0)}
    labels = [component_label(what, number, ensemble.system) for number in chosen]
    if len(chosen) == 1:
        ax.plot(values[:, chosen[0]], **with_defaults(style, **defaults))
        name_axes(ax, ["member", *labels])
    else:
        x, y = _exactly(chosen, 2)
        ax.plot(values[:, x], values[:, y], **with_defaults(style, **defaults))
        name_axes(ax, labels)
    return ax


def _exactly(chosen: tuple[int, ...], count: int) -> tuple[int, ...]:
    if len(chosen) != count:
        raise ValueError(f"`neurons` must name {count} of them for this picture; got {len(chosen)}.")
    return chosen
