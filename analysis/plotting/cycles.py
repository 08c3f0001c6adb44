"""A periodic orbit over time, with its multipliers beside the unit circle."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.cycles import LimitCycle
from analysis.plotting.axes import axes_or_new, component_name, legend_beside, quantity_label, time_label, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, QUIET, series_color, series_style
from analysis.plotting.seams import angles_shown, broken
from analysis.plotting.series import chosen_rows
from neurodynamics.validation import as_choice

MOST_LINES = 10
ROOM = 1.15  # of the unit circle
SAME_PLACE = 0.04  # of the picture: closer multipliers cover each other
SMALLEST, RING = 5.0, 4.0  # size of a mark, and of rings around it
MOST_MODULI = 4  # that fit above a picture


@draws(LimitCycle)
def plot_limit_cycle(
    cycle: LimitCycle,
    *,
    what: str = "outputs",
    neurons: Any = None,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw one turn of a cycle over time.

    Parameters
    ----------
    cycle : LimitCycle
    what : {"outputs", "states"}
    neurons : sequence of int, optional
        Which to draw; by default the first ten.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the lines, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import limit_cycle, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> cycle = limit_cycle(net, [0, 0])
    >>> ax = plotting.plot_limit_cycle(cycle)
    """
    as_choice(what, "what", ["outputs", "states"])
    values, t = cycle.outputs if what == "outputs" else cycle.y, cycle.t
    angles = angles_shown(cycle.system, what)
    if angles:
        shown, t = broken(angles, values.T, t) if cycle.system.kind == "flow" else (angles.wrap(values.T), t)
        values = shown.T
    rows = chosen_rows(list(range(min(MOST_LINES, len(values)))) if neurons is None else neurons, len(values), "neurons")
    ax = axes_or_new(ax)
    marks = {"marker": "o", "markersize": 4} if cycle.system.kind == "map" else {}
    for row in rows:
        label = component_name(what, row, cycle.system)
        look = with_defaults(style, color=series_color(row), linestyle=series_style(row), label=label, **marks)
        ax.plot(t, values[row], **look)
    ax.set_xlabel(time_label(cycle.system))
    ax.set_ylabel(quantity_label(what, cycle.system))
    if cycle.success:
        ax.set_title(f"period {cycle.period:.6g}, {'stable' if cycle.stable else 'not stable'}", loc="left")
    else:
        ax.set_title(f"no cycle: {cycle.kind.value}", loc="left")
    if len(cycle.t):
        ax.set_xlim(cycle.t[0], cycle.t[-1])
    legend_beside(ax)
    return ax


@draws(LimitCycle)
def plot_multipliers(cycle: LimitCycle, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the Floquet multipliers of a cycle in the complex plane, with the unit circle.

    Parameters
    ----------
    cycle : LimitCycle
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the markers, as for :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import limit_cycle, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> cycle = limit_cycle(net, [0, 0])
    >>> ax = plotting.plot_multipliers(cycle)
    """
    ax = axes_or_new(ax, size=(4.4, 4.0))
    angle = np.linspace(0, 2 * np.pi, 361)
    ax.fill(np.cos(angle), np.sin(angle), color=QUIET, alpha=0.15, linewidth=0)
    ax.plot(np.cos(angle), np.sin(angle), color=QUIET, linewidth=1.0, label="unit circle")
    values = cycle.multipliers
    trivial = -1
    if cycle.system.kind == "flow" and values.size:
        trivial = int(np.argmin(np.abs(values - 1)))
        ax.plot(values[trivial].real, values[trivial].imag, linestyle="", marker="x", color=INK, markersize=8,
                markeredgewidth=2, label="trivial, always 1")  # fmt: skip
        values = np.delete(values, trivial)
    reach = ROOM * max(1.0, float(np.abs(values).max(initial=0.0)))
    sizes = SMALLEST + RING * _covered(values, SAME_PLACE * reach)
    for k in range(len(sizes) - 1, -1, -1):  # rings around each other where they would cover each other
        defaults = {"linestyle": "", "marker": "o", "color": series_color(0), "markersize": sizes[k],
                    "markerfacecolor": series_color(0) if sizes[k] == SMALLEST else "none",
                    "label": "_nolegend_" if k else "multipliers"}  # fmt: skip
        ax.plot(values[k].real, values[k].imag, **with_defaults(style, **defaults))
    if len(values):
        logs = np.delete(cycle.log_moduli, trivial) if cycle.system.kind == "flow" else cycle.log_moduli
        ax.set_title(f"moduli: {_moduli(logs)}", loc="left", fontsize="small")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="real part", ylabel="imaginary part")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, frameon=False, fontsize="small")
    return ax


def _covered(values: np.ndarray, near: float) -> np.ndarray:
    """By how many earlier ones each place (K,) is covered."""
    close = np.abs(values[:, np.newaxis] - values) < near
    return np.tril(close, -1).sum(axis=1)


def _moduli(logs: np.ndarray) -> str:
    """Numbers whose natural logarithms are given, which may be below the smallest there is."""
    tens = [log / np.log(10.0) for log in logs]
    shown = ["0" if ten == -np.inf else f"{10**ten:.3g}" if abs(ten) < 3 else f"$10^{{{ten:.1f}}}$" for ten in tens]
    rest = f" and {len(shown) - MOST_MODULI} more" if len(shown) > MOST_MODULI else ""
    return ", ".join(shown[:MOST_MODULI]) + rest
