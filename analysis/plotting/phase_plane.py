"""The phase plane of a flow of two states: nullclines, directions, trajectories, equilibria."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from analysis.common import as_box, constant_inputs
from analysis.plotting.axes import axes_or_new, legend_beside
from analysis.plotting.equilibria import plot_equilibria
from analysis.plotting.given import draws
from analysis.plotting.nullcline import plot_nullcline
from analysis.plotting.trajectory import plot_trajectory
from analysis.plotting.vector_field import plot_vector_field, require_plane_flow
from analysis.portraits import default_box, nullclines
from neurodynamics import DynamicalSystem, Solution
from neurodynamics.validation import Floats

MARGIN = 0.08  # around trajectories, where they alone give the box


@draws(DynamicalSystem)
def plot_phase_plane(
    system: DynamicalSystem,
    *,
    solutions: Solution | Iterable[Solution] = (),
    equilibria: Any = None,
    box: ArrayLike | None = None,
    inputs: Any = None,
    field: str | None = "arrows",
    show_nullclines: bool | None = None,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw the phase plane of a flow of two states.

    Parameters
    ----------
    system : DynamicalSystem
        A flow of two states.
    solutions : Solution or sequence of them
        Trajectories to draw.
    equilibria : FixedPoints or array_like, shape (K, 2), optional
        Equilibria to mark, by their stability.
    box : array_like, shape (2, 2), optional
        Rows (least, largest), one a state; by default what trajectories of the network can reach, see
        :func:`analysis.phase_box`, or for other systems the solutions with a margin, or the box of `find_attractors`.
    inputs : array_like, shape (M,), optional
        Constants.
    field : {"arrows", "stream"} or None
        How to draw directions.
    show_nullclines : bool, optional
        Whether to draw nullclines; by default yes.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For the lines of the nullclines.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, simulate
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ax = plotting.plot_phase_plane(net, solutions=simulate(net, 40, [0, 0]))
    """
    require_plane_flow(system)
    drive = constant_inputs(system, inputs)
    runs = [solutions] if isinstance(solutions, Solution) else list(solutions)
    window = _box(system, drive, runs) if box is None else as_box(box)
    ax = axes_or_new(ax, size=(6.2, 4.8))
    if field is not None:
        plot_vector_field(system, window, inputs=drive, kind=field, ax=ax)
    if show_nullclines is not False:
        for nullcline in nullclines(system, box=window, inputs=drive):
            plot_nullcline(nullcline, ax=ax, **style)
    for number, run in enumerate(runs):
        label = "trajectory" if len(runs) == 1 else "trajectories"
        plot_trajectory(run, ax=ax, zorder=3, label=label if number == 0 else "_nolegend_")
    if equilibria is not None:
        plot_equilibria(system, getattr(equilibria, "x", equilibria), inputs=drive, ax=ax)
    ax.set_xlim(*window[0])
    ax.set_ylim(*window[1])
    legend_beside(ax)
    return ax


def _box(system: Any, inputs: Floats, runs: list[Solution]) -> Floats:
    seen = system.angles.wrap(np.concatenate([run.y for run in runs], axis=1).T).T if runs else np.empty((2, 0))
    alone = seen.size and system.structure("additive") is None
    box = np.tile([[np.inf, -np.inf]], (2, 1)) if alone else default_box(system, inputs)
    if seen.size:
        low, high = np.nanmin(seen, axis=1), np.nanmax(seen, axis=1)
        margin = MARGIN * np.maximum(high - low, 1e-9)
        box = np.column_stack([np.minimum(box[:, 0], low - margin), np.maximum(box[:, 1], high + margin)])
    return system.angles.box(box)  # type: ignore[no-any-return]
